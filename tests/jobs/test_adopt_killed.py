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


@pytest.mark.timeout(120 + 10 * KILLS)
@pytest.mark.parametrize("scheme", ["plaintext", "legacy"])
def test_it_is_whole_after_kills(database: Database, key: str, scheme: str) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")  # noqa: T201  # shown when it fails
    rng = random.Random(seed)
    old = os.urandom(32)
    crowd = people(COUNT)
    make_users(database)
    if scheme == "legacy":
        fill(database, [(legacy(old, name), age) for name, age in crowd])
    else:
        fill(database, crowd)
    with strongroom.open(database.url, key, password=database.password):
        pass

    argv = ["-m", "tests.jobs.adopting", database.url, key, "users", scheme, old.hex()]
    left = KILLS
    env = {"STRONGROOM_PASSWORD": database.password or ""}
    assert killed_until_done(argv, left, rng, env=env, longest=0.8) > 0

    with strongroom.open(database.url, key, password=database.password) as room:
        check_adopted(database, room, [(n, *one) for n, one in enumerate(crowd, start=1)])
