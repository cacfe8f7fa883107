"""One key under another: suite 1 with the wrapped key's name as associated data.

    wrapped = IV[16] ‖ CT[48] ‖ T[32], 96 bytes
    A = "strongroom/1/wrap" ‖ 00 ‖ store id[16] ‖ key id u32 ‖ purpose u8 ‖ suite u8

The store key has id 0 and purpose 0 and is wrapped under the root key; every other key is wrapped
under the store key.
"""

from __future__ import annotations

import struct
from typing import Final

from strongroom.crypto.aead import AeadKey
from strongroom.crypto.derive import SUITE_1, Label, derive
from strongroom.crypto.secret import KEY_BYTES, Secret
from strongroom.errors import DecryptionError

STORE_KEY_ID: Final = 0
STORE_KEY_PURPOSE: Final = 0
WRAPPED_BYTES: Final = 96


class WrapKey:
    """Wraps and unwraps under one key: the root key or the store key."""

    __slots__ = ("_aead", "_store_id")

    def __init__(self, key: Secret, store_id: bytes) -> None:
        self._aead = AeadKey(derive(key, store_id, Label.WRAP))
        self._store_id = store_id

    def wrap(self, secret: Secret, key_id: int, purpose: int, suite: int = SUITE_1) -> bytes:
        """Return the 96 bytes of `secret` wrapped as the key `key_id` of `purpose`."""
        return self._aead.encrypt(secret.reveal(), self._name(key_id, purpose, suite))

    def unwrap(self, wrapped: bytes, key_id: int, purpose: int, suite: int = SUITE_1) -> Secret:
        """Return the key that was wrapped under exactly this name.

        Raises:
            DecryptionError: another key, store, key id, purpose or suite, or changed bytes.
        """
        verified = self._aead.verify(wrapped, self._name(key_id, purpose, suite))
        secret = verified.decrypt()
        if len(secret) != KEY_BYTES:
            raise DecryptionError
        return Secret(secret)

    def _name(self, key_id: int, purpose: int, suite: int) -> bytes:
        label = Label.WRAP.value[0].encode("ascii")
        return label + b"\x00" + self._store_id + struct.pack(">IBB", key_id, purpose, suite)

    def __repr__(self) -> str:
        return "<wrap key>"
