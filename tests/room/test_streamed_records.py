"""A stream of records is read as it comes, and each is kept as it was then."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import strongroom
from strongroom import Text
from strongroom.room import batches
from tests.servers.database import Database


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have batches end after a few records."""
    monkeypatch.setattr(batches, "MOST_RECORDS", 20)


@pytest.mark.parametrize("batch", [None, 7])
def test_a_stream_may_give_the_same_record_again_and_again(
    room: strongroom.Strongroom, batch: int | None
) -> None:
    """As a reader does that fills one dictionary, and the list in it, for each line."""

    def stream() -> Iterator[dict[str, Any]]:
        towns: list[str] = []
        record = {"name": "", "towns": towns}
        for number in range(40):
            record["name"] = f"name {number}"
            towns.append(f"town {number}")
            yield record

    table = room.create_table("walkers", {"name": Text(), "towns": strongroom.Json()})
    table.add_many(stream(), batch=batch)
    assert [(one.name, len(one.towns)) for one in table.all()] == [
        (f"name {number}", number + 1) for number in range(40)
    ]


def test_a_limit_that_another_process_loosened_holds_for_batches_at_once(
    room: strongroom.Strongroom, database: Database, key: str
) -> None:
    table = room.create_table("walkers", {"towns": strongroom.Json(max_bytes=20)})
    with strongroom.open(database.url, key, password=database.password) as other:
        other.alter_table("walkers", change={"towns": strongroom.Json(max_bytes=2_000)})
    table.add_many([{"towns": ["a town of many letters"] * 9}], batch=7)
    assert [len(one.towns) for one in table.all()] == [9]
