"""What each declared type takes, what it stores, and the rule it names when it refuses."""

from __future__ import annotations

import datetime as dt
import decimal
import math
from typing import Any

import pytest

from strongroom.errors import InputError
from strongroom.schema.types import (
    Boolean,
    Bytes,
    Date,
    DateTime,
    Decimal,
    FieldType,
    Float,
    Integer,
    Json,
    Text,
    ZonedDateTime,
)
from strongroom.schema.values import Tag
from tests.schema.exactly import same
from tests.schema.zones import ClocksGoBack

MIB = 1024 * 1024
AGE = Integer(minimum=0, maximum=150)
PLAIN_AGE = Integer(minimum=0, maximum=150, plain=True)
PRICE = Decimal(10, 2)
PLAIN_PRICE = Decimal(10, 2, plain=True)
D = decimal.Decimal
NOON = dt.datetime(2024, 2, 29, 12)  # noqa: DTZ001  # a local time
LAST = dt.datetime.max  # noqa: DTZ901  # a local time
CET = dt.timezone(dt.timedelta(hours=1))

STORED: list[tuple[FieldType, Any, Any]] = [
    (Text(), "", ""),
    (Text(), "a\x00b", "a\x00b"),
    (Text(), "\u05d0\u202e\U0001f468\u200d\U0001f469 e\u0301", None),
    (Text(), "x" * MIB, None),
    (Text(max_bytes=16 * MIB), "x" * (16 * MIB), None),
    (Text(4), "\u00e9\u00e9", None),
    (Text(plain=True), "Ada", None),
    (Bytes(), b"", None),
    (Bytes(plain=True), b"\x00\xff", None),
    (Bytes(2), b"ab", None),
    (Json(), {"b": [1, 1.0, True, None], "a": ""}, None),
    (Json(plain=True), "\x00", None),
    (Json(3), [1], None),
    (Boolean(), True, None),
    (Boolean(plain=True), False, None),
    (Integer(), 2**4095 - 1, None),
    (Integer(), -(2**4095), None),
    (AGE, 0, None),
    (AGE, 150, None),
    (PLAIN_AGE, 36, None),
    (Integer(plain=True), 2**63 - 1, None),
    (Integer(plain=True), -(2**63), None),
    (Integer(minimum=18), 2**64, None),
    (Integer(maximum=-1), -(2**64), None),
    (Float(), math.nan, None),
    (Float(), -math.inf, None),
    (Float(), -0.0, None),
    (Float(plain=True), -0.0, 0.0),
    (Float(plain=True), -5e-324, None),
    (Float(plain=True), 1.5, None),
    (Decimal(), D("-0.00"), None),
    (Decimal(), D("1E+6144"), None),
    (PRICE, D("1.5"), None),
    (PRICE, D("-0"), None),
    (PRICE, D("1E+3"), None),
    (PRICE, D("99999999.99"), None),
    (PRICE, D("0E+100"), None),
    (PLAIN_PRICE, D("1.5"), D("1.50")),
    (PLAIN_PRICE, D(-3), D("-3.00")),
    (PLAIN_PRICE, D("1E+3"), D("1000.00")),
    (PLAIN_PRICE, D("-0"), D("0.00")),
    (PLAIN_PRICE, D("-0.00"), D("0.00")),
    (PLAIN_PRICE, D("0E+100"), D("0.00")),
    (PLAIN_PRICE, D("-99999999.99"), None),
    (Decimal(3, 0, plain=True), D("9.9E+2"), D(990)),
    (Decimal(2, 2, plain=True), D("0.1"), D("0.10")),
    (Decimal(38, 30, plain=True), D("12345678.123456789012345678901234567890"), None),
    (Date(), dt.date(1, 1, 1), None),
    (Date(plain=True), dt.date(1000, 1, 1), None),
    (DateTime(), NOON, None),
    (DateTime(), LAST, None),
    (DateTime(plain=True), NOON.replace(year=1000, day=28), None),
    (ZonedDateTime(), NOON.replace(tzinfo=CET), None),
    (ZonedDateTime(plain=True), NOON.replace(tzinfo=dt.UTC), None),
    (
        ZonedDateTime(plain=True),
        NOON.replace(tzinfo=dt.timezone(dt.timedelta(0), "Zulu")),
        NOON.replace(tzinfo=dt.UTC),
    ),
]

