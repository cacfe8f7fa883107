"""Many records changed or deleted at once: as one by one, all of them or none."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

import strongroom
from strongroom import Integer, Text
from strongroom.room import batches, mass_writing
from strongroom.storage.rows import Rows
from tests.room.every_type import FIELDS, KINDS, exactly, records
from tests.room.thief import Thief
from tests.servers.database import Database

FEW: Final = 7
SEVERAL: Final = 40


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have batches end after a few records."""
    monkeypatch.setattr(mass_writing, "AT_ONCE", FEW)
    monkeypatch.setattr(batches, "MOST_RECORDS", 20)


@pytest.fixture
def users(room: strongroom.Strongroom) -> strongroom.Table:
    """Give people who may have an e-mail address, encrypted, and a town, plain."""
    fields = {
        "name": Text(),
        "email": Text(optional=True),
        "town": Text(plain=True, optional=True),
        "age": Integer(plain=True, maximum=150),
        "badge": Integer(plain=True, unique=True),
    }
    table = room.create_table("users", fields)
    table.add_many(person(number) for number in range(SEVERAL))
    return table


def person(number: int) -> dict[str, Any]:
    return {
        "name": f"name {number}",
        "email": None if number % 3 else f"{number}@here",
        "town": None if number % 4 else f"town {number}",
        "age": number % 100,
        "badge": number,
    }


def held(table: strongroom.Table) -> dict[int, dict[str, Any]]:
    return {one.id: dict(one) for one in table.all()}


CHANGES: Final[list[dict[str, Any]]] = [
    {"name": "new"},
    {"age": 99},
    {"email": None},
    {"email": "come@here", "town": ""},
    {"name": 'O\'Brien, 100% %s \\ "x" \x1e\x1f', "town": "a,b%s\\'\x1f\x1e"},
    {"town": None, "badge": 1_000},
    {"town": "x" * 3_000, "name": "y" * 70_000},
]


def test_changes_are_as_one_by_one(
    room: strongroom.Strongroom, users: strongroom.Table, database: Database
) -> None:
    del database
    expected = held(users)
    asked: list[tuple[object, dict[str, Any]]] = []
    for number, key in enumerate(expected):
        changes = CHANGES[number % len(CHANGES)] | (
            {"badge": 1_000 + number} if number % 3 == 0 else {}
        )
        if "badge" in changes:
            changes["badge"] = 1_000 + number
        asked.append((users.get(key) if number % 5 == 0 else key, changes))
        expected[key] |= changes
    assert users.update_many(asked) == len(asked)
    assert held(users) == expected
    assert {one.record_version for one in users.all()} == {2}
    assert strongroom.verify(room).broken == 0


def test_a_record_may_come_again(users: strongroom.Table) -> None:
    asked: list[tuple[object, dict[str, object]]] = [
        (1, {"age": 1}), (2, {"age": 2}), (1, {"age": 3}), (1, {"name": "last"})
    ]  # fmt: skip
    assert users.update_many(iter(asked)) == 4
    first = users.get(1)
    assert (first.age, first.name, first.record_version) == (3, "last", 4)
    assert users.get(2).age == 2


def test_every_type_can_be_changed(room: strongroom.Strongroom) -> None:
    table = room.create_table("kinds", FIELDS)
    given = records()
    ids = table.add_many(given)
    for name, (_, values) in KINDS.items():
        table.update_many((key, {name: values[n % len(values)]}) for n, key in enumerate(ids))
        for number, one in enumerate(given):
            one[name] = values[number % len(values)]
    for record, one in zip(table.all(), given, strict=True):
        assert record.record_version == 1 + len(KINDS)
        for field in FIELDS:
            assert exactly(record[field]) == exactly(one[field])


def refusals(users: strongroom.Table) -> Iterator[tuple[object, type[Exception], str]]:
    """Give what is refused as the last of many, by which error, and in which words."""
    stale = users.get(3)
    users.update(3, age=77)
    yield (5, {"age": 151}), strongroom.InputError, r"^change 31: users.age must be at most 150"
    yield (5, {"nobody": 1}), strongroom.InputError, r"^change 31: users has no such field"
    yield (5, {}), strongroom.InputError, r"^change 31: no field of users"
    yield ("5", {"age": 1}), strongroom.InputError, r"^change 31: the primary key"
    yield 5, strongroom.InputError, r"^change 31 is not a record and its changes"
    yield (5, ["age"]), strongroom.InputError, r"^change 31 is not a record and its changes"
    yield (4_000, {"age": 1}), strongroom.NotFoundError, r"^users has no record 4000$"
    yield (stale, {"age": 1}), strongroom.ConflictError, r"^record 3 of users was changed"
    yield (5, {"badge": 39}), strongroom.DuplicateError, r"^users.badge must be unique"


def test_all_are_changed_or_none(users: strongroom.Table, thief: Thief) -> None:
    for last, kind, words in refusals(users):
        before = thief.rows(users)
        asked: list[Any] = [*((key, {"age": 55}) for key in range(7, 37)), last]
        for given in (asked, iter(asked)):
            with pytest.raises(kind, match=words):
                users.update_many(given)
            assert thief.rows(users) == before


def test_a_broken_record_is_not_changed(users: strongroom.Table, thief: Thief) -> None:
    thief.put(users, 9, age=1)
    before = thief.rows(users)
    with pytest.raises(strongroom.IntegrityError, match=r"^record 9 of users was changed outside"):
        users.update_many((key, {"name": "x"}) for key in range(1, 12))
    assert thief.rows(users) == before


