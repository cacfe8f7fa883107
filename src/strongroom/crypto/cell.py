"""One cell: the text that stands in a database column for one encrypted value.

    sr1.  ‖  canonical standard base64 of  H ‖ IV[16] ‖ CT ‖ T[32]
    H = 01 (version) ‖ suite u8 ‖ key id u32
    A = H ‖ identity of the record

Table and field are in the derivation of the key, the record is in A: a cell opens in one place
only. `.` is outside base64, so no legacy value parses as a cell nor a cell as a legacy value.
This is the reference door, one value at a time; `column` is the door that everything goes through.
"""

from __future__ import annotations

import base64
import binascii
import struct
from typing import Final, NewType

from strongroom.crypto.aead import SMALLEST, AeadKey, Verified
from strongroom.crypto.derive import SUITE_1, Label, derive
from strongroom.crypto.lockstep import BLOCK_BYTES
from strongroom.crypto.secret import Secret
from strongroom.errors import DecryptionError

PREFIX: Final = "sr1."
HEADER_BYTES: Final = 6
KNOWN: Final = bytes((1, SUITE_1))
"""The version and suite that all cells have."""
_KEY_ID: Final = len(KNOWN)
MOST_BYTES: Final = 32 * 1024 * 1024
MOST_CHARACTERS: Final = len(PREFIX) + (HEADER_BYTES + SMALLEST + MOST_BYTES + 2) // 3 * 4


Cell = NewType("Cell", bytes)
"""The bytes of a cell whose structure was checked, and nothing else: H ‖ IV ‖ CT ‖ T, untrusted."""


def key_id_of(head: bytes) -> int:
    """Return the id of the key that a cell, or its H, says it was sealed under."""
    return int.from_bytes(head[_KEY_ID:HEADER_BYTES])


class CellKey:
    """The key of all cells of one field under one data key."""

    __slots__ = ("aead", "header", "key_id")

    def __init__(
        self, data_key: Secret, store_id: bytes, key_id: int, table_id: int, field_id: int
    ) -> None:
        self.aead = AeadKey(derive(data_key, store_id, Label.CELL, table_id, field_id))
        self.key_id = key_id
        self.header = KNOWN + struct.pack(">I", key_id)

    def seal(self, identity: bytes, plaintext: bytes) -> str:
        """Return the text of a new cell for the record `identity`. Every call draws a new IV.

        Raises:
            ValueError: the plaintext has more than 32 MiB (`MOST_BYTES`).
        """
        if len(plaintext) > MOST_BYTES:
            raise ValueError("a cell holds at most 32 MiB")
        sealed = self.aead.encrypt(plaintext, self.header + identity)
        return PREFIX + base64.b64encode(self.header + sealed).decode("ascii")

    def verify(self, identity: bytes, cell: Cell) -> Verified:
        """Check that `cell` was sealed under this key for the record `identity`.

        Raises:
            DecryptionError: another version, suite or key, another record, or changed bytes.
        """
        if not cell.startswith(self.header):
            raise DecryptionError
        return self.aead.verify(cell[HEADER_BYTES:], self.header + identity)

    def __repr__(self) -> str:
        return f"<cell key {self.key_id:08x}>"


def parse(text: str) -> Cell:
    """Take the text of a cell apart without believing any of it.

    Only the one canonical spelling is accepted: the text is decoded strictly, encoded again and
    compared, so no two texts are the same cell.

    Raises:
        DecryptionError: not a cell of a version and suite that is known here.
    """
    if type(text) is not str or not text.startswith(PREFIX) or len(text) > MOST_CHARACTERS:
        raise DecryptionError
    raw = decode_canonical(text[len(PREFIX) :])
    if raw is None:
        raise DecryptionError
    if not raw.startswith(KNOWN) or not possible(len(raw)):
        raise DecryptionError
    return Cell(raw)


def possible(length: int) -> bool:
    """Say whether a cell can have so many bytes."""
    sealed = length - HEADER_BYTES
    return sealed >= SMALLEST and sealed % BLOCK_BYTES == 0


def decode_canonical(spelling: str) -> bytes | None:
    """Return the bytes that standard base64 spells, or None if this is not their one spelling."""
    # No raise inside the except block: the caught exception holds the text, and would hang on
    # the new one as its context.
    try:
        raw = base64.b64decode(spelling.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    return raw if base64.b64encode(raw).decode("ascii") == spelling else None
