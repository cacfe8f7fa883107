"""What may be changed of a table by its declaration alone, and why the rest may not."""

from __future__ import annotations

import datetime as dt
import decimal
from typing import Any

import pytest

from strongroom.errors import InputError, NoTableError, StrongroomError
from strongroom.schema.alteration import Alteration, check_change
from strongroom.schema.catalogue import Catalogue
from strongroom.schema.table import MOST_FIELDS
from strongroom.schema.types import (
    Boolean,
    Bytes,
    Date,
    Decimal,
    FieldType,
    Float,
    Integer,
    Json,
    Text,
)

D = decimal.Decimal
USERS = Catalogue().with_table("users", {"name": Text(), "age": Integer(plain=True)})
BOTH = USERS.with_table("people", {"name": Text()})
CLINIC = Catalogue().with_table("clinic.users", {"name": Text()})


def test_ids_stay_and_layouts_are_added() -> None:
    old = USERS.table("users")
    new = Alteration(
        add={"born": Date(optional=True), "note": Text(optional=True)},
        rename={"name": "full_name"},
        change={"age": Integer(plain=True, optional=True)},
        rename_to="people",
    ).of(USERS, "users")
    assert (new.id, new.name, new.key) == (old.id, "people", old.key)
    assert [one.name for one in new.fields] == ["full_name", "age", "born", "note"]
    assert [one.id for one in new.fields[:2]] == [one.id for one in old.fields]
    assert new.fields[1].type == Integer(plain=True, optional=True)
    assert new.layouts[:-1] == old.layouts
    assert new.layout.slots == tuple(one.id for one in new.fields)
    changed = USERS.replacing(new.id, new)
    assert Catalogue.from_document(changed.to_document()) == changed
    assert changed.table("people") == new and not changed.knows("users")


def test_without_an_added_field_the_layout_stays() -> None:
    new = Alteration(rename={"name": "full_name"}).of(USERS, "users")
    assert new.layouts == USERS.table("users").layouts


def test_other_tables_stay_as_they_are() -> None:
    new = Alteration(rename={"name": "full_name"}).of(BOTH, "users")
    assert BOTH.replacing(new.id, new).table("people") is BOTH.table("people")


NEW = Text(optional=True)
WRONG: list[tuple[Catalogue, str, dict[str, Any], str]] = [
    (USERS, "users", {}, "nothing of users was given to change"),
    (USERS, "staff", {"rename_to": "people"}, "the store has no such table"),
    (USERS, "users", {"rename": {"nobody": "x"}}, "users has no such field"),
    (USERS, "users", {"change": {"nobody": NEW}}, "users has no such field"),
    (USERS, "users", {"rename": {"name": "age"}}, "users has age already"),
    (USERS, "users", {"rename": {"name": "name"}}, "users has name already"),
    (USERS, "users", {"rename": {"name": "id"}}, "users has id already"),
    (USERS, "users", {"rename": {"name": "age", "age": "name"}}, "users has age already"),
    (USERS, "users", {"rename": {"name": "x", "age": "x"}},
        "two fields of users cannot both be called x"),
    (USERS, "users", {"rename": {"name": "Name"}}, "that is not a name for a field"),
    (USERS, "users", {"rename": {"name": 5}}, "that is not a name for a field"),
    (USERS, "users", {"rename": {"name": "keys"}}, "no field is called keys"),
    (USERS, "users", {"add": {"name": NEW}}, "users has name already"),
    (USERS, "users", {"add": {"id": NEW}}, "users has id already"),
    (USERS, "users", {"add": {"record_x": NEW}}, "that is not a name for a field"),
    (USERS, "users", {"add": {"x": NEW}, "rename": {"name": "x"}}, "users has x already"),
    (USERS, "users", {"add": {"name": NEW}, "rename": {"name": "x"}}, "users has name already"),
    (USERS, "users", {"add": {"x": Text()}},
        "users.x must be optional: the records that are there have no value for it"),
    (USERS, "users", {"add": {"x": "text"}}, "users.x needs a type"),
    (USERS, "users", {"change": {"name": "text"}}, "users.name needs a type"),
    (USERS, "users", {"add": {f"f{n}": NEW for n in range(MOST_FIELDS - 1)}},
        "a table has 1 to 200 fields"),
    (USERS, "users", {"rename_to": ""}, "that is not a name for a table"),
    (USERS, "users", {"rename_to": "strongroom_store"}, "that is not a name for a table"),
    (USERS, "users", {"rename_to": "users"}, "there is a table users already"),
    (BOTH, "users", {"rename_to": "people"}, "there is a table people already"),
    (USERS, "users", {"rename_to": "clinic.users"}, "the table users stays in its schema"),
    (CLINIC, "clinic.users", {"rename_to": "users"}, "the table clinic.users stays in its schema"),
]  # fmt: skip


