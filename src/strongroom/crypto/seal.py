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
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from strongroom.crypto.derive import SUITE_1, Label, derive
from strongroom.crypto.mac import Mac
from strongroom.crypto.secret import Secret
from strongroom.errors import DecryptionError

SEAL_BYTES: Final = 42
HEAD_BYTES: Final = 10
_VERSION: Final = 1
_LARGEST_VERSION: Final = (1 << 64) - 1
_U64: Final = struct.Struct(">Q")


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

    def seal_all(
        self,
        layout_id: int,
        identities: Sequence[bytes],
        versions: Sequence[int],
        slots: Sequence[Sequence[bytes]],
    ) -> list[bytes]:
        """Return the 42 bytes that seal each of many records of one layout.

        Args:
            layout_id: which fields and indexes the slots are, and in which order.
            identities: the encoded primary key of each.
            versions: `record_version` of each, 1 for a new record, at most 2^63 - 1.
            slots: for each entry of the layout a column: of `cell_slots`, `plain_slots` or
                `token_slots`.
        """
        head = self._head(layout_id)
        tags = self._mac.tags(_sealed(identities, versions, slots), head)
        return [head + tag for tag in tags]

    def check_all(
        self,
        seals: Sequence[bytes],
        layout_id: int,
        identities: Sequence[bytes],
        versions: Sequence[int],
        slots: Sequence[Sequence[bytes]],
    ) -> None:
        """Compare the seals of many records of one layout, in constant time.

        Raises:
            DecryptionError: with the position of a seal that was made for other values, another
                record, another key or another layout, or is none.
        """
        head = self._head(layout_id)
        if not {seal[:HEAD_BYTES] for seal in seals} <= {head}:
            raise DecryptionError([seal.startswith(head) for seal in seals].index(False))
        # Whoever writes to the database can put any number there.
        if versions and not 0 <= min(versions) <= max(versions) <= _LARGEST_VERSION:
            raise DecryptionError([0 <= one <= _LARGEST_VERSION for one in versions].index(False))
        messages = _sealed(identities, versions, slots)
        self._mac.check_all(messages, [seal[HEAD_BYTES:] for seal in seals], head)

    def seal(self, layout_id: int, identity: bytes, version: int, slots: Sequence[bytes]) -> bytes:
        """Return the 42 bytes that seal one record."""
        return self.seal_all(layout_id, [identity], [version], [[one] for one in slots])[0]

    def check(self, seal: bytes, identity: bytes, version: int, slots: Sequence[bytes]) -> None:
        """Check the seal of one record.

        Raises:
            DecryptionError: as `check_all`, or it is no seal at all.
        """
        layout_id = parse_seal(seal).layout_id
        self.check_all([seal], layout_id, [identity], [version], [[one] for one in slots])

    def _head(self, layout_id: int) -> bytes:
        return struct.pack(">BBII", _VERSION, SUITE_1, self.key_id, layout_id)

    def __repr__(self) -> str:
        return f"<seal key {self.key_id:08x}>"


def _sealed(
    identities: Sequence[bytes], versions: Sequence[int], slots: Sequence[Sequence[bytes]]
) -> list[bytes]:
    """Return the MAC's input of each record, behind R."""
    lengths = {length: length.to_bytes(4) for length in set(map(len, identities))}
    starts = [lengths[len(one)] for one in identities]
    numbers = map(_U64.pack, versions)
    return list(map(b"".join, zip(starts, identities, numbers, *slots, strict=True)))


def parse_seal(seal: bytes) -> SealHead:
    """Read which key and layout a seal claims.

    Raises:
        DecryptionError: not 42 bytes of a known version and suite.
    """
    if type(seal) is not bytes or len(seal) != SEAL_BYTES:
        raise DecryptionError
    version, suite, key_id, layout_id = struct.unpack(">BBII", seal[:HEAD_BYTES])
    if version != _VERSION or suite != SUITE_1:
        raise DecryptionError
    return SealHead(key_id, layout_id)


def null_slot(slot_id: int) -> bytes:
    """Return the slot of a field that is NULL."""
    return struct.pack(">IB", slot_id, 0)


def cell_slots(slot_id: int, covered: Iterable[bytes | None]) -> list[bytes]:
    """Return an encrypted field's slot for each record: its cell's H ‖ T, None for NULL."""
    null, start = null_slot(slot_id), struct.pack(">IB", slot_id, 1)
    return [null if one is None else start + one for one in covered]


def plain_slots(slot_id: int, tag: int, encoded: Iterable[bytes | None]) -> list[bytes]:
    """Return a plain field's slot for each record.

    Args:
        slot_id: the field's.
        tag: of its type, one byte.
        encoded: canonical bytes, None where it is NULL.
    """
    null, start = null_slot(slot_id), struct.pack(">IBB", slot_id, 2, tag)
    return [null if one is None else start + len(one).to_bytes(4) + one for one in encoded]


def token_slots(slot_id: int, tokens: Iterable[bytes | None]) -> list[bytes]:
    """Return an index column's slot for each record, None where it has no token."""
    null, start = null_slot(slot_id), struct.pack(">IB", slot_id, 3)
    return [null if one is None else start + len(one).to_bytes(4) + one for one in tokens]
