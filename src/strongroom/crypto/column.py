"""A whole column of cells at a time: the door that every record goes through.

A column is many short messages under one key, so this is where speed comes from. The bytes are
those of `cell`, one by one. A cell that fails is named by its position in the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from strongroom.crypto.aead import Verified
from strongroom.crypto.cell import Cell, CellKey
from strongroom.errors import DecryptionError


def seal_column(
    key: CellKey, identities: Sequence[bytes], plaintexts: Sequence[bytes]
) -> list[str]:
    """Return the text of one new cell for each plaintext, in order.

    Args:
        key: the field's key under the active data key.
        identities: the identity of each record.
        plaintexts: as many values, encoded, each at most 32 MiB.
    """
    return [key.seal(one, value) for one, value in zip(identities, plaintexts, strict=True)]


def verify_column(
    key: CellKey, identities: Sequence[bytes], cells: Sequence[Cell]
) -> VerifiedColumn:
    """Check every cell's tag before any decryptor exists.

    Raises:
        DecryptionError: with the position of the first cell that does not belong there.
    """
    verified = []
    for position, (identity, cell) in enumerate(zip(identities, cells, strict=True)):
        try:
            verified.append(key.verify(identity, cell))
        except DecryptionError:
            raise DecryptionError(position) from None
    return VerifiedColumn(verified)


@final
class VerifiedColumn:
    """Cells whose tags were all checked: the only column that can be decrypted."""

    __slots__ = ("_cells",)

    def __init__(self, cells: Sequence[Verified]) -> None:
        self._cells = cells

    def decrypt(self) -> list[bytes]:
        """Return the plaintexts in order.

        Raises:
            DecryptionError: with the position of the first cell whose padding is wrong.
        """
        plaintexts = []
        for position, cell in enumerate(self._cells):
            try:
                plaintexts.append(cell.decrypt())
            except DecryptionError:
                raise DecryptionError(position) from None
        return plaintexts
