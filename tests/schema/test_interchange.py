"""What a file's value means to a field: exactly one value, or a refusal that does not repeat it."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal as Number
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.errors import InputError, IntegrityError
from strongroom.schema.identity import KeyType
from strongroom.schema.interchange import Column, from_raw, to_json
from strongroom.schema.json_text import read_json_object
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
from tests.schema.strategies import VALUES

MIDNIGHT = dt.datetime.fromisoformat("2024-02-29")
TYPES: list[FieldType] = [
    Text(),
    Integer(),
    Decimal(),
    Float(),
    Boolean(),
    Bytes(),
    Json(),
    Date(),
    DateTime(),
    ZonedDateTime(),
]


@pytest.mark.parametrize(
    ("field", "raw", "value"),
    [
        (Integer(), 36, 36),
        (Integer(), "36", 36),
        (Decimal(), 36, Number(36)),
        (Decimal(), Number("1.50"), Number("1.50")),
        (Decimal(), "1.50", Number("1.50")),
        (Decimal(), 12.1, Number("12.1")),
        (Float(), 36, 36.0),
        (Float(), Number("0.1"), 0.1),
        (Float(), 2**53, float(2**53)),
        (Float(), "nan", float("nan")),
        (Boolean(), "true", True),
        (Bytes(), "AAE=", b"\0\1"),
        (Bytes(), b"\0\1", b"\0\1"),
        (Json(), "[1]", "[1]"),
        (Json(), Number("1.50"), 1.5),
        (Json(), [1.5, None], [1.5, None]),
        (Date(), MIDNIGHT, MIDNIGHT.date()),
        (Date(), "2024-02-29", MIDNIGHT.date()),
        (DateTime(), MIDNIGHT, MIDNIGHT),
        (Text(), "36", "36"),
        (Text(optional=True), None, None),
    ],
)
def test_what_means_exactly_one_value(field: FieldType, raw: object, value: object) -> None:
    found = from_raw(field, raw, "t.f")
    assert (type(found), repr(found)) == (type(value), repr(value))


@pytest.mark.parametrize(
    ("field", "raw", "message"),
    [
        (Integer(), Number("36.0"), "t.f must be an integer"),
        (Integer(), 36.0, "t.f must be an integer"),
        (Integer(), True, "t.f must be an integer"),
        (Integer(), " 36", "t.f must be an integer"),
        (
            Decimal(precision=10, scale=2),
            0.1 + 0.2,
            "t.f must have at most 2 digits after the point",
        ),
        (Decimal(), float("inf"), "t.f must be a decimal"),
        (Decimal(), True, "t.f must be a decimal"),
        (Float(), 2**53 + 1, "t.f must be a float"),
        (Float(), True, "t.f must be a float"),
        (Text(), 36, "t.f must be a text"),
        (Boolean(), 1, "t.f must be true or false"),
        (Boolean(), "1", "t.f must be true or false"),
        (Date(), MIDNIGHT.replace(second=1), "t.f must be a date"),
        (Date(), MIDNIGHT.replace(tzinfo=dt.UTC), "t.f must be a date"),
        (Text(), None, "t.f must be given"),
        (Json(), Number("1e999"), "t.f must hold no NaN and no infinity"),
    ],
)
def test_what_does_not_is_refused(field: FieldType, raw: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        from_raw(field, raw, "t.f")
    assert str(caught.value) == message
    assert caught.value.__context__ is None


def test_a_text_for_a_json_field_is_a_value_or_its_text() -> None:
    assert from_raw(Json(), "[1]", "t.f", spelled=True) == [1]
    assert from_raw(Json(), "[1]", "t.f") == "[1]"


@settings(deadline=None, max_examples=150)
@given(data=st.data(), field=st.sampled_from(TYPES))
def test_json_gives_every_value_back(data: st.DataObject, field: FieldType) -> None:
    # JSON's null alone is no value of any field.
    value = field.check(data.draw(VALUES[field.tag].filter(lambda one: one is not None)), "t.f")
    column = Column("f", field)
    text = f'{{"f":{column.json_text(value)}}}'
    assert repr(from_raw(field, read_json_object(text)["f"], "t.f")) == repr(value)
    # The two ways to JSON agree.
    assert json.dumps(to_json(field, value)) == json.dumps(json.loads(text)["f"])


@pytest.mark.parametrize(
    ("column", "value", "text", "as_json"),
    [
        (Column("k", KeyType.INTEGER), -(2**63), "-9223372036854775808", "-9223372036854775808"),
        (Column("k", KeyType.TEXT), "a\n", "a\n", '"a\\n"'),
        (Column("k", KeyType.BYTES), b"\0", "AA==", '"AA=="'),
        (Column("f", Decimal()), Number("1.50"), "1.50", '"1.50"'),
        (Column("f", Float()), float("inf"), "inf", '"inf"'),
        (Column("f", Float()), 1e16, "1e+16", "1e+16"),
        (Column("f", Boolean()), False, "false", "false"),
        (Column("f", Json()), "x", '"x"', '"x"'),
    ],
)
def test_a_column_spells_its_values(column: Column, value: Any, text: str, as_json: str) -> None:
    assert column.format(value) == text
    assert column.json_text(value) == as_json
    assert column.json_text(None) == "null"


@pytest.mark.parametrize(
    "column", [*(Column("f", one) for one in TYPES), *(Column("k", one) for one in KeyType)]
)
def test_a_column_is_described_and_read_back(column: Column) -> None:
    assert Column.from_document(json.loads(json.dumps(column.to_document()))) == column


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {},
        {"name": "a"},
        {"name": "a", "key": "float"},
        {"name": 5, "key": "text"},
        {"name": "a", "type": "text"},
    ],
)
def test_another_description_is_refused(document: object) -> None:
    with pytest.raises(IntegrityError, match=r"^the description of a column is not readable$"):
        Column.from_document(document)
