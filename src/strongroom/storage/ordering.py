"""In which order rows come, and where a page of them starts: the same on every database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from strongroom.errors import QueryError
from strongroom.schema.conditions import Order
from strongroom.schema.table import Field, Table
from strongroom.schema.types import Bytes, Json, Text
from strongroom.schema.values import Tag
from strongroom.storage import key_values, plain_values
from strongroom.storage.dialect import Dialect

# MySQL and MariaDB sort by the first max_sort_length bytes, 1,024 unless someone lowered it.
_MYSQL_SORTED: Final = 1_000


@dataclass(frozen=True)
class Ordering:
    """Orders the rows of one table.

    Attributes:
        dialect: of the database.
        table: whose rows.
        column: gives the column of a name.
    """

    dialect: Dialect
    table: Table
    column: Callable[[str], sa.ColumnClause[Any]]

    def ordered(
        self, statement: sa.Select[Any], order: Order, after: Sequence[Any] | None
    ) -> sa.Select[Any]:
        """Order by one column and then the key, NULLs last, the same on every database.

        Args:
            statement: what is to be ordered.
            order: how.
            after: where to start, None for the beginning: the parts of `start`, or parameters
                for those that are not NULL.
        """
        if order.field is None:
            return self.by_raw_key(statement, after, descending=order.descending)
        column = self.sortable(order.field)
        spelled = column.desc() if order.descending else column.asc()
        nulls_last = sa.case((column.is_(None), 1), else_=0)
        statement = statement.order_by(nulls_last, spelled, *self._key)
        if after is None:
            return statement
        value, *key = after
        behind = self._beyond(key, descending=False)
        if value is None:
            return statement.where(column.is_(None), behind)
        beyond = column < value if order.descending else column > value
        tied = sa.and_(column == value, behind)
        return statement.where(sa.or_(beyond, tied, column.is_(None)))

    def start(self, order: Order, after: Sequence[Any]) -> tuple[Any, ...]:
        """Return what the driver is given for the row that a page starts behind.

        Args:
            order: of the pages.
            after: the row's key, behind the value of the field that is ordered by, if any.
        """
        if order.field is None:
            return self.key_to_sql(after)
        value = plain_values.to_sql(self.dialect.kind, order.field, after[0])
        return (self.sortable_value(value), *self.key_to_sql(after[1:]))

    @property
    def _key(self) -> list[sa.ColumnClause[Any]]:
        return [self.column(one.name) for one in self.table.key]

    def key_to_sql(self, key: Sequence[Any]) -> tuple[Any, ...]:
        """Return what the driver is given for a primary key."""
        return tuple(
            key_values.to_sql(column, part)
            for column, part in zip(self.table.key, key, strict=True)
        )

    def sortable(self, field: Field) -> sa.ColumnElement[Any]:
        """Return what to order a field by, so that every database agrees with Python.

        Raises:
            QueryError: the database would order it otherwise, and pages would lose records.
        """
        column: sa.ColumnElement[Any] = self.column(field.name)
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
        if kind == "postgresql" and tag is Tag.TEXT:
            # An adopted column may have any collation.
            return sa.collate(column, "C")
        return column

    def sortable_value(self, value: Any) -> Any:  # noqa: ANN401
        """Return a value as `sortable` compares it."""
        if self.dialect.kind == "mysql" and isinstance(value, str):
            return value.encode("utf-8")
        return value

    def by_raw_key(
        self, statement: sa.Select[Any], after: Sequence[Any] | None, *, descending: bool
    ) -> sa.Select[Any]:
        """Order by the primary key alone, behind `after` if it is given: as the driver has it."""
        spelled = [column.desc() if descending else column.asc() for column in self._key]
        if after is not None:
            # One bound on the first column lets every planner start in the middle of the index.
            first = self._key[0]
            start = first <= after[0] if descending else first >= after[0]
            statement = statement.where(start, self._beyond(after, descending=descending))
        return statement.order_by(*spelled)

    def up_to(self, last: tuple[Any, ...]) -> sa.ColumnElement[bool]:
        """Return the condition that rows not behind a key meet, as the driver gave it."""
        same = [column == value for column, value in zip(self._key, last, strict=True)]
        return sa.or_(self._beyond(last, descending=True), sa.and_(*same))

    def _beyond(self, after: Sequence[Any], *, descending: bool) -> sa.ColumnElement[bool]:
        """Return ``a > x OR (a = x AND b > y)…``: row values are not indexed on MariaDB."""
        steps = []
        for place, (column, value) in enumerate(zip(self._key, after, strict=True)):
            ties = [a == b for a, b in zip(self._key[:place], after[:place], strict=True)]
            step = column < value if descending else column > value
            steps.append(sa.and_(*ties, step))
        return sa.or_(*steps)
