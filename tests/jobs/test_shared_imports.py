"""An import that several processes share stores what one process would, in whatever way it ends.

Each is a command, since processes are forked before there are other threads, and tests have some.
"""

from __future__ import annotations

import json
import os
import random
import secrets
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import strongroom
from strongroom import ExportOptions, export_file, import_file
from strongroom.files.source import Item
from strongroom.jobs.exchange.share import Share, shares
from tests.cli.program import SCRIPT, environment
from tests.cli.program import strongroom as program
from tests.jobs.files_of_people import stored, write_csv
from tests.jobs.killing import KILLS
from tests.jobs.someone import people
from tests.servers.database import Database

COUNT = 6_500
Import = Callable[..., tuple[int, dict[str, Any], str]]


def extra(database: Database) -> dict[str, str]:
    return {} if database.password is None else {"STRONGROOM_PASSWORD": database.password}


@pytest.fixture
def imported(database: Database, room: strongroom.Strongroom, key: str, tmp_path: Path) -> Import:
    """Give a function that imports by the command: its exit code, its report, and what it says."""
    room.table("users")

    def run(path: str, *options: str) -> tuple[int, dict[str, Any], str]:
        place = ("--url", database.url, "--key", key, "--json")
        done = program(
            "import", "users", path, *options, *place, folder=tmp_path, extra=extra(database)
        )
        report = json.loads(done.stdout) if done.stdout else {}
        return done.returncode, report, done.stderr.decode()

    return run


def count(database: Database) -> int:
    [(found,)] = database.execute("SELECT COUNT(*) FROM users")
    return int(found)


def jobs(database: Database) -> int:
    [(found,)] = database.execute("SELECT COUNT(*) FROM strongroom_jobs")
    return int(found)


@pytest.mark.parametrize("of", [1, 2, 3, 64])
def test_every_record_is_in_one_share(of: int) -> None:
    items = [Item(number, {}) for number in range(10_000)]
    dealt = [list(share.items(items)) for share in shares(of)]
    assert sorted(item.line for part in dealt for item in part) == list(range(10_000))
    assert all(part == sorted(part) for part in dealt)
    assert max(map(len, dealt)) - min(map(len, dealt)) <= 1_000
    assert list(Share(0, 1).items(items)) == items


def test_all_records_are_stored_once(
    database: Database,
    room: strongroom.Strongroom,
    imported: Import,
    tmp_path: Path,
) -> None:
    everyone = people(COUNT)
    path = write_csv(tmp_path / "a.csv", everyone)
    code, report, said = imported(path, "--processes", "3")
    assert code == 0, said
    assert (report["records"], report["added"], report["rejected"]) == (COUNT, COUNT, 0)
    assert sorted(stored(room)) == sorted(everyone)
    assert [one.id for one in room.table("users").all()] == list(range(1, COUNT + 1))
    assert strongroom.verify(room).intact
    assert jobs(database) == 1
    # However many processes ask, what ended is not begun again, and a changed file is another.
    for of in (1, 2):
        code, again, said = imported(path, "--processes", str(of))
        assert (code, again["already"], again["records"]) == (0, True, COUNT), said
    assert import_file(room, "users", path).already
    everyone[-1] = ("Eve", 9)
    write_csv(tmp_path / "a.csv", everyone)
    assert not imported(path, "--processes", "2")[1]["already"]
    assert len(stored(room)) == 2 * COUNT


def test_a_file_of_few_records_and_of_none(
    room: strongroom.Strongroom, imported: Import, tmp_path: Path
) -> None:
    assert imported(write_csv(tmp_path / "a.csv", [("Ada", 36)]), "--processes", "3")[0] == 0
    assert imported(write_csv(tmp_path / "b.csv", []), "--processes", "3")[0] == 0
    assert stored(room) == [("Ada", 36)]


