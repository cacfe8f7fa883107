"""Whoever holds an old catalogue finds its way when another process has changed a table."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

import strongroom
from strongroom import Text
from strongroom.storage import altering
from tests.room.staff import made, values
from tests.room.thief import only
from tests.servers.database import Database


@pytest.fixture(name="staff")
def _staff(room: strongroom.Strongroom) -> strongroom.Table:
    return made(room)


@pytest.fixture
def other(
    room: strongroom.Strongroom, database: Database, key: str
) -> Iterator[strongroom.Strongroom]:
    """Open the same store as another process would."""
    del room  # which made it
    with strongroom.open(database.url, key, password=database.password) as opened:
        yield opened


def test_an_old_catalogue_recovers(
    room: strongroom.Strongroom, staff: strongroom.Table, other: strongroom.Strongroom
) -> None:
    """Every way of reading and writing, each as the first that meets the new names."""
    table = other.table("staff")
    assert len(values(table)) == 3
    names = [f"name{n}" for n in range(9)]

    def rename(n: int) -> None:
        old = "name" if n == 0 else names[n - 1]
        room.alter_table("staff" if n == 0 else f"staff{n - 1}",
            rename={old: names[n]}, rename_to=f"staff{n}")  # fmt: skip

    rename(0)
    assert table.get(1)[names[0]] == "n0"
    rename(1)
    assert [one[names[1]] for one in table.all()] == ["n0", "n1", "n2"]
    rename(2)
    assert table.find(**{names[2]: "n1"}).scan().one().id == 2
    rename(3)
    added = table.add(**{names[3]: "x", "email": "x", "age": 1})
    rename(4)
    assert table.update(1, **{names[4]: "new"})[names[4]] == "new"
    rename(5)
    table.delete(added)
    rename(6)
    record = table.get(2)
    rename(7)
    assert table.update(record, age=50)[names[7]] == "n1"
    rename(8)
    with pytest.raises(strongroom.InputError, match="has no such field"):
        table.update(1, **{names[7]: "x"})
    assert table.name == "staff8"
    assert other.table("staff8").get(1)[names[8]] == "new"
    assert table.find(age=50).count() == 1
    only(other, {"staff8": []})
    assert staff.get(2)[names[8]] == "n1"


def test_a_table_renamed_elsewhere_is_found_by_its_new_name(
    room: strongroom.Strongroom, staff: strongroom.Table, other: strongroom.Strongroom
) -> None:
    del staff
    assert other.tables == ("staff",)  # known, and not yet looked at
    room.alter_table("staff", rename={"name": "full_name"}, rename_to="people")
    with pytest.raises(strongroom.NoTableError, match="the store has no table staff"):
        other.table("staff")
    assert other.table("people").get(1).full_name == "n0"


def test_a_writer_in_flight_is_waited_for(
    room: strongroom.Strongroom, staff: strongroom.Table, other: strongroom.Strongroom
) -> None:
    table = other.table("staff")
    done = threading.Event()

    def alter() -> None:
        room.alter_table("staff", rename={"name": "full_name"})
        done.set()

    with other.transaction():
        table.add(name="Ada", email="ada", age=36)
        thread = threading.Thread(target=alter)
        thread.start()
        assert not done.wait(0.4)
        table.add(name="Grace", email="grace", age=85)
    assert done.wait(30)
    thread.join()
    assert [one.full_name for one in staff.all()] == ["n0", "n1", "n2", "Ada", "Grace"]


def test_a_transaction_that_has_read_and_wants_to_write_is_let_go_first(
    room: strongroom.Strongroom,
    staff: strongroom.Table,
    other: strongroom.Strongroom,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It holds the table and wants the store; the change holds the store and wants the table."""
    monkeypatch.setattr(altering, "_WAIT_SECONDS", 1)
    table = other.table("staff")
    busy: list[strongroom.StrongroomError] = []

    def alter() -> None:
        try:
            room.alter_table("staff", rename={"name": "full_name"})
        except strongroom.BusyError as error:
            busy.append(error)

    thread = threading.Thread(target=alter)
    try:
        with other.transaction():
            assert table.get(1).age == 30
            thread.start()
            thread.join(0.4)
            table.update(1, age=50)
    except strongroom.BusyError as error:
        busy.append(error)  # a server may choose either of the two
    thread.join(30)
    assert not thread.is_alive() and len(busy) <= 1
    assert all(error.retryable for error in busy)
    if "full_name" not in {field.name for field in room.table("staff").fields}:
        room.alter_table("staff", rename={"name": "full_name"})
    table.update(1, age=51)
    assert [(one.full_name, one.age) for one in staff.all()] == [("n0", 51), ("n1", 31), ("n2", 32)]


def test_readers_and_writers_go_on_through_changes(
    room: strongroom.Strongroom, staff: strongroom.Table, other: strongroom.Strongroom
) -> None:
    del staff
    table = other.table("staff")
    ended = threading.Event()
    failures: list[BaseException] = []
    counts = {"added": 0, "read": 0}

    def work(kind: str) -> None:
        try:
            while not ended.is_set():
                if kind == "added":
                    number = counts["added"]
                    table.add(email=f"w{number}", age=1, name="x")
                else:
                    assert len(values(table)) >= 3
                counts[kind] += 1
        except BaseException as error:  # noqa: BLE001  # whatever it is, the test shows it
            failures.append(error)

    threads = [threading.Thread(target=work, args=(kind,)) for kind in counts]
    for thread in threads:
        thread.start()
    for n in range(6):
        room.alter_table(
            "staff" if n % 2 == 0 else "people",
            add={f"new{n}": Text(optional=True)},
            rename={f"new{n - 1}": f"old{n - 1}"} if n else None,
            rename_to="people" if n % 2 == 0 else "staff",
        )
        ended.wait(0.1)
    ended.set()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert counts["added"] > 0 and counts["read"] > 0
    assert room.table("staff").all().count() == 3 + counts["added"]
    only(room, {"staff": []})
