"""Writing the shadow columns of a table that is being rewritten, a batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from strongroom.errors import BusyError
from strongroom.schema.identity import KeyType
from strongroom.schema.pending import FOUND_COLUMN, Kind, Pending
from strongroom.storage import key_values
from strongroom.storage.failure import mapped
from strongroom.storage.inspection import Shape
from strongroom.storage.packet import check_sizes, in_packets

Values = Sequence[Any]
"""What is written beside one row: a value for each of the shadows, then the MACs if any."""


@dataclass(frozen=True)
class Filling:
    """Fills one table's shadows.

    Attributes:
        shape: of the table.
        pending: what is being done to it.
    """

    shape: Shape
    pending: Pending

    def fill(
        self, connection: sa.Connection, keys: Sequence[tuple[Any, ...]], values: Sequence[Values]
    ) -> None:
        """Write the shadows of rows that are there.

        Raises:
            BusyError: one of them is gone.
        """
        if not keys or not self._filled:
            return
        check_sizes(connection, self.shape.dialect, self.pending.table, values)
        rows = [(*self._key_to_sql(key), *row) for key, row in zip(keys, values, strict=True)]
        joined = self.shape.dialect.kind == "mysql" and self._one_integer
        with mapped():
            if joined:
                written = sum(
                    connection.exec_driver_sql(
                        self._joined(len(part)), tuple(value for row in part for value in row)
                    ).rowcount
                    for part in in_packets(connection, rows)
                )
            else:
                reordered = [(*row[self._keys :], *row[: self._keys]) for row in rows]
                written = connection.exec_driver_sql(self._one_by_one, reordered).rowcount
        if written != len(rows):
            raise BusyError("rows of the table went away while they were filled")

    @property
    def _one_integer(self) -> bool:
        key = self.pending.table.key
        return len(key) == 1 and key[0].type is KeyType.INTEGER

    @cached_property
    def _filled(self) -> list[str]:
        macs = [FOUND_COLUMN] if self.pending.kind is Kind.ADOPT else []
        return [*self.pending.shadows.values(), *macs]

    def _key_to_sql(self, key: tuple[Any, ...]) -> list[Any]:
        columns = self.pending.table.key
        return [key_values.to_sql(one, part) for one, part in zip(columns, key, strict=True)]

    @property
    def _keys(self) -> int:
        return len(self.pending.table.key)

    @cached_property
    def _one_by_one(self) -> str:
        """The statement for one row: what is written, then the key."""
        dialect = self.shape.dialect
        mark = "?" if dialect.kind == "sqlite" else "%s"
        sets = [f"{dialect.quote(name)} = {mark}" for name in self._filled]
        where = [f"{dialect.quote(name)} = {mark}" for name in self.pending.table.key_names]
        return (
            f"UPDATE {self.shape.quoted} SET {', '.join([*sets, *self._untouched('')])} "  # noqa: S608
            f"WHERE {' AND '.join(where)}"
        )

    def _joined(self, count: int) -> str:
        """Return one statement for a whole batch: one by one they cost MySQL ten times as much."""
        width = 1 + len(self._filled)
        first = ", ".join(f"%s AS c{n}" for n in range(width))
        others = ["SELECT " + ", ".join(["%s"] * width)] * (count - 1)
        values = " UNION ALL ".join([f"SELECT {first}", *others])
        sets = [f"t.`{name}` = v.c{n}" for n, name in enumerate(self._filled, start=1)]
        key = self.pending.table.key_names[0]
        return (
            f"UPDATE {self.shape.quoted} AS t JOIN ({values}) AS v ON t.`{key}` = v.c0 "  # noqa: S608
            f"SET {', '.join([*sets, *self._untouched('t.')])}"
        )

    def _untouched(self, place: str) -> list[str]:
        """Set columns that MySQL would change by itself to what they are."""
        names = [
            self.shape.dialect.quote(column.name)
            for column in self.shape.columns.values()
            if column.on_update
        ]
        return [f"{place}{name} = {place}{name}" for name in names]
