"""Limits and uniqueness: what they let in, how a catalogue keeps them, how they are spelled.

They came after the first catalogues: where none is set, a document stays as it was.
"""

from __future__ import annotations

import datetime as dt
import decimal
import math
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.errors import InputError, IntegrityError
from strongroom.schema.types import (
    TYPES,
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
    field_type_from_document,
    parse_declaration,
    spell_declaration,
)
from strongroom.schema.values import Tag, canonical_json, parse_json
from tests.schema.strategies import VALUES

D = decimal.Decimal
NOON = dt.datetime(2024, 2, 29, 12)  # noqa: DTZ001  # a local time
UTC_NOON = NOON.replace(tzinfo=dt.UTC)
EAST = dt.timezone(dt.timedelta(hours=1))


class Case(NamedTuple):
    """A declaration, how it is spelled and kept, what it takes, what it refuses by which rule."""

    declared: FieldType
    spelled: str
    options: dict[str, Any]
    taken: list[Any]
    refused: list[Any]
    rule: str


SET: list[Case] = [
    Case(
        Decimal(minimum=D("0.10")),
        "decimal,min=0.10",
        {"minimum": "0.10"},
        [D("0.1"), D("0.10"), D("1E+6144")],
        [D("0.0999"), D("-1"), D("0E+9")],
        "must be at least 0.10",
    ),
    Case(
        Decimal(10, 2, plain=True, minimum=D(0), maximum=D("99.9")),
        "decimal(10,2),plain,min=0.00,max=99.90",
        {"minimum": "0.00", "maximum": "99.90"},
        [D(0), D("-0"), D("99.90")],
        [D("-0.01"), D("99.91")],
        "must be between 0.00 and 99.90",
    ),
    Case(
        Float(maximum=0.1),
        "float,max=0.1",
        {"maximum": "0.1"},
        [0.1, -0.0, -math.inf],
        [0.10000000000000002, math.inf, math.nan],
        "must be at most 0.1",
    ),
    Case(
        Date(minimum=dt.date(1900, 1, 1), maximum=dt.date(2100, 12, 31)),
        "date,min=1900-01-01,max=2100-12-31",
        {"minimum": "1900-01-01", "maximum": "2100-12-31"},
        [dt.date(1900, 1, 1), dt.date(2100, 12, 31)],
        [dt.date(1899, 12, 31), dt.date(2101, 1, 1)],
        "must be between 1900-01-01 and 2100-12-31",
    ),
    Case(
        DateTime(minimum=NOON),
        "datetime,min=2024-02-29T12:00:00",
        {"minimum": "2024-02-29T12:00:00"},
        [NOON, NOON.replace(microsecond=1)],
        [NOON - dt.timedelta(microseconds=1)],
        "must be at least 2024-02-29T12:00:00",
    ),
    Case(
        ZonedDateTime(maximum=UTC_NOON.astimezone(EAST)),
        "zoned-datetime,max=2024-02-29T13:00:00+01:00",
        {"maximum": "2024-02-29T13:00:00+01:00"},
        [UTC_NOON, UTC_NOON.astimezone(EAST)],
        [(UTC_NOON + dt.timedelta(microseconds=1)).astimezone(EAST)],
        "must be at most 2024-02-29T13:00:00+01:00",
    ),
    Case(
        Text(max_chars=3),
        "text,max_chars=3",
        {"max_chars": 3},
        ["", "Ada", "éèê", "\U0001f468" * 3, "\r\n\n"],
        ["Adas", "e\u0301" * 2, "\U0001f468" * 4],  # code points, as databases count
        "must have at most 3 characters",
    ),
    Case(
        Text(320, plain=True, unique=True),
        "text,plain,unique,max_bytes=320",
        {"unique": True},
        ["x" * 320],
        ["x" * 321],
        "must take at most 320 bytes",
    ),
    Case(
        Integer(1, plain=True, optional=True, unique=True),
        "integer,plain,optional,unique,min=1",
        {"unique": True, "minimum": 1},
        [1, None],
        [0],
        "must be at least 1",
    ),
]
EACH = pytest.mark.parametrize("case", SET, ids=[one.spelled for one in SET])


