"""Many new rows of one table, by the fastest way that is safe on each database.

SQLite takes them one by one from a prepared statement, MySQL as many in a statement as its driver
packs together, and PostgreSQL as a stream (COPY). Never LOAD DATA LOCAL, by which a server reads
files of its client.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import sqlalchemy as sa

from strongroom.storage.dialect import Dialect

_STREAMED: Final = 16
"""From so many rows on a stream pays for the question that has to be asked before."""


@dataclass(frozen=True)
class MassInsert:
    """Adds rows to one table.

    Attributes:
        dialect: of the database.
        table: its name, with its schema's or without.
        columns: which a row has values of, in their order.
    """

    dialect: Dialect
    table: str
    columns: tuple[str, ...]

    def run(self, connection: sa.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write the rows. The driver's errors are the caller's.

        Args:
            connection: inside a transaction.
            rows: of each the values of `columns`.
        """
        if len(rows) >= _STREAMED and self._can_stream(connection):
            self._stream(connection, rows)
        elif rows:
            connection.exec_driver_sql(self._insert, list(rows))

    def _can_stream(self, connection: sa.Connection) -> bool:
        """Say whether COPY may be used: another driver has no such method, row security forbids."""
        if connection.dialect.driver != "psycopg":
            return False
        asked = "SELECT pg_catalog.row_security_active(%s)"
        return not connection.exec_driver_sql(asked, (self._place,)).scalar_one()

    def _stream(self, connection: sa.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(self._copy) as stream:
            for row in rows:
                stream.write_row(row)

    @cached_property
    def _place(self) -> str:
        return self.dialect.quote_table(self.table)

    @cached_property
    def _names(self) -> str:
        return ", ".join(map(self.dialect.quote, self.columns))

    @cached_property
    def _copy(self) -> str:
        return f"COPY {self._place} ({self._names}) FROM STDIN"

    @cached_property
    def _insert(self) -> str:
        mark = "?" if self.dialect.kind == "sqlite" else "%s"
        marks = ", ".join([mark] * len(self.columns))
        return f"INSERT INTO {self._place} ({self._names}) VALUES ({marks})"  # noqa: S608
