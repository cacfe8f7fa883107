"""The MAC over the store document: catalogue and keyring authenticated as one.

MAC = HMAC-SHA-512(document key, bytes)[:32]
"""

from __future__ import annotations

from strongroom.crypto.derive import Label, derive
from strongroom.crypto.mac import Mac
from strongroom.crypto.secret import Secret


def document_mac(store_key: Secret, store_id: bytes, document: bytes) -> bytes:
    """Return the 32 bytes that authenticate `document`."""
    return _keyed(store_key, store_id).tag(document)


def check_document(store_key: Secret, store_id: bytes, document: bytes, mac: bytes) -> None:
    """Compare in constant time.

    Raises:
        DecryptionError: the document is not one that a holder of the store key wrote.
    """
    _keyed(store_key, store_id).check(document, mac)


def _keyed(store_key: Secret, store_id: bytes) -> Mac:
    return Mac(derive(store_key, store_id, Label.DOCUMENT))