BETWEEN = "must be between 0 and 150"
MB = "must take at most 1,048,576 bytes"
AFTER = "must have at most 2 digits after the point"
BEFORE = "must have at most 8 digits before the point"
PLAIN_YEAR = "must be in the year 1000 or later"
WIDE = "must fit in 64 bits with its sign"

REFUSED: list[tuple[FieldType, Any, str]] = [
    (Text(), None, "must be given"),
    (Text(), 5, "must be a text"),
    (Text(), "x" * (MIB + 1), MB),
    (Text(4), "\u00e9\u00e9a", "must take at most 4 bytes"),
    (Text(), "\udc80", "must not hold lone surrogates"),
    (Text(plain=True), "a\x00b", "must not hold NUL characters"),
    (Bytes(), bytes(MIB + 1), MB),
    (Bytes(2), b"abc", "must take at most 2 bytes"),
    (Bytes(), "abc", "must be bytes"),
    (Json(2), [1], "must take at most 2 bytes"),
    (Json(), None, "must be given"),
    (Json(), [math.nan], "must hold no NaN and no infinity"),
    (Json(), (1,), "must hold nothing but JSON values"),
    (Boolean(), 1, "must be true or false"),
    (Boolean(plain=True), 2, "must be true or false"),
    (AGE, -1, BETWEEN),
    (AGE, 151, BETWEEN),
    (AGE, 2**63, BETWEEN),
    (PLAIN_AGE, 2**5000, BETWEEN),
    (AGE, True, "must be an integer between 0 and 150"),
    (AGE, "25", "must be an integer between 0 and 150"),
    (AGE, 25.0, "must be an integer between 0 and 150"),
    (AGE, math.nan, "must be an integer between 0 and 150"),
    (AGE, None, "must be given"),
    (Integer(), "25", "must be an integer"),
    (Integer(), 2**4095, "must fit in 4,096 bits"),
    (Integer(minimum=18), 17, "must be at least 18"),
    (Integer(maximum=-1), 0, "must be at most -1"),
    (Integer(maximum=-1), "0", "must be an integer of at most -1"),
    (Integer(minimum=18), "18", "must be an integer of at least 18"),
    (Integer(plain=True), 2**63, WIDE),
    (Integer(plain=True), -(2**63) - 1, WIDE),
    (Float(), 1, "must be a float"),
    (Float(plain=True), math.nan, "must be finite"),
    (Float(plain=True), math.inf, "must be finite"),
    (Float(plain=True), -math.inf, "must be finite"),
    (Decimal(), 1.5, "must be a decimal"),
    (Decimal(), D("NaN"), "must be a finite decimal"),
    (PRICE, D("1.555"), AFTER),
    (PRICE, D("1.500"), AFTER),
    (PRICE, D("100000000"), BEFORE),
    (PRICE, D("1E+8"), BEFORE),
    (PLAIN_PRICE, D("0.001"), AFTER),
    (PLAIN_PRICE, D("1.500"), AFTER),
    (PLAIN_PRICE, D("100000000.00"), BEFORE),
    (PLAIN_PRICE, D("1E+8"), BEFORE),
    (PLAIN_PRICE, D("-Infinity"), "must be a finite decimal"),
    (PLAIN_PRICE, 5, "must be a decimal"),
    (Decimal(2, 2, plain=True), D(1), "must have at most 0 digits before the point"),
    (Date(), NOON, "must be a date"),
    (Date(plain=True), dt.date(999, 12, 31), PLAIN_YEAR),
    (DateTime(), NOON.replace(tzinfo=dt.UTC), "must be a date and time without a zone"),
    (DateTime(), NOON.replace(fold=1), "must not be marked as a repeated hour (fold)"),
    (DateTime(plain=True), NOON.replace(year=999, day=28), PLAIN_YEAR),
    (ZonedDateTime(), NOON, "must be a date and time with a zone"),
    (ZonedDateTime(plain=True), NOON.replace(tzinfo=CET), "must be in UTC"),
    (ZonedDateTime(plain=True), dt.datetime(999, 12, 31, tzinfo=dt.UTC), PLAIN_YEAR),
]


