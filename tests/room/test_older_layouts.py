"""Seals that were made before a field was added: they still say what they covered, and only that.

The field is added by hand, as a later version of strongroom would: the column first, then the
catalogue with a new field and a new layout behind the old one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

import strongroom
from strongroom import Integer, Text
from strongroom.room.document import State
from strongroom.schema.table import Field, Layout
from strongroom.schema.types import FieldType
from strongroom.storage.dialect import DIALECTS
from tests.room.edits import during
from tests.room.thief import Thief, hold, only, refused

EMAIL = Text(optional=True)
FLOOR = Integer(plain=True, optional=True)


def add_field(
    room: strongroom.Strongroom, thief: Thief, name: str, declared: FieldType, table: str = "users"
) -> None:
    store = room._store

    def alter(state: State) -> State:
        catalogue = state.catalogue
        old = catalogue.table(table)
        field_id, layout_id = catalogue.new_ids(2)
        fields = (*old.fields, Field(field_id, name, declared))
        layout = Layout(layout_id, tuple(one.id for one in fields))
        new = replace(old, fields=fields, layouts=(*old.layouts, layout))
        tables = tuple(new if one.id == old.id else one for one in catalogue.tables)
        return state.next(catalogue=replace(catalogue, tables=tables))

    column = DIALECTS[store.database.kind].column_type(Field(1, name, declared)).ddl
    thief.sql(f"ALTER TABLE {table} ADD COLUMN {name} {column}")
    with store.database.write() as connection:
        store.change(connection, alter)
        connection.commit()


def reopened(room: strongroom.Strongroom, key: str) -> strongroom.Strongroom:
    return strongroom.open(room._store.database._main, key)


def layout_of(seal: bytes) -> int:
    return int.from_bytes(seal[6:10])


@pytest.fixture
def users(room: strongroom.Strongroom) -> strongroom.Table:
    """Give a table with records from before."""
    table = room.table("users")
    table.add_many({"name": f"name {n}", "age": 30 + n} for n in range(3))
    return table


@pytest.mark.parametrize("declared", [EMAIL, FLOOR], ids=["encrypted", "plain"])
def test_old_records_open_with_nothing_there(
    room: strongroom.Strongroom,
    thief: Thief,
    users: strongroom.Table,
    key: str,
    declared: FieldType,
) -> None:
    """In the process that was running and in a new one; a new write seals the field too."""
    value = "ada@example.org" if declared is EMAIL else 3
    old = layout_of(thief.row(users, 1)["record_seal"])
    add_field(room, thief, "added", declared)
    with reopened(room, key) as again:
        for table in (again.table("users"), users):
            assert [(one.name, one.age) for one in table.all()] == [
                ("name 0", 30), ("name 1", 31), ("name 2", 32),
            ]  # fmt: skip
        assert [one.added for one in again.table("users").all()] == [None, None, None]
    assert users.update(1, age=40).added is None  # a write meets the new generation
    assert users.update(2, added=value).added == value
    users.add(name="new", age=1, added=value)
    assert [one.added for one in users.all()] == [None, value, None, value]
    layouts = [layout_of(row["record_seal"]) for row in thief.rows(users)]
    assert layouts == [layouts[0], layouts[0], old, layouts[0]]
    assert layouts[0] != old
    only(room, {"users": []})


def test_a_value_in_a_column_that_the_seal_does_not_cover(
    room: strongroom.Strongroom, thief: Thief, users: strongroom.Table
) -> None:
    """Whatever is put there: not data, and no update takes it in."""
    add_field(room, thief, "email", EMAIL)
    add_field(room, thief, "floor", FLOOR)
    assert room.tables == ("users",)  # it is loaded again
    users.update(2, email="grace@example.org", floor=5)
    foreign = thief.row(users, 2)
    puts: list[dict[str, object]] = [
        {"floor": 0},
        {"floor": 5},
        {"email": "x"},
        {"email": ""},
        {"email": foreign["email"]},
        {"email": foreign["name"]},
        {"email": thief.row(users, 1)["name"]},
        {"email": foreign["email"], "floor": 5},
    ]
    good = thief.row(users, 1)
    for put in puts:
        with during(str(list(put))):
            thief.put(users, 1, **put)
            only(room, {"users": [1]})
            before = thief.row(users, 1)
            for change in ({"age": 50}, {"email": "new"}, {"floor": None}, {"name": "new"}):
                with pytest.raises(strongroom.IntegrityError) as caught:
                    users.update(1, **change)
                hold(caught.value, "users", 1)
            assert thief.row(users, 1) == before
            thief.put(users, 1, email=None, floor=None)
    assert thief.row(users, 1) == good
    only(room, {"users": []})


def test_old_and_new_seals_mixed(
    room: strongroom.Strongroom, thief: Thief, users: strongroom.Table
) -> None:
    old = thief.row(users, 1)
    add_field(room, thief, "floor", FLOOR)
    assert room.tables == ("users",)  # it is loaded again
    users.update(1, floor=5)
    new = thief.row(users, 1)
    heads = bytes(old["record_seal"])[:10], bytes(new["record_seal"])[:10]
    mixed: dict[str, dict[str, object]] = {
        "the old seal": {"record_seal": old["record_seal"]},
        "the old seal and version": {
            "record_seal": old["record_seal"], "record_version": old["record_version"],
        },
        "the old seal's head": {"record_seal": heads[0] + new["record_seal"][10:]},
        "the new seal's head": {
            "record_seal": heads[1] + old["record_seal"][10:], "record_version": 1, "floor": None,
        },
        "a layout that never was": {
            "record_seal": new["record_seal"][:6] + (9_999).to_bytes(4) + new["record_seal"][10:]
        },
        "the field's own id as its layout": {
            "record_seal": new["record_seal"][:6]
            + (int.from_bytes(heads[1][6:]) - 1).to_bytes(4) + new["record_seal"][10:]
        },
        "the new field emptied": {"floor": None},
    }  # fmt: skip
    for name, columns in mixed.items():
        with during(name):
            thief.put(users, 1, **columns)
            refused(users, 1)
            with pytest.raises(strongroom.IntegrityError):
                users.update(1, age=50)
            thief.put(users, 1, **new)
    only(room, {"users": []})
    thief.put(users, 1, **{**old, "floor": None})  # the whole older record: the documented limit
    assert users.get(1).floor is None
    only(room, {"users": []})


def test_a_long_running_process_does_not_seal_by_the_old_layout(
    room: strongroom.Strongroom, thief: Thief, users: strongroom.Table, key: str
) -> None:
    writes: list[Callable[[strongroom.Table], object]] = [
        lambda table: table.update(1, age=50),
        lambda table: table.add(name="new", age=1),
        lambda table: table.add_many([{"name": "new", "age": 1}]),
    ]
    for number, write in enumerate(writes):
        with reopened(room, key) as stale:
            table = stale.table("users")
            assert len(list(table.all())) == 3 + max(0, number - 1)
            add_field(room, thief, f"floor{number}", FLOOR)
            write(table)
            newest = stale._store.state.catalogue.table("users").layout.id
            assert newest in {layout_of(row["record_seal"]) for row in thief.rows(users)}
    only(room, {"users": []})


def test_reseal_covers_the_newest_layout(
    room: strongroom.Strongroom, thief: Thief, users: strongroom.Table
) -> None:
    add_field(room, thief, "floor", FLOOR)
    list(users.all())
    thief.put(users, 1, age=77)
    refused(users, 1)
    found = users.salvage(1)
    with pytest.raises(strongroom.InputError):
        users.reseal(1, accept={"name": found["name"], "age": 77})
    record = users.reseal(1, accept=found)
    assert (record.age, record.floor, record.record_version) == (77, None, 2)
    assert layout_of(record.record_seal) == users._schema().layout.id
    only(room, {"users": []})


def test_a_long_running_process_learns_of_a_new_field_by_being_asked_for_it(
    room: strongroom.Strongroom, thief: Thief, users: strongroom.Table, key: str
) -> None:
    """A name that it does not know is looked up in the store before it is refused."""
    uses: list[Callable[[strongroom.Table, str], object]] = [
        lambda table, name: table.update(1, **{name: 5}),
        lambda table, name: table.add(**{"name": "new", "age": 1, name: 5}),
        lambda table, name: table.add_many([{"name": "new", "age": 1, name: 5}]),
        lambda table, name: list(table.find(**{name: 5})),
        lambda table, name: list(table.all().order_by(name)),
    ]
    for number, use in enumerate(uses):
        with reopened(room, key) as stale, during(f"use {number}"):
            table = stale.table("users")
            add_field(room, thief, f"floor{number}", FLOOR)
            use(table, f"floor{number}")
    with pytest.raises(strongroom.InputError):
        users.update(1, floor99=5)
