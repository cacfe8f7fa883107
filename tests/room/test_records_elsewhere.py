"""A record names only itself: not one of the same id in another table or in another store."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import strongroom
from tests.room.thief import Thief

AGE = strongroom.Integer(plain=True)
FIELDS: dict[str, strongroom.FieldType] = {"name": strongroom.Text(), "age": AGE}


def uses(table: strongroom.Table, record: strongroom.Record) -> list[Callable[[], object]]:
    return [
        lambda: table.get(record),
        lambda: table.update(record, age=1),
        lambda: table.delete(record),
        lambda: table.salvage(record),
        lambda: table.reseal(record, accept={"name": "x", "age": 1}),
        lambda: list(table.all().after(record)),
        lambda: list(table.all().order_by("age").after(record)),
    ]


def refuses(table: strongroom.Table, record: strongroom.Record, thief: Thief) -> None:
    before = thief.rows(table)
    for use in uses(table, record):
        with pytest.raises(strongroom.InputError) as caught:
            use()
        assert type(caught.value) is strongroom.InputError
        assert "Lovelace" not in str(caught.value)
    assert thief.rows(table) == before


def test_a_record_of_another_table(room: strongroom.Strongroom, thief: Thief) -> None:
    people, others = room.create_table("people", FIELDS), room.create_table("others", FIELDS)
    for table in (people, others):
        table.add(name="Ada Lovelace", age=36)
    refuses(people, others.get(1), thief)
    refuses(others, people.get(1), thief)
    with pytest.raises(strongroom.InputError) as caught:
        people.get(others.get(1))
    assert str(caught.value) == "that record is of another table than people"


def test_a_record_of_another_store(
    room: strongroom.Strongroom, thief: Thief, tmp_path: Path
) -> None:
    """The tables have one name and the same fields."""
    people = room.create_table("people", FIELDS)
    people.add(name="Ada Lovelace", age=36)
    with strongroom.open(
        f"sqlite:///{tmp_path / 'other.db'}", f"file:{tmp_path / 'other.bin'}"
    ) as other:
        others = other.create_table("people", FIELDS)
        others.add(name="Grace Hopper", age=85)
        refuses(people, others.get(1), thief)
