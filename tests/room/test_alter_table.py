"""Tables are changed without touching a cell: renamed, fields added, limits loosened."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

import strongroom
from strongroom import Date, Integer, Text
from strongroom.storage.unique import constraint_name
from tests.room.staff import FIELDS, made, values
from tests.room.thief import Thief, only
from tests.servers.database import Database


@pytest.fixture(name="staff")
def _staff(room: strongroom.Strongroom) -> strongroom.Table:
    return made(room)


def test_a_rename_touches_no_cell(
    room: strongroom.Strongroom, staff: strongroom.Table, thief: Thief
) -> None:
    before, generation = thief.rows(staff), room.status().generation
    people = room.alter_table(
        "staff", rename={"name": "full_name", "email": "mail"}, rename_to="people"
    )
    assert (people.name, staff.name, room.tables) == ("people", "people", ("people",))
    assert [field.name for field in people.fields] == ["full_name", "mail", "age"]
    assert room.status().generation == generation + 1
    names = {"name": "full_name", "email": "mail"}
    assert thief.rows(people) == [
        {names.get(name, name): value for name, value in row.items()} for row in before
    ]
    assert values(people)[1] == {"id": 2, "full_name": "n1", "mail": "e1", "age": 31}
    only(room, {"people": []})
    with pytest.raises(strongroom.DuplicateError, match=r"^people\.mail must be unique"):
        people.add(full_name="x", mail="e1", age=1)
    assert people.add(full_name="x", mail="new", age=1) > 3
    with pytest.raises(strongroom.NoTableError):
        room.table("staff")


def test_the_old_names_are_free_again(
    room: strongroom.Strongroom, staff: strongroom.Table, thief: Thief
) -> None:
    """An old table's constraint must not hold a new one's name, nor old cells open in it."""
    room.alter_table("staff", rename={"email": "mail"})
    room.alter_table("staff", add={"email": Text(320, plain=True, unique=True, optional=True)})
    staff.update(1, email="e0")
    room.alter_table("staff", rename_to="people")
    again = room.create_table("staff", FIELDS)
    again.add(name="n0", email="e0", age=30)
    thief.put(again, 1, name=thief.row(staff, 1)["name"])
    only(room, {"people": [], "staff": [1]})
    with pytest.raises(strongroom.DuplicateError, match=r"^staff\.email must be unique"):
        again.add(name="x", email="e0", age=1)
    room.alter_table("staff", rename={"email": "mail"})
    room.alter_table("staff", add={"email": Text(320, plain=True, unique=True, optional=True)})
    for field, value in (("mail", "e1"), ("email", "e0")):
        with pytest.raises(strongroom.DuplicateError, match=rf"^people\.{field} must be unique"):
            staff.update(3, **{field: value})


def test_an_added_field_is_empty_and_then_sealed(
    room: strongroom.Strongroom, staff: strongroom.Table, thief: Thief
) -> None:
    before = thief.rows(staff)
    room.alter_table(
        "staff",
        add={
            "born": Date(optional=True),
            "floor": Integer(plain=True, optional=True),
            "badge": Integer(plain=True, optional=True, unique=True),
            "code": strongroom.Bytes(16, plain=True, optional=True, unique=True),
        },
    )
    empty = {"born": None, "floor": None, "badge": None, "code": None}
    assert thief.rows(staff) == [row | empty for row in before]
    assert values(staff)[0] == {"id": 1, "name": "n0", "email": "e0", "age": 30} | empty
    given = {"born": dt.date(1900, 1, 1), "floor": 3, "badge": 7, "code": b"\0"}
    staff.update(1, **given)
    assert dict(staff.get(1)) == {"id": 1, "name": "n0", "email": "e0", "age": 30} | given
    for field in ("badge", "code"):
        with pytest.raises(strongroom.DuplicateError, match=rf"^staff\.{field} must be unique"):
            staff.update(2, **{field: given[field]})
    thief.put(staff, 3, floor=5)
    only(room, {"staff": [3]})


def test_a_field_becomes_optional_and_limits_change(
    room: strongroom.Strongroom, staff: strongroom.Table, thief: Thief, database: Database
) -> None:
    before = thief.rows(staff)
    change = {
        "name": Text(5, optional=True, pad=64, max_chars=4),
        "age": Integer(-1, plain=True, optional=True),
    }
    room.alter_table("staff", change=change)
    assert thief.rows(staff) == before
    staff.update(1, name=None, age=None)
    staff.update(2, age=-1)
    assert staff.update(3, name="abcd").name == "abcd"
    for values_ in ({"name": "abcde"}, {"age": -2}):
        with pytest.raises(strongroom.InputError):
            staff.update(3, **values_)
    assert values(staff)[0] == {"id": 1, "name": None, "email": "e0", "age": None}
    only(room, {"staff": []})
    unique = {"email": Text(320, plain=True, unique=True, optional=True)}
    if database.kind == "sqlite":
        with pytest.raises(strongroom.InputError, match="cannot make the unique column"):
            room.alter_table("staff", change=unique)
        return
    room.alter_table("staff", change=unique)
    staff.update(1, email=None)
    staff.update(2, email=None)
    with pytest.raises(strongroom.DuplicateError):
        staff.update(1, email="e2")


def test_what_is_in_the_way_is_left_alone(
    room: strongroom.Strongroom, staff: strongroom.Table, thief: Thief
) -> None:
    thief.sql("ALTER TABLE staff ADD COLUMN full_name INTEGER")
    thief.sql("CREATE TABLE people (id INTEGER)")
    generation = room.status().generation
    in_the_way = "the table staff has a column full_name that strongroom did not make"
    with pytest.raises(strongroom.InputError) as caught:
        room.alter_table("staff", rename={"name": "full_name"})
    assert str(caught.value) == in_the_way
    thief.put("staff", 2, full_name=5)
    with pytest.raises(strongroom.InputError) as caught:
        room.alter_table("staff", add={"full_name": Integer(plain=True, optional=True)})
    assert str(caught.value) == in_the_way
    thief.put("staff", 2, full_name=None)
    with pytest.raises(strongroom.StorageError, match="full_name has another type or collation"):
        room.alter_table("staff", add={"full_name": Text(optional=True)})
    with pytest.raises(strongroom.NoTableError, match="has a table people that strongroom does n"):
        room.alter_table("staff", rename_to="people")
    thief.sql("DROP TABLE people")
    thief.sql("ALTER TABLE staff RENAME COLUMN age TO years")
    with pytest.raises(strongroom.StorageError) as refused:
        room.alter_table("staff", rename={"name": "title"})
    assert "column age is missing" in str(refused.value)
    thief.sql("ALTER TABLE staff RENAME COLUMN years TO age")
    assert room.status().generation == generation
    assert len(values(staff)) == 3


def test_not_inside_a_transaction(room: strongroom.Strongroom, staff: strongroom.Table) -> None:
    with room.transaction():
        staff.add(name="Ada", email="ada", age=36)
        with pytest.raises(strongroom.InputError, match="cannot be changed inside a transaction"):
            room.alter_table("staff", rename_to="people")
    assert staff.name == "staff"


def test_a_table_in_a_schema(room: strongroom.Strongroom, database: Database, thief: Thief) -> None:
    schema = database.name if database.kind == "mariadb" else "clinic"
    if database.kind == "sqlite":
        room.create_table("visits", FIELDS)
        with pytest.raises(strongroom.InputError, match="stays in its schema"):
            room.alter_table("visits", rename_to="clinic.visits")
        return
    if database.kind == "postgresql":
        thief.sql("CREATE SCHEMA clinic")
        thief.sql("GRANT ALL ON SCHEMA clinic TO PUBLIC")
    table = room.create_table(f"{schema}.visits", FIELDS)
    table.add(name="Ada", email="ada", age=36)
    room.alter_table(
        f"{schema}.visits",
        rename={"email": "mail"},
        change={"name": Text(optional=True)},
        add={"badge": Integer(plain=True, optional=True, unique=True)},
        rename_to=f"{schema}.seen",
    )
    assert table.name == f"{schema}.seen"
    for change in ({"mail": "ada"}, {"badge": 5}):
        record: dict[str, Any] = {"name": None, "mail": "x", "age": 1, "badge": 5} | change
        if change == {"badge": 5}:
            table.update(1, badge=5)
        with pytest.raises(strongroom.DuplicateError, match=next(iter(change))):
            table.add(**record)
    room.create_table(f"{schema}.visits", FIELDS)
    assert constraint_name(f"{schema}.a", "b") == constraint_name("a", "b")
