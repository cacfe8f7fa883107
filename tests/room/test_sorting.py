"""Records in the order of an encrypted field: the same on every database, and as in Python."""

from __future__ import annotations

import itertools
import math

import pytest

import strongroom
from strongroom import Float, Integer, Json, Text, where

NAMES = ["b", "A", None, "a", "Ö", "", "b", None, "\U0001f600", "\ufffd", "a"]


def ordered(values: list[object], *, descending: bool) -> list[int]:
    """Return the ids in order: NULLs last, ties by id."""
    there = [number for number, one in enumerate(values, 1) if one is not None]
    there.sort(key=lambda number: values[number - 1], reverse=descending)  # type: ignore[arg-type, return-value]  # of one type
    return there + [number for number, one in enumerate(values, 1) if one is None]


def paged(query: strongroom.Query, size: int) -> list[int]:
    """Read by pages, each behind the last record of the one before."""
    found: list[int] = []
    last = None
    for _ in itertools.count():
        page = list((query if last is None else query.after(last)).limit(size))
        found += [one.id for one in page]
        if len(page) < size:
            return found
        last = page[-1]
    raise AssertionError


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_an_encrypted_field_is_sorted_by_and_paged_through(
    room: strongroom.Strongroom, size: int
) -> None:
    people = room.create_table("people", {"name": Text(optional=True), "ward": Integer(plain=True)})
    people.add_many({"name": name, "ward": n % 2} for n, name in enumerate(NAMES))
    for descending in (False, True):
        spelled = "-name" if descending else "name"
        query = people.all().order_by(spelled).scan()
        expected = ordered(list(NAMES), descending=descending)
        assert [one.id for one in query] == expected
        assert [one.id for one in query.limit(size)] == expected[:size]
        assert paged(query, size) == expected
        # A condition that the database answers is as good as a scan.
        even = [one for one in expected if (one - 1) % 2 == 0]
        assert [one.id for one in people.find(ward=0).order_by(spelled)] == even


def test_numbers_and_nan(room: strongroom.Strongroom) -> None:
    kinds = room.create_table("kinds", {"number": Float(optional=True), "long": Integer()})
    numbers = [2.5, math.nan, -math.inf, None, 0.0, math.inf, -0.0]
    kinds.add_many({"number": one, "long": 10**30 - n} for n, one in enumerate(numbers))
    assert [one.id for one in kinds.all().scan().order_by("number")] == [3, 5, 7, 1, 6, 2, 4]
    assert [one.id for one in kinds.all().scan().order_by("-number")] == [2, 6, 1, 5, 7, 3, 4]
    assert [one.id for one in kinds.all().scan().order_by("long")] == [7, 6, 5, 4, 3, 2, 1]


def test_few_are_held_for_a_limit(room: strongroom.Strongroom) -> None:
    people = room.create_table("people", {"name": Text()})
    names = [f"{n * 7919 % 3001:05}" for n in range(3_000)]
    people.add_many({"name": name} for name in names)
    query = people.all().order_by("-name").scan().limit(5)
    assert [one.name for one in query] == sorted(names, reverse=True)[:5]


def test_a_broken_record_comes_first_and_stops_what_stops(room: strongroom.Strongroom) -> None:
    people = room.create_table("people", {"name": Text()})
    ids = people.add_many({"name": name} for name in ("b", "a", "c"))
    with room.store.database.write() as connection:
        connection.exec_driver_sql("UPDATE people SET record_version = 9 WHERE id = 1")
        connection.commit()
    query = people.all().order_by("name").scan()
    first, *rest = query.outcomes()
    assert isinstance(first, strongroom.IntegrityError)
    assert [one.id for one in rest if isinstance(one, strongroom.Record)] == [ids[1], ids[2]]
    with pytest.raises(strongroom.IntegrityError):
        list(query)


def test_what_has_no_order_is_refused(room: strongroom.Strongroom) -> None:
    fields = {"data": Json(), "name": Text(), "size": Text(plain=True)}
    kinds = room.create_table("kinds", fields)
    with pytest.raises(strongroom.QueryError, match="data has no order to sort by"):
        kinds.all().order_by("data")
    with pytest.raises(strongroom.QueryError, match="cannot order by it"):
        list(kinds.all().order_by("name"))
    # A condition that narrows nothing is no reason to open every record unasked.
    with pytest.raises(strongroom.QueryError, match="cannot order by it"):
        list(kinds.find(~where(size="x") | where(size="y")).order_by("name"))
    kinds.add(data=[], name="x", size="x")
    record = kinds.get(1)
    with pytest.raises(strongroom.QueryError, match="needs the whole record"):
        list(kinds.all().order_by("name").scan().after(record.id))
