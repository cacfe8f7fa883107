"""Importing a file: what is stored, what is rejected, and that nothing is stored twice."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

import strongroom
from strongroom import ImportOptions, Pace, Progress, import_file
from strongroom.jobs.exchange.options import Refusal
from tests.jobs.files_of_people import stored, write_csv
from tests.jobs.someone import people
from tests.servers.database import Database


@pytest.fixture
def users(room: strongroom.Strongroom) -> strongroom.Table:
    return room.table("users")


def test_every_record_is_stored_in_its_order(
    room: strongroom.Strongroom, users: strongroom.Table, tmp_path: Path
) -> None:
    everyone = people(2_345)
    report = import_file(room, "users", write_csv(tmp_path / "a.csv", everyone))
    assert (report.records, report.added, report.updated, report.rejected) == (2345, 2345, 0, 0)
    assert stored(room) == everyone
    assert [one.id for one in users.all().limit(2)] == [1, 2]


def test_the_same_file_is_not_imported_twice(room: strongroom.Strongroom, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", people(1_001))
    room.table("users")
    assert not import_file(room, "users", path).already
    os.utime(path, (1, 1))  # who copies a file back changes its times
    again = import_file(room, "users", path)
    assert (again.already, again.records, again.added) == (True, 1001, 1001)
    assert len(stored(room)) == 1001
    once_more = import_file(room, "users", path, ImportOptions(again=True))
    assert (once_more.already, once_more.added) == (False, 1001)
    assert len(stored(room)) == 2002


def test_another_content_or_other_options_are_another_import(
    room: strongroom.Strongroom, tmp_path: Path
) -> None:
    room.table("users")
    path = write_csv(tmp_path / "a.csv", [("Ada", 36), ("Bob", 40)])
    import_file(room, "users", path)
    write_csv(tmp_path / "a.csv", [("Eve", 36), ("Bob", 41)])  # of the same size
    assert not import_file(room, "users", path).already
    assert not import_file(room, "users", path, ImportOptions(delimiter=",")).already
    assert [name for name, _ in stored(room)] == ["Ada", "Bob", "Eve", "Bob", "Eve", "Bob"]


class Stopped(Exception):  # noqa: N818  # what a person does is no error
    """Somebody stops the import."""


def stop_after(batches: int) -> Callable[[Progress], None]:
    calls = []

    def watch(progress: Progress) -> None:
        calls.append(progress)
        if len(calls) > batches:  # the first is told before the first batch
            raise Stopped

    return watch


def interrupt(room: strongroom.Strongroom, path: str, options: ImportOptions) -> None:
    """Import two batches, and stop."""
    with pytest.raises(Stopped):
        import_file(room, "users", path, options, pace=Pace(watch=stop_after(2)))


UNCHECKED = ImportOptions(check_first=False)


def test_it_goes_on_behind_what_is_stored(room: strongroom.Strongroom, tmp_path: Path) -> None:
    room.table("users")
    everyone = people(3_500)
    path = write_csv(tmp_path / "a.csv", everyone)
    interrupt(room, path, UNCHECKED)
    assert len(stored(room)) == 2000
    report = import_file(room, "users", path)
    assert (report.already, report.records, report.added) == (False, 3500, 3500)
    assert stored(room) == everyone


def test_records_behind_may_be_corrected_and_those_in_front_may_not(
    room: strongroom.Strongroom, tmp_path: Path
) -> None:
    room.table("users")
    everyone = people(3_000)
    path = write_csv(tmp_path / "a.csv", [*everyone[:2500], ("Ada", "x"), *everyone[2501:]])
    with pytest.raises(strongroom.UnfinishedError) as stopped:
        import_file(room, "users", path, UNCHECKED)
    assert str(stopped.value) == "line 2502: users.age must be an integer between 0 and 150"
    assert stopped.value.hint == (
        "correct it; 2,500 records are stored: the same command goes on from there"
    )
    assert stored(room) == everyone[:2500]
    write_csv(tmp_path / "a.csv", [("Eve", 0), *everyone[1:]])
    with pytest.raises(strongroom.InputError) as another:
        import_file(room, "users", path)
    assert str(another.value) == "the file is not the one whose import was interrupted"
    assert stored(room) == everyone[:2500]
    write_csv(tmp_path / "a.csv", everyone)
    assert import_file(room, "users", path).added == 3000
    assert stored(room) == everyone


def test_a_shorter_file_is_another_one(room: strongroom.Strongroom, tmp_path: Path) -> None:
    room.table("users")
    path = write_csv(tmp_path / "a.csv", people(3_000))
    interrupt(room, path, UNCHECKED)
    write_csv(tmp_path / "a.csv", people(1_999))
    with pytest.raises(strongroom.InputError, match="not the one whose import was interrupted"):
        import_file(room, "users", path)


def test_other_options_do_not_go_on(room: strongroom.Strongroom, tmp_path: Path) -> None:
    room.table("users")
    path = write_csv(tmp_path / "a.csv", people(3_000))
    interrupt(room, path, UNCHECKED)
    with pytest.raises(strongroom.InputError) as other:
        import_file(room, "users", path, ImportOptions(null="-"))
    assert str(other.value) == "the import that was interrupted had other options"
    restarted = import_file(room, "users", path, ImportOptions(null="-", restart=True))
    assert (restarted.added, restarted.left) == (3000, 2000)
    assert len(stored(room)) == 5000


def test_bad_records_are_rejected_by_line(room: strongroom.Strongroom, tmp_path: Path) -> None:
    room.table("users")
    people = [("Ada", 36), ("Bob", "x"), ("Cy",), ("Dan", 40), ("Eve", 200)]
    path = write_csv(tmp_path / "a.csv", people)
    report = import_file(room, "users", path, ImportOptions(on_error="skip"))
    assert (report.records, report.added, report.rejected) == (5, 2, 3)
    assert report.rejects == f"{path}.rejects.csv"
    assert Path(report.rejects).read_text() == (
        "line,reason,name,age\n"
        "3,users.age must be an integer between 0 and 150,Bob,x\n"
        "4,has 1 value for 2 columns,Cy\n"
        "6,users.age must be between 0 and 150,Eve,200\n"
    )
    assert Path(report.rejects).stat().st_mode & 0o777 == 0o600
    assert stored(room) == [("Ada", 36), ("Dan", 40)]
    again = import_file(room, "users", path, ImportOptions(on_error="skip"))
    assert (again.already, again.rejected) == (True, 3)


def test_rejects_go_on_where_they_were(room: strongroom.Strongroom, tmp_path: Path) -> None:
    room.table("users")
    everyone = people(3_000)
    bad = {number: (f"Bad {number}", "x") for number in range(0, 3000, 250)}
    path = write_csv(
        tmp_path / "a.csv", [bad.get(at, person) for at, person in enumerate(everyone)]
    )
    skip = ImportOptions(on_error="skip")
    interrupt(room, path, skip)
    rejects = Path(f"{path}.rejects.csv")
    with rejects.open("a") as file:
        file.write("2,what a batch wrote whose transaction was undone,x,y\n")
    report = import_file(room, "users", path, skip)
    assert (report.added, report.rejected) == (2988, 12)
    lines = [int(line.partition(",")[0]) for line in rejects.read_text().splitlines()[1:]]
    assert lines == [at + 2 for at in bad]
    assert stored(room) == [person for at, person in enumerate(everyone) if at not in bad]


def test_a_rejects_file_of_before_is_left_alone(
    room: strongroom.Strongroom, tmp_path: Path
) -> None:
    room.table("users")
    path = write_csv(tmp_path / "a.csv", [("Ada", "x")])
    Path(f"{path}.rejects.csv").write_text("mine")
    with pytest.raises(strongroom.InputError, match="is there already"):
        import_file(room, "users", path, ImportOptions(on_error="skip"))
    assert Path(f"{path}.rejects.csv").read_text() == "mine"
    assert stored(room) == []


def test_a_dry_run_stores_nothing(room: strongroom.Strongroom, tmp_path: Path) -> None:
    users = room.table("users")
    ada = users.add(name="Ada", age=36)
    people = [(ada, "Ada", 37), (2, "Bob", 40), (3, "Eve", "x")]
    path = write_csv(tmp_path / "a.csv", people, "id,name,age")
    heard: list[Refusal] = []
    options = ImportOptions(dry_run=True, upsert="id", on_error="skip")
    report = import_file(room, "users", path, options, refused=heard.append)
    assert (report.dry_run, report.added, report.updated, report.rejected) == (True, 1, 1, 1)
    assert [str(one) for one in heard] == ["line 4: users.age must be an integer between 0 and 150"]
    assert stored(room) == [("Ada", 36)]
    assert sorted(one.name for one in tmp_path.glob("a.csv*")) == ["a.csv"]
    assert not import_file(room, "users", path, ImportOptions(upsert="id", on_error="skip")).already


def test_a_pipe_is_read_once_and_stops_at_a_bad_record(room: strongroom.Strongroom) -> None:
    room.table("users")
    csv = ImportOptions(format="csv")
    data = b"name,age\nAda,36\nBob,x\n"
    with pytest.raises(strongroom.UnfinishedError) as stopped:
        import_file(room, "users", "-", csv, stream=io.BytesIO(data))
    assert str(stopped.value) == "line 3: users.age must be an integer between 0 and 150"
    assert stored(room) == [("Ada", 36)]
    import_file(room, "users", "-", csv, stream=io.BytesIO(data.replace(b"x", b"40")))
    assert stored(room) == [("Ada", 36), ("Bob", 40)]
    # Nobody can tell that a pipe has the same once more: what ended begins again.
    import_file(room, "users", "-", csv, stream=io.BytesIO(data.replace(b"x", b"40")))
    assert len(stored(room)) == 4
    with pytest.raises(strongroom.InputError, match="must be named when standard input"):
        import_file(room, "users", "-", ImportOptions(format="csv", on_error="skip"))


def test_no_import_inside_a_transaction(room: strongroom.Strongroom, tmp_path: Path) -> None:
    room.table("users")
    path = write_csv(tmp_path / "a.csv", [("Ada", 36)])
    with (
        room.transaction(),
        pytest.raises(strongroom.InputError, match="cannot be imported inside a transaction"),
    ):
        import_file(room, "users", path)


def test_a_checkpoint_that_was_changed(
    database: Database, room: strongroom.Strongroom, tmp_path: Path
) -> None:
    room.table("users")
    path = write_csv(tmp_path / "a.csv", people(2_500))
    interrupt(room, path, UNCHECKED)
    database.execute(
        "UPDATE strongroom_jobs SET document = REPLACE(document, 'records\":2000', 'records\":0')"
    )
    with pytest.raises(strongroom.IntegrityError) as changed:
        import_file(room, "users", path)
    assert str(changed.value) == "a job's checkpoint was changed outside strongroom"
    assert changed.value.hint == "see what the table holds, then begin again with --restart"
    assert len(stored(room)) == 2000
    assert import_file(room, "users", path, ImportOptions(restart=True)).added == 2500
    assert len(stored(room)) == 4500


def test_a_table_that_is_altered_meanwhile(room: strongroom.Strongroom, tmp_path: Path) -> None:
    room.table("users")
    path = write_csv(tmp_path / "a.csv", people(2_500))

    def alter(progress: Progress) -> None:
        if progress.done == 1_000:
            room.alter_table("users", rename={"name": "full_name"})

    with pytest.raises(strongroom.UnfinishedError, match="users was altered while it was imported"):
        import_file(room, "users", path, pace=Pace(watch=alter))
    assert room.table("users").all().count() == 1_000
    options = ImportOptions(map={"name": "full_name"}, restart=True)
    assert import_file(room, "users", path, options).left == 1_000


def test_a_throttle_keeps_to_its_rate(room: strongroom.Strongroom, tmp_path: Path) -> None:
    room.table("users")
    path = write_csv(tmp_path / "a.csv", people(60))
    steps: list[tuple[int, float]] = []
    pace = Pace(40, lambda progress: steps.append((progress.done, progress.seconds)))
    import_file(room, "users", path, pace=pace)
    assert [done for done, _ in steps] == [0, 40, 60]
    assert steps[-1][1] >= 1.0


def test_a_file_whose_name_is_no_text(room: strongroom.Strongroom, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"people-\xff.csv")
    path.write_bytes(b"name,age\nAda,36\n")
    assert import_file(room, "users", path).added == 1
    assert import_file(room, "users", path).already
