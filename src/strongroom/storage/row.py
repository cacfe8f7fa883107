"""One row of a user's table, and how many of them become what drivers take and give.

What is done for each value of a column is looked up once for the column.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from strongroom.schema.table import Table
from strongroom.storage import key_values, plain_values
from strongroom.storage.dialect import Dialect


class Row(NamedTuple):
    """One row: its key, version and seal, and a value for each field of the table in order.

    The value of an encrypted field is its cell's text, that of a plain one the decoded value or
    `UNREADABLE`; `tokens` are those of the table's index columns. What came from the database may
    be of any type: nothing was checked yet.
    """

    key: tuple[Any, ...]
    version: Any
    seal: Any
    values: tuple[Any, ...]
    tokens: tuple[Any, ...] = ()

    def __repr__(self) -> str:
        return "<a row>"  # of a table that is being adopted it may hold what is to be encrypted


_row = partial(tuple.__new__, Row)  # from five parts, past the names that Row(…) goes by


def read(dialect: Dialect, table: Table, found: Sequence[Sequence[Any]]) -> list[Row]:
    """Return the rows that a driver gave.

    Args:
        dialect: of the database.
        table: whose rows they are.
        found: of each the key's columns, version, seal, fields and tokens, in this order.
    """
    if not found:
        return []
    columns = list(zip(*found, strict=True))
    parts, ends = len(table.key), len(table.key) + 2 + len(table.fields)
    keys = [
        key_values.all_from_sql(column, raws)
        for column, raws in zip(table.key, columns[:parts], strict=True)
    ]
    values = [
        raws if field.encrypted else plain_values.all_from_sql(dialect.kind, field, raws)
        for field, raws in zip(table.fields, columns[parts + 2 : ends], strict=True)
    ]
    whole_keys, version, seal = list(zip(*keys, strict=True)), columns[parts], columns[parts + 1]
    return Columns(whole_keys, version, seal, values, columns[ends:]).rows()


class Columns(NamedTuple):
    """Many rows: the key, version and seal of each, and the columns of fields and of indexes."""

    keys: Sequence[tuple[Any, ...]]
    versions: Sequence[Any]
    seals: Sequence[Any]
    values: Sequence[Sequence[Any]]
    tokens: Sequence[Sequence[Any]]

    def rows(self) -> list[Row]:
        """Return them one by one."""
        count = len(self.keys)
        values, tokens = across(self.values, count), across(self.tokens, count)
        parts = zip(self.keys, self.versions, self.seals, values, tokens, strict=True)
        return list(map(_row, parts))

    def written(self, dialect: Dialect, table: Table) -> list[tuple[Any, ...]]:
        """Return what a driver is given for them: the parts of each in the order of `read`."""
        columns = [
            key_values.all_to_sql(column, parts)
            for column, parts in zip(table.key, zip(*self.keys, strict=True), strict=True)
        ]
        columns += [self.versions, self.seals]
        columns += [
            own if field.encrypted else plain_values.all_to_sql(dialect.kind, field, own)
            for field, own in zip(table.fields, self.values, strict=True)
        ]
        return list(zip(*columns, *self.tokens, strict=True))

    def __repr__(self) -> str:
        return "<many rows>"


def written(dialect: Dialect, table: Table, rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """Return what a driver is given for rows."""
    if not rows:
        return []
    keys, versions, seals, values, tokens = zip(*rows, strict=True)
    columns, beside = list(zip(*values, strict=True)), list(zip(*tokens, strict=True))
    return Columns(keys, versions, seals, columns, beside).written(dialect, table)


def across(columns: Sequence[Sequence[Any]], count: int) -> list[tuple[Any, ...]]:
    """Return columns as rows, of which there are so many even if there is no column."""
    return list(zip(*columns, strict=True)) if columns else [()] * count
