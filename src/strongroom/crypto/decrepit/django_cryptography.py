"""Fields of django-cryptography and its forks, for reading only.

    80 ‖ u64 seconds ‖ IV[16] ‖ AES-256-CBC(encryption key, IV, PKCS#7(pickle)) ‖ HMAC[32]

    encryption key  PBKDF2-HMAC-SHA-256(CRYPTOGRAPHY_KEY or else SECRET_KEY, CRYPTOGRAPHY_SALT,
                    30,000 rounds)
    HMAC            HMAC-SHA-256(SECRET_KEY, everything before)

A value is authenticated, so nobody without SECRET_KEY made or changed it. Whoever has SECRET_KEY
can put any pickle in its place, and loading a pickle runs what it says: it is never loaded, but
read by `constant_pickle`, which knows constants only. The time is not looked at.
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.padding import PKCS7

from strongroom.crypto.decrepit.constant_pickle import Constant, read_constant
from strongroom.crypto.decrepit.stored import stored_bytes
from strongroom.crypto.secret import KEY_BYTES, Secret

SALT: Final = b"django-cryptography"
"""The library's default of the setting CRYPTOGRAPHY_SALT."""

_ROUNDS: Final = 30_000
_VERSION: Final = b"\x80"
_HEAD_BYTES: Final = 9
_BLOCK_BYTES: Final = 16
_MAC_BYTES: Final = 32
_MAC_BLOCK_BYTES: Final = 64


def django_cryptography_keys(
    secret_key: bytes, salt: bytes = SALT, cryptography_key: bytes = b""
) -> tuple[Secret, Secret, Secret]:
    """Return the encryption key, and the HMAC key in two halves.

    A SECRET_KEY may have any length. HMAC itself makes one block of 64 bytes of it: longer ones
    are hashed, shorter ones filled up with zero bytes. That block is what is kept, so the second
    half is all zeros when SECRET_KEY has 32 bytes or fewer, or more than 64.

    Args:
        secret_key: the setting SECRET_KEY in UTF-8.
        salt: the setting CRYPTOGRAPHY_SALT in UTF-8.
        cryptography_key: the setting CRYPTOGRAPHY_KEY in UTF-8, where there is one.
    """
    kdf = PBKDF2HMAC(SHA256(), KEY_BYTES, salt=salt, iterations=_ROUNDS)
    encryption = kdf.derive(cryptography_key or secret_key)
    if len(secret_key) > _MAC_BLOCK_BYTES:
        digest = Hash(SHA256())
        digest.update(secret_key)
        secret_key = digest.finalize()
    block = secret_key.ljust(_MAC_BLOCK_BYTES, b"\0")
    return Secret(encryption), Secret(block[:KEY_BYTES]), Secret(block[KEY_BYTES:])


def open_signed_pickle(keys: tuple[Secret, ...], value: object) -> Constant | None:
    """Return the constant that an encrypted field holds, or None.

    None means: another key, a changed value, or a pickle of something else than a constant.

    Args:
        keys: the three that `django_cryptography_keys` returned.
        value: the bytes of the column.
    """
    encryption, *halves = keys
    raw = stored_bytes(value)
    if raw is None or raw[:1] != _VERSION:
        return None
    mac = HMAC(b"".join(half.reveal() for half in halves), SHA256())
    mac.update(raw[:-_MAC_BYTES])
    try:
        mac.verify(raw[-_MAC_BYTES:])
        pickled = _decrypted(encryption, raw[_HEAD_BYTES:-_MAC_BYTES])
    except (InvalidSignature, ValueError):  # too short for an IV, no whole blocks, or padding
        return None
    return read_constant(pickled)


def _decrypted(key: Secret, raw: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES(key.reveal()), modes.CBC(raw[:_BLOCK_BYTES])).decryptor()
    unpadder = PKCS7(_BLOCK_BYTES * 8).unpadder()
    padded = decryptor.update(raw[_BLOCK_BYTES:]) + decryptor.finalize()
    return unpadder.update(padded) + unpadder.finalize()
