"""The rows of a table that is being adopted: what stands in them, and what is put beside it.

Rows are read with a lock, so that between reading an old value and writing its cell nobody
changes it. The columns as they were are read raw; nothing is written to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from strongroom.errors import BusyError
from strongroom.schema.identity import KeyType
from strongroom.schema.pending import FOUND_COLUMN, Pending
from strongroom.schema.table import SEAL_COLUMN
from strongroom.storage.failure import mapped
from strongroom.storage.inspection import Shape, quoted
from strongroom.storage.packet import check_sizes
from strongroom.storage.rows import Row, Rows

_AS_TEXT: Final = ("json", "jsonb")


class Original(NamedTuple):
    """One row of the table.

    Attributes:
        old: the value of each replaced column as the driver gives it, in the order of the fields.
        row: the key, and what the shadows hold; plain fields decoded.
        found: the MACs of the old values as they were found when the shadows were filled.
    """

    old: tuple[Any, ...]
    row: Row
    found: Any


@dataclass(frozen=True)
class Originals:
    """Reads and fills one table that is being adopted.

    Attributes:
        shape: of the table.
        pending: its adoption.
        prepared: whether the table has its shadows: without them it can only be looked at.
    """

    shape: Shape
    pending: Pending
    prepared: bool = True

    @cached_property
    def rows(self) -> Rows:
        """The same rows as they will be, read from the shadows."""
        return Rows(self.shape.dialect, self.pending.table, self.pending.shadows)

    @cached_property
    def _olds(self) -> list[sa.ColumnElement[Any]]:
        table, found = self.rows.sql, []
        for name in self.pending.replaced:
            column: sa.ColumnElement[Any] = sa.column(
                sa.quoted_name(name, quote=True), _selectable=table
            )
            # As text, exactly as it is: a parser would round its numbers.
            as_text = self.shape.columns[name].type in _AS_TEXT
            found.append(sa.cast(column, sa.Text) if as_text else column)
        return found

    @cached_property
    def _found(self) -> sa.ColumnClause[Any]:
        return sa.column(FOUND_COLUMN, _selectable=self.rows.sql)

    @cached_property
    def _every(self) -> sa.Select[Any]:
        if self.prepared:
            return sa.select(*self._olds, self._found, *self.rows.sql.c)
        nothing = {*self.pending.shadows.values()}
        known = [sa.null() if one.name in nothing else one for one in self.rows.sql.c]
        return sa.select(*self._olds, sa.null(), *known).select_from(self.rows.sql)

    def page(
        self, connection: sa.Connection, after: tuple[Any, ...] | None, limit: int
    ) -> list[Original]:
        """Return up to `limit` rows behind the key `after`, locked until the transaction ends.

        A table that is only looked at is not locked.
        """
        statement = self.rows.ordering.by_key(self._every, after, descending=False).limit(limit)
        return self._read(connection, statement)

    def by_keys(self, connection: sa.Connection, keys: Sequence[tuple[Any, ...]]) -> list[Original]:
        """Return those of the rows that are there, locked until the transaction ends."""
        found = []
        for key in keys:
            found += self._read(connection, self._every.where(*self.rows.matches(key)))
        return found

    def _read(self, connection: sa.Connection, statement: sa.Select[Any]) -> list[Original]:
        with mapped():
            locked = statement.with_for_update() if self.prepared else statement
            found = connection.execute(locked).all()
        count = len(self._olds)
        return [
            Original(tuple(one[:count]), self.rows.row(one[count + 1 :]), one[count])
            for one in found
        ]

    def fill(self, connection: sa.Connection, rows: Sequence[Row], found: Sequence[bytes]) -> None:
        """Write the shadows of rows that were read in this transaction.

        Raises:
            BusyError: one of them is gone: the table has no lock that holds.
        """
        if not rows:
            return
        check_sizes(connection, self.shape.dialect, self.pending.table, rows)
        values = [self._values(row, macs) for row, macs in zip(rows, found, strict=True)]
        joined = self.shape.dialect.kind == "mysql" and self._one_integer
        with mapped():
            if joined:
                flat = tuple(value for row in values for value in row)
                written = connection.exec_driver_sql(self._joined(len(rows)), flat).rowcount
            else:
                reordered = [(*row[self._keys :], *row[: self._keys]) for row in values]
                written = connection.exec_driver_sql(self._one_by_one, reordered).rowcount
        if written != len(rows):
            raise BusyError("rows of the table went away while they were filled")

    @property
    def _one_integer(self) -> bool:
        key = self.pending.table.key
        return len(key) == 1 and key[0].type is KeyType.INTEGER

    @cached_property
    def _filled(self) -> list[str]:
        """The columns that are written: the shadows, and the MACs."""
        return [*self.pending.shadows.values(), FOUND_COLUMN]

    def _values(self, row: Row, macs: bytes) -> list[Any]:
        """Return a row's key, and what is written to the columns of `_filled`."""
        table = self.pending.table
        flat = dict(zip((one.name for one in table.fields), row.values, strict=True))
        cells = [flat[name] for name in self.pending.replaced]
        return [*self.rows.ordering.key_to_sql(row.key), *cells, row.version, row.seal, macs]

    @property
    def _keys(self) -> int:
        return len(self.pending.table.key)

    @cached_property
    def _one_by_one(self) -> str:
        """The statement for one row: what is written, then the key."""
        dialect = self.shape.dialect
        mark = "?" if dialect.kind == "sqlite" else "%s"
        sets = [f"{quoted(dialect, name)} = {mark}" for name in self._filled]
        where = [f"{quoted(dialect, name)} = {mark}" for name in self.pending.table.key_names]
        return (
            f"UPDATE {self.shape.quoted} SET {', '.join([*sets, *self._untouched('')])} "  # noqa: S608
            f"WHERE {' AND '.join(where)}"
        )

    def _joined(self, count: int) -> str:
        """Return one statement for a whole batch: one by one they cost MySQL ten times as much."""
        width = 1 + len(self._filled)
        first = ", ".join(f"%s AS c{n}" for n in range(width))
        others = ["SELECT " + ", ".join(["%s"] * width)] * (count - 1)
        values = " UNION ALL ".join([f"SELECT {first}", *others])
        sets = [f"t.`{name}` = v.c{n}" for n, name in enumerate(self._filled, start=1)]
        key = self.pending.table.key_names[0]
        return (
            f"UPDATE {self.shape.quoted} AS t JOIN ({values}) AS v ON t.`{key}` = v.c0 "  # noqa: S608
            f"SET {', '.join([*sets, *self._untouched('t.')])}"
        )

    def _untouched(self, place: str) -> list[str]:
        """Set columns that MySQL would change by itself to what they are."""
        names = [
            quoted(self.shape.dialect, column.name).replace("%", "%%")
            for column in self.shape.columns.values()
            if column.on_update
        ]
        return [f"{place}{name} = {place}{name}" for name in names]

    def unfilled(self, connection: sa.Connection) -> int:
        """Return how many rows have no seal yet."""
        seal = self.rows.column(SEAL_COLUMN)
        with mapped():
            return int(
                connection.execute(
                    sa.select(sa.func.count()).select_from(self.rows.sql).where(seal.is_(None))
                ).scalar_one()
            )

    def count(self, connection: sa.Connection) -> int:
        """Return how many rows there are."""
        with mapped():
            statement = sa.select(sa.func.count()).select_from(self.rows.sql)
            return int(connection.execute(statement).scalar_one())
