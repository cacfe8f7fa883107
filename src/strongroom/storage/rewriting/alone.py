"""Holding tables alone for a moment: what a cut-over does between the last change and the swap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa

from strongroom.errors import StorageError
from strongroom.storage.dialect import Dialect
from strongroom.storage.failure import mapped
from strongroom.storage.system import COUNTERS_TABLE, JOBS_TABLE, STORE_TABLE

WAIT_SECONDS: Final = 30
_OURS: Final = (STORE_TABLE, COUNTERS_TABLE, JOBS_TABLE)


@contextmanager
def alone(connection: sa.Connection, dialect: Dialect, tables: Sequence[str]) -> Iterator[None]:
    """Hold tables so that nobody else reads or writes them, until the block ends.

    On SQLite the writing transaction does, on PostgreSQL a lock that ends with it. MySQL's DDL ends
    transactions, so there the lock belongs to the session and outlives the commits inside.

    Raises:
        BusyError: others hold them for longer than 30 seconds.
    """
    if dialect.kind == "postgresql":
        with mapped():
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
            names = ", ".join(dialect.quote_table(name) for name in tables)
            connection.exec_driver_sql(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
    if dialect.kind != "mysql":
        yield
        return
    held = ", ".join(f"{dialect.quote_table(name)} WRITE" for name in (*tables, *_OURS))
    # With another name too: a bulk update joins the table under a short one.
    held += "".join(f", {dialect.quote_table(name)} AS t WRITE" for name in tables[:1])
    try:
        with mapped():
            connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {WAIT_SECONDS}")
            connection.exec_driver_sql(f"LOCK TABLES {held}")
        yield
    finally:
        try:
            with mapped():
                connection.exec_driver_sql("UNLOCK TABLES")
                connection.exec_driver_sql("SET SESSION lock_wait_timeout = DEFAULT")
        except StorageError:
            # The session's end gives up its locks; it must not go back to the pool with them.
            connection.invalidate()
