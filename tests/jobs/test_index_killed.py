"""`kill -9` at random moments: of programs that write, and of those that change an index.

`STRONGROOM_KILLS` says how often, as in `killing`.
"""

from __future__ import annotations

import random
from itertools import cycle
from pathlib import Path
from typing import Final

import pytest

import strongroom
from tests.jobs.indexing import (
    INDEXES,
    NAME,
    check,
    check_tokens,
    index,
    left_over,
    make,
    person,
    question,
    schema,
)
from tests.jobs.indexing_changing import BITS, PARTITIONS
from tests.jobs.indexing_processes import crowd
from tests.jobs.killing import KILLS, killed_until_done
from tests.servers.database import Database

COUNT: Final = 400
AT_ONCE: Final = 2  # more often nobody has to kill one change to stop it


def _seeded() -> random.Random:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201  # shown when it fails
    return random.Random(seed)


@pytest.mark.timeout(120 + 10 * KILLS)
def test_a_writer_that_is_killed_leaves_records_with_their_tokens(
    database: Database, room: strongroom.Strongroom, key: str, tmp_path: Path
) -> None:
    rng, table = _seeded(), make(room)
    for number in range(KILLS):
        with crowd(database, key, tmp_path / str(number)) as processes:
            processes.write(1, first=number)
            processes.kill_after(rng.uniform(0, 0.2))
            announced = processes.announced()
        check_tokens(database, room)
        assert announced
        for found, of in announced.items():
            for kind in INDEXES:
                asked = question(kind, person(of))
                assert asked is not None
                assert found in [one.id for one in table.find(**asked)], kind
    check(database, room)


@pytest.mark.timeout(120 + 10 * KILLS)
def test_changes_of_an_index_that_are_killed_go_on(
    database: Database, room: strongroom.Strongroom, key: str
) -> None:
    rng = _seeded()
    make(room, []).add_many(map(person, range(COUNT)))
    env = {"STRONGROOM_PASSWORD": database.password or ""}
    left, kinds = KILLS, cycle(rng.sample(list(INDEXES), len(INDEXES)))
    for kind in kinds:
        for act in ("add", "rebuild", "drop"):
            argv = ["-m", "tests.jobs.indexing_changing", database.url, key, act, kind]
            left -= killed_until_done(argv, min(left, AT_ONCE), rng, env=env, longest=0.5)
            if act == "drop":
                assert schema(room).indexes == ()
            else:
                assert index(room, kind).answers
            if act == "rebuild":
                assert (index(room, kind).bits, index(room, kind).partitions) == (BITS, PARTITIONS)
            check(database, room)
        if left <= 0:
            break
    assert room.table(NAME).all().count() == COUNT
    assert database.execute("SELECT job FROM strongroom_jobs") == []
    if database.kind != "mariadb":  # where a beginning may leave what is empty
        assert left_over(database, room) == set()
