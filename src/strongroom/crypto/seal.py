"""The record seal: one MAC over a whole record, its plain columns, NULLs and version too.

    R ‖ S, 42 bytes
    R = 01 ‖ 01 ‖ key id u32 ‖ layout u32
    S = HMAC-SHA-512(K, R ‖ u32 length ‖ identity ‖ u64 record_version ‖ slots)[:32]

A slot is ``id u32 ‖ kind u8 ‖`` and then: `00` NULL, nothing · `01` cell, its H ‖ T ·
`02` plain, type tag ‖ u32 length ‖ canonical bytes · `03` token, u32 length ‖ bytes.
The order of the slots is the layout's. Every part has a fixed length or states it, so no two
records give the same input.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final, NamedTuple

from strongroom.crypto.cell import Cell
from strongroom.crypto.derive import SUITE_1, Label, derive
from strongroom.crypto.mac import Mac
from strongroom.crypto.secret import Secret
from strongroom.errors import DecryptionError

SEAL_BYTES: Final = 42
_HEAD_BYTES: Final = 10
_VERSION: Final = 1
_LARGEST_VERSION: Final = (1 << 64) - 1


class SealHead(NamedTuple):
    """R taken apart: which key and which layout a seal claims. Untrusted until it is checked."""

    key_id: int
    layout_id: int


class SealKey:
    """The key of all record seals of one table under one data key."""

    __slots__ = ("_mac", "key_id")

    def __init__(self, data_key: Secret, store_id: bytes, key_id: int, table_id: int) -> None:
        self._mac = Mac(derive(data_key, store_id, Label.SEAL, table_id))
        self.key_id = key_id

    def seal(self, layout_id: int, identity: bytes, version: int, slots: Sequence[bytes]) -> bytes:
        """Return the 42 bytes that seal a record.

        Args:
            layout_id: which fields and indexes the slots are, and in which order.
            identity: the encoded primary key.
            version: `record_version`, 1 for a new record, at most 2^63 - 1.
            slots: one of `null_slot`, `cell_slot`, `plain_slot` or `token_slot` for each entry of
                the layout.
        """
        head = struct.pack(">BBII", _VERSION, SUITE_1, self.key_id, layout_id)
        return head + self._mac.tag(_sealed(head, identity, version, slots))

    def check(self, seal: bytes, identity: bytes, version: int, slots: Sequence[bytes]) -> None:
        """Compare, in constant time, with the seal that these values should have.

        Raises:
            DecryptionError: the seal was made for other values, another record or another key.
        """
        key_id, _ = parse_seal(seal)
        if key_id != self.key_id or not 0 <= version <= _LARGEST_VERSION:
            raise DecryptionError  # whoever writes to the database can put any number there
        head, tag = seal[:_HEAD_BYTES], seal[_HEAD_BYTES:]
        self._mac.check(_sealed(head, identity, version, slots), tag)

    def __repr__(self) -> str:
        return f"<seal key {self.key_id:08x}>"


def _sealed(head: bytes, identity: bytes, version: int, slots: Sequence[bytes]) -> bytes:
    """Return R ‖ u32 length ‖ identity ‖ u64 record_version ‖ slots: the MAC's input."""
    length, number = struct.pack(">I", len(identity)), struct.pack(">Q", version)
    return b"".join((head, length, identity, number, *slots))


def parse_seal(seal: bytes) -> SealHead:
    """Read which key and layout a seal claims.

    Raises:
        DecryptionError: not 42 bytes of a known version and suite.
    """
    if type(seal) is not bytes or len(seal) != SEAL_BYTES:
        raise DecryptionError
    version, suite, key_id, layout_id = struct.unpack(">BBII", seal[:_HEAD_BYTES])
    if version != _VERSION or suite != SUITE_1:
        raise DecryptionError
    return SealHead(key_id, layout_id)


def null_slot(slot_id: int) -> bytes:
    """Return the slot of a field that is NULL."""
    return struct.pack(">IB", slot_id, 0)


def cell_slot(slot_id: int, cell: Cell) -> bytes:
    """Return the slot of an encrypted field: the cell's header and tag."""
    return struct.pack(">IB", slot_id, 1) + cell.slot


def plain_slot(slot_id: int, encoded: bytes) -> bytes:
    """Return the slot of a plain field; `encoded` is type tag u8 ‖ canonical bytes."""
    if not encoded:
        raise ValueError("a plain slot needs a type tag")  # a byte short, it reads as another slot
    tag, value = encoded[:1], encoded[1:]
    return struct.pack(">IB", slot_id, 2) + tag + struct.pack(">I", len(value)) + value


def token_slot(slot_id: int, token: bytes) -> bytes:
    """Return the slot of an index token."""
    return struct.pack(">IBI", slot_id, 3, len(token)) + token