def test_what_cannot_be_taken_is_told_as_one_process_tells_it(
    database: Database, room: strongroom.Strongroom, imported: Import, tmp_path: Path
) -> None:
    rows: list[tuple[Any, ...]] = list(people(COUNT))
    for place in range(150, COUNT, 700):
        rows[place] = ("Bad", "x")
    path = write_csv(tmp_path / "a.csv", rows)
    one, several = imported(path), imported(path, "--processes", "3")
    assert several == one
    assert one[0] == 2
    assert "10 of 6,500 records of the file cannot be taken: nothing was stored" in one[2]
    assert stored(room) == []
    unread = tmp_path / "b.csv"
    unread.write_bytes(Path(write_csv(tmp_path / "c.csv", people(3_000))).read_bytes() + b"\xff,1")
    one, several = imported(str(unread)), imported(str(unread), "--processes", "2")
    assert several == one
    assert one[0] == 2, one
    assert stored(room) == []
    assert not database.execute("SELECT * FROM strongroom_jobs")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--upsert", "id"], "an import that updates records or skips some is one process's"),
        (["--on-error", "skip"], "an import that updates records or skips some is one process's"),
        (["--processes", "0"], "an import is shared by 1 to 64 processes"),
        (["--processes", "65"], "an import is shared by 1 to 64 processes"),
    ],
)
def test_what_one_process_has_to_do(
    room: strongroom.Strongroom, imported: Import, tmp_path: Path, options: list[str], said: str
) -> None:
    path = write_csv(tmp_path / "a.csv", [("Ada", 36)])
    code, _, err = imported(path, "--processes", "2", *options)
    assert code == 2
    assert said in err
    assert stored(room) == []


def test_a_pipe_and_a_parcel_are_one_process_s(
    room: strongroom.Strongroom, imported: Import, tmp_path: Path
) -> None:
    code, _, err = imported("-", "--format", "csv", "--processes", "2")
    assert (code, "is imported by one process" in err) == (2, True), err
    room.table("users").add(name="Ada", age=36)
    parcel, parcel_key = str(tmp_path / "a.srp"), f"file:{tmp_path / 'parcel.bin'}"
    export_file(room, "users", parcel, ExportOptions(parcel_key=parcel_key))
    code, _, err = imported(parcel, "--skip", "id", "--parcel-key", parcel_key, "--processes", "2")
    assert (code, "is imported by one process" in err) == (2, True), err
    assert stored(room) == [("Ada", 36)]


def test_a_dry_run_and_a_file_that_is_not_checked(
    room: strongroom.Strongroom, imported: Import, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "a.csv", people(3_500))
    code, report, _ = imported(path, "--processes", "2", "--dry-run")
    assert (code, report["dry_run"], report["added"]) == (0, True, 3_500)
    assert stored(room) == []
    code, report, _ = imported(path, "--processes", "2", "--no-check-first")
    assert (code, report["dry_run"], report["added"]) == (0, False, 3_500)
    assert len(stored(room)) == 3_500


def begun(
    database: Database, key: str, folder: Path, path: str, *options: str
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            *(str(SCRIPT), "import", "users", path, "--url", database.url, "--key", key),
            *("--processes", "2", "--no-check-first", *options),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment(folder, extra(database)),
        start_new_session=True,
    )


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    _, err = process.communicate(timeout=90)
    return process.returncode, err.decode()


def wait_for_records(database: Database, least: int) -> None:
    deadline = time.monotonic() + 60
    while count(database) < least:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_what_was_interrupted_goes_on_with_as_many(
    database: Database, room: strongroom.Strongroom, key: str, imported: Import, tmp_path: Path
) -> None:
    everyone = people(8_000)
    path = write_csv(tmp_path / "a.csv", everyone)
    process = begun(database, key, tmp_path, path, "--throttle", "5000")
    wait_for_records(database, 2_000)
    process.send_signal(signal.SIGINT)
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
    everyone = people(6_000 * KILLS)
    path = write_csv(tmp_path / "a.csv", everyone)
    seed = secrets.randbits(32)
    chance, there = random.Random(seed), 0
    for _ in range(KILLS):
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
    everyone = people(5_000)
    path = write_csv(tmp_path / "a.csv", everyone)
    ways = ("2", others)
    rivals = [begun(database, key, tmp_path, path, "--processes", of) for of in ways]
    ends = [ended(rival) for rival in rivals]
    # In another way than the other's it may be refused: nobody can tell that the other still runs.
    assert {code for code, _ in ends} <= ({0, 6} if others == "2" else {0, 2, 6}), ends
    if all(code for code, _ in ends):  # each has taken a part from the other
        later = [ended(begun(database, key, tmp_path, path, "--processes", of)) for of in ways]
        assert 0 in [code for code, _ in later], (ends, later)
    assert sorted(stored(room)) == sorted(everyone)
    assert strongroom.verify(room).intact
