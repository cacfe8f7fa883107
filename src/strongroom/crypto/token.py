"""Index tokens: what the database is asked by, in the place of a value that it must not see.

    HMAC-SHA-512(K, kind u8 ‖ normaliser u16 ‖ partition u8 ‖ count u8 ‖ (u32 length ‖ bytes)…)
        [:⌈bits / 8⌉], the unused low bits zero
    K = HKDF-SHA-512(index key, store id, strongroom/1/index, index id)

The key is the index's own, so equal values in two fields, tables or stores give unrelated tokens.
Two kinds of message are not about values: `PARTITION` draws in which partition a record falls, and
`FILLER` makes the tokens that hide how many a record really has. Both are over the record's
identity, so they can be made again and compared.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

from strongroom.crypto.derive import Label, derive
from strongroom.crypto.mac import Mac
from strongroom.crypto.secret import Secret

PARTITION: Final = 0xF0
FILLER: Final = 0xF1
MOST_BITS: Final = 256
_DRAWN_BYTES: Final = 8
_HEAD: Final = struct.Struct(">BHBB")


class IndexKey:
    """The key of one index's tokens."""

    __slots__ = ("_mac", "index_id")

    def __init__(self, index_key: Secret, store_id: bytes, index_id: int) -> None:
        self._mac = Mac(derive(index_key, store_id, Label.INDEX, index_id))
        self.index_id = index_id

    def tokens(self, messages: Sequence[bytes], bits: int) -> list[bytes]:
        """Return a token of ⌈bits / 8⌉ bytes for each of what `message` and `filler_message` give.

        Args:
            messages: what the tokens are made of.
            bits: how many are kept, 1 to 256.
        """
        if not 1 <= bits <= MOST_BITS:
            raise ValueError("a token has 1 to 256 bits")
        size = -(-bits // 8)
        made = [tag[:size] for tag in self._mac.tags(messages)]
        unused = size * 8 - bits
        if not unused:
            return made
        return [(int.from_bytes(one) >> unused << unused).to_bytes(size) for one in made]

    def token(  # all that its input consists of
        self, kind: int, normaliser: int, partition: int, parts: Sequence[bytes], bits: int
    ) -> bytes:
        """Return one token."""
        return self.tokens([message(kind, normaliser, partition, parts)], bits)[0]

    def partition(self, identity: bytes, partitions: int) -> int:
        """Return in which of so many partitions the record of an identity falls."""
        if partitions == 1:
            return 0
        drawn = self._mac.digest(message(PARTITION, 0, 0, (identity,)))[:_DRAWN_BYTES]
        return int.from_bytes(drawn) % partitions  # of 64 bits: no partition is preferred

    def filler(self, identity: bytes, number: int, bits: int) -> bytes:
        """Return one token that stands for no value."""
        return self.tokens([filler_message(identity, number)], bits)[0]

    def __repr__(self) -> str:
        return f"<index key {self.index_id:08x}>"


def message(kind: int, normaliser: int, partition: int, parts: Sequence[bytes]) -> bytes:
    """Return what a token is made of.

    Args:
        kind: of the index, 1 to 239.
        normaliser: its number.
        partition: which one the record is in, from 0.
        parts: what is looked for: encoded values, at most 255.
    """
    head = _HEAD.pack(kind, normaliser, partition, len(parts))
    return head + b"".join([len(part).to_bytes(4) + part for part in parts])


def filler_message(identity: bytes, number: int) -> bytes:
    """Return what the token of that number is made of that stands for no value of a record."""
    return message(FILLER, 0, 0, (identity, number.to_bytes(4)))
