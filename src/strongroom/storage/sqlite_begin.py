"""Whether an SQLite transaction began: SQLAlchemy, the driver and SQLite each see it their way."""

from __future__ import annotations

import sqlalchemy

from strongroom.storage import settings


def in_transaction(connection: sqlalchemy.Connection) -> bool:
    """Begin as the engine does by itself, then ask the driver whether that began anything."""
    if not connection.in_transaction():
        connection.begin()
    return bool(getattr(connection.connection.dbapi_connection, "in_transaction", False))


def begin(connection: sqlalchemy.Connection, statement: str, *, ours: bool) -> None:
    """Begin as `statement` says.

    Args:
        connection: fresh from the pool.
        statement: a BEGIN.
        ours: False for a caller's engine, which may begin by itself, and never immediately.
    """
    if not ours and in_transaction(connection):
        connection.exec_driver_sql("ROLLBACK")
    # Straight to the driver: through SQLAlchemy it takes as long as the read that follows.
    cursor = connection.connection.cursor()
    try:
        cursor.execute(statement)
    finally:
        cursor.close()


def lock_borrowed(connection: sqlalchemy.Connection) -> None:
    """Take SQLite's write lock in a caller's transaction, if it did not begin yet.

    Raises:
        StorageError: it never begins one: the caller expects no commit.
    """
    if in_transaction(connection):
        return
    driver = connection.connection.dbapi_connection
    if getattr(driver, "isolation_level", "") is None or getattr(driver, "autocommit", 0) is True:
        # Nothing began, and nothing would at the first write: the caller expects no commit.
        raise settings.refused("autocommit")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
