"""The SQL condition of a query's candidates: plain columns compared, index tokens looked up.

Making a statement costs more than running it, so one is kept for each shape of a query: which
columns and indexes are asked, and for how many values. The values are bound by number, in the
order in which `Parameters` meets them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, Protocol

import sqlalchemy as sa

from strongroom.schema.search.candidates import (
    Candidates,
    Everything,
    HasToken,
    IsValue,
    Lies,
    Nothing,
)
from strongroom.schema.table import Table
from strongroom.storage import plain_values
from strongroom.storage.binding import bound_type
from strongroom.storage.dialect import Dialect
from strongroom.storage.ordering import Ordering
from strongroom.storage.postings import clause, key_column


class _Rows(Protocol):
    """The rows that are to be chosen from."""

    @property
    def dialect(self) -> Dialect: ...
    @property
    def table(self) -> Table: ...
    @property
    def column(self) -> Callable[[str], sa.ColumnClause[Any]]: ...
    @property
    def ordering(self) -> Ordering: ...


class Parameters:
    """The shape of a query's candidates, and the values that are bound to it."""

    def __init__(self, rows: _Rows, candidates: Candidates) -> None:
        self._rows = rows
        self.values: dict[str, Any] = {}
        self.shape: Hashable = self._shape(candidates)

    def _shape(self, candidates: Candidates) -> Hashable:
        """Return what tells one statement from another, and keep the values."""
        if isinstance(candidates, (Everything, Nothing)):
            return isinstance(candidates, Everything)
        if isinstance(candidates, HasToken):
            return (candidates.index.id, self._bind(candidates.tokens))
        if isinstance(candidates, IsValue):
            of, values = candidates.field, candidates.values
            if values == (None,):
                return (of.name, None, candidates.negated)
            bound = tuple(
                plain_values.to_sql(self._rows.dialect.kind, of, value) for value in values
            )
            return (of.name, candidates.negated, self._bind(bound))
        if isinstance(candidates, Lies):
            bounds = (self._bound(candidates, one) for one in (candidates.low, candidates.high))
            return (candidates.field.name, *bounds)
        return (candidates.every, *(self._shape(part) for part in candidates.parts))

    def _bound(self, candidates: Lies, value: Any) -> Hashable:  # noqa: ANN401
        if value is None:
            return None
        sql = plain_values.to_sql(self._rows.dialect.kind, candidates.field, value)
        return self._bind((self._rows.ordering.sortable_value(sql),))

    def _bind(self, values: tuple[Any, ...]) -> Hashable:
        first = values[0]
        self.values[f"v{len(self.values)}"] = first if len(values) == 1 else list(values)
        return (len(values) == 1, type(first))


class Condition:
    """Makes the SQL condition of candidates, with a parameter for each value of `Parameters`."""

    def __init__(self, rows: _Rows, values: dict[str, Any]) -> None:
        self._rows = rows
        self._left = iter(values.items())

    def of(self, candidates: Candidates) -> sa.ColumnElement[bool]:
        """Return the condition that the candidates meet."""
        if isinstance(candidates, Everything):
            return sa.true()
        if isinstance(candidates, Nothing):
            return sa.false()
        if isinstance(candidates, IsValue):
            return self._is_value(candidates)
        if isinstance(candidates, Lies):
            return self._lies(candidates)
        if isinstance(candidates, HasToken):
            return self._has_token(candidates)
        parts = [self.of(part) for part in candidates.parts]
        return sa.and_(*parts) if candidates.every else sa.or_(*parts)

    def _is_value(self, wanted: IsValue) -> sa.ColumnElement[bool]:
        column = self._rows.column(wanted.field.name)
        if wanted.values == (None,):
            return column.is_not(None) if wanted.negated else column.is_(None)
        found = self._among(column)
        return sa.or_(column.is_(None), sa.not_(found)) if wanted.negated else found

    def _lies(self, wanted: Lies) -> sa.ColumnElement[bool]:
        column = self._rows.ordering.sortable(wanted.field)
        bounds = [] if wanted.low is None else [column >= self._one()]
        bounds += [] if wanted.high is None else [column <= self._one()]
        return sa.and_(*bounds)

    def _has_token(self, wanted: HasToken) -> sa.ColumnElement[bool]:
        rows = self._rows
        if not wanted.index.kind.beside:
            return self._among(rows.column(wanted.index.place))
        beside, names = clause(rows.table, wanted.index), rows.table.key_names
        key = [rows.column(name) for name in names]
        chosen = sa.select(*(beside.c[key_column(name)] for name in names)).where(
            self._among(beside.c.token)
        )
        return (key[0] if len(key) == 1 else sa.tuple_(*key)).in_(chosen)

    def _among(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        name, value = next(self._left)
        if isinstance(value, list):
            return column.in_(sa.bindparam(name, type_=bound_type(value[0]), expanding=True))
        return column == sa.bindparam(name, type_=bound_type(value))

    def _one(self) -> sa.BindParameter[Any]:
        name, value = next(self._left)
        return sa.bindparam(name, type_=bound_type(value))
