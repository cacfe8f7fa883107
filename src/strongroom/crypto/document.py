"""The MAC over the store document: catalogue and keyring authenticated as one.

MAC = HMAC-SHA-512(document key, bytes)[:32]
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.hmac import HMAC

from strongroom.crypto.derive import Label, derive
from strongroom.crypto.secret import Secret
from strongroom.errors import DecryptionError

DOCUMENT_MAC_BYTES: Final = 32


def document_mac(store_key: Secret, store_id: bytes, document: bytes) -> bytes:
    """Return the 32 bytes that authenticate `document`."""
    mac = HMAC(derive(store_key, store_id, Label.DOCUMENT), SHA512())
    mac.update(document)
    return mac.finalize()[:DOCUMENT_MAC_BYTES]


def check_document(store_key: Secret, store_id: bytes, document: bytes, mac: bytes) -> None:
    """Compare in constant time.

    Raises:
        DecryptionError: the document is not one that a holder of the store key wrote.
    """
    if not bytes_eq(document_mac(store_key, store_id, document), mac):
        raise DecryptionError
