"""Declarations as the catalogue keeps them and as the command line spells them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from strongroom.errors import InputError, IntegrityError
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
    field_type_from_document,
    parse_declaration,
)
from strongroom.schema.values import canonical_json, parse_json

COMMON = '"optional":false,"pad":null,"plain":false'
# The catalogue's text, defaults and all: a change here breaks every store there is.
DOCUMENTS: list[tuple[FieldType, str]] = [
    (Text(), f'{{"max_bytes":1048576,{COMMON},"type":"text"}}'),
    (Bytes(), f'{{"max_bytes":1048576,{COMMON},"type":"bytes"}}'),
    (Json(), f'{{"max_bytes":1048576,{COMMON},"type":"json"}}'),
    (Integer(), f'{{"maximum":null,"minimum":null,{COMMON},"type":"integer"}}'),
    (
        Decimal(),
        f'{{{COMMON},"precision":null,"scale":null,"type":"decimal"}}',
    ),
    (Date(), f'{{{COMMON},"type":"date"}}'),
    (DateTime(), f'{{{COMMON},"type":"datetime"}}'),
    (ZonedDateTime(), f'{{{COMMON},"type":"zoned-datetime"}}'),
    (Boolean(), f'{{{COMMON},"type":"boolean"}}'),
    (Float(), f'{{{COMMON},"type":"float"}}'),
    (
        Integer(0, 150, plain=True),
        '{"maximum":150,"minimum":0,"optional":false,"pad":null,"plain":true,"type":"integer"}',
    ),
    (
        Decimal(10, 2, optional=True, plain=True),
        '{"optional":true,"pad":null,"plain":true,"precision":10,"scale":2,"type":"decimal"}',
    ),
    (
        Text(2000, pad=64),
        '{"max_bytes":2000,"optional":false,"pad":64,"plain":false,"type":"text"}',
    ),
    (
        Integer(maximum=2**4095 - 1),
        f'{{"maximum":{2**4095 - 1},"minimum":null,{COMMON},"type":"integer"}}',
    ),
]


@pytest.mark.parametrize(("declared", "text"), DOCUMENTS, ids=range(len(DOCUMENTS)))
def test_a_declaration_is_kept_with_its_defaults(declared: FieldType, text: str) -> None:
    assert canonical_json(declared.to_document()).decode("utf-8") == text
    read = field_type_from_document(parse_json(text.encode("utf-8")))
    assert type(read) is type(declared) and read == declared


GOOD: dict[str, Any] = json.loads(DOCUMENTS[10][1])
UNREADABLE: list[Any] = [
    None,
    [],
    "integer",
    list(GOOD.items()),
    {},
    {key: value for key, value in GOOD.items() if key != "type"},
    *[
        {key: value for key, value in GOOD.items() if key != gone}
        for gone in GOOD
        if gone != "type"
    ],
    GOOD | {"type": "Integer"},
    GOOD | {"type": "uuid"},
    GOOD | {"type": None},
    GOOD | {"type": ["integer"]},
    GOOD | {"type": "text"},
    GOOD | {"max_bytes": 5},
    GOOD | {"tag": 2},
    GOOD | {"name": "integer"},
    GOOD | {"plain": 1},
    GOOD | {"plain": None},
    GOOD | {"optional": 0},
    GOOD | {"pad": 64},
    GOOD | {"minimum": False},
    GOOD | {"minimum": 0.0},
    GOOD | {"minimum": 151},
    GOOD | {"maximum": "150"},
    GOOD | {"maximum": 2**63},
]


@pytest.mark.parametrize("document", UNREADABLE, ids=range(len(UNREADABLE)))
def test_another_document_is_not_readable(document: Any) -> None:
    assert field_type_from_document(GOOD) == Integer(0, 150, plain=True)
    with pytest.raises(IntegrityError) as caught:
        field_type_from_document(document)
    assert str(caught.value) == "the catalogue is not readable"
    assert caught.value.__cause__ is None and caught.value.__context__ is None


SPELLED: list[tuple[str, FieldType]] = [
    ("text", Text()),
    ("integer", Integer()),
    ("decimal", Decimal()),
    ("date", Date()),
    ("datetime", DateTime()),
    ("zoned-datetime", ZonedDateTime()),
    ("boolean", Boolean()),
    ("bytes", Bytes()),
    ("json", Json()),
    ("float", Float()),
    ("integer,plain,min=0,max=150", Integer(0, 150, plain=True)),
    ("integer,min=-5", Integer(minimum=-5)),
    ("decimal(10,2),plain,optional", Decimal(10, 2, plain=True, optional=True)),
    ("decimal,precision=10,scale=2", Decimal(10, 2)),
    ("decimal(10,0)", Decimal(10, 0)),
    ("text,max_bytes=2000,pad=64", Text(2000, pad=64)),
    ("text,pad=64,max_bytes=2000", Text(2000, pad=64)),
    ("boolean,optional,pad=1", Boolean(optional=True, pad=1)),
]


@pytest.mark.parametrize(("text", "declared"), SPELLED, ids=[text for text, _ in SPELLED])
def test_a_spelling_declares_this_type(text: str, declared: FieldType) -> None:
    read = parse_declaration(text)
    assert type(read) is type(declared) and read == declared


NO_TYPE = "there is no such type of field"
MISSPELLED: list[tuple[str, str]] = [
    ("", NO_TYPE),
    ("Text", NO_TYPE),
    (" text", NO_TYPE),
    ("varchar(20)", NO_TYPE),
    ("decimal(10)", NO_TYPE),
    ("decimal()", NO_TYPE),
    ("decimal(10,2", NO_TYPE),
    ("integer(10,2)", NO_TYPE),
    ("text,", "text has no such option"),
    ("text, plain", "text has no such option"),
    ("text,secret", "text has no such option"),
    ("text,min=1", "text has no such option"),
    ("text,max=1", "text has no such option"),
    ("integer,minimum=1", "integer has no such option"),
    ("integer,plain=1", "integer has no such option"),
    ("integer,plain=", "integer has no such option"),
    ("integer,min", "integer has no such option"),
    ("date,max_bytes=5", "date has no such option"),
    ("decimal(10,2)plain", "decimal: scale is an integer, written in digits only"),
    ("decimal(10,x)", "decimal: scale is an integer, written in digits only"),
    ("decimal(10,2),scale=2", "decimal: scale is given twice"),
    ("integer,plain,plain", "integer: plain is given twice"),
    ("integer,min=1,min=1", "integer: min is given twice"),
    ("integer,min=", "integer: min is an integer, written in digits only"),
    ("integer,min=1e3", "integer: min is an integer, written in digits only"),
    ("integer,min= 1", "integer: min is an integer, written in digits only"),
    ("integer,min=+1", "integer: min is an integer, written in digits only"),
    ("integer,min=01", "integer: min is an integer, written in digits only"),
    ("integer,min=1=2", "integer: min is an integer, written in digits only"),
    ("integer,max=" + "9" * 5000, "integer: max is an integer, written in digits only"),
    ("integer,min=2,max=1", "integer: minimum is above maximum"),
    ("text,plain,pad=64", "text: a plain field cannot have a pad"),
    ("text,max_bytes=0", "text: max_bytes is an integer from 1 to 16,777,216"),
    ("decimal,plain", "decimal: a plain field needs a precision and a scale"),
]


@pytest.mark.parametrize(("text", "rule"), MISSPELLED, ids=range(len(MISSPELLED)))
def test_another_spelling_is_refused(text: str, rule: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_declaration(text)
    assert str(caught.value) == rule
    assert caught.value.__cause__ is None and caught.value.__context__ is None


def test_the_hint_names_what_is_allowed() -> None:
    with pytest.raises(InputError) as caught:
        parse_declaration("varchar(20)")
    assert caught.value.hint == (
        "the types: text, integer, decimal, date, datetime, zoned-datetime, boolean, bytes, json, "
        "float; for example decimal(10,2),plain"
    )
    with pytest.raises(InputError) as caught:
        parse_declaration("integer,unsigned")
    assert caught.value.hint == (
        "its options, between commas and without spaces: plain, optional, pad=NUMBER, unique, "
        "min=NUMBER, max=NUMBER"
    )


MIB = 1024 * 1024
BAD_DECLARATIONS: list[tuple[type[FieldType], dict[str, Any], str]] = [
    (Text, {"max_bytes": 0}, "text: max_bytes is an integer from 1 to 16,777,216"),
    (Text, {"max_bytes": 16 * MIB + 1}, "text: max_bytes is an integer from 1 to 16,777,216"),
    (Bytes, {"max_bytes": True}, "bytes: max_bytes is an integer from 1 to 16,777,216"),
    (Json, {"max_bytes": 1.0}, "json: max_bytes is an integer from 1 to 16,777,216"),
    (Text, {"plain": 1}, "text: plain is either True or False"),
    (Text, {"plain": None}, "text: plain is either True or False"),
    (Text, {"optional": "yes"}, "text: optional is either True or False"),
    (Text, {"pad": 0}, "text: pad is an integer from 1 to 1,048,576"),
    (Text, {"pad": MIB + 1}, "text: pad is an integer from 1 to 1,048,576"),
    (Boolean, {"pad": True}, "boolean: pad is an integer from 1 to 1,048,576"),
    (Text, {"pad": 64, "plain": True}, "text: a plain field cannot have a pad"),
    (Integer, {"minimum": 2, "maximum": 1}, "integer: minimum is above maximum"),
    (
        Integer,
        {"minimum": True},
        "integer: minimum and maximum are integers of at most 4,096 bits",
    ),
    (
        Integer,
        {"maximum": 2**4095},
        "integer: minimum and maximum are integers of at most 4,096 bits",
    ),
    (
        Integer,
        {"maximum": 2**63, "plain": True},
        "integer: a plain field has 64 bits with the sign",
    ),
    (Decimal, {"plain": True}, "decimal: a plain field needs a precision and a scale"),
    (Decimal, {"precision": 5}, "decimal: scale is an integer from 0 to 5"),
    (Decimal, {"scale": 2}, "decimal: precision is an integer from 1 to 1,000"),
    (Decimal, {"precision": 0, "scale": 0}, "decimal: precision is an integer from 1 to 1,000"),
    (Decimal, {"precision": 2, "scale": 3}, "decimal: scale is an integer from 0 to 2"),
    (Decimal, {"precision": 2, "scale": -1}, "decimal: scale is an integer from 0 to 2"),
    (Decimal, {"precision": 1001, "scale": 2}, "decimal: precision is an integer from 1 to 1,000"),
    (
        Decimal,
        {"precision": 39, "scale": 2, "plain": True},
        "decimal: precision is an integer from 1 to 38",
    ),
    (
        Decimal,
        {"precision": 38, "scale": 31, "plain": True},
        "decimal: scale is an integer from 0 to 30",
    ),
]


@pytest.mark.parametrize(
    ("kind", "options", "rule"), BAD_DECLARATIONS, ids=range(len(BAD_DECLARATIONS))
)
def test_a_declaration_that_makes_no_sense_is_refused(
    kind: type[FieldType], options: dict[str, Any], rule: str
) -> None:
    with pytest.raises(InputError) as caught:
        kind(**options)
    assert str(caught.value) == rule
