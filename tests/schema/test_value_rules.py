"""What may not be encoded, and that no error holds the value, not even behind it."""

from __future__ import annotations

import datetime as dt
import math
import struct
import sys
from collections.abc import Iterator
from decimal import Context, Decimal, localcontext

import pytest

from strongroom.errors import InputError
from strongroom.schema.values import (
    Tag,
    canonical_json,
    decode,
    encode,
    encode_plain,
    encode_plaintext,
    parse_json,
)
from tests.schema.zones import ClocksGoBack


class Str(str):
    __slots__ = ()


class Int(int):
    __slots__ = ()


class Bytes(bytes):
    __slots__ = ()


class Float(float):
    __slots__ = ()


class Dec(Decimal):
    __slots__ = ()


class Day(dt.date):
    pass


class Moment(dt.datetime):
    pass


class Array(list[object]):
    __slots__ = ()


class Object(dict[object, object]):
    __slots__ = ()


def nested(levels: int) -> list[object]:
    made: list[object] = []
    for _ in range(levels - 1):
        made = [made]
    return made


def doubled(levels: int) -> list[object]:
    made: list[object] = ["x" * 100_000]
    for _ in range(levels - 1):
        made = [made, made]
    return made


def endless() -> list[object]:
    made: list[object] = []
    made.append(made)
    return made


NAIVE = dt.datetime(2024, 2, 29, 13, 5)  # noqa: DTZ001  # a local time
NO_TEXT = "must be a text"
NO_INTEGER = "must be an integer"
NO_DECIMAL = "must be a decimal"
NO_DATE = "must be a date"
NO_NAIVE = "must be a date and time without a zone"
NO_ZONED = "must be a date and time with a zone"
NO_BOOLEAN = "must be true or false"
NO_BYTES = "must be bytes"
NO_FLOAT = "must be a float"
NO_JSON = "must hold nothing but JSON values"
SURROGATES = "must not hold lone surrogates"
KEYS = "must have strings as the keys of JSON objects"
DEPTH = "must have at most 64 arrays and objects inside each other"
BITS = "must fit in 4,096 bits"
JSON_BITS = "must hold no integer of more than 4,096 bits"
NOT_FINITE = "must hold no NaN and no infinity"
LENGTH = "must take at most 16,777,216 bytes as JSON"
EXPONENT = "must have an exponent of at most 6,144 either way"

REFUSED = [
    (Tag.TEXT, None, NO_TEXT),
    (Tag.TEXT, b"Ada", NO_TEXT),
    (Tag.TEXT, 5, NO_TEXT),
    (Tag.TEXT, Str("Ada"), NO_TEXT),
    (Tag.TEXT, "\ud800", SURROGATES),
    (Tag.TEXT, "Ada\udfff", SURROGATES),
    (Tag.TEXT, "\ud83d\ude00", SURROGATES),
    (Tag.INTEGER, True, NO_INTEGER),
    (Tag.INTEGER, 1.0, NO_INTEGER),
    (Tag.INTEGER, "1", NO_INTEGER),
    (Tag.INTEGER, Decimal(1), NO_INTEGER),
    (Tag.INTEGER, Int(1), NO_INTEGER),
    (Tag.INTEGER, Tag.TEXT, NO_INTEGER),
    (Tag.INTEGER, 2**4095, BITS),
    (Tag.INTEGER, -(2**4095) - 1, BITS),
    (Tag.DECIMAL, 1, NO_DECIMAL),
    (Tag.DECIMAL, 1.5, NO_DECIMAL),
    (Tag.DECIMAL, "1.5", NO_DECIMAL),
    (Tag.DECIMAL, Dec("1.5"), NO_DECIMAL),
    (Tag.DECIMAL, Decimal("NaN"), "must be a finite decimal"),
    (Tag.DECIMAL, Decimal("sNaN"), "must be a finite decimal"),
    (Tag.DECIMAL, Decimal("-Infinity"), "must be a finite decimal"),
    (Tag.DECIMAL, Decimal("1" * 1001), "must have at most 1,000 digits"),
    (Tag.DECIMAL, Decimal("1E+6145"), EXPONENT),
    (Tag.DECIMAL, Decimal("1E-6145"), EXPONENT),
    (Tag.DECIMAL, Decimal("0E+6145"), EXPONENT),
    (Tag.DATE, NAIVE, NO_DATE),
    (Tag.DATE, "2024-02-29", NO_DATE),
    (Tag.DATE, 0, NO_DATE),
    (Tag.DATE, Day(2024, 2, 29), NO_DATE),
    (Tag.DATETIME, NAIVE.date(), NO_NAIVE),
    (Tag.DATETIME, NAIVE.replace(tzinfo=dt.UTC), NO_NAIVE),
    (Tag.DATETIME, Moment(2024, 2, 29), NO_NAIVE),
    (Tag.DATETIME, 0, NO_NAIVE),
    (Tag.DATETIME, NAIVE.replace(fold=1), "must not be marked as a repeated hour (fold)"),
    (Tag.ZONED_DATETIME, NAIVE, NO_ZONED),
    (Tag.ZONED_DATETIME, NAIVE.date(), NO_ZONED),
    (Tag.ZONED_DATETIME, Moment(2024, 2, 29, tzinfo=dt.UTC), NO_ZONED),
    (
        Tag.ZONED_DATETIME,
        NAIVE.replace(tzinfo=dt.timezone(dt.timedelta(microseconds=1))),
        "must have an offset of whole seconds",
    ),
    (Tag.BOOLEAN, 1, NO_BOOLEAN),
    (Tag.BOOLEAN, 0, NO_BOOLEAN),
    (Tag.BOOLEAN, "true", NO_BOOLEAN),
    (Tag.BOOLEAN, None, NO_BOOLEAN),
    (Tag.BYTES, "Ada", NO_BYTES),
    (Tag.BYTES, bytearray(b"Ada"), NO_BYTES),
    (Tag.BYTES, memoryview(b"Ada"), NO_BYTES),
    (Tag.BYTES, Bytes(b"Ada"), NO_BYTES),
    (Tag.FLOAT, 1, NO_FLOAT),
    (Tag.FLOAT, True, NO_FLOAT),
    (Tag.FLOAT, "1.0", NO_FLOAT),
    (Tag.FLOAT, Float(1.0), NO_FLOAT),
    (Tag.JSON, (1, 2), NO_JSON),
    (Tag.JSON, {1}, NO_JSON),
    (Tag.JSON, b"Ada", NO_JSON),
    (Tag.JSON, [Str("Ada")], NO_JSON),
    (Tag.JSON, [Int(1)], NO_JSON),
    (Tag.JSON, [Float(1.0)], NO_JSON),
    (Tag.JSON, Array(), NO_JSON),
    (Tag.JSON, Object(), NO_JSON),
    (Tag.JSON, [Decimal(1)], NO_JSON),
    (Tag.JSON, [NAIVE], NO_JSON),
    (Tag.JSON, {1: 1}, KEYS),
    (Tag.JSON, {"a": 1, None: 1}, KEYS),
    (Tag.JSON, {Str("a"): 1}, KEYS),
    (Tag.JSON, [math.nan], NOT_FINITE),
    (Tag.JSON, {"a": math.inf}, NOT_FINITE),
    (Tag.JSON, -math.inf, NOT_FINITE),
    (Tag.JSON, ["\ud800"], SURROGATES),
    (Tag.JSON, {"\udfff": 1}, SURROGATES),
    (Tag.JSON, [2**4095], JSON_BITS),
    (Tag.JSON, nested(65), DEPTH),
    (Tag.JSON, nested(100_000), DEPTH),
    (Tag.JSON, endless(), DEPTH),
    (Tag.JSON, doubled(64), LENGTH),
    (Tag.JSON, "x" * 16_777_215, LENGTH),
    (Tag.JSON, "\u00e9" * 8_388_608, LENGTH),
]


