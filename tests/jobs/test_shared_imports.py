"""An import that several processes share stores what one process would, in whatever way it ends.

Each is a command, since processes are forked before there are other threads, and tests have some.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import strongroom
from strongroom import ExportOptions, export_file, import_file
from strongroom.files.source import Item
from strongroom.jobs.exchange.share import Share, shares
from tests.jobs.files_of_people import stored, write_csv
from tests.jobs.shared_imports import Import, jobs
from tests.jobs.someone import people
from tests.servers.database import Database

COUNT = 6_500


@pytest.mark.parametrize("of", [1, 2, 3, 64])
def test_every_record_is_in_one_share(of: int) -> None:
    items = [Item(number, {}) for number in range(10_000)]
    dealt = [list(share.items(items)) for share in shares(of)]
    assert sorted(item.line for part in dealt for item in part) == list(range(10_000))
    assert all(part == sorted(part) for part in dealt)
    assert max(map(len, dealt)) - min(map(len, dealt)) <= 1_000
    assert [item.line for item in dealt[-1]][:1_000] == list(range(10_000))[1_000 * (of - 1) :][
        :1_000
    ]
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
