"""`kill -9` at random moments of an adoption: started again, it takes over every row just once."""

from __future__ import annotations

import os
import random
from typing import Final

import pytest

import strongroom
from tests.jobs.aftermath import check_adopted
from tests.jobs.killing import KILLS, killed_until_done
from tests.jobs.someone import fill, legacy, make_users, people
from tests.servers.database import Database

COUNT: Final = 2_000
AT_ONCE: Final = 5  # more often nobody has to kill one adoption to stop it


@pytest.mark.timeout(120 + 10 * KILLS)
@pytest.mark.parametrize("scheme", ["plaintext", "legacy"])
def test_it_is_whole_after_kills(database: Database, key: str, scheme: str) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201  # shown when it fails
    rng = random.Random(seed)
    with strongroom.open(database.url, key, password=database.password):
        pass
    env = {"STRONGROOM_PASSWORD": database.password or ""}
    crowd = people(COUNT)
    left, tables = KILLS, 0
    while left > 0:
        tables += 1
        assert tables <= 2 * KILLS, "it is too quick to be killed"
        table, old = f"users{tables}", os.urandom(32)
        make_users(database, table=table)
        hidden = [(legacy(old, name), age) for name, age in crowd] if scheme == "legacy" else crowd
        fill(database, hidden, table=table)
        argv = ["-m", "tests.jobs.adopting", database.url, key, table, scheme, old.hex()]
        left -= killed_until_done(argv, min(left, AT_ONCE), rng, env=env, longest=0.4)
        with strongroom.open(database.url, key, password=database.password) as room:
            rows = [(number, *one) for number, one in enumerate(crowd, start=1)]
            check_adopted(database, room, rows, table)
