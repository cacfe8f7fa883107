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

from strongroom.errors import InputError, QueryError
from strongroom.schema.conditions import Condition, Order
from strongroom.schema.table import SEAL_COLUMN, VERSION_COLUMN, Field, Table
from strongroom.schema.types import Bytes, Json, Text
from strongroom.schema.values import Tag
from strongroom.storage.dialect import Dialect
from strongroom.storage.failure import mapped
from strongroom.storage.unique import refused

_PACKET_MARGIN: Final = 65_536
# MySQL and MariaDB sort by the first max_sort_length bytes, 1,024 unless someone lowered it.
_MYSQL_SORTED: Final = 1_000


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
        found = self._fetch(connection, sa.select(self._sql).where(*self._matches(key)))
        if found is None:
            row: Row | None = self._bare(connection, key)
        else:
            row = self._row(found[0]) if found else None
        if row is None:
            return None
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
        found = self._fetch(connection, statement)
        if found is not None:
            return [self._row(row) for row in found]
        # Row by row, so that only what holds the unreadable value is lost.
        with mapped():
            keys = connection.execute(statement.with_only_columns(*self._key)).all()
        rows = [self.get(connection, tuple(key)) for key in keys]
        return [row for row in rows if row is not None]

    @staticmethod
    def _fetch(connection: sa.Connection, statement: sa.Select[Any]) -> Sequence[Any] | None:
        """Run a statement; return None if the driver cannot hand over what it found.

        Some values it cannot: an infinite date, bytes that are not text. The statement itself
        succeeded then, so the transaction goes on.
        """
        with mapped():
            try:
                return connection.execute(statement).all()
            except sa.exc.DataError:
                return None
            except sa.exc.OperationalError as error:
                if "Could not decode to UTF-8" not in str(error.orig):
                    raise
                return None

    def _bare(self, connection: sa.Connection, key: tuple[Any, ...]) -> Row:
        """Return a row that nobody can open: its version and seal, if those can be read."""
        columns = self._sql.c
        narrow = sa.select(columns[VERSION_COLUMN], columns[SEAL_COLUMN])
        found = self._fetch(connection, narrow.where(*self._matches(key)))
        version, seal = found[0] if found else (None, None)
        return Row(key, version, seal, ())

    def insert(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        """Write new rows."""
        if not rows:
            return
        self._check_sizes(connection, rows)
        names = [column.name for column in self._sql.c]
        parameters = [dict(zip(names, self._flat(row), strict=True)) for row in rows]
        with mapped(), refused(self.table):
            connection.execute(sa.insert(self._sql), parameters)

    def update(self, connection: sa.Connection, old: Row, new: Row) -> bool:
        """Write `new` over `old` if `old` still stands; say whether it did."""
        self._check_sizes(connection, [new])
        changed = dict(zip((column.name for column in self._sql.c), self._flat(new), strict=True))
        for column in self.table.key:
            del changed[column.name]
        statement = sa.update(self._sql).where(*self._stands(old)).values(changed)
        with mapped(), refused(self.table):
            return connection.execute(statement).rowcount == 1

    def delete(self, connection: sa.Connection, old: Row) -> bool:
        """Delete `old` if it still stands; say whether it did."""
        with mapped():
            return connection.execute(sa.delete(self._sql).where(*self._stands(old))).rowcount == 1

    def figures(self, connection: sa.Connection) -> tuple[int, float]:
        """Return how many rows there are and how often they were written, as the database says."""
        # As floating point: a version that someone put there may not fit a sum of integers.
        written = sa.func.coalesce(sa.func.sum(self._sql.c[VERSION_COLUMN] * 1.0), 0)
        with mapped():
            rows, versions = connection.execute(sa.select(sa.func.count(), written)).one()
            return int(rows), float(versions)

    def largest_key(self, connection: sa.Connection) -> Any:  # noqa: ANN401  # what the driver gives
        """Return the largest value of a key of one column, or None in an empty table."""
        with mapped():
            return connection.execute(sa.select(sa.func.max(self._key[0]))).scalar_one()

    def _matches(self, key: tuple[Any, ...]) -> list[sa.ColumnElement[bool]]:
        return [column == value for column, value in zip(self._key, key, strict=True)]

    def _stands(self, old: Row) -> list[sa.ColumnElement[bool]]:
        columns = self._sql.c
        unchanged = [columns[VERSION_COLUMN] == old.version, columns[SEAL_COLUMN] == old.seal]
        # Neither can be NULL: None is what the driver could not read, and only deletes go on.
        return self._matches(old.key) + ([] if old.seal is None else unchanged)

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
        column = self.sortable(order.field)
        key = self._key[0]
        spelled = column.desc() if order.descending else column.asc()
        statement = statement.order_by(sa.case((column.is_(None), 1), else_=0), spelled, key)
        if after is None:
            return statement
        value, last = self.dialect.to_sql(order.field, after[0]), after[1]
        if value is None:
            return statement.where(column.is_(None), key > last)
        value = self._sortable_value(value)
        beyond = column < value if order.descending else column > value
        tied = sa.and_(column == value, key > last)
        return statement.where(sa.or_(beyond, tied, column.is_(None)))

    def sortable(self, field: Field) -> sa.ColumnElement[Any]:
        """Return what to order a field by, so that every database agrees with Python.

        Raises:
            QueryError: the database would order it otherwise, and pages would lose records.
        """
        column: sa.ColumnElement[Any] = self._sql.c[field.name]
        kind, tag = self.dialect.kind, field.type.tag
        if kind == "sqlite" and tag is Tag.DECIMAL:
            raise QueryError(
                f"SQLite keeps {self.table.name}.{field.name} as text and cannot order by it",
                hint="sort the records after reading them, or use an integer of the smallest unit",
            )
        if kind == "mysql" and isinstance(field.type, (Text, Bytes, Json)):
            if field.type.max_bytes > _MYSQL_SORTED:
                raise QueryError(
                    f"{self.table.name}.{field.name} may be too long for MySQL to order by it",
                    hint=f"declare it with max_bytes={_MYSQL_SORTED} or less",
                )
            # As bytes: its own collation takes no notice of spaces at the end.
            return sa.cast(column, sa.BINARY)
        return column

    def _sortable_value(self, value: Any) -> Any:  # noqa: ANN401
        if self.dialect.kind == "mysql" and isinstance(value, str):
            return value.encode("utf-8")
        return value

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
