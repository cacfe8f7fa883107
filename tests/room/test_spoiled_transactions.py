"""After an error that may have undone a part, a transaction can only be undone as a whole.

PostgreSQL aborts it, MySQL's deadlock and SQLite's RAISE(ROLLBACK) end it and give up its locks:
whoever handled the error and went on would have stored the rest alone, or nothing, unsaid.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

import strongroom
from strongroom.room import batches
from strongroom.storage.rows import Rows
from tests.room.thief import Thief
from tests.servers.database import Database

SPOILED = "the transaction failed before and can only be undone"
HINT = "let the error leave the block, and run the block again"


@pytest.fixture
def users(room: strongroom.Strongroom, thief: Thief) -> strongroom.Table:
    """Give three people, in a table whose database refuses the age 99."""
    table = room.table("users")
    table.add_many([{"name": f"n{number}", "age": number} for number in (1, 2, 3)])
    if thief.database.kind == "sqlite":
        thief.sql(
            "CREATE TRIGGER refused BEFORE INSERT ON users WHEN NEW.age = 99 "
            "BEGIN SELECT RAISE(ROLLBACK, 'refused'); END"
        )
    else:
        thief.sql("ALTER TABLE users ADD CONSTRAINT refused CHECK (age <> 99)")
    return table


@contextmanager
def spoiled() -> Iterator[None]:
    with pytest.raises(strongroom.ClosedError) as caught:
        yield
    assert str(caught.value) == SPOILED
    assert caught.value.hint == HINT


def refuses_everything(room: strongroom.Strongroom, users: strongroom.Table) -> None:
    for use in (
        lambda: users.add(name="later", age=4),
        lambda: users.add_many([{"name": "later", "age": 4}]),
        lambda: users.add_many(iter([{"name": "later", "age": 4}])),
        lambda: users.update(1, age=50),
        lambda: users.delete(2),
        lambda: users.get(1),
        lambda: list(users.all()),
        lambda: users.find(age=1).exists(),
        room.transaction().__enter__,
    ):
        with spoiled():
            use()


def test_a_handled_database_error_ends_the_block_with_an_error(
    room: strongroom.Strongroom, users: strongroom.Table, thief: Thief
) -> None:
    before = thief.rows(users)
    with spoiled(), room.transaction():
        users.add(name="first", age=4)
        users.update(1, age=50)
        with pytest.raises(strongroom.StorageError):
            users.add(name="second", age=99)
    assert thief.rows(users) == before


def test_nothing_goes_on_after_a_handled_database_error(
    room: strongroom.Strongroom, users: strongroom.Table, thief: Thief
) -> None:
    before = thief.rows(users)
    with spoiled(), room.transaction():
        users.add(name="first", age=4)
        with pytest.raises(strongroom.StorageError):
            users.add(name="second", age=99)
        refuses_everything(room, users)
    assert thief.rows(users) == before
    with room.transaction():  # the next one begins afresh
        added = users.add(name="next", age=5)
    assert users.get(added).name == "next"


def test_a_handled_error_of_a_transaction_inside_spoils_the_outer_one(
    room: strongroom.Strongroom, users: strongroom.Table, thief: Thief
) -> None:
    before = thief.rows(users)
    with spoiled(), room.transaction():
        users.add(name="first", age=4)
        with pytest.raises(strongroom.StorageError), room.transaction():
            users.add(name="second", age=99)
        with spoiled():
            users.add(name="third", age=5)
    assert thief.rows(users) == before


def test_a_database_error_while_reading_spoils_too(
    room: strongroom.Strongroom,
    users: strongroom.Table,
    thief: Thief,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def busy(*_: object) -> None:
        raise strongroom.BusyError("the database is busy")

    before = thief.rows(users)
    for name, read in (("get", lambda: users.get(1)), ("page", lambda: list(users.all()))):
        with spoiled(), room.transaction():
            users.add(name="first", age=4)
            with monkeypatch.context() as patch, pytest.raises(strongroom.BusyError):
                patch.setattr(Rows, name, busy)
                read()
            refuses_everything(room, users)
        assert thief.rows(users) == before


def test_a_part_of_add_many_does_not_stay(
    room: strongroom.Strongroom,
    users: strongroom.Table,
    thief: Thief,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batches, "MOST_RECORDS", 2)
    before = thief.rows(users)
    records = [{"name": "new", "age": 4}] * 3 + [{"name": "new", "age": 151}]
    for several in (records, iter(records)):
        with spoiled(), room.transaction():
            with pytest.raises(strongroom.InputError, match=r"^record 4: "):
                users.add_many(several)
            refuses_everything(room, users)
        assert thief.rows(users) == before


def test_what_was_refused_before_anything_was_written_spoils_nothing(
    room: strongroom.Strongroom, users: strongroom.Table
) -> None:
    stale = users.get(1)
    users.update(1, age=10)
    with room.transaction():
        users.add(name="first", age=4)
        with pytest.raises(strongroom.InputError):
            users.add(name="second", age=151)
        with pytest.raises(strongroom.InputError):
            users.add_many([{"name": "second", "age": 151}])
        with pytest.raises(strongroom.NotFoundError):
            users.delete(1_000)
        with pytest.raises(strongroom.ConflictError):
            users.update(stale, age=11)
        users.add(name="third", age=5)
    assert [one.name for one in users.all()] == ["n1", "n2", "n3", "first", "third"]


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_a_handled_deadlock_is_the_end_of_the_block(
    room: strongroom.Strongroom, users: strongroom.Table, thief: Thief, database: Database
) -> None:
    """The server has undone the whole and given up the locks, the store's generation among them."""
    users.add_many([{"name": "more", "age": 40}] * 30)
    rival = database.connect().cursor()
    rival.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
    rival.execute("START TRANSACTION")
    rival.execute("UPDATE users SET age = 41 WHERE id >= 2")  # the heavier one: it survives
    waiting = threading.Thread(
        target=rival.execute, args=("UPDATE users SET age = 41 WHERE id = 1",)
    )
    try:
        with spoiled(), room.transaction():
            users.add(name="first", age=4)
            users.update(1, age=50)
            waiting.start()
            until_it_waits(thief)
            with pytest.raises(strongroom.BusyError, match="1213"):
                users.update(2, age=50)
            refuses_everything(room, users)
    finally:
        waiting.join(30)
        rival.execute("ROLLBACK")
    assert [row["age"] for row in thief.rows(users)] == [1, 2, 3, *[40] * 30]


def until_it_waits(thief: Thief) -> None:
    for _ in range(60):
        time.sleep(0.15)  # whoever asks more often is answered from a cache
        [(waiting,)] = thief.sql(
            "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT' "
            "AND trx_query LIKE '%age = 41 WHERE id = 1%'"
        )
        if waiting:
            return
    raise AssertionError("the other connection did not come to wait")
