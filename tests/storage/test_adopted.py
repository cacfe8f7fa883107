"""A caller's connection or Engine: checked, used, and left as it was."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from strongroom.errors import (
    InputError,
    StorageError,
)
from strongroom.storage.connect import Database
from tests.servers.database import Database as Place
from tests.servers.database import ServerDatabase
from tests.storage.counter import Opener, add_one, caller_engine, count, people_in


def test_a_callers_connection_is_adopted_and_stays_the_callers(
    database: Place, db: Database
) -> None:
    engine = caller_engine(database)
    with engine.connect() as connection:
        db.adopt_connection(connection)
        connection.exec_driver_sql("UPDATE counter SET n = n + 1")
        connection.rollback()
        db.adopt_connection(connection)
        connection.exec_driver_sql("UPDATE counter SET n = n + 10")
        connection.commit()
    engine.dispose()
    assert count(db) == 10


def test_adopting_takes_the_write_lock_of_sqlite(tmp_path: Path, opened: Opener) -> None:
    path = people_in(tmp_path)
    database = opened(f"sqlite:///{path}")
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        database.adopt_connection(connection)
        rival = sqlite3.connect(path, timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            rival.execute("BEGIN IMMEDIATE")
        rival.close()
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "setting"),
    [
        ("SET sql_mode = ''", "sql_mode"),
        ("SET sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES'", "sql_mode"),
        ("SET sql_mode = 'STRICT_ALL_TABLES,ANSI_QUOTES'", "sql_mode"),
        ("SET NAMES latin1", "character_set_client"),
        ("SET NAMES utf8mb3", "character_set_client"),
        ("SET character_set_results = latin1", "character_set_results"),
        ("SET autocommit = 1", "autocommit"),
    ],
)
def test_unsafe_connections_to_mariadb_are_refused(
    mariadb_database: ServerDatabase, opened: Opener, statement: str, setting: str
) -> None:
    database = opened(mariadb_database.url, password=mariadb_database.password)
    engine = caller_engine(mariadb_database)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET sql_mode = 'STRICT_ALL_TABLES'")
        database.adopt_connection(connection)
        connection.exec_driver_sql(statement)
        with pytest.raises(StorageError, match=f"setting {setting} is not safe"):
            database.adopt_connection(connection)
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "setting"),
    [
        ("SET client_encoding = 'LATIN1'", "client_encoding"),
        ("SET client_encoding = 'SQL_ASCII'", "client_encoding"),
        ("SET standard_conforming_strings = off", "standard_conforming_strings"),
    ],
)
def test_unsafe_connections_to_postgresql_are_refused(
    postgresql_database: ServerDatabase, opened: Opener, statement: str, setting: str
) -> None:
    database = opened(postgresql_database.url, password=postgresql_database.password)
    engine = caller_engine(postgresql_database)
    with engine.connect() as connection:
        database.adopt_connection(connection)
        connection.exec_driver_sql(statement)
        with pytest.raises(StorageError, match=f"setting {setting} is not safe"):
            database.adopt_connection(connection)
    engine.dispose()


@pytest.mark.parametrize("whole", [True, False], ids=["engine", "connection"])
def test_autocommit_is_refused(database: Place, db: Database, *, whole: bool) -> None:
    given = {"isolation_level": "AUTOCOMMIT"} if whole else {}
    engine = caller_engine(database, **given)
    with engine.connect() as connection:
        if not whole:
            connection.execution_options(isolation_level="AUTOCOMMIT")
        with pytest.raises(StorageError, match="setting autocommit is not safe"):
            db.adopt_connection(connection)
    engine.dispose()


def test_a_connection_to_another_kind_is_refused(mariadb_database: ServerDatabase) -> None:
    database = Database.open(mariadb_database.url, password=mariadb_database.password)
    engine = sa.create_engine("sqlite://")
    with (
        engine.connect() as connection,
        pytest.raises(InputError, match="not to a mysql database"),
    ):
        database.adopt_connection(connection)
    engine.dispose()
    database.close()


def test_a_callers_engine_is_used_as_it_is(database: Place, db: Database, opened: Opener) -> None:
    engine = caller_engine(database)
    with engine.connect() as connection:
        before = connection.get_isolation_level()
    borrowed = opened(engine)
    add_one(borrowed)
    assert count(borrowed) == 1
    with engine.connect() as connection:
        assert connection.get_isolation_level() == before
    borrowed.close()
    with engine.connect() as connection:  # still the caller's to use
        assert connection.exec_driver_sql("SELECT n FROM counter").scalar_one() == 1
    engine.dispose()
    assert count(db) == 1


def test_a_callers_engine_that_begins_by_itself_still_writes_under_the_lock(
    tmp_path: Path, opened: Opener
) -> None:
    path = people_in(tmp_path)
    engine = sa.create_engine(f"sqlite:///{path}")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    database = opened(engine)
    with database.write():
        rival = sqlite3.connect(path, timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            rival.execute("BEGIN IMMEDIATE")
        rival.close()
    add_one(database)
    assert count(database) == 8
    engine.dispose()


def test_a_callers_unsafe_engine_is_refused(mariadb_database: ServerDatabase) -> None:
    engine = caller_engine(mariadb_database, connect_args={"sql_mode": ""})
    database = Database.open(engine)
    with pytest.raises(StorageError, match="setting sql_mode is not safe"), database.read():
        pass
    database.close()
    engine.dispose()
