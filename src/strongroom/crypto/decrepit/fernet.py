"""Fernet tokens, for reading only: plain columns of them, and three libraries that write them.

    base64url(80 ‖ u64 seconds ‖ IV[16] ‖ AES-128-CBC(PKCS#7(content)) ‖ HMAC-SHA-256[32])

The key is 32 bytes: the first half authenticates, the second encrypts. What comes from where:

    Fernet columns                   base64url of the key itself
    SQLAlchemy-Utils, FernetEngine   key = SHA-256(secret)
    django-fernet-fields             key = HKDF-SHA-256(secret, two fixed texts, see below)
    django-fernet-encrypted-fields   key = PBKDF2-HMAC-SHA-256(secret, SALT_KEY, 100,000 rounds)

A token is authenticated, so nobody without the key made or changed it; but nothing in it says
which row it belongs to. Its time is not looked at: a token from the future or of any age opens,
since the age of a row is no fault of it.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from strongroom.crypto.decrepit.stored import stored_base64, utf8
from strongroom.crypto.secret import KEY_BYTES, Secret
from strongroom.errors import InputError

_FIELDS_SALT: Final = b"django-fernet-fields-hkdf-salt"
_FIELDS_INFO: Final = b"django-fernet-fields"
_ENCRYPTED_FIELDS_ROUNDS: Final = 100_000


def fernet_key(material: bytes) -> Secret:
    """Return the key that url-safe base64 of 32 bytes spells.

    Raises:
        InputError: it spells no 32 bytes.
    """
    key = _decoded(material)
    if key is None:
        raise InputError(
            "a fernet key must be url-safe base64 of 32 bytes",
            hint="44 characters with the closing =, as Fernet.generate_key() gives it",
        )
    return Secret(key)


def _decoded(material: bytes) -> bytes | None:
    # Raised by the caller: the caught exception would keep a frame that holds the key.
    try:
        key = base64.b64decode(material, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def hashed_key(secret: bytes) -> Secret:
    """Return the key that every engine of SQLAlchemy-Utils makes of a secret: its SHA-256."""
    digest = Hash(SHA256())
    digest.update(secret)
    return Secret(digest.finalize())


def fernet_fields_key(secret: bytes) -> Secret:
    """Return the key that django-fernet-fields derives, unless FERNET_USE_HKDF is False."""
    kdf = HKDF(SHA256(), KEY_BYTES, salt=_FIELDS_SALT, info=_FIELDS_INFO)
    return Secret(kdf.derive(secret))


def fernet_encrypted_fields_key(secret: bytes, salt: bytes) -> Secret:
    """Return the key that django-fernet-encrypted-fields makes of a secret and a salt."""
    kdf = PBKDF2HMAC(SHA256(), KEY_BYTES, salt=salt, iterations=_ENCRYPTED_FIELDS_ROUNDS)
    return Secret(kdf.derive(secret))


def open_token(key: Secret, value: object) -> bytes | None:
    """Return the content of a token, or None: another key, a changed token, or no token at all."""
    token = stored_base64(value, url_safe=True)
    if token is None:
        return None
    try:
        fernet = Fernet(base64.urlsafe_b64encode(key.reveal()))
        return fernet.decrypt(base64.urlsafe_b64encode(token))
    except InvalidToken:
        return None


def open_text_token(key: Secret, value: object) -> str | None:
    """Return the content of a token whose writer put only UTF-8 text into it, or None."""
    return utf8(open_token(key, value))