@pytest.mark.parametrize(("catalogue", "name", "asked", "message"), WRONG, ids=range(len(WRONG)))
def test_what_does_not_go_together_is_refused(
    catalogue: Catalogue, name: str, asked: dict[str, Any], message: str
) -> None:
    with pytest.raises(StrongroomError) as caught:
        Alteration(**asked).of(catalogue, name)
    assert type(caught.value) is (NoTableError if name == "staff" else InputError)
    assert str(caught.value) == message


PLAIN: dict[str, Any] = {"plain": True}
HOLDS: list[tuple[FieldType, FieldType]] = [
    (Text(), Text(5, max_chars=2, optional=True, pad=64)),
    (Text(5, max_chars=2, optional=True, pad=64), Text(optional=True)),
    (Integer(0, 10), Integer(5, 5)),
    (Decimal(10, 2), Decimal(3, 1, minimum=D(0))),
    (Json(), Json(5)),
    (Float(), Float(minimum=0.5)),
    (Boolean(plain=True), Boolean(plain=True, optional=True)),
    (Integer(0, 10, **PLAIN), Integer(-1, 10, **PLAIN)),
    (Integer(0, 10, **PLAIN), Integer(None, 11, **PLAIN)),
    (Integer(0, 10, **PLAIN), Integer(**PLAIN)),
    (Text(5, max_chars=5, **PLAIN), Text(6, max_chars=6, **PLAIN)),
    (Text(5, max_chars=5, **PLAIN), Text(5, **PLAIN)),
    (Text(5, unique=True, **PLAIN), Text(5, unique=True, optional=True, **PLAIN)),
    (Integer(unique=True, **PLAIN), Integer(unique=True, optional=True, **PLAIN)),
    (
        Decimal(10, 2, minimum=D("0.10"), **PLAIN),
        Decimal(10, 2, minimum=D("0.1"), **PLAIN),
    ),
    (Date(maximum=dt.date(2024, 1, 1), **PLAIN), Date(maximum=dt.date(2024, 1, 2), **PLAIN)),
]
TIGHTER = "t.f is plain, and {} can only be loosened: there may be records with other values"
SIZE = "t.f: {} cannot be changed, since it is the size of the column in the database"
REFUSED: list[tuple[FieldType, FieldType, str]] = [
    (Text(), Integer(), "t.f is text and cannot become integer"),
    (Text(), Json(), "t.f is text and cannot become json"),
    (Text(), Text(**PLAIN),
        "t.f cannot become plain by its declaration: every record has to be rewritten"),
    (Text(**PLAIN), Text(),
        "t.f cannot become encrypted by its declaration: every record has to be rewritten"),
    (Integer(**PLAIN), Integer(unique=True, **PLAIN), "t.f is not unique and stays so"),
    (Integer(unique=True, **PLAIN), Integer(**PLAIN), "t.f is unique and stays so"),
    (Text(optional=True), Text(), "t.f stays optional: there may be records without a value"),
    (Integer(0, 10, **PLAIN), Integer(1, 10, **PLAIN), TIGHTER.format("minimum")),
    (Integer(**PLAIN), Integer(0, **PLAIN), TIGHTER.format("minimum")),
    (Integer(0, 10, **PLAIN), Integer(0, 9, **PLAIN), TIGHTER.format("maximum")),
    (Text(5, **PLAIN), Text(4, **PLAIN), TIGHTER.format("max_bytes")),
    (Text(**PLAIN), Text(max_chars=5, **PLAIN), TIGHTER.format("max_chars")),
    (Date(**PLAIN), Date(minimum=dt.date(2024, 1, 1), **PLAIN), TIGHTER.format("minimum")),
    (Decimal(10, 2, **PLAIN), Decimal(11, 2, **PLAIN), SIZE.format("precision")),
    (Decimal(10, 2, **PLAIN), Decimal(10, 3, **PLAIN), SIZE.format("scale")),
    (Bytes(5, unique=True, **PLAIN), Bytes(6, unique=True, **PLAIN), SIZE.format("max_bytes")),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), HOLDS, ids=range(len(HOLDS)))
def test_a_declaration_that_holds_for_every_record(old: FieldType, new: FieldType) -> None:
    check_change("t.f", old, new)


@pytest.mark.parametrize(("old", "new", "reason"), REFUSED, ids=range(len(REFUSED)))
def test_a_declaration_that_may_not_hold(old: FieldType, new: FieldType, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        check_change("t.f", old, new)
    assert str(caught.value) == reason
