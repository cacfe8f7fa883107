"""Rows in and out of users' tables: pages over the primary key, and compare-and-set writes.

A `Row` is what stands in the database, cells and all. Reading never uses a server cursor: every
page is one statement, so nothing that happens between two pages can end a stream early.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from strongroom.errors import InputError, StorageError
from strongroom.schema.conditions import Condition, Order
from strongroom.schema.table import SEAL_COLUMN, VERSION_COLUMN, Table
from strongroom.storage.dialect import Dialect
from strongroom.storage.failure import mapped

_PACKET_MARGIN: Final = 65_536


class Row(NamedTuple):
    """One row: its key, version and seal, and a value for each field of the table in order.

    The value of an encrypted field is its cell's text, that of a plain one the decoded value or
    `UNREADABLE`. What came from the database may be of any type: nothing was checked yet.
    """

    key: tuple[Any, ...]
    version: Any
    seal: Any
    values: tuple[Any, ...]


@dataclass(frozen=True)
class Rows:
    """Reads and writes the rows of one table."""

    dialect: Dialect
    table: Table

    @cached_property
    def _sql(self) -> sa.TableClause:
        names = [column.name for column in self.table.key]
        names += [VERSION_COLUMN, SEAL_COLUMN, *(field.name for field in self.table.fields)]
        schema, _, bare = self.table.name.rpartition(".")
        columns: list[sa.ColumnClause[Any]] = [
            sa.column(sa.quoted_name(name, quote=True)) for name in names
        ]
        return sa.table(sa.quoted_name(bare, quote=True), *columns, schema=schema or None)

    @cached_property
    def _key(self) -> list[sa.ColumnElement[Any]]:
        return [self._sql.c[column.name] for column in self.table.key]

    def get(self, connection: sa.Connection, key: tuple[Any, ...]) -> Row | None:
        """Return the row with exactly that key, or None.

        A database may answer with another key than the one asked for (a case-insensitive
        collation, a text compared with a number): such an answer is no answer.
        """
        statement = sa.select(self._sql).where(*self._matches(key))
        with mapped():
            found = connection.execute(statement).first()
        if found is None:
            return None
        row = self._row(found)
        same = all(type(a) is type(b) and a == b for a, b in zip(row.key, key, strict=True))
        return row if same else None

    def page(
        self,
        connection: sa.Connection,
        conditions: Sequence[Condition],
        order: Order,
        after: tuple[Any, ...] | None,
        limit: int,
    ) -> list[Row]:
        """Return up to `limit` rows in the order asked for.

        Args:
            connection: inside a transaction.
            conditions: on plain fields; all must hold.
            order: a plain field, or the primary key.
            after: the last row's (order value, key…), or (key…) when ordered by key; None to
                start.
            limit: at least 1.
        """
        statement = sa.select(self._sql).where(*(self._condition(one) for one in conditions))
        statement = self._ordered(statement, order, after).limit(limit)
        with mapped():
            try:
                return [self._row(row) for row in connection.execute(statement)]
            except (sa.exc.DataError, sa.exc.OperationalError, ValueError, OverflowError) as error:
                if not self._unreadable(error):
                    raise
        return self._one_by_one(connection, statement)

    @staticmethod
    def _unreadable(error: Exception) -> bool:
        """Say whether a value is at fault: an infinite date, or bytes that are not text."""
        if isinstance(error, sa.exc.OperationalError):
            return "Could not decode to UTF-8" in str(error.orig)
        return True

    def _one_by_one(self, connection: sa.Connection, statement: sa.Select[Any]) -> list[Row]:
        """Read a page that holds something unreadable, so that only that row is lost."""
        with mapped():
            keys = connection.execute(statement.with_only_columns(*self._key)).all()
        rows = []
        for key in keys:
            try:
                row = self.get(connection, tuple(key))
            except StorageError:
                row = Row(tuple(key), None, None, ())
            if row is not None:
                rows.append(row)
        return rows

    def insert(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        """Write new rows."""
        if not rows:
            return
        self._check_sizes(connection, rows)
        names = [column.name for column in self._sql.c]
        parameters = [dict(zip(names, self._flat(row), strict=True)) for row in rows]
        with mapped():
            connection.execute(sa.insert(self._sql), parameters)

    def update(self, connection: sa.Connection, old: Row, new: Row) -> bool:
        """Write `new` over `old` if `old` still stands; say whether it did."""
        self._check_sizes(connection, [new])
        changed = dict(zip((column.name for column in self._sql.c), self._flat(new), strict=True))
        for column in self.table.key:
            del changed[column.name]
        statement = sa.update(self._sql).where(*self._stands(old)).values(changed)
        with mapped():
            return connection.execute(statement).rowcount == 1

    def delete(self, connection: sa.Connection, old: Row) -> bool:
        """Delete `old` if it still stands; say whether it did."""
        with mapped():
            return connection.execute(sa.delete(self._sql).where(*self._stands(old))).rowcount == 1

    def figures(self, connection: sa.Connection) -> tuple[int, int]:
        """Return how many rows there are and how often they were written, as the database says."""
        written = sa.func.coalesce(sa.func.sum(self._sql.c[VERSION_COLUMN]), 0)
        with mapped():
            rows, versions = connection.execute(sa.select(sa.func.count(), written)).one()
        return int(rows), int(versions)

    def largest_key(self, connection: sa.Connection) -> Any:  # noqa: ANN401  # what the driver gives
        """Return the largest value of a key of one column, or None in an empty table."""
        with mapped():
            return connection.execute(sa.select(sa.func.max(self._key[0]))).scalar_one()

    def _matches(self, key: tuple[Any, ...]) -> list[sa.ColumnElement[bool]]:
        return [column == value for column, value in zip(self._key, key, strict=True)]

    def _stands(self, old: Row) -> list[sa.ColumnElement[bool]]:
        columns = self._sql.c
        return [
            *self._matches(old.key),
            columns[VERSION_COLUMN] == old.version,
            columns[SEAL_COLUMN] == old.seal,
        ]

    def _condition(self, condition: Condition) -> sa.ColumnElement[bool]:
        column: sa.ColumnClause[Any] = self._sql.c[condition.field.name]
        if condition.value is None:
            return column.is_(None)
        equal: sa.ColumnElement[bool] = column == self.dialect.to_sql(
            condition.field, condition.value
        )
        return equal

    def _ordered(
        self, statement: sa.Select[Any], order: Order, after: tuple[Any, ...] | None
    ) -> sa.Select[Any]:
        """Order by one column and then the key, NULLs last, the same on every database."""
        if order.field is None:
            return self._by_key(statement, after, descending=order.descending)
        column = self._sql.c[order.field.name]
        key = self._key[0]
        spelled = column.desc() if order.descending else column.asc()
        statement = statement.order_by(sa.case((column.is_(None), 1), else_=0), spelled, key)
        if after is None:
            return statement
        value, last = self.dialect.to_sql(order.field, after[0]), after[1]
        if value is None:
            return statement.where(column.is_(None), key > last)
        beyond = column < value if order.descending else column > value
        tied = sa.and_(column == value, key > last)
        return statement.where(sa.or_(beyond, tied, column.is_(None)))

    def _by_key(
        self, statement: sa.Select[Any], after: tuple[Any, ...] | None, *, descending: bool
    ) -> sa.Select[Any]:
        spelled = [column.desc() if descending else column.asc() for column in self._key]
        if after is not None:
            # One bound on the first column lets every planner start in the middle of the index.
            first = self._key[0]
            start = first <= after[0] if descending else first >= after[0]
            statement = statement.where(start, self._beyond(after, descending=descending))
        return statement.order_by(*spelled)

    def _beyond(self, after: tuple[Any, ...], *, descending: bool) -> sa.ColumnElement[bool]:
        """Return ``a > x OR (a = x AND b > y)…``: row values are not indexed on MariaDB."""
        steps = []
        for place, (column, value) in enumerate(zip(self._key, after, strict=True)):
            ties = [a == b for a, b in zip(self._key[:place], after[:place], strict=True)]
            step = column < value if descending else column > value
            steps.append(sa.and_(*ties, step))
        return sa.or_(*steps)

    def _row(self, found: Sequence[Any]) -> Row:
        parts = len(self.table.key)
        values = tuple(
            raw if field.encrypted else self.dialect.from_sql(field, raw)
            for field, raw in zip(self.table.fields, found[parts + 2 :], strict=True)
        )
        return Row(tuple(found[:parts]), found[parts], found[parts + 1], values)

    def _flat(self, row: Row) -> list[Any]:
        values = (
            value if field.encrypted else self.dialect.to_sql(field, value)
            for field, value in zip(self.table.fields, row.values, strict=True)
        )
        return [*row.key, row.version, row.seal, *values]

    def _check_sizes(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        """Refuse a record that MySQL would cut the connection for."""
        if self.dialect.kind != "mysql":
            return
        if "strongroom_packet" not in connection.info:
            with mapped():
                found = connection.exec_driver_sql("SELECT @@max_allowed_packet").scalar_one()
            connection.info["strongroom_packet"] = int(found)
        largest = connection.info["strongroom_packet"]
        for row in rows:
            size = sum(len(value) for value in row.values if isinstance(value, (str, bytes)))
            if size > largest - _PACKET_MARGIN:
                raise InputError(
                    f"a record of {self.table.name} is too large for this server, which takes "
                    f"{largest} bytes at once",
                    hint="raise max_allowed_packet on the server, or store less in one record",
                )
