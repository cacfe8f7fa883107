"""Cells and whole rows moved elsewhere: no cell opens anywhere but in its own place."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product
from pathlib import Path

import pytest

import strongroom
from strongroom import Integer, Text
from tests.room.thief import Straight, Thief, only, replaced
from tests.servers.database import SQLiteDatabase

PEOPLE = {"name": Text(), "note": Text(optional=True), "age": Integer(plain=True)}


@pytest.fixture
def other_room(tmp_path: Path, key: str) -> Iterator[tuple[strongroom.Strongroom, Thief]]:
    """Give another store under the same root key."""
    (tmp_path / "other").mkdir()
    database = SQLiteDatabase(tmp_path / "other")
    with strongroom.open(database.url, key) as opened:
        yield opened, Thief(database)
    database.close()


def test_all_swaps_between_records_fields_and_tables(
    room: strongroom.Strongroom, thief: Thief
) -> None:
    """Not by its record's seal, and not without a seal either, as `reseal` opens it."""
    records = 8 if thief.database.kind == "sqlite" else 3  # the opening is the same everywhere
    fields = [f"f{number}" for number in range(4)]
    tables = [room.create_table(f"t{n}", dict.fromkeys(fields, Text())) for n in range(3)]
    for table in tables:
        table.add_many(dict.fromkeys(fields, "same") for _ in range(records))
    straights = [Straight(room, table) for table in tables]
    places = list(product(range(3), range(records), range(4)))
    tried = 0
    for (own, record, place), (other, number, field) in product(places, places):
        if (own, record, place) == (other, number, field):
            continue
        cell = straights[other].rows[number].values[field]
        row = replaced(straights[own].rows[record], place, cell)
        assert not straights[own].opens(row)
        assert not straights[own].opens_without_seal(row)
        tried += 1
    assert tried == len(places) * (len(places) - 1)
    for one, two in pairwise([*places, places[0]]):  # and once around, in the database itself
        cell = straights[two[0]].rows[two[1]].values[two[2]]
        thief.put(tables[one[0]], one[1] + 1, **{fields[one[2]]: cell})
    only(room, {f"t{n}": list(range(1, records + 1)) for n in range(3)})


@pytest.mark.usefixtures("counted_ids")
def test_rows_of_another_table_and_of_another_store(
    room: strongroom.Strongroom,
    thief: Thief,
    other_room: tuple[strongroom.Strongroom, Thief],
) -> None:
    """Same shape, same ids, same values, same root key: still another record."""
    people, others = room.create_table("people", PEOPLE), room.create_table("others", PEOPLE)
    theirs = other_room[0].create_table("people", PEOPLE)
    for table in (people, others, theirs):
        table.add_many({"name": "same", "note": "same", "age": 36} for _ in range(3))
    assert theirs._schema() == people._schema()
    own = thief.rows(people)
    for foreign in (thief.rows(others), other_room[1].rows(theirs)):
        whole = {name: value for name, value in foreign[1].items() if name != "id"}
        for columns in (
            whole,
            {name: whole[name] for name in ("name", "note")},
            {"record_seal": whole["record_seal"]},
            {"name": whole["name"], "record_seal": whole["record_seal"]},
            {"note": whole["note"]},
        ):
            thief.put(people, 2, **columns)
            only(room, {"people": [2], "others": []})
            with pytest.raises(strongroom.IntegrityError):
                people.update(2, age=37)
            thief.put(people, 2, **own[1])
        only(room, {"people": [], "others": []})
        thief.sql("DELETE FROM people WHERE id = 2")
        thief.insert(people, foreign[1])
        thief.insert(people, foreign[2] | {"id": 9})
        only(room, {"people": [2, 9], "others": []}, ["people"])
        thief.sql("DELETE FROM people WHERE id > 3 OR id = 2")
        thief.insert(people, own[1])


def test_every_cell_of_another_store(
    room: strongroom.Strongroom, other_room: tuple[strongroom.Strongroom, Thief]
) -> None:
    tables = [one.create_table("people", PEOPLE) for one in (room, other_room[0])]
    for table in tables:
        table.add_many({"name": "same", "note": "same", "age": 36} for _ in range(10))
    own, theirs = (
        Straight(one, table) for one, table in zip((room, other_room[0]), tables, strict=True)
    )
    tried = 0
    for row, foreign in product(own.rows, theirs.rows):
        assert not own.opens(foreign)
        assert not own.opens_without_seal(foreign)
        for place, field in product((0, 1), (0, 1)):
            swapped = replaced(row, place, foreign.values[field])
            assert not own.opens(swapped)
            assert not own.opens_without_seal(swapped)
            tried += 1
    assert tried == 400
    assert all(own.opens(row) for row in own.rows)
    assert all(own.opens_without_seal(row) for row in own.rows)
