"""A good value of every scheme, written by other libraries than the reader's."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import pickle
from typing import Any, Final

from Crypto.Cipher import AES
from Crypto.Util.Padding import pad
from cryptography.fernet import Fernet

from strongroom.crypto.decrepit.schemes import KeyForm, Scheme
from strongroom.crypto.secret import Secret

SECRET: Final = b"a secret of forty characters, more or so"
RAW: Final = bytes(range(0x60, 0x80))
CONTENT: Final = "Ada Lovelace of Ockham Park"


def material(scheme: Scheme, secret: bytes = SECRET) -> bytes:
    """Return key material of the scheme's form that is another one for another secret."""
    digest = hashlib.sha256(b"no key of any other scheme" + secret).digest()
    return {
        KeyForm.RAW: digest,
        KeyForm.BASE64URL: base64.urlsafe_b64encode(digest),
        KeyForm.TEXT: secret,
    }[scheme.key_form]


def keys(scheme: Scheme, secret: bytes = SECRET) -> tuple[Secret, ...]:
    return scheme.derive(material(scheme, secret), **dict.fromkeys(scheme.required, b"salt"))


def cbc(key: bytes, iv: bytes, padded: bytes) -> bytes:
    return AES.new(key, AES.MODE_CBC, iv=iv).encrypt(padded)


def signed(pickled: bytes, secret: bytes = SECRET, version: bytes = b"\x80") -> bytes:
    """Write as django-cryptography does."""
    key = hashlib.pbkdf2_hmac("sha256", secret, b"django-cryptography", 30_000)
    iv = os.urandom(16)
    body = version + bytes(8) + iv + cbc(key, iv, pad(pickled, 16))
    return body + hmac.digest(secret, body, "sha256")


def value_of(scheme: Scheme, content: str = CONTENT) -> Any:
    """Return a good value, written of some content."""
    key, raw = keys(scheme)[0].reveal(), content.encode()
    if scheme.name == "legacy":
        return base64.b64encode(RAW[:16] + cbc(key, RAW[:16], pad(raw, 16))).decode()
    if scheme.name == "django-cryptography":
        return signed(pickle.dumps(content))
    if scheme.name == "sqlalchemy-utils-aes-gcm":
        cipher = AES.new(key, AES.MODE_GCM, nonce=RAW[:12], mac_len=16)
        encrypted, tag = cipher.encrypt_and_digest(raw)
        return base64.b64encode(RAW[:12] + tag + encrypted).decode()
    if not scheme.authenticated:
        count = 16 - len(raw) % 16
        ends = {
            "naive": b"*" * count,
            "pkcs5": bytes([count]) * count,
            "zeroes": bytes(count - 1) + bytes([count]),
            "oneandzeroes": b"\x80" + bytes(count - 1),
        }
        padded = raw + ends[scheme.name.rpartition("-")[2]]
        return base64.b64encode(cbc(key, key[:16], padded)).decode()
    return Fernet(base64.urlsafe_b64encode(key)).encrypt(raw).decode()
