"""Many new rows of one table, by the fastest way that is safe on each database.

SQLite takes dozens in a prepared statement, MySQL one statement for as many as its packets hold,
and PostgreSQL a stream (COPY). Never LOAD DATA LOCAL, by which a server reads files of its client.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Final

import sqlalchemy as sa

from strongroom.storage import literals
from strongroom.storage.dialect import Dialect
from strongroom.storage.direct import changed_by
from strongroom.storage.packet import in_packets

_MOST_VARIABLES: Final = 900
"""Of one statement: SQLite before 3.32 takes 999."""
_STREAMED: Final = 16
"""From so many rows on a stream pays for the question that has to be asked before."""


@dataclass(frozen=True)
class MassInsert:
    """Adds rows to one table.

    Attributes:
        dialect: of the database.
        table: its name, with its schema's or without.
        columns: which a row has values of, in their order.
        there: what the statement says of rows that are there already; nothing: it is refused.
    """

    dialect: Dialect
    table: str
    columns: tuple[str, ...]
    there: str = ""

    def run(self, connection: sa.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write the rows. The driver's errors are the caller's.

        Args:
            connection: inside a transaction.
            rows: of each the values of `columns`.
        """
        lists = literals.postgresql(connection, rows) if self.there else None
        if not rows:
            return
        if lists is not None:
            elements = ", ".join(lists.elements)
            connection.exec_driver_sql(
                f"{self._into} SELECT {elements} FROM {lists.source} {self.there}",  # noqa: S608
                lists.texts,
            )
        elif len(rows) >= _STREAMED and self._can_stream(connection):
            self._stream(connection, rows)
        elif self.dialect.kind == "sqlite":
            self._packed(connection, rows)
        elif len(rows) > 1 and literals.may_be_spelled(connection):
            self._spelled(connection, rows)
        else:
            connection.exec_driver_sql(self._insert(1), list(rows))

    def _spelled(self, connection: sa.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows in statements that hold them, as the driver itself would do it, but faster."""
        cursor: Any = connection.connection.cursor()
        for part in in_packets(connection, rows):
            columns = [literals.mysql(cursor, column) for column in zip(*part, strict=True)]
            values = "),(".join(map(",".join, zip(*columns, strict=True)))
            # The driver formats every statement, with parameters or without.
            spelled = values.replace("%", "%%")
            changed_by(connection, f"{self._into} VALUES ({spelled}) {self.there}")

    def _packed(self, connection: sa.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
        """Write as many rows in a statement as go, and the rest one by one."""
        packed = _MOST_VARIABLES // len(self.columns)
        whole = len(rows) // packed * packed if packed > 1 else 0
        if whole:
            parts = [tuple(chain(*rows[at : at + packed])) for at in range(0, whole, packed)]
            connection.exec_driver_sql(self._insert(packed), parts)
        if whole < len(rows):
            connection.exec_driver_sql(self._insert(1), list(rows[whole:]))

    def _can_stream(self, connection: sa.Connection) -> bool:
        """Say whether COPY may be used: another driver has no such method, row security forbids."""
        if connection.dialect.driver != "psycopg" or self.there:
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
    def _into(self) -> str:
        return self.dialect.formatted(f"INSERT INTO {self._place} ({self._names})")

    def _insert(self, rows: int) -> str:
        """Return the statement for so many rows."""
        mark = "?" if self.dialect.kind == "sqlite" else "%s"
        marks = f"({', '.join([mark] * len(self.columns))})"
        return f"{self._into} VALUES {', '.join([marks] * rows)} {self.there}"
