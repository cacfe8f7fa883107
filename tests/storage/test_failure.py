"""Errors of drivers: recognised by code, told in our words, with nothing of theirs left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from strongroom.errors import (
    BusyError,
    StorageError,
)
from strongroom.storage.connect import Database
from strongroom.storage.failure import mapped, was_lost
from tests.servers.database import Database as Place
from tests.servers.database import ServerDatabase, SQLiteDatabase
from tests.storage.canary import CANARY, told_nothing
from tests.storage.pair import ages, set_ages


@pytest.fixture
def db(database: Place) -> Iterator[Database]:
    """Open the place of the test, with a table of strict columns."""
    made = Database.open(database.url, password=database.password)
    made.create_file()
    with made.write() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE strict_one (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE,"
            " age INTEGER NOT NULL CHECK (age < 200))"
        )
        connection.execute(
            sa.text("INSERT INTO strict_one VALUES (1, :name, 36)"), {"name": CANARY}
        )
    yield made
    made.close()


def failing(db: Database, statement: str, **values: object) -> StorageError:
    """Run a statement that fails; check that the error holds nothing but our words."""
    with pytest.raises(StorageError) as caught, db.write() as connection, mapped():
        connection.execute(sa.text(statement), values)
    told_nothing(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "INSERT INTO nowhere VALUES (:name)",
            {
                "sqlite": "a table or column is missing (SQLITE_ERROR)",
                "mysql": "a table or column is missing (mysql 1146)",
                "postgresql": "a table or column is missing (sqlstate 42P01)",
            },
        ),
        (
            "UPDATE strict_one SET missing = :name",
            {
                "sqlite": "a table or column is missing (SQLITE_ERROR)",
                "mysql": "a table or column is missing (mysql 1054)",
                "postgresql": "a table or column is missing (sqlstate 42703)",
            },
        ),
        (
            "INSERT INTO strict_one VALUES (2, :name, 1)",
            {
                "sqlite": "a row with this key is already there (SQLITE_CONSTRAINT_UNIQUE)",
                "mysql": "a row with this key is already there (mysql 1062)",
                "postgresql": "a row with this key is already there (sqlstate 23505)",
            },
        ),
        (
            "INSERT INTO strict_one (id, name, age) VALUES (1, :name, NULL)",
            {
                "sqlite": "a rule of the table refuses the row (SQLITE_CONSTRAINT_NOTNULL)",
                "mysql": "a rule of the table refuses the row (mysql 1048)",
                "postgresql": "a rule of the table refuses the row (sqlstate 23502)",
            },
        ),
        (
            "INSERT INTO strict_one (id, name, age) VALUES (3, 'x', 500)",
            {
                "sqlite": "a rule of the table refuses the row (SQLITE_CONSTRAINT_CHECK)",
                "mysql": "a rule of the table refuses the row (mysql 4025)",
                "postgresql": "a rule of the table refuses the row (sqlstate 23514)",
            },
        ),
        (
            "SELEC :name",
            {
                "sqlite": "the database does not accept the statement (SQLITE_ERROR)",
                "mysql": "the database does not accept the statement (mysql 1064)",
                "postgresql": "the database does not accept the statement (sqlstate 42601)",
            },
        ),
    ],
)
def test_conditions_of_every_database(
    db: Database, statement: str, expected: dict[str, str]
) -> None:
    values = {"name": CANARY} if ":name" in statement else {}
    error = failing(db, statement, **values)
    assert str(error) == expected[db.kind]
    assert not was_lost(error)
    with db.read() as connection:  # and the database goes on
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM strict_one").scalar_one() == 1


def test_mariadb_quotes_values_and_we_do_not(mariadb_database: ServerDatabase) -> None:
    """Error 1366 reads: Incorrect integer value: 'the value' for column …."""
    db = Database.open(mariadb_database.url, password=mariadb_database.password)
    with db.write() as connection:
        connection.exec_driver_sql("CREATE TABLE ages (age INTEGER NOT NULL)")
    with (
        pytest.raises(sa.exc.DBAPIError, match=CANARY),  # the danger is real
        db.write() as connection,
    ):
        connection.execute(sa.text("INSERT INTO ages VALUES (:age)"), {"age": CANARY})
    error = failing(db, "INSERT INTO ages VALUES (:age)", age=CANARY)
    assert str(error) == "a value cannot be held or handed over as it is (mysql 1366)"
    db.close()


def test_postgresql_quotes_values_and_we_do_not(postgresql_database: ServerDatabase) -> None:
    db = Database.open(postgresql_database.url, password=postgresql_database.password)
    error = failing(db, "SELECT CAST(:age AS INTEGER)", age=CANARY)
    assert str(error) == "a value cannot be held or handed over as it is (sqlstate 22P02)"
    db.close()


# --- at SQLite -----------------------------------------------------------------------------------


@pytest.fixture
def filed(sqlite_database: SQLiteDatabase) -> Iterator[Database]:
    """Open an SQLite file with a table of two rows."""
    made = Database.open(sqlite_database.url)
    made.create_file()
    set_ages(made, "CREATE TABLE pair (id INTEGER, age INTEGER)")
    set_ages(made, "INSERT INTO pair VALUES (1, 36), (2, 85)")
    yield made
    made.close()


def test_a_stale_snapshot_is_busy(filed: Database) -> None:
    def write_over() -> None:
        with filed.read() as reader:
            reader.exec_driver_sql("SELECT age FROM pair").all()
            set_ages(filed, "UPDATE pair SET age = 1")
            with mapped():
                reader.exec_driver_sql("UPDATE pair SET age = 2")

    with pytest.raises(BusyError) as caught:
        write_over()
    assert str(caught.value) == "the database is busy (SQLITE_BUSY_SNAPSHOT)"
    assert ages(filed) == [1, 1]


def test_a_second_writer_who_does_not_wait_is_busy(
    filed: Database, sqlite_database: SQLiteDatabase
) -> None:
    rival = sa.create_engine(sqlite_database.url, connect_args={"timeout": 0})
    with filed.write(), pytest.raises(BusyError) as caught:
        set_ages(Database.open(rival), "UPDATE pair SET age = 1")
    rival.dispose()
    assert str(caught.value) == "the database is busy (SQLITE_BUSY)"


def test_a_full_disk_is_told(filed: Database) -> None:
    with filed.read() as connection:  # SQLite's own way to run out of pages
        connection.exec_driver_sql("PRAGMA max_page_count = 2")
        with pytest.raises(StorageError) as caught, mapped():
            connection.exec_driver_sql("INSERT INTO pair VALUES (3, zeroblob(100000))")
    assert str(caught.value) == "the database has no space left (SQLITE_FULL)"
    told_nothing(caught.value)
