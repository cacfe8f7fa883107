"""What a text from a command line or a file means, and how a value is written as one."""

from __future__ import annotations

import datetime as dt
import decimal
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from tests.schema.strategies import VALUES

AGE = Integer(minimum=0, maximum=150)
D = decimal.Decimal
NOON = dt.datetime(2024, 2, 29, 12)  # noqa: DTZ001  # a local time
OFFSET = dt.timezone(dt.timedelta(hours=-5, minutes=-30))

BOTH_WAYS: list[tuple[FieldType, str, Any]] = [
    (Text(), "", ""),
    (Text(), " Ada \n", " Ada \n"),
    (AGE, "0", 0),
    (AGE, "36", 36),
    (Integer(), "-5", -5),
    (Decimal(), "12.50", D("12.50")),
    (Decimal(), "-0.00", D("-0.00")),
    (Decimal(), "0.0000001", D("1E-7")),
    (Decimal(), "12E+3", D("1.2E+4")),
    (Decimal(), "0E+5", D("0E+5")),
    (Decimal(), "0." + "0" * 6143 + "1", D("1E-6144")),
    (Date(), "2024-02-29", dt.date(2024, 2, 29)),
    (Date(), "0001-01-01", dt.date(1, 1, 1)),
    (DateTime(), "2024-02-29T12:00:00", NOON),
    (DateTime(), "2024-02-29T12:00:00.250000", NOON.replace(microsecond=250_000)),
    (ZonedDateTime(), "2024-02-29T12:00:00+00:00", NOON.replace(tzinfo=dt.UTC)),
    (ZonedDateTime(), "2024-02-29T12:00:00-05:30", NOON.replace(tzinfo=OFFSET)),
    (Boolean(), "true", True),
    (Boolean(), "false", False),
    (Bytes(), "", b""),
    (Bytes(), "/wA=", b"\xff\x00"),
    (Json(), '{"a":[1,1.0,null],"b":"\u00e9"}', {"a": [1, 1.0, None], "b": "\u00e9"}),
    (Float(), "1.5", 1.5),
    (Float(), "1e+16", 1e16),
    (Float(), "-0.0", -0.0),
    (Float(), "nan", math.nan),
    (Float(), "-inf", -math.inf),
]
ONLY_IN: list[tuple[FieldType, str, Any]] = [
    (DateTime(), "2024-02-29 12:00", NOON),
    (DateTime(), "2024-02-29T12:00:00.25", NOON.replace(microsecond=250_000)),
    (ZonedDateTime(), "2024-02-29T12:00Z", NOON.replace(tzinfo=dt.UTC)),
    (Json(), ' { "b" : 1E2, "a": "\\u0041" } ', {"a": "A", "b": 100.0}),
    (Float(), "12", 12.0),
    (Float(), "1E5", 1e5),
    (Decimal(5, 2, plain=True), "1.5", D("1.50")),
]

WHOLE = "must be an integer between 0 and 150"
NUMBER = "must be a decimal number"
DATE = "must be a date such as 2024-02-29"
NAIVE = "must be like 2024-02-29T13:05:00"
ZONED = "must be like 2024-02-29T13:05:00+01:00"
TRUTH = "must be true or false"
BASE64 = "must be standard base64, with its padding and nothing else"
FLOAT = "must be a number that a 64-bit float can hold"
JSON = "must be JSON"

