"""Tables declared in TOML: both spellings, one way of writing, and nothing else taken."""

from __future__ import annotations

import datetime as dt
import decimal
import traceback
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import strongroom
from strongroom import InputError, schema_from_toml, schema_to_toml
from strongroom.schema.catalogue import Catalogue
from strongroom.schema.types import FieldType, field_type_from_document
from strongroom.schema.values import canonical_json
from tests.schema.declarations import tables

D = decimal.Decimal
CANARY = "Zq7Kanary"

READ = """
# Both spellings.
[tables.patients.fields]
name = "text,max_chars=100,pad=64"
born = { type = "date", optional = true, min = 1900-01-01 }
ward = "integer,plain,min=1,max=20"

[tables."clinic.visits".fields.at]
type = "zoned-datetime"
min = 2024-01-01T00:00:00Z
max = "2024-12-31T23:59:59+01:00"
[tables."clinic.visits".fields]
fee = { type = "decimal", precision = 30, scale = 20, min = 0.10000000000000000001, max = 5 }
owed = { type = "decimal", min = "-1E+3" }
rate = { type = "float", min = 0.1, max = 3 }
code = { type = "text", plain = true, unique = true, max_bytes = 20 }
seen = { type = "datetime", min = 2024-01-01 00:00:00 }
age = { type = "integer", min = -5 }
"""
FIELDS: dict[str, dict[str, FieldType]] = {
    "patients": {
        "name": strongroom.Text(max_chars=100, pad=64),
        "born": strongroom.Date(optional=True, minimum=dt.date(1900, 1, 1)),
        "ward": strongroom.Integer(1, 20, plain=True),
    },
    "clinic.visits": {
        "at": strongroom.ZonedDateTime(
            minimum=dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
            maximum=dt.datetime(2024, 12, 31, 22, 59, 59, tzinfo=dt.UTC),
        ),
        "fee": strongroom.Decimal(30, 20, minimum=D("0.10000000000000000001"), maximum=D(5)),
        "owed": strongroom.Decimal(minimum=D("-1E+3")),
        "rate": strongroom.Float(minimum=0.1, maximum=3.0),
        "code": strongroom.Text(20, plain=True, unique=True),
        "seen": strongroom.DateTime(minimum=dt.datetime(2024, 1, 1)),  # noqa: DTZ001  # local
        "age": strongroom.Integer(-5),
    },
}
WRITTEN = """\
[tables.patients.fields]
name = "text,pad=64,max_chars=100"
born = "date,optional,min=1900-01-01"
ward = "integer,plain,min=1,max=20"

[tables."clinic.visits".fields]
at = "zoned-datetime,min=2024-01-01T00:00:00+00:00,max=2024-12-31T23:59:59+01:00"
fee = "decimal(30,20),min=0.10000000000000000001,max=5"
owed = "decimal,min=-1E+3"
rate = "float,min=0.1,max=3.0"
code = "text,plain,unique,max_bytes=20"
seen = "datetime,min=2024-01-01T00:00:00"
age = "integer,min=-5"
"""


def exact(found: dict[str, dict[str, FieldType]]) -> list[Any]:
    """Return everything of some declarations, their order too."""
    return [
        (name, [(field, canonical_json(one.to_document())) for field, one in fields.items()])
        for name, fields in found.items()
    ]


def test_both_spellings_declare_the_same() -> None:
    found = schema_from_toml(READ)
    assert found == FIELDS
    assert [list(fields) for fields in found.values()] == [list(one) for one in FIELDS.values()]
    assert exact(schema_from_toml(WRITTEN)) == exact(found)


def test_it_is_written_in_one_form() -> None:
    assert schema_to_toml(schema_from_toml(READ)) == WRITTEN


@settings(max_examples=150)
@given(declared=tables())
def test_everything_that_can_be_declared_is_read_back(
    declared: dict[str, dict[str, FieldType]],
) -> None:
    text = schema_to_toml(declared)
    assert exact(schema_from_toml(text)) == exact(declared)
    for name, fields in declared.items():
        made = Catalogue().with_table(name, fields)
        assert Catalogue.from_document(made.to_document()) == made
        for one in fields.values():
            assert field_type_from_document(one.to_document()) == one


def table(field: str) -> str:
    return f"[tables.patients.fields]\nborn = {field}\n"


