"""Transactions: kept or undone whole, with threads, full pools, lost connections and forks."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import sqlalchemy as sa

from strongroom.errors import (
    BusyError,
    StorageError,
    StrongroomError,
)
from strongroom.storage.connect import Database
from tests.servers.database import Database as Place
from tests.servers.database import ServerDatabase, SQLiteDatabase
from tests.storage.counter import Opener, add_one, caller_engine, count, opened_with_counter
from tests.storage.elsewhere import in_children


def test_a_write_is_kept_and_a_failed_one_is_not(db: Database) -> None:
    add_one(db)
    assert count(db) == 1

    def fail() -> None:
        with db.write() as connection:
            connection.exec_driver_sql("UPDATE counter SET n = 50")
            raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        fail()
    assert count(db) == 1


def test_a_read_keeps_nothing(db: Database) -> None:
    with db.read() as connection:
        connection.exec_driver_sql("UPDATE counter SET n = 50")
    assert count(db) == 0


def test_errors_of_the_callers_own_code_pass_as_they_are(db: Database) -> None:
    other = sa.create_engine("sqlite://")
    with pytest.raises(sa.exc.OperationalError), db.write(), other.connect() as connection:
        connection.exec_driver_sql("SELECT * FROM nowhere")
    other.dispose()


def test_threads_lose_no_update(db: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: add_one(db), range(120)))
    assert count(db) == 120


def test_three_hundred_transactions_that_read_then_update(
    sqlite_database: SQLiteDatabase, opened: Opener
) -> None:
    database = opened_with_counter(opened, sqlite_database)

    def work(number: int) -> str:
        own = Database.open(sqlite_database.url)
        failed: set[str] = set()
        for _ in range(50):
            try:
                add_one(own)
            except StrongroomError as error:
                failed.add(str(error))
        return f"{number}: {sorted(failed)}"

    assert in_children(6, work) == [f"{number}: []" for number in range(6)]
    assert count(database) == 300


def test_a_second_writer_waits_for_the_first(db: Database) -> None:
    order: list[str] = []
    inside = threading.Event()

    def second() -> None:
        inside.wait(10)
        add_one(db)
        order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with db.write() as connection:
        connection.exec_driver_sql("UPDATE counter SET n = n + 1")
        inside.set()
        thread.join(0.3)
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
    assert count(db) == 2


def test_reserve_commits_by_itself_and_never_waits_for_the_pool(
    database: Place, db: Database
) -> None:
    if database.kind == "sqlite":
        with pytest.raises(RuntimeError, match="SQLite reserves ids inside"):
            db.reserve()
        return
    with ExitStack() as stack:
        for _ in range(15):  # every connection that SQLAlchemy's pool gives out
            stack.enter_context(db.read())
        for _ in range(2):
            with db.reserve() as connection:
                connection.exec_driver_sql("UPDATE counter SET n = n + 1")
    assert count(db) == 2


def test_reserve_on_a_callers_engine_never_waits_for_its_pool(
    database: Place, db: Database, opened: Opener
) -> None:
    engine = caller_engine(database, pool_size=1, max_overflow=0, pool_timeout=1)
    borrowed = opened(engine)
    if borrowed.kind == "sqlite":
        with borrowed.write(), pytest.raises(RuntimeError):
            borrowed.reserve()
    else:
        with borrowed.read(), borrowed.reserve() as connection:
            connection.exec_driver_sql("UPDATE counter SET n = n + 1")
        assert count(db) == 1
    borrowed.close()
    assert engine.pool.status().startswith("Pool size: 1  Connections in pool: 1")
    engine.dispose()


def test_an_exhausted_pool_is_busy_and_not_a_crash(database: Place, db: Database) -> None:
    engine = caller_engine(database, pool_size=1, max_overflow=0, pool_timeout=0.1)
    borrowed = Database.open(engine)
    with (
        borrowed.read(),
        pytest.raises(BusyError, match="all connections of the pool"),
        borrowed.read(),
    ):
        pass
    borrowed.close()
    engine.dispose()
    assert count(db) == 0


def test_a_broken_pooled_connection_is_replaced_before_use(
    place: ServerDatabase, opened: Opener
) -> None:
    database = opened(place.url, password=place.password)
    with database.read() as connection:
        query = {"mysql": "CONNECTION_ID()", "postgresql": "pg_backend_pid()"}[database.kind]
        number = connection.exec_driver_sql(f"SELECT {query}").scalar_one()
    ends = {"mysql": "KILL %d", "postgresql": "SELECT pg_terminate_backend(%d, 5000)"}
    place.execute(ends[database.kind] % number)
    with database.read() as connection:
        assert connection.exec_driver_sql(f"SELECT {query}").scalar_one() != number


def test_children_on_an_inherited_database_get_right_answers(database: Place, db: Database) -> None:
    """On a shared connection two children read each other's answers, or none."""
    add_one(db)
    add_one(db)

    def use(number: int) -> str:
        for turn in range(60):
            with db.read() as connection:
                asked = number * 1000 + turn
                answer = connection.execute(
                    sa.text("SELECT :asked + n FROM counter"), {"asked": asked}
                ).scalar_one()
                if int(answer) != asked + 2:
                    return f"asked {asked}, got {answer}"
            if turn % 10 == 0 and database.kind != "sqlite":
                with db.reserve() as connection:
                    connection.exec_driver_sql("SELECT 1")
        return "right"

    assert in_children(2, use, meanwhile=lambda: use(7)) == ["right", "right"]
    add_one(db)
    assert count(db) == 3


def test_a_child_cannot_end_a_transaction_of_its_parent(db: Database) -> None:
    session = db.write()
    connection = session.__enter__()
    connection.exec_driver_sql("UPDATE counter SET n = 5")

    def leave(_: int) -> str:
        try:
            session.__exit__(None, None, None)
        except StorageError as error:
            return str(error)
        return "committed"

    assert in_children(1, leave) == ["the transaction was begun by another process before a fork"]
    connection.exec_driver_sql("UPDATE counter SET n = n + 1")
    session.__exit__(None, None, None)
    assert count(db) == 6
