"""Failures that a server makes on demand: lost, deadlocked, locked, forbidden, missing."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from strongroom.errors import (
    BusyError,
    StorageError,
    UnreachableError,
)
from strongroom.storage.connect import Database
from strongroom.storage.failure import mapped, was_lost
from tests.servers.database import ServerDatabase
from tests.storage.canary import told_nothing
from tests.storage.pair import ages, set_ages


@pytest.fixture
def served(place: ServerDatabase) -> Iterator[Database]:
    """Open a database at each server, with a table of two rows."""
    made = Database.open(place.url, password=place.password)
    with made.write() as connection:
        connection.exec_driver_sql("CREATE TABLE pair (id INTEGER PRIMARY KEY, age INTEGER)")
        connection.exec_driver_sql("INSERT INTO pair VALUES (1, 36), (2, 85)")
    yield made
    made.close()


@pytest.mark.parametrize("statements", [1, 0], ids=["at a statement", "at the commit"])
def test_a_connection_that_breaks_is_lost(
    served: Database, place: ServerDatabase, statements: int
) -> None:
    number = {"mysql": "SELECT CONNECTION_ID()", "postgresql": "SELECT pg_backend_pid()"}
    ends = {"mysql": "KILL %d", "postgresql": "SELECT pg_terminate_backend(%d)"}

    def break_off() -> None:
        with served.write() as connection:
            connection.exec_driver_sql("UPDATE pair SET age = 1")
            pid = connection.exec_driver_sql(number[served.kind]).scalar_one()
            place.execute(ends[served.kind] % pid)
            for _ in range(statements):
                with mapped():
                    connection.exec_driver_sql("UPDATE pair SET age = 2")

    with pytest.raises(StorageError) as caught:
        break_off()
    told_nothing(caught.value)
    assert str(caught.value).startswith("the connection to the database was lost")
    assert was_lost(caught.value)
    assert ages(served) == [36, 85]


def test_a_deadlock_is_busy_for_one_of_two(served: Database) -> None:
    meet = threading.Barrier(2, timeout=20)
    ended: list[BusyError | None] = []

    def cross(first: int, second: int) -> None:
        failed = None
        try:
            with served.write() as connection:
                with mapped():
                    connection.exec_driver_sql(f"UPDATE pair SET age = 1 WHERE id = {first}")
                meet.wait()
                with mapped():
                    connection.exec_driver_sql(f"UPDATE pair SET age = 1 WHERE id = {second}")
        except BusyError as error:
            failed = error
        ended.append(failed)

    threads = [threading.Thread(target=cross, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    (victim,) = [error for error in ended if error is not None]
    assert len(ended) == 2
    code = {"mysql": "mysql 1213", "postgresql": "sqlstate 40P01"}[served.kind]
    assert str(victim) == f"the database is busy ({code})"
    assert victim.retryable
    told_nothing(victim)


def test_a_lock_that_is_not_given_is_busy(served: Database) -> None:
    impatient = {
        "mysql": "SET SESSION innodb_lock_wait_timeout = 1",
        "postgresql": "SET LOCAL lock_timeout = '200ms'",
    }[served.kind]
    code = {"mysql": "mysql 1205", "postgresql": "sqlstate 55P03"}[served.kind]
    with served.write() as holder:
        holder.exec_driver_sql("UPDATE pair SET age = 3")
        with pytest.raises(BusyError) as caught:
            set_ages(served, impatient, "UPDATE pair SET age = 4")
    assert str(caught.value) == f"the database is busy ({code})"
    assert ages(served) == [3, 3]


def test_a_user_who_may_only_read_is_told_so(served: Database, place: ServerDatabase) -> None:
    url, password = place.account("SELECT")
    reader = Database.open(url, password=password)
    with pytest.raises(StorageError) as caught:
        set_ages(reader, "UPDATE pair SET age = 1")
    code = {"mysql": "mysql 1142", "postgresql": "sqlstate 42501"}[served.kind]
    assert str(caught.value) == f"the user may not do this in the database ({code})"
    assert ages(reader) == [36, 85]
    reader.close()


def test_a_missing_database_is_told_apart_from_a_wrong_password(place: ServerDatabase) -> None:
    root = place.server.administrator
    url = place.url_for(root.user).replace(f"/{place.name}?", "/t_missing?")
    db = Database.open(url, password=root.password)
    with pytest.raises(UnreachableError) as caught:
        ages(db)
    reason = {"mysql": "mysql 1049", "postgresql": "3D000"}[db.kind]
    assert str(caught.value) == f"the server has no such database ({reason})"
    db.close()


def test_a_serialisation_failure_is_busy(postgresql_database: ServerDatabase) -> None:
    db = Database.open(postgresql_database.url, password=postgresql_database.password)
    set_ages(db, "CREATE TABLE pair (id INTEGER, age INTEGER)", "INSERT INTO pair VALUES (1, 36)")

    def write_over() -> None:
        with db.write() as first:
            first.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            first.exec_driver_sql("SELECT age FROM pair").all()
            set_ages(db, "UPDATE pair SET age = 1")
            with mapped():
                first.exec_driver_sql("UPDATE pair SET age = 2")

    with pytest.raises(BusyError) as caught:
        write_over()
    assert str(caught.value) == "the database is busy (sqlstate 40001)"
    assert ages(db) == [1]
    db.close()
