"""Many rows of a table changed, each to values of its own, in as few statements as go.

On a server a statement for each row costs several times as much as one that joins all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from strongroom.storage import literals
from strongroom.storage.dialect import Dialect
from strongroom.storage.direct import changed_by
from strongroom.storage.packet import in_packets


@dataclass(frozen=True)
class MassUpdate:
    """Changes rows of one table.

    Attributes:
        dialect: of the database.
        place: the table, as SQL spells it.
        where: the columns that must have given values; the first one is an integer if `joined`.
        sets: the columns that are written.
        joined: whether a server may compare the first column with a list of values: texts have a
            collation of their own, and would need it said.
        kept: columns that MySQL would change by itself, set to what they are.
    """

    dialect: Dialect
    place: str
    where: tuple[str, ...]
    sets: tuple[str, ...]
    joined: bool
    kept: tuple[str, ...] = field(default=())

    def run(self, connection: sa.Connection, rows: Sequence[Sequence[Any]]) -> int:
        """Write the rows and return how many there were. The driver's errors are the caller's.

        Args:
            connection: inside a transaction.
            rows: of each the values of `where`, then those of `sets`.
        """
        if not rows:
            return 0
        if self.joined and len(rows) > 1 and literals.may_be_spelled(connection):
            return sum(self._join(connection, part) for part in in_packets(connection, rows))
        lists = literals.postgresql(connection, rows) if self.joined else None
        if lists is not None:
            return self._from_lists(connection, lists)
        first = len(self.where)
        reordered = [(*row[first:], *row[:first]) for row in rows]
        return connection.exec_driver_sql(self._one, reordered).rowcount

    @cached_property
    def _one(self) -> str:
        """The statement for one row: what is written, then what it is found by."""
        mark = "?" if self.dialect.kind == "sqlite" else "%s"
        sets = [f"{self._quoted(name)} = {mark}" for name in self.sets]
        where = [f"{self._quoted(name)} = {mark}" for name in self.where]
        return (
            f"UPDATE {self._place} SET {', '.join([*sets, *self._untouched('')])} "  # noqa: S608
            f"WHERE {' AND '.join(where)}"
        )

    @property
    def _place(self) -> str:
        return self.dialect.formatted(self.place)

    def _quoted(self, name: str) -> str:
        return self.dialect.formatted(self.dialect.quote(name))

    def _join(self, connection: sa.Connection, rows: Sequence[Sequence[Any]]) -> int:
        """Write rows by one statement of MySQL's that holds them all."""
        cursor: Any = connection.connection.cursor()
        columns = [literals.mysql(cursor, column) for column in zip(*rows, strict=True)]
        named = ", ".join(f"{column[0]} AS c{number}" for number, column in enumerate(columns))
        others = list(map(",".join, zip(*(column[1:] for column in columns), strict=True)))
        values = f"SELECT {named}"
        if others and getattr(connection.dialect, "is_mariadb", False):
            values += f" UNION ALL VALUES ({'),('.join(others)})"
        elif others:  # MySQL spells such values in another way, and only since 8.0.19
            values += f" UNION ALL SELECT {' UNION ALL SELECT '.join(others)}"
        # The driver formats every statement, with parameters or without.
        values = values.replace("%", "%%")
        places = [f"t.{self._quoted(name)}" for name in (*self.where, *self.sets)]
        same, sets = self._pairs(places, [f"v.c{number}" for number in range(len(places))], places)
        return changed_by(
            connection,
            f"UPDATE {self._place} AS t JOIN ({values}) AS v ON {same} "  # noqa: S608
            f"SET {', '.join([sets, *self._untouched('t.')])}",
        )

    def _from_lists(self, connection: sa.Connection, lists: literals.Lists) -> int:
        """Write rows by one statement of PostgreSQL's over a list for each column."""
        names = [self._quoted(name) for name in (*self.where, *self.sets)]
        same, sets = self._pairs([f"t.{name}" for name in names], lists.elements, names)
        return connection.exec_driver_sql(
            f"UPDATE {self._place} AS t SET {sets} FROM {lists.source} WHERE {same}",  # noqa: S608
            lists.texts,
        ).rowcount

    def _pairs(
        self, found: Sequence[str], values: Sequence[str], written: Sequence[str]
    ) -> tuple[str, str]:
        """Return what a row is found by, and what is written, given how each is spelled."""
        first = len(self.where)
        same = [f"{a} = {b}" for a, b in zip(found[:first], values[:first], strict=True)]
        sets = [f"{a} = {b}" for a, b in zip(written[first:], values[first:], strict=True)]
        return " AND ".join(same), ", ".join(sets)

    def _untouched(self, place: str) -> list[str]:
        names = [self._quoted(name) for name in self.kept]
        return [f"{place}{name} = {place}{name}" for name in names]
