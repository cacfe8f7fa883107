"""An index of each kind, added while processes write: it is complete, and nothing is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

import strongroom
from strongroom import Pace
from tests.jobs.indexing import INDEXES, NAME, check, make, person
from tests.jobs.indexing_processes import crowd, expected
from tests.servers.database import Database

BEFORE: Final = 150
WRITERS: Final = 2


@pytest.mark.slow
def test_an_index_added_while_processes_write_is_complete(
    database: Database, room: strongroom.Strongroom, key: str, tmp_path: Path
) -> None:
    table = make(room, [])
    there = dict(zip(table.add_many(map(person, range(BEFORE))), range(BEFORE), strict=True))
    with crowd(database, key, tmp_path / "crowd") as processes:
        processes.write(WRITERS)
        for declared in INDEXES.values():
            seen: list[int] = []

            def watch(_: strongroom.Progress, seen: list[int] = seen) -> None:
                # So that they write before, between and behind the batches, the last one too.
                processes.wait_for_news(1)
                seen.append(1)

            strongroom.add_index(room, NAME, declared, pace=Pace(watch=watch))
            assert len(seen) > 2  # the beginning, and two batches at least
        processes.stop()
        held = there | processes.written()
    assert len(held) > BEFORE + 3 * WRITERS * len(INDEXES)
    records = list(room.table(NAME).all())
    assert [(one.id, one.name, one.email) for one in records] == expected(held)
    check(database, room)
