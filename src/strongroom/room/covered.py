"""What a record seal covers, a column at a time: the slots of a layout for a batch of records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from strongroom.crypto.seal import cell_slots, plain_slots, token_slots
from strongroom.schema.table import Layout, Table
from strongroom.schema.values import encode_all

Column = Sequence[Any]


class Coverage:
    """Makes the slots of one table's records."""

    def __init__(self, table: Table) -> None:
        self._fields = {field.id: (place, field) for place, field in enumerate(table.fields)}
        self._indexes = {index.id: place for place, index in enumerate(table.columns)}
        self._known = {*self._fields, *self._indexes}

    def knows(self, layout: Layout) -> bool:
        """Say whether all that a layout covers is still there."""
        return self._known.issuperset(layout.slots)

    def slots(
        self,
        layout: Layout,
        values: Sequence[Column],
        tokens: Sequence[Column],
        covered: Mapping[int, Column],
    ) -> list[list[bytes]]:
        """Return for each entry of the layout its slots, one for each record.

        Args:
            layout: of all of the records.
            values: the column of each field.
            tokens: the column of each index that has one.
            covered: by the place of an encrypted field what is covered of each cell, None for
                NULL.

        Raises:
            InputError: a plain value is not one of its field's type.
        """
        made = []
        for slot_id in layout.slots:
            if slot_id in self._indexes:
                made.append(token_slots(slot_id, tokens[self._indexes[slot_id]]))
                continue
            place, field = self._fields[slot_id]
            if field.encrypted:
                made.append(cell_slots(slot_id, covered[place]))
            else:
                tag = field.type.tag
                made.append(plain_slots(slot_id, tag, encode_all(tag, values[place])))
        return made