REFUSED: list[tuple[FieldType, str, str]] = [
    *[
        (AGE, text, WHOLE)
        for text in (
            *(
                "",
                " ",
                "25 ",
                " 25",
                "25\n",
                "+25",
                "025",
                "00",
                "-0",
                "1e3",
                "25.0",
                "2_5",
                "0x19",
            ),
            *("2,5", "true", "None", "NaN", "\u0662\u0665", "\uff12\uff15", "--5", "9" * 2000),
        )
    ],
    (AGE, "-1", "must be between 0 and 150"),
    (AGE, "151", "must be between 0 and 150"),
    (AGE, "9223372036854775808", "must be between 0 and 150"),
    (Integer(), "abc", "must be an integer"),
    (Integer(), "9" * 1234, "must fit in 4,096 bits"),
    *[
        (Decimal(), text, NUMBER)
        for text in (
            *("", " 1", "1 ", "+1", "01", "1.", ".5", "1,5", "1e3", "1E3", "1E-3", "1.5E+3"),
            *("NaN", "Infinity", "1_000", "\u0661", "1E+0", "1E+10000", "1" * 7000, "-"),
        )
    ],
    (Decimal(), "1E+9999", "must have an exponent of at most 6,144 either way"),
    (Decimal(5, 2), "1.555", "must have at most 2 digits after the point"),
    *[
        (Date(), text, DATE)
        for text in (
            *("", "2024-2-29", "20240229", "2024-W09-4", "2023-02-29", "29.02.2024", "2024-02-29 "),
            *("2024-02-29T00:00", "0000-01-01", "10000-01-01", "\u0662024-02-29", "2024-060"),
        )
    ],
    *[
        (DateTime(), text, NAIVE)
        for text in (
            *("", "2024-02-29", "2024-02-29T24:00:00", "2024-02-29T12", "2024-02-29T1:00"),
            *("2024-02-29T12:60", "2024-02-29T12:00:60", "2024-02-29T12:00:00.1234567"),
            *(
                "2024-02-29T12:00:00Z",
                "2024-02-29T12:00+01:00",
                "2024-02-29t12:00",
                "2024-02-30T12:00",
            ),
            *("2024-02-29T12:00:00,5", " 2024-02-29T12:00", "20240229T120000"),
        )
    ],
    *[
        (ZonedDateTime(), text, ZONED)
        for text in (
            *("", "2024-02-29T12:00:00", "2024-02-29T12:00+0100", "2024-02-29T12:00+01"),
            *("2024-02-29T12:00+24:00", "2024-02-29T12:00+01:60", "2024-02-29T12:00z"),
            *("2024-02-29T12:00 +01:00", "2024-02-29T12:00+01:00:00.5", "2024-02-30T12:00Z"),
        )
    ],
    *[(Boolean(), text, TRUTH) for text in ("", "True", "TRUE", "1", "0", "yes", " true", "true ")],
    *[
        (Bytes(), text, BASE64)
        for text in ("/wA", "/wA =", "_wA=", "/wA=\n", "/wB=", "====", "\u00e9", "/wA==", "A")
    ],
    (Bytes(2), "YWJj", "must take at most 2 bytes"),
    *[(Json(), text, JSON) for text in ("", "{", "NaN", "{'a':1}", '{"a":1,"a":2}', "1 2")],
    (Json(), "1e999", "must hold no NaN and no infinity"),
    (Json(), '"\\ud800"', "must not hold lone surrogates"),
    (Json(), "null", "must be given"),
    *[
        (Float(), text, FLOAT)
        for text in (
            *("", " 1.5", "1.5 ", "1,5", "NaN", "Infinity", "+inf", "infinity", "1e999", "-1e999"),
            *("1_0.0", "0x1p3", ".5", "5.", "01.5", "\u0661.5", "+1.5"),
        )
    ],
    (Float(plain=True), "nan", "must be finite"),
    (Text(3), "Adas", "must take at most 3 bytes"),
    (Text(plain=True), "\x00", "must not hold NUL characters"),
]


@pytest.mark.parametrize(("declared", "text", "value"), BOTH_WAYS, ids=range(len(BOTH_WAYS)))
def test_a_text_means_a_value_and_the_value_is_written_so(
    declared: FieldType, text: str, value: Any
) -> None:
    assert same(declared.parse(text, "t.f"), value)
    assert declared.format(value) == text


@pytest.mark.parametrize(("declared", "text", "value"), ONLY_IN, ids=range(len(ONLY_IN)))
def test_some_types_read_more_than_one_spelling(declared: FieldType, text: str, value: Any) -> None:
    assert same(declared.parse(text, "t.f"), value)


@pytest.mark.parametrize(("declared", "text", "rule"), REFUSED, ids=range(len(REFUSED)))
def test_another_spelling_is_refused_with_the_rule(
    declared: FieldType, text: str, rule: str
) -> None:
    with pytest.raises(InputError) as caught:
        declared.parse(text, "users.age")
    assert str(caught.value) == f"users.age {rule}"
    assert caught.value.__cause__ is None and caught.value.__context__ is None


def test_an_optional_json_null_is_no_value() -> None:
    assert Json(optional=True).parse("null", "t.f") is None


def test_a_wrong_integer_is_told_how_to_write_it() -> None:
    with pytest.raises(InputError) as caught:
        AGE.parse("25 ", "users.age")
    assert caught.value.hint == (
        "written in digits only, such as 36 or -5: no spaces, no leading zeros"
    )


@pytest.mark.parametrize("declared", [Text(optional=True), Json(optional=True), AGE])
def test_there_is_no_text_for_no_value(declared: FieldType) -> None:
    with pytest.raises(InputError, match=rf"^there is no {declared.name} to format$"):
        declared.format(None)


EVERY: dict[Tag, FieldType] = {
    one.tag: one
    for one in (
        Text(),
        Integer(),
        Decimal(),
        Date(),
        DateTime(),
        ZonedDateTime(),
        Boolean(),
        Bytes(),
        Json(optional=True),
        Float(),
    )
}


@pytest.mark.parametrize("tag", Tag, ids=lambda tag: tag.name)
@settings(max_examples=60)
@given(data=st.data())
def test_every_value_is_read_back_the_same(tag: Tag, data: st.DataObject) -> None:
    value = data.draw(VALUES[tag].filter(lambda value: value is not None))
    declared = EVERY[tag]
    assert same(declared.parse(declared.format(value), "t.f"), value)
