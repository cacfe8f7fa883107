"""What a server connection must be set to, so that values come back as they were written.

Our own connections are set and then checked; a caller's are only checked. A setting that does not
hold is an error that names it: a lax `sql_mode` cuts long text and stores '?' for an emoji with
nothing but a warning, and autocommit keeps half of a transaction that was rolled back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

import sqlalchemy

from strongroom.errors import StorageError
from strongroom.storage.address import Kind


class Cursor(Protocol):
    """The part of a DB-API cursor that is used here."""

    def execute(self, operation: str, /) -> Any:  # noqa: ANN401  # drivers differ
        """Run one statement."""

    def fetchall(self) -> Any:  # noqa: ANN401  # rows as the driver builds them
        """Return every row of the last one."""

    def close(self) -> None:
        """Let go of the result."""


class DriverConnection(Protocol):
    """The part of a DB-API connection that is used here."""

    def cursor(self) -> Cursor:
        """Return a new cursor."""

    def commit(self) -> None:
        """End the transaction and keep what it did."""


Settings = Mapping[str, str]

_MYSQL_MODE: Final = (
    "STRICT_ALL_TABLES,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,"
    # Without the last one, id 0 in an AUTO_INCREMENT column is stored as another number.
    "NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO"
)
_MYSQL_STATEMENTS: Final = (
    "SET NAMES utf8mb4",
    f"SET SESSION sql_mode = '{_MYSQL_MODE}', time_zone = '+00:00'",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    # Ordering by text compares this many bytes: less would lose records between pages.
    "SET SESSION max_sort_length = 1024",
)
# MariaDB before 11.1 calls it tx_isolation, MySQL since 8 transaction_isolation.
_MYSQL_ISOLATION: Final = ("transaction_isolation", "tx_isolation")
_MYSQL_CHARSETS: Final = (
    "character_set_client",
    "character_set_connection",
    "character_set_results",
)
_MYSQL_SHOW: Final = "SHOW SESSION VARIABLES WHERE Variable_name IN ({})".format(
    ", ".join(
        f"'{name}'"
        for name in ("sql_mode", "time_zone", "autocommit", *_MYSQL_ISOLATION, *_MYSQL_CHARSETS)
    )
)
# These change what a quoted string or a CHAR value means.
_MYSQL_REFUSED: Final = frozenset(
    {"ANSI_QUOTES", "NO_BACKSLASH_ESCAPES", "PAD_CHAR_TO_FULL_LENGTH"}
)
_POSTGRESQL: Final[Settings] = {
    "client_encoding": "UTF8",
    "TimeZone": "UTC",
    "standard_conforming_strings": "on",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
}


def prepare_mysql(connection: DriverConnection) -> None:
    """Set a new MySQL or MariaDB connection of ours, and check that every setting took.

    Raises:
        StorageError: one did not; the message names it.
    """
    for statement in _MYSQL_STATEMENTS:
        _fetch(connection, statement, rows=False)
    found = {str(name): str(value) for name, value in _fetch(connection, _MYSQL_SHOW)}
    _check_mysql(found)
    if set(_MYSQL_MODE.split(",")) - _modes(found):
        raise refused("sql_mode")
    if found.get("time_zone") != "+00:00":
        raise refused("time_zone")
    if not any(found.get(name) == "READ-COMMITTED" for name in _MYSQL_ISOLATION):
        raise refused("transaction_isolation")
    connection.commit()


def prepare_postgresql(connection: DriverConnection) -> None:
    """Set a new PostgreSQL connection of ours, and check that every setting took.

    Raises:
        StorageError: one did not; the message names it.
    """
    calls = (f"set_config('{name}', '{value}', false)" for name, value in _POSTGRESQL.items())
    (row,) = _fetch(connection, "SELECT " + ", ".join(calls))
    # Settings made inside a transaction that is rolled back are undone with it.
    connection.commit()
    for (name, expected), value in zip(_POSTGRESQL.items(), row, strict=True):
        if value != expected:
            raise refused(name)


def check_borrowed(kind: Kind, connection: sqlalchemy.Connection) -> None:
    """Check a caller's server connection; nothing on it is changed.

    Raises:
        StorageError: a setting would change or lose values; the message names it.
    """
    driver = connection.connection.dbapi_connection
    if kind == "mysql":
        rows = connection.exec_driver_sql(_MYSQL_SHOW).all()
        _check_mysql({str(name): str(value) for name, value in rows})
    elif kind == "postgresql":
        if getattr(driver, "autocommit", False) is True:
            raise refused("autocommit")
        names = ("client_encoding", "standard_conforming_strings")
        query = "SELECT " + ", ".join(f"current_setting('{name}')" for name in names)
        for name, value in zip(names, connection.exec_driver_sql(query).one(), strict=True):
            if value != _POSTGRESQL[name]:
                raise refused(name)


def _check_mysql(found: Settings) -> None:
    if found.get("autocommit") != "OFF":
        raise refused("autocommit")
    for name in _MYSQL_CHARSETS:
        if found.get(name) != "utf8mb4":
            raise refused(name)
    modes = _modes(found)
    if any(found.get(name) == "READ-UNCOMMITTED" for name in _MYSQL_ISOLATION):
        raise refused("transaction_isolation")
    if modes & _MYSQL_REFUSED or not modes & {"STRICT_ALL_TABLES", "STRICT_TRANS_TABLES"}:
        raise refused("sql_mode")


def _modes(found: Settings) -> set[str]:
    return set(found.get("sql_mode", "").split(","))


def refused(name: str) -> StorageError:
    """Build the error that names a setting with which values could change or be lost."""
    wanted = {
        "autocommit": "turn autocommit off on the connection",
        "transaction_isolation": "use READ COMMITTED or stricter",
        "sql_mode": "sql_mode must be strict, without " + ", ".join(sorted(_MYSQL_REFUSED)),
        **dict.fromkeys(_MYSQL_CHARSETS, "connect with charset=utf8mb4"),
        **{setting: f"it must be {value}" for setting, value in _POSTGRESQL.items()},
    }
    return StorageError(
        f"the connection's setting {name} is not safe for strongroom", hint=wanted.get(name)
    )


def _fetch(connection: DriverConnection, statement: str, *, rows: bool = True) -> Any:  # noqa: ANN401
    cursor = connection.cursor()
    try:
        cursor.execute(statement)
        return cursor.fetchall() if rows else None
    finally:
        cursor.close()


PREPARE: Final[Mapping[Kind, Callable[[DriverConnection], None]]] = {
    "mysql": prepare_mysql,
    "postgresql": prepare_postgresql,
}