@EACH
def test_what_is_within_is_taken_and_all_else_refused(case: Case) -> None:
    for value in case.taken:
        assert case.declared.check(value, "t.f") == value
    for value in case.refused:
        with pytest.raises(InputError) as caught:
            case.declared.check(value, "t.f")
        assert str(caught.value) == f"t.f {case.rule}"


@EACH
def test_it_is_kept_exactly_in_the_catalogue_and_spelled_on_the_command_line(case: Case) -> None:
    document = case.declared.to_document()
    assert {name: document[name] for name in case.options} == case.options
    text = canonical_json(document)
    read = field_type_from_document(parse_json(text))
    assert read == case.declared
    assert canonical_json(read.to_document()) == text
    assert spell_declaration(case.declared) == case.spelled
    again = parse_declaration(case.spelled)
    assert again == case.declared
    assert canonical_json(again.to_document()) == text


@pytest.mark.parametrize("kind", TYPES.values(), ids=lambda kind: str(kind.name))
def test_a_document_holds_no_later_option_that_is_not_set(kind: type[FieldType]) -> None:
    document = kind().to_document()
    assert "unique" not in document and "max_chars" not in document
    assert ("minimum" in document) is (kind is Integer)
    for option, value in (("unique", False), ("max_chars", None), ("minimum", None)):
        if option not in document:
            with pytest.raises(IntegrityError):
                field_type_from_document(document | {option: value})


NO_DATES: tuple[Any, ...] = ("1900-1-1", " 1900-01-01", "", 19000101, True, ["1900-01-01"], {})
WRONG_DOCUMENTS: list[dict[str, Any]] = [
    *[{**Date().to_document(), "minimum": limit} for limit in NO_DATES],
    {**DateTime().to_document(), "minimum": "2024-02-29 12:00:00"},
    {**DateTime().to_document(), "minimum": "2024-02-29T12:00"},
    {**Float().to_document(), "minimum": "1"},
    {**Float().to_document(), "minimum": 1.0},
    {**Float().to_document(), "minimum": "nan"},
    {**Float().to_document(), "maximum": "inf"},
    {**Decimal().to_document(), "minimum": 1},
    {**Decimal().to_document(), "minimum": "1.5E+3"},
    {**Date().to_document(), "minimum": "1900-01-02", "maximum": "1900-01-01"},
    {**Boolean().to_document(), "minimum": "false"},
    {**Text().to_document(), "unique": True},
    {**Text().to_document(), "unique": 1},
    {**Text().to_document(), "max_chars": 0},
    {**Text().to_document(), "max_chars": "5"},
]


@pytest.mark.parametrize("document", WRONG_DOCUMENTS, ids=range(len(WRONG_DOCUMENTS)))
def test_another_spelling_in_a_catalogue_is_not_readable(document: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError) as caught:
        field_type_from_document(document)
    assert str(caught.value) == "the catalogue is not readable"
    assert caught.value.__cause__ is None and caught.value.__context__ is None


def test_a_plain_decimals_limit_is_at_its_scale() -> None:
    declared = Decimal(10, 2, plain=True, minimum=D(1))
    assert field_type_from_document(declared.to_document()) == declared
    assert field_type_from_document({**declared.to_document(), "minimum": "1"}).to_document() == (
        declared.to_document()
    )