def test_what_is_not_written_over_what_was_read_is_a_conflict(
    users: strongroom.Table, thief: Thief, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = thief.rows(users)
    write = Rows.update_all

    def late(self: Rows, connection: Any, pairs: Any, fields: Any) -> bool:
        pairs = [(old._replace(version=old.version + 1), new) for old, new in pairs]
        return write(self, connection, pairs, fields)

    monkeypatch.setattr(Rows, "update_all", late)
    with pytest.raises(strongroom.ConflictError, match=r"^records of users were changed meanwhile"):
        users.update_many([(1, {"age": 5}), (2, {"age": 6})])
    assert thief.rows(users) == before


def test_many_are_deleted(users: strongroom.Table) -> None:
    there = list(held(users))
    gone = there[3:30]
    targets = [users.get(key) if key % 2 else key for key in gone]
    assert users.delete_many(targets) == len(gone)
    assert list(held(users)) == [key for key in there if key not in gone]
    assert users.delete_many([]) == 0
    assert users.update_many([]) == 0


def test_all_are_deleted_or_none(users: strongroom.Table, thief: Thief) -> None:
    stale = users.get(3)
    users.update(3, age=77)
    before = thief.rows(users)
    last: list[tuple[object, type[Exception]]] = [
        (4_000, strongroom.NotFoundError),
        (20, strongroom.NotFoundError),  # a second time
        (stale, strongroom.ConflictError),
        ("5", strongroom.InputError),
    ]
    for one, kind in last:
        for given in ([*range(7, 37), one], iter([*range(7, 37), one])):
            with pytest.raises(kind):
                users.delete_many(given)
            assert thief.rows(users) == before


def test_broken_records_are_deleted_too(users: strongroom.Table, thief: Thief) -> None:
    thief.put(users, 9, age=1)
    assert users.delete_many(range(1, 12)) == 11
    assert len(held(users)) == SEVERAL - 11


def test_what_is_read_while_it_is_written_stays_whole(
    room: strongroom.Strongroom, users: strongroom.Table
) -> None:
    """The records of a stream may come from the same table, inside the same transaction."""

    def copies() -> Iterator[dict[str, Any]]:
        for number, one in enumerate(users.all()):
            if number == SEVERAL:
                return
            copy = dict(one)
            del copy["id"]
            yield copy | {"badge": 5_000 + number, "name": f"copy of {one.name}"}

    with room.transaction():
        users.add_many(copies())
    assert [one.name for one in users.all()][SEVERAL:] == [
        f"copy of name {number}" for number in range(SEVERAL)
    ]
    users.add_many({**copy, "badge": copy["badge"] + 5_000} for copy in copies())
    assert users.all().count() == 3 * SEVERAL
    assert strongroom.verify(room).broken == 0


def test_a_write_that_fails_behind_is_heard_of(users: strongroom.Table, thief: Thief) -> None:
    before = thief.rows(users)
    new = [person(100 + number) for number in range(50)]
    for twice in (2, 20, 49):
        spoiled = [*new]
        spoiled[twice] = spoiled[twice] | {"badge": 100 if twice != 0 else 101}
        with pytest.raises(strongroom.DuplicateError, match="badge must be unique"):
            users.add_many(spoiled)
        assert thief.rows(users) == before
    threads = [one.name for one in threading.enumerate() if "ThreadPool" in one.name]
    assert threads == []


def test_an_error_of_the_caller_ends_the_write_behind(
    users: strongroom.Table, thief: Thief
) -> None:
    class OfTheCallerError(Exception):
        pass

    def records_and_then(stop: Callable[[], None]) -> Iterator[dict[str, Any]]:
        for number in range(30):
            yield person(200 + number)
        stop()

    def stop() -> None:
        raise OfTheCallerError

    before = thief.rows(users)
    with pytest.raises(OfTheCallerError):
        users.add_many(records_and_then(stop))
    assert thief.rows(users) == before


def test_small_and_large_ids_go_together(users: strongroom.Table, thief: Thief) -> None:
    """A list of them has one type on PostgreSQL."""
    large = 2**40
    thief.sql("UPDATE strongroom_counters SET next_id = ?", large)
    [last] = users.add_many([person(500)])
    assert last >= large
    assert users.update_many([(1, {"age": 5}), (last, {"age": 6})]) == 2
    with pytest.raises(strongroom.NotFoundError):
        users.update_many([(1, {"age": 7}), (2**62, {"age": 8})])
    assert (users.get(1).age, users.get(last).age) == (5, 6)
    assert users.delete_many([1, last]) == 2


def test_writers_of_the_same_records_wait_for_each_other(
    users: strongroom.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In whatever order they name them: within a batch rows are locked in that of their keys."""
    monkeypatch.setattr(mass_writing, "AT_ONCE", SEVERAL)
    failed: list[BaseException] = []

    def write(field: str) -> None:
        try:
            for number in range(5):
                keys = range(1, 20) if number % 2 else range(19, 0, -1)
                users.update_many([(key, {field: f"{field} {number}"}) for key in keys])
        except BaseException as error:  # noqa: BLE001  # told by the test
            failed.append(error)

    threads = [threading.Thread(target=write, args=[field]) for field in ("name", "email", "town")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    for one in users.all().limit(19):
        assert (one.name, one.email, one.town) == ("name 4", "email 4", "town 4")
        assert one.record_version == 16
