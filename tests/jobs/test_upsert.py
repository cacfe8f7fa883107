"""Importing over records that are there: by a counted key, by a key of their own, and by no key."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

import strongroom
from strongroom import Adoption, ExportOptions, ImportOptions, adopt, export_file, import_file
from tests.jobs.files_of_people import stored, write_csv
from tests.jobs.someone import grant
from tests.servers.database import Database

BY_ID = ImportOptions(upsert="id")
SKIP_BY_ID = ImportOptions(upsert="id", on_error="skip")
VISITS = (
    "CREATE TABLE visits (person VARCHAR(36) NOT NULL, number INTEGER NOT NULL, "
    "note TEXT NOT NULL, room INTEGER, PRIMARY KEY (person, number))"
)
ADA, BOB = UUID(int=0xADA), UUID(int=0xB0B)


def test_records_are_updated_or_added_under_their_ids(
    room: strongroom.Strongroom, tmp_path: Path
) -> None:
    users = room.table("users")
    users.add_many([{"name": f"n{at}", "age": at} for at in range(3)])
    rows = [(2, "Bob", 40), (7, "Eve", 41), (2, "Rob", 42), (9, "Dan", 43)]
    report = import_file(room, "users", write_csv(tmp_path / "a.csv", rows, "id,name,age"), BY_ID)
    assert (report.records, report.added, report.updated) == (4, 2, 2)
    assert [(one.id, one.name, one.age, one.record_version) for one in users.all()] == [
        (1, "n0", 0, 1),
        (2, "Rob", 42, 2),
        (3, "n2", 2, 1),
        (7, "Eve", 41, 1),
        (9, "Dan", 43, 1),
    ]
    assert users.add(name="Fay", age=44) > 9
    assert strongroom.verify(room).intact


def test_an_id_that_was_given_out_is_not_given_again(
    room: strongroom.Strongroom, tmp_path: Path
) -> None:
    users = room.table("users")
    users.add_many([{"name": f"n{at}", "age": at} for at in range(3)])
    users.delete(2)
    rows = [(2, "Bob", 40), (0, "Zed", 1), (2**62, "Max", 1), (8, "Eve", 41), ("x", "Dan", 2)]
    path = write_csv(tmp_path / "a.csv", rows, "id,name,age")
    report = import_file(room, "users", path, SKIP_BY_ID)
    assert (report.added, report.updated, report.rejected) == (1, 0, 4)
    assert Path(f"{path}.rejects.csv").read_text().splitlines()[1:] == [
        '2,"users has no record with this id, and ids below 4 are not new",2,Bob,40',
        '3,"users has no record with this id, and ids below 4 are not new",0,Zed,1',
        f"4,users.id must be below {2**62},{2**62},Max,1",
        "6,users.id is no whole number of 64 bits,x,Dan,2",
    ]
    assert [one.id for one in users.all()] == [1, 3, 8]


def test_what_the_file_does_not_have_stays(room: strongroom.Strongroom, tmp_path: Path) -> None:
    table = room.create_table(
        "people", {"name": strongroom.Text(), "note": strongroom.Text(optional=True)}
    )
    table.add(name="Ada", note="likes numbers")
    import_file(room, "people", write_csv(tmp_path / "a.csv", [(1, "Eve")], "id,name"), BY_ID)
    [eve] = table.all()
    assert (eve.name, eve.note, eve.record_version) == ("Eve", "likes numbers", 2)


def test_a_part_of_a_record_changes_one_and_makes_none(
    room: strongroom.Strongroom, tmp_path: Path
) -> None:
    users = room.table("users")
    users.add(name="Ada", age=36)
    path = write_csv(tmp_path / "a.csv", [(1, "Eve"), (2, "Bob")], "id,name")
    report = import_file(room, "users", path, SKIP_BY_ID)
    assert (report.added, report.updated, report.rejected) == (0, 1, 1)
    assert Path(f"{path}.rejects.csv").read_text().splitlines()[1:] == [
        '3,"users has no such record, and for a new one users.age must be given",2,Bob'
    ]
    assert stored(room) == [("Eve", 36)]


def test_a_broken_record_is_not_written_over(
    room: strongroom.Strongroom, database: Database, tmp_path: Path
) -> None:
    users = room.table("users")
    users.add_many([{"name": f"n{at}", "age": at} for at in range(3)])
    database.execute("UPDATE users SET age = 50 WHERE id = 2")
    rows = [(1, "Ada", 1), (2, "Bob", 2), (3, "Cy", 3)]
    path = write_csv(tmp_path / "a.csv", rows, "id,name,age")
    report = import_file(room, "users", path, SKIP_BY_ID)
    assert (report.updated, report.rejected) == (2, 1)
    assert Path(f"{path}.rejects.csv").read_text().splitlines()[1:] == [
        "3,record 2 of users was changed outside strongroom,2,Bob,2"
    ]
    assert not strongroom.verify(room).intact


@pytest.fixture
def visits(database: Database, room: strongroom.Strongroom) -> strongroom.Table:
    """Give a table of someone else's, whose key is a UUID as text and a number."""
    database.execute(VISITS)
    grant(database, "visits")
    wanted = Adoption(
        "visits", encrypt={"note": None}, seal={"room": None}, uuids=frozenset({"person"})
    )
    adopt(room, wanted)
    return room.table("visits")


