"""Whether an SQLite transaction began: SQLAlchemy, the driver and SQLite each see it their way."""

from __future__ import annotations

import sqlalchemy

from strongroom.storage import settings


def in_transaction(connection: sqlalchemy.Connection) -> bool:
    """Begin as the engine does by itself, then ask the driver whether that began anything."""
    if not connection.in_transaction():
        connection.begin()
    return bool(getattr(connection.connection.dbapi_connection, "in_transaction", False))


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
