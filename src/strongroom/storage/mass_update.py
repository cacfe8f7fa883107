"""Many rows of a table changed, each to values of its own, in as few statements as go.

On MySQL a statement for each row costs ten times as much as one that joins all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from strongroom.storage.dialect import Dialect
from strongroom.storage.packet import in_packets


@dataclass(frozen=True)
class MassUpdate:
    """Changes rows of one table.

    Attributes:
        dialect: of the database.
        place: the table, as SQL spells it.
        where: the columns that must have given values; the first one is an integer if `joined`.
        sets: the columns that are written.
        joined: whether MySQL may compare the first column with a list of values: texts have a
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
        if self.dialect.kind == "mysql" and self.joined:
            return sum(
                connection.exec_driver_sql(
                    self._join(len(part)), tuple(value for row in part for value in row)
                ).rowcount
                for part in in_packets(connection, rows)
            )
        first = len(self.where)
        reordered = [(*row[first:], *row[:first]) for row in rows]
        return connection.exec_driver_sql(self._one, reordered).rowcount

    @cached_property
    def _one(self) -> str:
        """The statement for one row: what is written, then what it is found by."""
        mark = "?" if self.dialect.kind == "sqlite" else "%s"
        sets = [f"{self.dialect.quote(name)} = {mark}" for name in self.sets]
        where = [f"{self.dialect.quote(name)} = {mark}" for name in self.where]
        return (
            f"UPDATE {self.place} SET {', '.join([*sets, *self._untouched('')])} "  # noqa: S608
            f"WHERE {' AND '.join(where)}"
        )

    def _join(self, count: int) -> str:
        """Return one statement for so many rows."""
        names = [*self.where, *self.sets]
        first = ", ".join(f"%s AS c{number}" for number in range(len(names)))
        others = ["SELECT " + ", ".join(["%s"] * len(names))] * (count - 1)
        values = " UNION ALL ".join([f"SELECT {first}", *others])
        columns = [f"t.{self.dialect.quote(name)}" for name in names]
        same = [f"{columns[number]} = v.c{number}" for number in range(len(self.where))]
        sets = [f"{columns[number]} = v.c{number}" for number in range(len(self.where), len(names))]
        return (
            f"UPDATE {self.place} AS t JOIN ({values}) AS v ON {' AND '.join(same)} "  # noqa: S608
            f"SET {', '.join([*sets, *self._untouched('t.')])}"
        )

    def _untouched(self, place: str) -> list[str]:
        names = [self.dialect.quote(name) for name in self.kept]
        return [f"{place}{name} = {place}{name}" for name in names]
