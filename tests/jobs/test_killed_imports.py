"""An import that is killed at any moment, and started again, loses nothing and doubles nothing."""

from __future__ import annotations

import random
import secrets
from pathlib import Path

import pytest

import strongroom
from tests.jobs.files_of_people import stored, write_csv
from tests.jobs.killing import KILLS, killed_and_finished
from tests.jobs.someone import people
from tests.servers.database import Database

COUNT = 10_000
AT_ONCE = 5  # more often nobody has to kill one import to stop it
BAD = range(333, COUNT, 1_000)


@pytest.mark.slow
@pytest.mark.timeout(120 + 10 * KILLS)
def test_a_killed_import_goes_on(
    database: Database, room: strongroom.Strongroom, key: str, tmp_path: Path
) -> None:
    room.table("users")
    everyone = people(COUNT)
    rows = [(name, "x" if at in BAD else age) for at, (name, age) in enumerate(everyone)]
    seed = secrets.randbits(32)
    chance = random.Random(seed)
    left, files = KILLS, 0
    while left > 0:
        files += 1
        assert files <= 2 * KILLS, "it is too quick to be killed"
        path = write_csv(tmp_path / f"{files}.csv", rows)
        ended = killed_and_finished(
            ["import", "users", path, "--on-error", "skip", "--url", database.url, "--key", key],
            folder=tmp_path,
            extra={} if database.password is None else {"STRONGROOM_PASSWORD": database.password},
            chance=chance,
            kills=min(left, AT_ONCE),
        )
        left -= ended.struck
        said = f"seed {seed}, file {files}, {ended}"
        assert ended.code == 8, said
        assert f"{COUNT - len(BAD):,} records" in ended.err, said
        lines = Path(f"{path}.rejects.csv").read_text(encoding="utf-8").splitlines()
        assert [int(line.partition(",")[0]) for line in lines[1:]] == [at + 2 for at in BAD], said
    good = [person for at, person in enumerate(everyone) if at not in BAD]
    assert stored(room) == good * files, f"seed {seed}"
    assert strongroom.verify(room).intact