INVALID = "the schema is not valid TOML"
NO_TABLES = "the schema has no tables"
NO_FIELDS = "the table patients needs fields"
NOT_A_TABLE = "that is not a name for a table"
NOT_A_FIELD = "that is not a name for a field"
REFUSED: list[tuple[str, str]] = [
    ("", NO_TABLES),
    ("[tables]", NO_TABLES),
    (f"tables = '{CANARY}'", NO_TABLES),
    ("[[tables]]", NO_TABLES),
    (f"{CANARY} = 1", "the schema holds something that means nothing there"),
    (
        "url = 'x'\n[tables.t.fields]\na = 'text'",
        "the schema holds something that means nothing there",
    ),
    (f"\n{CANARY}", INVALID),
    (f"\n{CANARY} = {CANARY}", f"{INVALID} (line 2)"),
    ("[tables.t.fields]\na = 'text'\na = 'text'", INVALID),
    ("[tables.t.fields]\na = 'text'\n[tables.t.fields]\n", f"{INVALID} (line 3)"),
    ("x = " + "9" * 5000, INVALID),
    ("x = " + "[" * 5000, INVALID),
    ("x = 1e" + "9" * 30, INVALID),
    (f"x = 2024-13-45 # {CANARY}", f"{INVALID} (line 1)"),
    ("#" * (1024 * 1024 + 1), "the schema is longer than 1,048,576 characters"),
    (f"[tables.{CANARY}.fields]\na = 'text'", NOT_A_TABLE),
    ("[tables.'a.b.c'.fields]\na = 'text'", NOT_A_TABLE),
    ("[tables.record_x.fields]\na = 'text'", NOT_A_TABLE),
    (f"[tables.t.fields]\n{CANARY} = 'text'", NOT_A_FIELD),
    ("[tables.patients]", NO_FIELDS),
    ("[tables.patients.fields]", NO_FIELDS),
    ("[tables]\npatients = 'text'", NO_FIELDS),
    ("[tables.patients]\nfields = ['text']", NO_FIELDS),
    (
        "[tables.patients]\nkey = 'x'\n",
        "the table patients holds something that means nothing there",
    ),
    (
        "[tables.clinic.patients.fields]\na = 'text'",
        "the table clinic holds something that means nothing there",
    ),
    (table("5"), "patients.born: a field is a text in quotes or a table of options"),
    (table("1900-01-01"), "patients.born: a field is a text in quotes or a table of options"),
    (table("['text']"), "patients.born: a field is a text in quotes or a table of options"),
    (table(f"'{CANARY}'"), "patients.born: there is no such type of field"),
    (table("'date,min=1900'"), "patients.born: date: min must be a date such as 2024-02-29"),
    (table("'text,unique'"), "patients.born: text: an encrypted field cannot be unique"),
    (table("{}"), "patients.born: type is missing"),
    (table("{ optional = true }"), "patients.born: type is missing"),
    (table("{ type = 5 }"), "patients.born: type is missing"),
    (table(f"{{ type = '{CANARY}' }}"), "patients.born: there is no such type of field"),
    (table("{ type = 'date,optional' }"), "patients.born: there is no such type of field"),
    (
        table(f"{{ type = 'date', {CANARY} = 1 }}"),
        "patients.born: date holds something that means nothing there",
    ),
    (
        table("{ type = 'date', minimum = 1900-01-01 }"),
        "patients.born: date holds something that means nothing there",
    ),
    (
        table("{ type = 'date', optional = 1 }"),
        "patients.born: date: optional is either True or False",
    ),
    (table("{ type = 'date', min = 1900 }"), "patients.born: date: minimum must be a date"),
    (
        table("{ type = 'date', min = 1900-01-01T00:00:00 }"),
        "patients.born: date: minimum must be a date",
    ),
    (
        table(f"{{ type = 'date', min = '{CANARY}' }}"),
        "patients.born: date: minimum must be a date such as 2024-02-29",
    ),
    (
        table("{ type = 'datetime', min = 1900-01-01T00:00:00Z }"),
        "patients.born: datetime: minimum must be a date and time without a zone",
    ),
    (
        table("{ type = 'integer', min = '5' }"),
        "patients.born: integer: minimum and maximum are integers of at most 4,096 bits",
    ),
    (
        table("{ type = 'integer', min = 5.0 }"),
        "patients.born: integer: minimum and maximum are integers of at most 4,096 bits",
    ),
    (
        table("{ type = 'integer', min = true }"),
        "patients.born: integer: minimum and maximum are integers of at most 4,096 bits",
    ),
    (
        table("{ type = 'decimal', min = true }"),
        "patients.born: decimal: minimum must be a decimal",
    ),
    (
        table("{ type = 'decimal', min = nan }"),
        "patients.born: decimal: minimum must be a finite decimal",
    ),
    (table("{ type = 'float', max = inf }"), "patients.born: float: maximum must be finite"),
    (
        table("{ type = 'float', max = 1" + "0" * 400 + " }"),
        "patients.born: float: a limit must fit into 64 bits",
    ),
    (table("{ type = 'float', max = true }"), "patients.born: float: maximum must be a float"),
    (
        table("{ type = 'text', pad = 64.0 }"),
        "patients.born: text: pad is an integer from 1 to 1,048,576",
    ),
    (
        table("{ type = 'text', max_bytes = '64' }"),
        "patients.born: text: max_bytes is an integer from 1 to 16,777,216",
    ),
    (
        table("{ type = 'text', plain = 'yes' }"),
        "patients.born: text: plain is either True or False",
    ),
    (table("{ type = 'text', type = 'text' }"), f"{INVALID} (line 2)"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=range(len(REFUSED)))
def test_all_else_is_refused_by_its_place(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        schema_from_toml(text)
    assert str(caught.value) == message
    assert caught.value.hint is None or CANARY not in caught.value.hint
    assert caught.value.__cause__ is None and caught.value.__context__ is None
    assert CANARY not in "".join(traceback.format_exception(caught.value))


@given(text=st.text(max_size=60))
def test_no_text_ends_in_another_error(text: str) -> None:
    with pytest.raises(InputError):
        schema_from_toml(text)
