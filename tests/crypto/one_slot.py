"""The slot of one field of one record, through the functions that make a column of them."""

from __future__ import annotations

from strongroom.crypto.cell import Cell
from strongroom.crypto.column import Cells
from strongroom.crypto.seal import cell_slots, plain_slots, token_slots


def cell_slot(slot_id: int, cell: Cell) -> bytes:
    return cell_slots(slot_id, Cells.of([cell]).slots())[0]


def plain_slot(slot_id: int, encoded: bytes) -> bytes:
    """Take tag u8 ‖ canonical bytes."""
    return plain_slots(slot_id, encoded[0], [encoded[1:]])[0]


def token_slot(slot_id: int, token: bytes) -> bytes:
    return token_slots(slot_id, [token])[0]