def visited(visits: strongroom.Table) -> list[tuple[object, ...]]:
    return [(one.person, one.number, one.note, one.room) for one in visits.all()]


def test_keys_of_their_own(
    room: strongroom.Strongroom, visits: strongroom.Table, tmp_path: Path
) -> None:
    header = "person,number,note,room"
    rows = [(ADA, 1, "cough", 7), (ADA, 2, "fever", ""), (BOB, 1, "leg", 7), (ADA, 1, "twice", 1)]
    skip = ImportOptions(on_error="skip")
    path = write_csv(tmp_path / "a.csv", rows, header)
    report = import_file(room, "visits", path, skip)
    assert (report.added, report.rejected) == (3, 1)
    there = "visits has a record with this primary key already"
    assert Path(f"{path}.rejects.csv").read_text().splitlines()[1:] == [
        f"5,{there},{ADA},1,twice,1"
    ]
    assert visited(visits) == [(ADA, 1, "cough", 7), (ADA, 2, "fever", None), (BOB, 1, "leg", 7)]
    more = [(ADA, 2, "better", 8), (BOB, 2, "arm", 9), (BOB, "x", "y", 1), ("Ada", 1, "y", 1)]
    path = write_csv(tmp_path / "b.csv", more, header)
    by_key = ImportOptions(on_error="skip", upsert="number,person")
    report = import_file(room, "visits", path, by_key)
    assert (report.added, report.updated, report.rejected) == (1, 1, 2)
    assert [
        line.split(",")[1] for line in Path(f"{path}.rejects.csv").read_text().splitlines()
    ] == [
        "reason",
        "visits.number is no whole number of 64 bits",
        "visits.person is no UUID",
    ]
    assert visited(visits)[1:] == [
        (ADA, 2, "better", 8),
        (BOB, 1, "leg", 7),
        (BOB, 2, "arm", 9),
    ]
    assert strongroom.verify(room).intact


