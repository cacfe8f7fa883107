"""Every derived key: HKDF-SHA-512 (RFC 5869) with one closed list of labels.

    key  = HKDF-SHA-512(parent key, salt = store id, info, length)
    info = ASCII label ‖ 00 ‖ suite u8 ‖ ids as u32…          (big-endian)

A label names one purpose, takes a fixed number of ids and gives a fixed length, so two purposes
can never derive the same key from the same parent.
"""

from __future__ import annotations

import struct
from enum import Enum

from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from strongroom.crypto.secret import Secret

SUITE_1 = 1
STORE_ID_BYTES = 16
_U32_MAX = 0xFFFF_FFFF


class Label(Enum):
    """The labels of format version 1: text, number of ids, length in bytes."""

    CELL = ("strongroom/1/cell", 2, 64)
    SEAL = ("strongroom/1/seal", 1, 32)
    INDEX = ("strongroom/1/index", 1, 32)
    WRAP = ("strongroom/1/wrap", 0, 64)
    DOCUMENT = ("strongroom/1/document", 0, 32)
    FINGERPRINT = ("strongroom/1/fingerprint", 0, 8)
    ADOPT = ("strongroom/1/adopt", 2, 32)
    JOB = ("strongroom/1/job", 0, 32)
    PARCEL = ("strongroom/1/parcel", 0, 64)

    @property
    def ids(self) -> int:
        """How many u32 ids follow the suite byte."""
        return self.value[1]

    @property
    def length(self) -> int:
        """How many bytes are derived."""
        return self.value[2]

    def info(self, suite: int, ids: tuple[int, ...]) -> bytes:
        """Return the `info` input of HKDF for this label."""
        if len(ids) != self.ids:
            raise ValueError(f"{self.name} takes {self.ids} ids")
        if any(not 0 <= number <= _U32_MAX for number in ids):
            raise ValueError("an id does not fit 32 bits")
        return self.value[0].encode("ascii") + struct.pack(f">BB{len(ids)}I", 0, suite, *ids)


def derive(key: Secret, store_id: bytes, label: Label, *ids: int, suite: int = SUITE_1) -> bytes:
    """Derive the key that `label` and `ids` name from `key`.

    Args:
        key: the parent: root, store, data, index or parcel key, as the label's table in the
            format says.
        store_id: 16 bytes, the salt; of a parcel its own id.
        label: what the derived key is for.
        ids: the numbers that the label takes (table, field or index id).
        suite: the cipher suite, 1.

    Returns:
        8, 32 or 64 bytes, as the label says.
    """
    if len(store_id) != STORE_ID_BYTES:
        raise ValueError("a store id must be exactly 16 bytes")
    info = label.info(suite, ids)
    return HKDF(SHA512(), label.length, salt=store_id, info=info).derive(key.reveal())


def fingerprint(root: Secret, store_id: bytes) -> bytes:
    """Return the 8 bytes that tell one root key from another without revealing either."""
    return derive(root, store_id, Label.FINGERPRINT)
