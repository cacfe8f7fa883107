"""Many writers: threads, processes and forked children lose nothing and share no connection."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

import strongroom
from strongroom.storage import rows
from tests.servers.database import Database


def test_updates_of_one_record_by_many_threads_are_all_kept(room: strongroom.Strongroom) -> None:
    users = room.table("users")
    number = users.add(name="Ada Lovelace", age=0)

    def birthday(_: int) -> None:
        while True:
            person = users.get(number)
            try:
                users.update(person, age=person.age + 1)
            except strongroom.ConflictError:
                continue
            return

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(birthday, range(40)))
    assert (users.get(number).age, users.get(number).record_version) == (40, 41)


def test_updates_by_id_retry_by_themselves(room: strongroom.Strongroom) -> None:
    users = room.table("users")
    number = users.add(name="start", age=0)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: users.update(number, name=f"n{n}"), range(40)))
        list(threads.map(lambda n: users.update(number, age=n), range(40)))
    assert users.get(number).record_version == 81


def test_an_update_of_a_record_that_changed_is_a_conflict(room: strongroom.Strongroom) -> None:
    users = room.table("users")
    seen = users.get(users.add(name="Ada Lovelace", age=36))
    users.update(seen.id, age=37)
    with pytest.raises(strongroom.ConflictError) as conflict:
        users.update(seen, age=38)
    assert str(conflict.value) == "record 1 of users was changed meanwhile"
    assert conflict.value.retryable
    with pytest.raises(strongroom.ConflictError):
        users.delete(seen)
    assert users.get(seen.id).age == 37


def test_a_row_that_changes_between_read_and_write_is_read_again(
    room: strongroom.Strongroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = room.table("users")
    number = users.add(name="Ada Lovelace", age=36)
    real, attempts = rows.Rows.update, []

    def lose_once(*arguments: object) -> bool:
        attempts.append(arguments)
        return False if len(attempts) == 1 else real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(rows.Rows, "update", lose_once)
    assert users.update(number, age=37).age == 37
    assert len(attempts) == 2


def test_adds_by_many_threads_get_ids_of_their_own(room: strongroom.Strongroom) -> None:
    users = room.table("users")
    with ThreadPoolExecutor(8) as threads:
        numbers = list(threads.map(lambda n: users.add(name=f"n{n}", age=n), range(80)))
    assert len(set(numbers)) == 80
    assert {one.id: one.name for one in users.all()} == {
        number: f"n{n}" for n, number in enumerate(numbers)
    }


def fork(work: Callable[[], None]) -> int:
    """Run `work` in a forked child; return its process id."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001  # whatever it is, the parent must see a failure
            os._exit(1)
        os._exit(0)
    return child


def exit_code(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_forked_children_share_neither_connections_nor_ids(room: strongroom.Strongroom) -> None:
    users = room.table("users")
    for number in range(5):  # a block of ids is partly used, and connections wait in the pool
        users.add(name=f"parent {number}", age=number)

    def work(child: int) -> Callable[[], None]:
        def run() -> None:
            for number in range(20):
                found = users.add(name=f"child {child} {number}", age=number)
                assert users.get(found).name == f"child {child} {number}"

        return run

    # From the main thread, while no other is inside a driver: POSIX promises no more than that.
    children = [fork(work(child)) for child in range(4)]
    for number in range(20):
        found = users.add(name=f"parent again {number}", age=number)
        assert users.get(found).name == f"parent again {number}"
    assert [exit_code(child) for child in children] == [0, 0, 0, 0]
    names = [one.name for one in users.all()]
    assert len(names) == 5 + 20 + 4 * 20
    assert len(set(names)) == len(names)


def test_a_transaction_is_refused_in_another_thread_and_in_a_child(
    room: strongroom.Strongroom,
) -> None:
    import contextvars

    users = room.table("users")
    with room.transaction():
        users.add(name="Ada Lovelace", age=36)
        context = contextvars.copy_context()
        with ThreadPoolExecutor(1) as threads:
            refused = threads.submit(context.run, lambda: users.add(name="Grace", age=85))
            with pytest.raises(strongroom.ClosedError, match="belongs to the thread"):
                refused.result()

        def use_in_child() -> None:
            with pytest.raises(strongroom.ClosedError):
                users.add(name="Grace", age=85)

        assert exit_code(fork(use_in_child)) == 0
    assert [one.name for one in users.all()] == ["Ada Lovelace"]


@pytest.mark.parametrize("database", ["mariadb", "postgresql"], indirect=True)
def test_a_connection_lost_in_a_commit_stores_a_person_once(
    room: strongroom.Strongroom, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server commits, and the answer never arrives."""
    import sqlalchemy as sa

    users = room.table("users")
    number = users.add(name="Ada Lovelace", age=36)
    real = sa.Connection.commit
    lost: list[bool] = []

    def commit_and_lose(self: sa.Connection) -> None:
        real(self)
        if not lost:
            lost.append(True)
            raise sa.exc.OperationalError(
                "", {}, lost_answer(database), connection_invalidated=True
            )

    for write in (
        lambda: users.add(name="Grace Hopper", age=85),
        lambda: users.update(number, age=37).age,
        lambda: users.delete(number),
        lambda: list(users.add_many([{"name": "Alan Turing", "age": 41}])),
    ):
        lost.clear()
        with monkeypatch.context() as patch:
            patch.setattr(sa.Connection, "commit", commit_and_lose)
            write()
        assert lost == [True]
    assert sorted((one.name, one.age) for one in users.all()) == [
        ("Alan Turing", 41),
        ("Grace Hopper", 85),
    ]


def lost_answer(database: Database) -> Exception:
    """Return what the driver raises when the server is gone."""
    if database.kind == "mariadb":
        import pymysql

        return pymysql.err.OperationalError(2013, "Lost connection")
    import psycopg

    return psycopg.OperationalError("server closed the connection unexpectedly")
