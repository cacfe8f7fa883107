"""The legacy scheme: unauthenticated AES-256-CBC, for reading only.

    base64(IV[16] ‖ AES-256-CBC(key, IV, PKCS#7(UTF-8 text)))

Nothing here proves that a value is what was written: a changed bit is often accepted. Adoption
therefore pins every value as it was found before it is believed.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from strongroom.crypto.secret import Secret
from strongroom.errors import DecryptionError

_IV_BYTES: Final = 16
_BLOCK_BYTES: Final = 16


def open_unauthenticated_legacy(key: Secret, value: str) -> str:
    """Decrypt a value that the legacy scheme wrote.

    Args:
        key: the 32 raw bytes of its key file.
        value: the text of the column, in standard base64; white space around it is allowed.

    Returns:
        The text, which nobody vouches for.

    Raises:
        DecryptionError: not base64, no whole number of blocks, wrong padding, or not UTF-8.
    """
    text = _opened(key, value.strip()) if type(value) is str else None
    if text is None:
        raise DecryptionError
    return text


def _opened(key: Secret, value: str) -> str | None:
    # No raise inside the except block: the caught exception may hold the plaintext, and would
    # hang on the new one as its context.
    try:
        raw = base64.b64decode(value.encode("ascii"), validate=True)
        if base64.b64encode(raw).decode("ascii") != value:
            return None
        if len(raw) < _IV_BYTES + _BLOCK_BYTES or len(raw) % _BLOCK_BYTES:
            return None
        decryptor = Cipher(algorithms.AES(key.reveal()), modes.CBC(raw[:_IV_BYTES])).decryptor()
        unpadder = PKCS7(_BLOCK_BYTES * 8).unpadder()
        padded = decryptor.update(raw[_IV_BYTES:]) + decryptor.finalize()
        return (unpadder.update(padded) + unpadder.finalize()).decode("utf-8")
    except (binascii.Error, UnicodeError, ValueError):
        return None
