"""The MAC over what a bulk job writes down of its progress, and over what it has read so far.

    MAC = HMAC-SHA-512(job key, kind u8 ‖ bytes)[:32]

Kind 01 is the checkpoint's document, kind 02 the SHA-256 of a file's records. A bare digest of
somebody's file in the database could be tried out against guesses of what the file holds.
"""

from __future__ import annotations

from typing import Final, final

from strongroom.crypto.derive import Label, derive
from strongroom.crypto.mac import Mac
from strongroom.crypto.secret import Secret

_DOCUMENT: Final = b"\x01"
_CONTENT: Final = b"\x02"


@final
class JobKey:
    """The key of one store's jobs, derived from its store key."""

    __slots__ = ("_mac",)

    def __init__(self, store_key: Secret, store_id: bytes) -> None:
        self._mac = Mac(derive(store_key, store_id, Label.JOB))

    def document_mac(self, document: bytes) -> bytes:
        """Return the 32 bytes that authenticate a checkpoint."""
        return self._mac.tag(_DOCUMENT + document)

    def check_document(self, document: bytes, mac: object) -> None:
        """Compare in constant time.

        Raises:
            DecryptionError: no holder of the store key wrote this checkpoint.
        """
        self._mac.check(_DOCUMENT + document, mac)

    def content_mac(self, digest: bytes) -> bytes:
        """Return the 32 bytes that stand for what was read: only the key's holder can compare."""
        return self._mac.tag(_CONTENT + digest)

    def __repr__(self) -> str:
        return "<job key>"
