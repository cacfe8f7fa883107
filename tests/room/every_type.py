"""Values at the edges of every field type, plain and encrypted."""

from __future__ import annotations

import datetime as dt
import math
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import strongroom
from strongroom.schema.types import FieldType

MIB: Final = 1024 * 1024
WEST: Final = dt.timezone(dt.timedelta(hours=-23, minutes=-59, seconds=-59))
EAST: Final = dt.timezone(dt.timedelta(hours=14))
LOCAL: Final = dt.datetime(2024, 2, 29, 23, 59, 59, 999_999)  # noqa: DTZ001  # without a zone
NESTED: Final[dict[str, Any]] = {  # its keys sorted, as they come back
    "": {"A": "ﬁ", "a": -1, "b": 2**4000},
    "é": [{"x": [[], {}, None, True, 0, -0.0, 1.0, 1e16, 5e-324, ""]}, '\0\x1f"\\/\u2028😀'],
}
TEXTS: Final = (
    "",
    " ",
    "a",
    "A",
    "a ",
    " a",
    "a\t",
    "á",  # one code point
    "a\u0301",  # two
    "aa",
    "ß",
    "ss",
    "\u0131",  # dotless i
    "İ",
    "\uff10",  # a full-width zero
    "'\"\\;--`%_?:x{}$1",
    "\r\n\t",
    "\ufeffBOM",
    "\u202eright to left\u200f\u2067",
    "👩‍👩‍👧‍👦🏽",
    "e\u0301\u0323\u0323",
    "\U0010ffff\uffff\u007f\u0080",
    "NULL",
)
INTEGERS: Final = (0, 1, -1, 127, 128, -128, -129, 2**31, 2**53 + 1, 2**63 - 1, -(2**63))
FLOATS: Final = (
    0.0, 1.0, -1.0, 0.1, 1 / 3, 1e-7, 1e16, 2.0**53 + 2, 16777217.0, sys.float_info.max,
    -sys.float_info.max, sys.float_info.min, 5e-324, -5e-324, 123456789.123456789,
)  # fmt: skip
DATES: Final = (
    dt.date(1970, 1, 1), dt.date(1969, 12, 31), dt.date(1000, 1, 1), dt.date(9999, 12, 31),
    dt.date(2024, 2, 29), dt.date(1582, 10, 10),
)  # fmt: skip
TIMES: Final = tuple(
    dt.datetime(*parts)  # noqa: DTZ001  # the type without a zone
    for parts in (
        (1970, 1, 1), (1000, 1, 1), (9999, 12, 31, 23, 59, 59, 999_999), (2024, 2, 29, 0, 0, 0, 1),
        (2024, 3, 31, 2, 30), (2016, 12, 31, 23, 59, 59),
    )
)  # fmt: skip
DECIMALS: Final = tuple(
    Decimal(text)
    for text in ("0.00", "0.01", "-0.01", "1.00", "9.00", "10.00", "-9.00", "-10.00",
                 "99999999.99", "-99999999.99", "100.10")
)  # fmt: skip
ALL_BYTES: Final = bytes(range(256))

PLAIN: Final[Mapping[str, tuple[FieldType, Sequence[Any]]]] = {
    "word": (strongroom.Text(plain=True, optional=True), TEXTS),
    "number": (strongroom.Integer(plain=True, optional=True), INTEGERS),
    "amount": (strongroom.Decimal(plain=True, optional=True, precision=10, scale=2), DECIMALS),
    "day": (strongroom.Date(plain=True, optional=True), DATES),
    "time": (strongroom.DateTime(plain=True, optional=True), TIMES),
    "moment": (
        strongroom.ZonedDateTime(plain=True, optional=True),
        tuple(time.replace(tzinfo=dt.UTC) for time in TIMES),
    ),
    "flag": (strongroom.Boolean(plain=True, optional=True), (True, False)),
    "data": (
        strongroom.Bytes(plain=True, optional=True),
        (b"", b"\0", ALL_BYTES, b"a", b"A", b"a ", b"\xff\xfe'\\", b"sr1."),
    ),
    "notes": (
        strongroom.Json(plain=True, optional=True),
        (NESTED, [], {}, "", "a", "A", 0, 1, 1.0, True, False, -0.0, [None], 2**64),
    ),
    "ratio": (strongroom.Float(plain=True, optional=True), FLOATS),
}
ENCRYPTED: Final[Mapping[str, tuple[FieldType, Sequence[Any]]]] = {
    "secret": (
        strongroom.Text(optional=True),
        (*TEXTS, "\0", "a\0b\0", "x" * MIB, "é" * (MIB // 2), "😀" * (MIB // 4)),
    ),
    "padded": (strongroom.Text(optional=True, pad=64), ("", "a", "\0", "x" * 64, "x" * 65)),
    "big": (
        strongroom.Integer(optional=True),
        (*INTEGERS, 2**63, 2**64, 2**4095 - 1, -(2**4095)),
    ),
    "exact": (
        strongroom.Decimal(optional=True),
        (*DECIMALS, Decimal("-0"), Decimal("0E+6144"), Decimal("1E-6144"), Decimal("1.000"),
         Decimal("9" * 1000)),
    ),
    "birthday": (strongroom.Date(optional=True), (*DATES, dt.date.min, dt.date.max)),
    "met": (strongroom.DateTime(optional=True), (*TIMES, dt.datetime.min, dt.datetime.max)),  # noqa: DTZ901
    "called": (
        strongroom.ZonedDateTime(optional=True),
        (LOCAL.replace(tzinfo=dt.UTC), LOCAL.replace(tzinfo=WEST), LOCAL.replace(tzinfo=EAST),
         dt.datetime.min.replace(tzinfo=EAST), dt.datetime.max.replace(tzinfo=WEST)),
    ),
    "ill": (strongroom.Boolean(optional=True), (True, False)),
    "photo": (strongroom.Bytes(optional=True), (b"", b"\0", ALL_BYTES, ALL_BYTES * 4096)),
    "file": (strongroom.Json(optional=True), (NESTED, [], {}, "", 0, 1, 1.0, True, -0.0)),
    "score": (
        strongroom.Float(optional=True), (*FLOATS, -0.0, math.inf, -math.inf, math.nan)
    ),
}  # fmt: skip
KINDS: Final = {**PLAIN, **ENCRYPTED}
FIELDS: Final[Mapping[str, FieldType]] = {name: kind for name, (kind, _) in KINDS.items()}


def records() -> list[dict[str, Any]]:
    """Return records that together hold every value of every field, and one that holds none."""
    longest = max(len(values) for _, values in KINDS.values())
    made = [
        {name: values[n] for name, (_, values) in KINDS.items() if n < len(values)}
        for n in range(longest)
    ]
    return [*made, {}]


def exactly(value: object) -> tuple[type, str]:
    """Return what tells values apart that `==` does not: 1, 1.0 and True, 0.0 and -0.0."""
    return type(value), repr(value)