@pytest.mark.parametrize(("declared", "given", "stored"), STORED, ids=range(len(STORED)))
def test_what_is_taken_is_stored_so(declared: FieldType, given: Any, stored: Any) -> None:
    result = declared.check(given, "t.f")
    assert same(result, given if stored is None else stored)


@pytest.mark.parametrize(("declared", "given", "rule"), REFUSED, ids=range(len(REFUSED)))
def test_what_breaks_the_rule_is_refused(declared: FieldType, given: Any, rule: str) -> None:
    with pytest.raises(InputError) as caught:
        declared.check(given, "users.age")
    assert str(caught.value) == f"users.age {rule}"
    assert caught.value.__cause__ is None and caught.value.__context__ is None


EVERY: list[FieldType] = [
    Text(),
    Integer(),
    Decimal(),
    Date(),
    DateTime(),
    ZonedDateTime(),
    Boolean(),
    Bytes(),
    Json(),
    Float(),
]


def test_each_type_has_its_word_and_its_tag() -> None:
    assert {one.name: one.tag for one in EVERY} == {
        "text": Tag.TEXT,
        "integer": Tag.INTEGER,
        "decimal": Tag.DECIMAL,
        "date": Tag.DATE,
        "datetime": Tag.DATETIME,
        "zoned-datetime": Tag.ZONED_DATETIME,
        "boolean": Tag.BOOLEAN,
        "bytes": Tag.BYTES,
        "json": Tag.JSON,
        "float": Tag.FLOAT,
    }


@pytest.mark.parametrize("declared", EVERY, ids=lambda one: one.name)
def test_only_an_optional_field_may_be_left_out(declared: FieldType) -> None:
    with pytest.raises(InputError, match=r"^t\.f must be given$"):
        declared.check(None, "t.f")
    options: dict[str, Any] = {}
    if isinstance(declared, Decimal):
        options = {"precision": 5, "scale": 2}
    for plain in (True, False):
        assert type(declared)(optional=True, plain=plain, **options).check(None, "t.f") is None


def test_json_is_stored_as_it_was_when_it_was_checked() -> None:
    given = {"b": [1], "a": 2}
    stored = Json().check(given, "t.f")
    given["b"].append(2)  # type: ignore[attr-defined]
    assert stored == {"a": 2, "b": [1]}
    assert list(stored) == ["a", "b"]  # type: ignore[arg-type]


def test_a_zone_becomes_its_offset() -> None:
    stored = ZonedDateTime().check(NOON.replace(tzinfo=ClocksGoBack(), fold=1), "t.f")
    assert isinstance(stored, dt.datetime)
    assert (stored.replace(tzinfo=None), stored.tzinfo, stored.fold) == (NOON, CET, 0)


def test_no_message_holds_the_value() -> None:
    secret = "Zq7Kanary"
    number = 7391846225
    for declared in EVERY:
        for value in (secret, secret.encode(), [secret, {1: secret}], number, D(f"{number}E+9999")):
            try:
                declared.check(value, "t.f")
            except InputError as error:
                seen = f"{error!r} {error} {error.hint} {error.__context__!r}"
                assert secret not in seen and str(number) not in seen


def test_declarations_cannot_be_changed_afterwards() -> None:
    with pytest.raises(AttributeError):
        Text().max_bytes = 5  # type: ignore[misc]
    with pytest.raises((AttributeError, TypeError)):
        Text().other = 5  # type: ignore[attr-defined]
