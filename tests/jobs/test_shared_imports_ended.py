"""A shared import that is interrupted, killed, refused by the database, or begun twice at once."""

from __future__ import annotations

import os
import random
import secrets
import signal
import time
from pathlib import Path

import pytest

import strongroom
from tests.cli.program import strongroom as program
from tests.cli.program import warm_script
from tests.jobs.files_of_people import stored, write_csv
from tests.jobs.killing import KILLS
from tests.jobs.shared_imports import Import, begun, count, ended, extra, jobs, wait_for_records
from tests.jobs.someone import people
from tests.servers.database import Database


def test_what_was_interrupted_goes_on_with_as_many(
    database: Database, room: strongroom.Strongroom, key: str, imported: Import, tmp_path: Path
) -> None:
    everyone = people(8_000)
    path = write_csv(tmp_path / "a.csv", everyone)
    process = begun(database, key, tmp_path, path, "--throttle", "5000")
    wait_for_records(database, 2_000)
    os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does it, to all of them
    code, err = ended(process)
    assert code == 130, err
    assert "the same command goes on from there" in err
    # Nobody goes on behind its back: what it has stored stays as it is.
    there = count(database)
    time.sleep(0.5)
    assert count(database) == there < 8_000
    for of in (1, 3):
        code, _, said = imported(path, "--processes", str(of))
        assert code == 2
        assert "the import that was interrupted was shared by 2 processes" in said
    code, report, said = imported(path, "--processes", "2")
    assert (code, report["added"]) == (0, 8_000), said
    assert sorted(stored(room)) == sorted(everyone)


def test_begun_again_it_says_what_is_left(
    database: Database, key: str, imported: Import, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "a.csv", people(8_000))
    process = begun(database, key, tmp_path, path, "--throttle", "5000")
    wait_for_records(database, 2_000)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    time.sleep(1.0)  # a fork of the one that was killed may have been at its commit
    there = count(database)
    code, report, said = imported(path, "--restart")
    assert (code, report["added"]) == (0, 8_000), said
    assert f"{there:,} records" in said
    assert count(database) == 8_000 + there
    assert jobs(database) == 1


@pytest.mark.slow
@pytest.mark.timeout(120 + 20 * KILLS)
def test_killed_at_any_moment_it_loses_nothing_and_doubles_nothing(
    database: Database, room: strongroom.Strongroom, key: str, tmp_path: Path
) -> None:
    """The one that began it is killed: the others end, or are overtaken by those of the next."""
    room.table("users")
    everyone = people(4_000 * KILLS)
    path = write_csv(tmp_path / "a.csv", everyone)
    seed = secrets.randbits(32)
    chance, there = random.Random(seed), 0
    for _ in range(-(-KILLS // 2)):
        process = begun(database, key, tmp_path, path, "--throttle", "6000")
        wait_for_records(database, there + 1)
        time.sleep(chance.uniform(0.0, 0.3))
        process.kill()
        ended(process)
        assert process.returncode == -signal.SIGKILL, seed
        there = count(database)
        assert there < len(everyone), "it is too quick to be killed"
    code, err = ended(begun(database, key, tmp_path, path))
    assert code == 0, (seed, err)
    assert sorted(stored(room)) == sorted(everyone), seed
    assert strongroom.verify(room).intact
    assert jobs(database) == 1


def test_a_value_that_only_the_database_refuses_stops_all(
    database: Database, key: str, tmp_path: Path, room: strongroom.Strongroom
) -> None:
    number = strongroom.Integer(plain=True, unique=True)
    room.create_table("cards", {"name": strongroom.Text(), "number": number})
    rows = [(f"n{at}", at) for at in range(7_000)]
    rows[4_321] = ("twice", 11)
    path = write_csv(tmp_path / "a.csv", rows, "name,number")
    command = ["import", "cards", path, "--processes", "2", "--url", database.url, "--key", key]
    done = program(*command, folder=tmp_path, extra=extra(database))
    err = done.stderr.decode()
    assert done.returncode in {2, 8}, err
    assert "another record" in err
    rows[4_321] = ("once", 4_321)
    write_csv(tmp_path / "a.csv", rows, "name,number")
    done = program(*command, folder=tmp_path, extra=extra(database))
    assert done.returncode == 0, done.stderr
    there = [(one.name, one.number) for one in room.table("cards").all()]
    assert sorted(there) == sorted(rows)


@pytest.mark.parametrize("others", ["2", "1"])
def test_two_at_once_store_it_once(
    database: Database, room: strongroom.Strongroom, key: str, tmp_path: Path, others: str
) -> None:
    """Each may find that nobody has begun, and one of them has ended before the other begins."""
    room.table("users")
    everyone = people(4_000)
    path = write_csv(tmp_path / "a.csv", everyone)
    ways = ("2", others)
    rivals = [
        begun(database, key, tmp_path, path, "--processes", of, script=warm_script()) for of in ways
    ]
    ends = [ended(rival) for rival in rivals]
    # In another way than the other's it may be refused: nobody can tell that the other still runs.
    assert {code for code, _ in ends} <= ({0, 6} if others == "2" else {0, 2, 6}), ends
    if all(code for code, _ in ends):  # each has taken a part from the other
        later = [
            ended(begun(database, key, tmp_path, path, "--processes", of, script=warm_script()))
            for of in ways
        ]
        assert 0 in [code for code, _ in later], (ends, later)
    assert sorted(stored(room)) == sorted(everyone)
    assert strongroom.verify(room).intact
