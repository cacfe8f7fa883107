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
from strongroom.storage.mass_update import MassUpdate
from strongroom.storage.packet import check_sizes

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
        columns = list(zip(*values, strict=True))
        check_sizes(connection, self.shape.dialect, self.pending.table, columns)
        rows = [(*self._key_to_sql(key), *row) for key, row in zip(keys, values, strict=True)]
        with mapped():
            written = self._update.run(connection, rows)
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

    @cached_property
    def _update(self) -> MassUpdate:
        return MassUpdate(
            dialect=self.shape.dialect,
            place=self.shape.quoted,
            where=self.pending.table.key_names,
            sets=tuple(self._filled),
            joined=self._one_integer,
            kept=tuple(one.name for one in self.shape.columns.values() if one.on_update),
        )
