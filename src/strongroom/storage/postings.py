"""The tables of tokens beside the records: which record has which token of an index.

One table for each index, with the token and the primary key of the record. Its rows are written
and deleted in the transaction that writes the record, by whoever holds the record's row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa

from strongroom.schema.search.index import BlindIndex
from strongroom.schema.table import Table
from strongroom.storage import key_values
from strongroom.storage.dialect import Dialect
from strongroom.storage.failure import mapped
from strongroom.storage.mass_insert import MassInsert

TOKEN: Final = "token"  # noqa: S105  # a column's name
_AT_ONCE: Final = 400
Key = tuple[Any, ...]


def key_column(name: str) -> str:
    """Return what a column of the primary key is called in the table of tokens."""
    return f"record_{name}"


def whole_name(table: Table, index: BlindIndex) -> str:
    """Return the whole name of an index's table of tokens: in the schema of its records."""
    schema = table.name.rpartition(".")[0]
    return f"{schema}.{index.place}" if schema else index.place


def clause(table: Table, index: BlindIndex) -> sa.TableClause:
    """Return an index's table of tokens: the token, then the key."""
    names = [TOKEN, *(key_column(name) for name in table.key_names)]
    columns: list[sa.ColumnClause[Any]] = [
        sa.column(sa.quoted_name(name, quote=True)) for name in names
    ]
    schema = table.name.rpartition(".")[0] or None
    return sa.table(sa.quoted_name(index.place, quote=True), *columns, schema=schema)


def counts(
    connection: sa.Connection, dialect: Dialect, table: Table, index: BlindIndex
) -> list[int]:
    """Return how many records have each token of an index, in no order."""
    if index.kind.beside:
        token, place = dialect.quote(TOKEN), dialect.quote_table(whole_name(table, index))
    else:
        token, place = dialect.quote(index.place), dialect.quote_table(table.name)
    statement = f"SELECT COUNT({token}) FROM {place} GROUP BY {token}"  # noqa: S608
    with mapped():
        return [int(row[0]) for row in connection.exec_driver_sql(statement)]


@dataclass(frozen=True)
class Postings:
    """Reads and writes the tokens of one index."""

    dialect: Dialect
    table: Table
    index: BlindIndex

    @cached_property
    def sql(self) -> sa.TableClause:
        """The table of tokens."""
        return clause(self.table, self.index)

    @cached_property
    def _key(self) -> list[sa.ColumnClause[Any]]:
        return [self.sql.c[key_column(name)] for name in self.table.key_names]

    def insert(self, connection: sa.Connection, tokens: Mapping[Key, Iterable[bytes]]) -> None:
        """Write tokens of records; those that are there stay."""
        rows: list[tuple[Any, ...]] = []
        for key, own in tokens.items():
            raw = self._to_sql(key)
            rows += [(token, *raw) for token in own]
        # In the order of the index, so that its pages are filled and not split.
        rows.sort(key=itemgetter(0))
        with mapped():
            self._insert.run(connection, rows)

    def delete(self, connection: sa.Connection, keys: Sequence[Key]) -> None:
        """Delete all tokens of records, whatever they are."""
        with mapped():
            for start in range(0, len(keys), _AT_ONCE):
                some = keys[start : start + _AT_ONCE]
                connection.execute(sa.delete(self.sql).where(self._matches(some)))

    def change(
        self, connection: sa.Connection, key: Key, gone: Iterable[bytes], new: Iterable[bytes]
    ) -> None:
        """Take some tokens from one record and give it others."""
        taken = list(gone)
        if taken:
            mine = self._matches([key])
            with mapped():
                connection.execute(sa.delete(self.sql).where(mine, self.sql.c.token.in_(taken)))
        self.insert(connection, {key: new})

    def of(self, connection: sa.Connection, keys: Sequence[Key]) -> dict[Key, list[Any]]:
        """Return the tokens that records have, as the driver gives them."""
        found: dict[Key, list[Any]] = {key: [] for key in keys}
        with mapped():
            for start in range(0, len(keys), _AT_ONCE):
                some = keys[start : start + _AT_ONCE]
                mine = sa.select(self.sql).where(self._matches(some))
                for token, *raw in connection.execute(mine):
                    found.setdefault(self._from_sql(raw), []).append(token)
        return found

    def orphans(self, connection: sa.Connection, limit: int) -> list[Key]:
        """Return the keys of tokens whose record is not there, at most `limit`, as they stand."""
        schema, _, bare = self.table.name.rpartition(".")
        columns: list[sa.ColumnClause[Any]] = [
            sa.column(sa.quoted_name(name, quote=True)) for name in self.table.key_names
        ]
        records = sa.table(sa.quoted_name(bare, quote=True), *columns, schema=schema or None)
        same = [mine == own for mine, own in zip(self._key, records.c, strict=True)]
        lonely = sa.select(*self._key).where(~sa.exists().where(*same)).distinct().limit(limit)
        with mapped():
            return [tuple(row) for row in connection.execute(lonely)]

    @cached_property
    def _insert(self) -> MassInsert:
        whole, token = whole_name(self.table, self.index), self.dialect.quote(TOKEN)
        # A token that somebody put there before is the record's now.
        there = (
            f"ON DUPLICATE KEY UPDATE {token} = {self.dialect.quote_table(whole)}.{token}"
            if self.dialect.kind == "mysql"
            else "ON CONFLICT DO NOTHING"
        )
        names = tuple(column.name for column in self.sql.c)
        return MassInsert(self.dialect, whole, names, there)

    def _matches(self, keys: Sequence[Key]) -> sa.ColumnElement[bool]:
        return key_values.among(self._key, [self._to_sql(key) for key in keys])

    def _to_sql(self, key: Key) -> Key:
        return tuple(
            key_values.to_sql(column, part)
            for column, part in zip(self.table.key, key, strict=True)
        )

    def _from_sql(self, raw: Sequence[Any]) -> Key:
        return tuple(
            key_values.from_sql(column, part)
            for column, part in zip(self.table.key, raw, strict=True)
        )
