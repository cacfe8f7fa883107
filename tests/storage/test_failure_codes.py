"""Codes of drivers: what no server does on demand, and what passes as it is."""

from __future__ import annotations

import sqlite3

import psycopg
import pymysql
import pytest
import sqlalchemy as sa

from strongroom.errors import (
    BusyError,
    InputError,
    StorageError,
    UnreachableError,
)
from strongroom.storage.failure import mapped, translate, was_lost
from tests.storage.canary import CANARY, told_nothing


def _mysql(number: int) -> pymysql.err.OperationalError:
    return pymysql.err.OperationalError(number, f"about {CANARY}")


def _sqlite(name: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(f"about {CANARY}")
    error.sqlite_errorname = name
    return error


def _postgresql(state: str) -> psycopg.Error:
    return psycopg.errors.lookup(state)(f"about {CANARY}")


BUSY = "the database is busy"
FULL = "the database has no space left"
STOPPED = "the statement was stopped by the server or its limits"


@pytest.mark.parametrize(
    ("driver", "kind", "text"),
    [
        (_mysql(1020), BusyError, f"{BUSY} (mysql 1020)"),
        (_mysql(1205), BusyError, f"{BUSY} (mysql 1205)"),
        (_mysql(1213), BusyError, f"{BUSY} (mysql 1213)"),
        (_mysql(1040), UnreachableError, "the server accepts no more connections (mysql 1040)"),
        (_mysql(1021), StorageError, f"{FULL} (mysql 1021)"),
        (_mysql(1114), StorageError, f"{FULL} (mysql 1114)"),
        (
            _mysql(1153),
            StorageError,
            "a value or batch is too large for the database (mysql 1153)",
        ),
        (_mysql(1290), StorageError, "the database is read-only (mysql 1290)"),
        (_mysql(3024), StorageError, f"{STOPPED} (mysql 3024)"),
        (_mysql(9999), StorageError, "the database failed (mysql 9999)"),
        (
            pymysql.err.InterfaceError(0, ""),
            StorageError,
            "the connection to the database was lost (mysql connection closed)",
        ),
        (pymysql.err.Error(CANARY), StorageError, "the database failed (Error)"),
        (_postgresql("40001"), BusyError, f"{BUSY} (sqlstate 40001)"),
        (_postgresql("40P01"), BusyError, f"{BUSY} (sqlstate 40P01)"),
        (_postgresql("55P03"), BusyError, f"{BUSY} (sqlstate 55P03)"),
        (_postgresql("53100"), StorageError, f"{FULL} (sqlstate 53100)"),
        (_postgresql("25006"), StorageError, "the database is read-only (sqlstate 25006)"),
        (_postgresql("57014"), StorageError, f"{STOPPED} (sqlstate 57014)"),
        (_postgresql("XX001"), StorageError, "the database is damaged (sqlstate XX001)"),
        (_sqlite("SQLITE_BUSY_SNAPSHOT"), BusyError, f"{BUSY} (SQLITE_BUSY_SNAPSHOT)"),
        (_sqlite("SQLITE_LOCKED_SHAREDCACHE"), BusyError, f"{BUSY} (SQLITE_LOCKED_SHAREDCACHE)"),
        (
            _sqlite("SQLITE_CORRUPT_INDEX"),
            StorageError,
            "the database is damaged (SQLITE_CORRUPT_INDEX)",
        ),
        (
            _sqlite("SQLITE_IOERR_FSYNC"),
            StorageError,
            "the database cannot read or write its disk (SQLITE_IOERR_FSYNC)",
        ),
        (
            ValueError(CANARY),
            StorageError,
            "a value cannot be held or handed over as it is (ValueError)",
        ),
        (RuntimeError(CANARY), StorageError, "the database failed (RuntimeError)"),
        (
            ConnectionResetError(104, CANARY),
            UnreachableError,
            "the database server cannot be reached (ConnectionResetError)",
        ),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else "",
)
def test_codes_are_recognised_with_and_without_sqlalchemy(
    driver: Exception, kind: type[StorageError], text: str
) -> None:
    wrapped = sa.exc.DBAPIError(f"INSERT {CANARY}", {"name": CANARY}, driver)
    for error in (driver, wrapped):
        found = translate(error)
        assert type(found) is kind
        assert str(found) == text
        told_nothing(found)


def test_a_broken_connection_that_only_sqlalchemy_recognised_is_lost() -> None:
    error = sa.exc.DBAPIError("SELECT", {}, pymysql.err.Error("odd"), connection_invalidated=True)
    assert was_lost(translate(error))


def test_our_own_errors_and_interrupts_pass_as_they_are() -> None:
    for raised in (InputError("mine"), KeyboardInterrupt(), SystemExit(3), GeneratorExit()):
        with pytest.raises(type(raised)) as caught, mapped():
            raise raised
        assert caught.value is raised