def rule_of(number: int) -> str:
    return f"{number}-{REFUSED[number][0].name}-{REFUSED[number][2]}"


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=rule_of)
def test_what_breaks_a_rule_is_refused_with_the_rule(number: int) -> None:
    tag, value, rule = REFUSED[number]
    with pytest.raises(InputError) as caught:
        encode(tag, value)
    assert str(caught.value) == f"the value {rule}"
    assert caught.value.__cause__ is None and caught.value.__context__ is None


def test_the_error_names_the_place_that_was_given() -> None:
    with pytest.raises(InputError, match=r"^users\.age must be an integer$"):
        encode(Tag.INTEGER, "36", "users.age")


def test_a_plain_field_is_held_to_the_same_rules() -> None:
    with pytest.raises(InputError, match=r"^the value must be an integer$"):
        encode_plain(Tag.INTEGER, True)  # noqa: FBT003  # the value is the test


@pytest.mark.parametrize("pad", [0, -8, True, 8.0, "8"])
def test_a_bucket_size_is_a_positive_integer(pad: int) -> None:
    with pytest.raises(InputError, match=r"^a bucket size must be a positive integer$"):
        encode_plaintext(Tag.TEXT, "Ada", pad)


def test_the_same_lengths_hide_behind_one_bucket() -> None:
    sizes = {len(encode_plaintext(Tag.TEXT, "x" * length, 64)) for length in range(65)}
    assert sizes == {1 + 4 + 64}
    assert len(encode_plaintext(Tag.TEXT, "x" * 65, 64)) == 1 + 4 + 128


def test_the_repeated_hour_of_a_zone_keeps_which_one_it_was() -> None:
    first = dt.datetime(2024, 10, 27, 2, 30, tzinfo=ClocksGoBack())
    second = first.replace(fold=1)
    assert encode(Tag.ZONED_DATETIME, first).hex() == f"{1_729_989_000_000_000:016x}00001c20"
    assert encode(Tag.ZONED_DATETIME, second).hex() == f"{1_729_992_600_000_000:016x}00000e10"


def test_every_nan_becomes_the_one() -> None:
    payload = decode_raw("fff0000000000123")
    assert math.isnan(payload)
    assert encode(Tag.FLOAT, payload).hex() == "7ff8000000000000"
    assert encode(Tag.FLOAT, -math.nan).hex() == "7ff8000000000000"


def decode_raw(digits: str) -> float:
    value: float = struct.unpack(">d", bytes.fromhex(digits))[0]
    return value


def test_no_arithmetic_context_rounds_a_decimal() -> None:
    digits = "1234567890.123456789"
    expected = "00fffffff7" + f"{1234567890123456789:x}"
    with localcontext(Context(prec=2, Emax=5, Emin=-5, clamp=1)):
        data = encode(Tag.DECIMAL, Decimal(digits))
        assert data.hex() == expected
        assert decode(Tag.DECIMAL, data) == Decimal(digits)


@pytest.fixture
def few_digits() -> Iterator[None]:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    yield
    sys.set_int_max_str_digits(before)


@pytest.mark.usefixtures("few_digits")
def test_the_interpreters_limit_on_digits_changes_nothing() -> None:
    large = 2**4095 - 1
    with pytest.raises(ValueError, match="Exceeds the limit"):
        str(large)  # the limit is in force
    for value in (large, -large - 1):
        text = canonical_json([value])
        assert len(text) == 2 + 1233 + (value < 0)
        assert parse_json(text) == [value]
    many = Decimal("7" * 1000)
    assert decode(Tag.DECIMAL, encode(Tag.DECIMAL, many)) == many
