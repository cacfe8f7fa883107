"""What goes straight to the driver: the same rows, errors and ends as through SQLAlchemy."""

from __future__ import annotations

import datetime as dt
from typing import Any
from unittest import mock

import pytest
import sqlalchemy as sa

from strongroom.errors import StorageError
from strongroom.storage import liveness
from strongroom.storage.connect import Database
from strongroom.storage.direct import Direct, fetched
from strongroom.storage.failure import mapped
from tests.servers.database import Database as Place
from tests.servers.database import ServerDatabase
from tests.storage.canary import told_nothing
from tests.storage.counter import Opener, caller_engine, count, opened_with_counter

_COUNTER = sa.table("counter", sa.column("id"), sa.column("n"))
_ID = sa.bindparam("wanted", type_=sa.BigInteger())
_READ = Direct(sa.select(_COUNTER.c.n).where(_COUNTER.c.id == _ID))
_WRITE = Direct(sa.update(_COUNTER).where(_COUNTER.c.id == _ID).values(n=7))
_OPEN = (
    "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = ? AND pid <> pg_backend_pid() "
    "AND state <> 'idle'"
)


def seen_by(database: Database, statement: Direct[Any], values: dict[str, Any]) -> list[str]:
    """Return what SQLAlchemy's listeners see of a statement that is run once."""
    seen: list[str] = []

    def note(*given: Any) -> None:
        seen.append(given[2])

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        with database.read() as connection:
            assert len(statement.all(connection, values)) == 1
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    return [one for one in seen if "counter" in one]


def test_a_statement_reads_and_writes(db: Database) -> None:
    with db.write() as connection:
        assert [tuple(row) for row in _READ.all(connection, {"wanted": 1})] == [(0,)]
        _WRITE.run(connection, {"wanted": 1})
        assert _READ.all(connection, {"wanted": 2}) in ([], ())
    assert count(db) == 7


def test_a_write_that_goes_nowhere_else_is_committed_or_undone(db: Database) -> None:
    with db.write() as connection:
        _WRITE.run(connection, {"wanted": 1})
    assert count(db) == 7
    with db.read() as connection:
        _WRITE.run(connection, {"wanted": 2})

    def fail() -> None:
        with db.write() as connection:
            connection.exec_driver_sql("UPDATE counter SET n = 0")
            _WRITE.run(connection, {"wanted": 1})
            raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        fail()
    assert count(db) == 7


def by_sqlalchemy(database: Database, statement: Direct[Any], values: dict[str, Any]) -> bool:
    """Run a statement once, and return whether it went through SQLAlchemy."""
    with (
        mock.patch.object(
            sa.Connection, "execute", autospec=True, side_effect=sa.Connection.execute
        ) as execute,
        database.read() as connection,
    ):
        assert len(statement.all(connection, values)) == 1
    return bool(execute.called)


def test_whoever_listens_sees_every_statement(database: Place, db: Database) -> None:
    assert not by_sqlalchemy(db, _READ, {"wanted": 1})
    assert len(seen_by(db, _READ, {"wanted": 1})) == 1
    assert not by_sqlalchemy(db, _READ, {"wanted": 1})
    engine = caller_engine(database)
    borrowed = Database.open(engine)
    assert by_sqlalchemy(borrowed, _READ, {"wanted": 1})
    borrowed.close()
    engine.dispose()


def test_a_value_that_needs_a_conversion_gets_it(db: Database) -> None:
    typed = Direct(sa.select(sa.bindparam("day", type_=sa.Date()).label("counter")))
    assert by_sqlalchemy(db, typed, {"day": dt.date(2026, 1, 1)})


def test_an_error_is_what_it_is_through_sqlalchemy(db: Database) -> None:
    gone = sa.select(sa.table("gone", sa.column("n")).c.n)

    def through(statement: Any) -> StorageError:
        with pytest.raises(StorageError) as caught, db.read() as connection, mapped():
            if isinstance(statement, Direct):
                statement.all(connection, {})
            else:
                connection.execute(statement)
        told_nothing(caught.value)
        return caught.value

    one, other = through(Direct(gone)), through(gone)
    assert (type(one), str(one), one.hint) == (type(other), str(other), other.hint)
    with db.read() as connection:
        assert fetched(connection, _READ, {"wanted": 1})


def test_an_interrupted_statement_leaves_no_half_read_connection(db: Database) -> None:
    with pytest.raises(KeyboardInterrupt), db.read() as connection:
        driver = connection.connection
        cursor = mock.Mock(execute=mock.Mock(side_effect=KeyboardInterrupt))
        with mock.patch.object(type(driver), "cursor", return_value=cursor):
            _READ.all(connection, {"wanted": 1})
    assert connection.closed
    assert count(db) == 0


def test_a_broken_connection_is_replaced_for_a_read_and_never_for_a_write(
    place: ServerDatabase, opened: Opener
) -> None:
    database = opened_with_counter(opened, place)
    number = {"mysql": "SELECT CONNECTION_ID()", "postgresql": "SELECT pg_backend_pid()"}
    ends = {"mysql": "KILL %d", "postgresql": "SELECT pg_terminate_backend(%d, 5000)"}

    def end(connection: sa.Connection) -> None:
        cursor: Any = connection.connection.cursor()
        cursor.execute(number[database.kind])
        place.execute(ends[database.kind] % cursor.fetchone()[0])

    with database.read() as connection:
        end(connection)
        assert [tuple(row) for row in _READ.all(connection, {"wanted": 1})] == [(0,)]
    with pytest.raises(StorageError, match="lost"), database.write() as connection:
        end(connection)
        with mapped():
            _WRITE.run(connection, {"wanted": 1})
    assert count(database) == 0


def test_no_connection_goes_back_inside_a_transaction(
    place: ServerDatabase, opened: Opener
) -> None:
    database = opened_with_counter(opened, place)

    def nothing_is_open() -> None:
        if place.kind == "postgresql":
            assert place.execute(_OPEN, (place.name,)) == [(0,)]
        assert len(place.execute("SELECT n FROM counter FOR UPDATE NOWAIT")) == 1

    def fail() -> None:
        with database.write() as connection:
            _WRITE.run(connection, {"wanted": 1})
            raise RuntimeError("mine")

    nothing_is_open()
    with database.read() as connection:
        _READ.all(connection, {"wanted": 1})
    nothing_is_open()
    with pytest.raises(RuntimeError, match="mine"):
        fail()
    nothing_is_open()
    with database.reserve() as connection:
        _WRITE.run(connection, {"wanted": 1})
    nothing_is_open()
    with database.read() as connection:
        Direct(sa.select(_COUNTER.c.n).with_for_update()).all(connection, {})
    nothing_is_open()


def test_what_is_no_connection_is_not_quiet() -> None:
    assert not liveness.is_quiet(object())
