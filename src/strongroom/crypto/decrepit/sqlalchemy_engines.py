"""The AES engines of SQLAlchemy-Utils (StringEncryptedType, EncryptedType), for reading only.

    key        SHA-256(secret)
    AesEngine     base64(AES-256-CBC(key, IV = key[:16], padded UTF-8 text))
    AesGcmEngine  base64(IV[12] ‖ tag[16] ‖ AES-256-GCM(key, IV, UTF-8 text)), no associated data

AesEngine is unauthenticated: nothing proves that a value is what was written. Its IV never changes
either, so equal texts are equal values. Four paddings exist, and a column says nowhere which one it
has; each is checked as strictly as it can be:

    naive         1 to 16 stars. The default of the type. Stars that ended the text itself can't be
                  told from it and are gone, for the library as well.
    pkcs5         n bytes of value n
    zeroes        n - 1 zero bytes and a byte of value n
    oneandzeroes  the byte 80 and zero bytes. The library can't read texts whose UTF-8 ends in 80
                  (À is one); they are read here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.padding import PKCS7

from strongroom.crypto.decrepit.stored import stored_base64, utf8
from strongroom.crypto.secret import Secret

_BLOCK_BYTES: Final = 16
_GCM_IV_BYTES: Final = 12
_GCM_TAG_BYTES: Final = 16


def open_gcm(key: Secret, value: object) -> str | None:
    """Return the text that AesGcmEngine wrote, or None: another key, or a changed value."""
    raw = stored_base64(value)
    if raw is None or len(raw) < _GCM_IV_BYTES + _GCM_TAG_BYTES:
        return None
    iv, rest = raw[:_GCM_IV_BYTES], raw[_GCM_IV_BYTES:]
    tag, encrypted = rest[:_GCM_TAG_BYTES], rest[_GCM_TAG_BYTES:]
    try:
        return utf8(AESGCM(key.reveal()).decrypt(iv, encrypted + tag, None))
    except InvalidTag:
        return None


def open_unauthenticated_naive(key: Secret, value: object) -> str | None:
    """Return the text that AesEngine wrote with its default padding, which nobody vouches for."""
    return _open_cbc(key, value, _without_stars)


def open_unauthenticated_pkcs5(key: Secret, value: object) -> str | None:
    """Return the text that AesEngine wrote with the padding pkcs5, which nobody vouches for."""
    return _open_cbc(key, value, _without_pkcs)


def open_unauthenticated_zeroes(key: Secret, value: object) -> str | None:
    """Return the text that AesEngine wrote with the padding zeroes, which nobody vouches for."""
    return _open_cbc(key, value, _without_zeroes)


def open_unauthenticated_one_and_zeroes(key: Secret, value: object) -> str | None:
    """Return the text that AesEngine wrote with oneandzeroes, which nobody vouches for."""
    return _open_cbc(key, value, _without_one_and_zeroes)


def _open_cbc(key: Secret, value: object, unpad: Callable[[bytes], bytes | None]) -> str | None:
    raw = stored_base64(value)
    if not raw or len(raw) % _BLOCK_BYTES:
        return None
    secret = key.reveal()
    decryptor = Cipher(algorithms.AES(secret), modes.CBC(secret[:_BLOCK_BYTES])).decryptor()
    return utf8(unpad(decryptor.update(raw) + decryptor.finalize()))


def _without_stars(padded: bytes) -> bytes | None:
    return padded.rstrip(b"*") if padded.endswith(b"*") else None


def _without_pkcs(padded: bytes) -> bytes | None:
    unpadder = PKCS7(_BLOCK_BYTES * 8).unpadder()
    try:
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        return None


def _without_zeroes(padded: bytes) -> bytes | None:
    count = padded[-1]
    if not 1 <= count <= _BLOCK_BYTES or any(padded[-count:-1]):
        return None
    return padded[:-count]


def _without_one_and_zeroes(padded: bytes) -> bytes | None:
    content = padded.rstrip(b"\0")
    if not content.endswith(b"\x80") or len(padded) - len(content) >= _BLOCK_BYTES:
        return None
    return content[:-1]
