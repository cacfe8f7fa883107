"""The SQL condition of a query's candidates: plain columns compared, index tokens looked up."""

from __future__ import annotations

from collections.abc import Callable
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


def condition(rows: _Rows, candidates: Candidates) -> sa.ColumnElement[bool]:
    """Return the condition that the candidates meet."""
    if isinstance(candidates, Everything):
        return sa.true()
    if isinstance(candidates, Nothing):
        return sa.false()
    if isinstance(candidates, IsValue):
        return _is_value(rows, candidates)
    if isinstance(candidates, Lies):
        return _lies(rows, candidates)
    if isinstance(candidates, HasToken):
        return _has_token(rows, candidates)
    parts = [condition(rows, part) for part in candidates.parts]
    return sa.and_(*parts) if candidates.every else sa.or_(*parts)


def _is_value(rows: _Rows, wanted: IsValue) -> sa.ColumnElement[bool]:
    column = rows.column(wanted.field.name)
    if wanted.values == (None,):
        return column.is_not(None) if wanted.negated else column.is_(None)
    values = [rows.dialect.to_sql(wanted.field, value) for value in wanted.values]
    found = column == values[0] if len(values) == 1 else column.in_(values)
    return sa.or_(column.is_(None), sa.not_(found)) if wanted.negated else found


def _lies(rows: _Rows, wanted: Lies) -> sa.ColumnElement[bool]:
    column = rows.ordering.sortable(wanted.field)
    low, high = (
        None
        if one is None
        else rows.ordering.sortable_value(rows.dialect.to_sql(wanted.field, one))
        for one in (wanted.low, wanted.high)
    )
    bounds = [] if low is None else [column >= low]
    bounds += [] if high is None else [column <= high]
    return sa.and_(*bounds)


def _has_token(rows: _Rows, wanted: HasToken) -> sa.ColumnElement[bool]:
    tokens = list(wanted.tokens)
    if not wanted.index.kind.beside:
        column = rows.column(wanted.index.place)
        return column == tokens[0] if len(tokens) == 1 else column.in_(tokens)
    beside, names = clause(rows.table, wanted.index), rows.table.key_names
    key = [rows.column(name) for name in names]
    token = beside.c.token
    found = token == tokens[0] if len(tokens) == 1 else token.in_(tokens)
    chosen = sa.select(*(beside.c[key_column(name)] for name in names)).where(found)
    return (key[0] if len(key) == 1 else sa.tuple_(*key)).in_(chosen)