PLAIN_TEXT = {"plain": True, "unique": True}
BAD: list[tuple[type[FieldType], dict[str, Any], str]] = [
    (Date, {"minimum": NOON}, "date: minimum must be a date"),
    (Date, {"minimum": "1900-01-01"}, "date: minimum must be a date"),
    (
        Date,
        {"minimum": dt.date(999, 1, 1), "plain": True},
        "date: minimum must be in the year 1000 or later",
    ),
    (
        Date,
        {"minimum": dt.date(2, 1, 1), "maximum": dt.date(1, 1, 1)},
        "date: minimum is above maximum",
    ),
    (DateTime, {"maximum": UTC_NOON}, "datetime: maximum must be a date and time without a zone"),
    (
        ZonedDateTime,
        {"maximum": UTC_NOON.astimezone(EAST), "plain": True},
        "zoned-datetime: maximum must be in UTC",
    ),
    (Decimal, {"minimum": 1}, "decimal: minimum must be a decimal"),
    (
        Decimal,
        {"precision": 3, "scale": 1, "minimum": D("0.05")},
        "decimal: minimum must have at most 1 digits after the point",
    ),
    (Float, {"minimum": 1}, "float: minimum must be a float"),
    (Float, {"minimum": math.nan}, "float: minimum must be finite"),
    (Float, {"maximum": math.inf}, "float: maximum must be finite"),
    (Text, {"max_chars": 0}, "text: max_chars is an integer from 1 to 16,777,216"),
    (Text, {"max_chars": True}, "text: max_chars is an integer from 1 to 16,777,216"),
    (Text, {"unique": True}, "text: an encrypted field cannot be unique"),
    (Integer, {"unique": True}, "integer: an encrypted field cannot be unique"),
    (Integer, {"unique": 1, "plain": True}, "integer: unique is either True or False"),
    (Text, PLAIN_TEXT, "text: a unique field takes at most 768 bytes"),
    (Bytes, PLAIN_TEXT | {"max_bytes": 769}, "bytes: a unique field takes at most 768 bytes"),
    (Json, PLAIN_TEXT | {"max_bytes": 768}, "json: a JSON value cannot be unique"),
]


@pytest.mark.parametrize(("kind", "options", "rule"), BAD, ids=range(len(BAD)))
def test_a_limit_is_a_value_of_its_type(
    kind: type[FieldType], options: dict[str, Any], rule: str
) -> None:
    with pytest.raises(InputError) as caught:
        kind(**options)
    assert str(caught.value) == rule


def test_a_unique_encrypted_field_is_told_what_it_would_need() -> None:
    with pytest.raises(InputError) as caught:
        Text(unique=True)
    assert caught.value.hint == "make a unique index: strongroom add-index TABLE exact:FIELD,unique"


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("date,min=1900", "date: min must be a date such as 2024-02-29"),
        ("date,min", "date has no such option"),
        ("text,max_chars=x", "text: max_chars is an integer, written in digits only"),
        ("text,unique=1", "text has no such option"),
        ("boolean,min=false", "boolean has no such option"),
        ("float,min=nan", "float: minimum must be finite"),
        ("date,min=1900-01-01,min=1900-01-02", "date: min is given twice"),
    ],
)
def test_another_spelling_is_refused(text: str, rule: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_declaration(text)
    assert str(caught.value) == rule


RANGED = [Tag.INTEGER, Tag.DECIMAL, Tag.FLOAT, Tag.DATE, Tag.DATETIME, Tag.ZONED_DATETIME]
BY_TAG = {kind.tag: kind for kind in TYPES.values()}


@pytest.mark.parametrize("tag", RANGED, ids=lambda tag: tag.name)
@given(data=st.data())
def test_every_value_can_be_a_limit(tag: Tag, data: st.DataObject) -> None:
    """Kept and spelled exactly, and the least of two lets the other in."""
    finite = VALUES[tag].filter(lambda value: tag is not Tag.FLOAT or math.isfinite(value))
    low, high = sorted((data.draw(finite), data.draw(finite)))
    declared = BY_TAG[tag](minimum=low, maximum=high)  # type: ignore[call-arg]
    text = canonical_json(declared.to_document())
    assert canonical_json(field_type_from_document(parse_json(text)).to_document()) == text
    assert canonical_json(parse_declaration(spell_declaration(declared)).to_document()) == text
    assert declared.check(low, "t.f") == low and declared.check(high, "t.f") == high
