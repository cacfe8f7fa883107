"""The rows of a table that is being adopted: what stands in them and beside it.

Rows are read with a lock, so that between reading an old value and writing its cell nobody
changes it. The columns as they were are read raw; nothing is written to them, see `filling`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from strongroom.schema.pending import FOUND_COLUMN, Pending
from strongroom.schema.table import SEAL_COLUMN
from strongroom.storage.direct import fetched
from strongroom.storage.failure import mapped
from strongroom.storage.inspection import Shape
from strongroom.storage.row import Row
from strongroom.storage.rows import Rows

_AS_TEXT: Final = ("json", "jsonb")


class Original(NamedTuple):
    """One row of the table.

    Attributes:
        old: the value of each replaced column as the driver gives it, in the order of the fields;
            nothing where it cannot give them all.
        row: the key, and what the shadows hold; plain fields decoded.
        found: the MACs of the old values as they were found when the shadows were filled.
        raw: the key as the driver gave it, also where nobody can read it.
    """

    old: tuple[Any, ...]
    row: Row
    found: Any
    raw: tuple[Any, ...]

    def __repr__(self) -> str:
        return "<a row as it was found>"  # what stands in it is in no report

    @property
    def held(self) -> tuple[Any, ...]:
        """All values of the row, the old ones too, to judge by how much there is of it."""
        return self.row.values + self.old


class Page(NamedTuple):
    """Some rows in the order of the primary key.

    Attributes:
        rows: those of them that are still there.
        behind: the key, as the driver gave it, that the next page starts behind.
        last: whether there was nothing more when the page was looked for.
    """

    rows: list[Original]
    behind: tuple[Any, ...] | None
    last: bool


@dataclass(frozen=True)
class Originals:
    """Reads one table that is being adopted.

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

    def page(self, connection: sa.Connection, after: tuple[Any, ...] | None, limit: int) -> Page:
        """Return about `limit` rows behind the key `after`, locked until the transaction ends.

        A table that is only looked at is not locked. Where the page ends is asked for without a
        lock: while PostgreSQL waits for one, a row may get another key, and a page that ended with
        it would leave out all between.
        """
        ordering = self.rows.ordering
        keys = ordering.by_raw_key(sa.select(*self._key), after, descending=False).limit(limit)
        with mapped():
            found = connection.execute(keys).all()
        if not found:
            return Page([], after, last=True)
        behind = tuple(found[-1])
        statement = ordering.by_raw_key(self._every, after, descending=False)
        rows = self._read(connection, statement.where(ordering.up_to(behind)))
        return Page(rows, behind, last=len(found) < limit)

    def by_raw_keys(
        self, connection: sa.Connection, keys: Sequence[tuple[Any, ...]]
    ) -> list[Original]:
        """Return those of the rows that are there, each once, locked until the transaction ends.

        Args:
            connection: inside a transaction.
            keys: as the driver gave them; where case is ignored two may mean one row.
        """
        found = {}
        for key in keys:
            same = [column == part for column, part in zip(self._key, key, strict=True)]
            found.update({one.raw: one for one in self._read(connection, self._every.where(*same))})
        return list(found.values())

    @cached_property
    def _key(self) -> list[sa.ColumnClause[Any]]:
        return [self.rows.column(name) for name in self.pending.table.key_names]

    def _read(self, connection: sa.Connection, statement: sa.Select[Any]) -> list[Original]:
        locked = statement.with_for_update() if self.prepared else statement
        found = fetched(connection, locked)
        if found is not None:
            return self._originals(found)
        # Row by row, so that only what holds the value that the driver cannot give is not read.
        with mapped():
            keys = connection.execute(locked.with_only_columns(*self._key)).all()
        rows = []
        for key in keys:
            same = [column == part for column, part in zip(self._key, key, strict=True)]
            alone = fetched(connection, self._every.where(*same))
            if alone is None:
                rows.append(Original((), Row(tuple(key), None, None, ()), None, tuple(key)))
            else:
                rows += self._originals(alone)
        return rows

    def _originals(self, found: Sequence[Sequence[Any]]) -> list[Original]:
        olds, parts = len(self._olds), len(self._key)
        rows = self.rows.read([one[olds + 1 :] for one in found])
        return [
            Original(one[:olds], row, one[olds], one[olds + 1 : olds + 1 + parts])
            for one, row in zip(map(tuple, found), rows, strict=True)
        ]

    def unfilled(self, connection: sa.Connection, limit: int) -> list[Original]:
        """Return rows that have no seal yet, at most `limit` of them."""
        seal = self.rows.column(SEAL_COLUMN)
        return self._read(connection, self._every.where(seal.is_(None)).limit(limit))

    def count(self, connection: sa.Connection) -> int:
        """Return how many rows there are."""
        return self.rows.count(connection)