def test_a_key_that_is_there_stops_before_anything_is_stored(
    room: strongroom.Strongroom, visits: strongroom.Table, tmp_path: Path
) -> None:
    visits.add(person=ADA, number=1, note="cough", room=7)
    rows = [(BOB, 1, "leg", 7), (ADA, 1, "again", 7)]
    path = write_csv(tmp_path / "a.csv", rows, "person,number,note,room")
    heard: list[object] = []
    with pytest.raises(strongroom.InputError, match=r"^1 of 2 records of the file cannot be taken"):
        import_file(room, "visits", path, refused=heard.append)
    assert [str(one) for one in heard] == [
        "line 3: visits has a record with this primary key already"
    ]
    assert len(visited(visits)) == 1


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "json", "parquet", "xlsx"])
def test_keys_of_their_own_out_and_in_again(
    room: strongroom.Strongroom, visits: strongroom.Table, tmp_path: Path, suffix: str
) -> None:
    visits.add(person=ADA, number=1, note="\\N", room=None)
    visits.add(person=BOB, number=-5, note="", room=7)
    before = visited(visits)
    path = tmp_path / f"a.{suffix}"
    assert export_file(room, "visits", path, ExportOptions()).records == 2
    for one in before:
        visits.delete((one[0], one[1]))
    import_file(room, "visits", path)
    assert visited(visits) == before


def test_ids_come_back_as_they_were(room: strongroom.Strongroom, tmp_path: Path) -> None:
    users = room.table("users")
    users.add_many([{"name": f"n{at}", "age": at % 90} for at in range(1_500)])
    for key in (1, 700, 1500):
        users.delete(key)
    path = tmp_path / "a.csv"
    export_file(room, "users", path)
    room.create_table("others", {one.name: one.type for one in users.fields})
    report = import_file(room, "others", path, BY_ID)
    assert (report.added, report.updated) == (1497, 0)
    assert [dict(one) for one in room.table("others").all()] == [dict(one) for one in users.all()]
    assert stored(room, "others") == stored(room)
    room.check_counter("others")


MEMBERS = {
    "email": strongroom.Text(plain=True, unique=True, max_bytes=100),
    "name": strongroom.Text(),
}


def members(room: strongroom.Strongroom) -> list[tuple[int, str, str]]:
    return [(one.id, one.email, one.name) for one in room.table("members").all()]


def test_by_a_unique_field(room: strongroom.Strongroom, tmp_path: Path) -> None:
    table = room.create_table("members", MEMBERS)
    table.add_many([{"email": f"{at}@a.example", "name": f"n{at}"} for at in range(3)])
    rows = [("1@a.example", "Ada"), ("9@a.example", "Eve"), ("9@a.example", "Fay"), ("", "No")]
    path = write_csv(tmp_path / "a.csv", rows, "email,name")
    report = import_file(room, "members", path, ImportOptions(upsert="email"))
    assert (report.records, report.added, report.updated) == (4, 2, 2)
    assert sorted(one[1:] for one in members(room)) == [
        ("", "No"),
        ("0@a.example", "n0"),
        ("1@a.example", "Ada"),
        ("2@a.example", "n2"),
        ("9@a.example", "Fay"),
    ]
    assert members(room)[1] == (2, "1@a.example", "Ada")


def test_a_value_that_another_record_has(room: strongroom.Strongroom, tmp_path: Path) -> None:
    table = room.create_table("members", MEMBERS)
    table.add(email="5@a.example", name="first")
    rows = [(f"{at % 1200}@a.example", f"n{at}") for at in range(1_500)]
    path = write_csv(tmp_path / "a.csv", rows, "email,name")
    with pytest.raises(strongroom.InputError) as stopped:
        import_file(room, "members", path)
    reason = "members.email must be unique: another record has this value"
    assert str(stopped.value) == f"line 7: {reason}"
    assert members(room) == [(1, "5@a.example", "first")]
    report = import_file(room, "members", path, ImportOptions(on_error="skip"))
    assert (report.added, report.rejected) == (1199, 301)
    lines = Path(f"{path}.rejects.csv").read_text().splitlines()[1:]
    assert lines[0] == f"7,{reason},5@a.example,n5"
    assert [int(line.split(",")[0]) for line in lines[1:]] == list(range(1202, 1502))
    assert len({email for _, email, _ in members(room)}) == 1200
    assert strongroom.verify(room).intact
