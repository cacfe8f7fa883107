"""The wraps and fingerprints of the format, redone with primitives and nothing of strongroom."""

from __future__ import annotations

import struct
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

STORE: Final = bytes(range(0xA0, 0xB0))
OTHER_STORE: Final = bytes(range(0xB0, 0xC0))
ROOT: Final = bytes(range(0x20, 0x40))
OTHER_ROOT: Final = bytes(range(0x40, 0x60))
STORE_KEY: Final = bytes(range(0x60, 0x80))
IV: Final = bytes(range(16))


def derived(
    key: bytes, store: bytes, label: bytes, length: int, ids: tuple[int, ...] = ()
) -> bytes:
    info = label + b"\x00\x01" + struct.pack(f">{len(ids)}I", *ids)
    return HKDF(SHA512(), length, salt=store, info=info).derive(key)


def fingerprint(root: bytes, store: bytes = STORE) -> bytes:
    return derived(root, store, b"strongroom/1/fingerprint", 8)


def _tag(mac_key: bytes, name: bytes, body: bytes) -> bytes:
    mac = HMAC(mac_key, SHA512())
    mac.update(name + body + struct.pack(">Q", 8 * len(name)))
    return mac.finalize()[:32]


def _name(store: bytes, key_id: int, purpose: int) -> bytes:
    return b"strongroom/1/wrap\x00" + store + struct.pack(">IBB", key_id, purpose, 1)


def wrap(  # noqa: PLR0913, PLR0917 - each is one part of the name of a wrapped key
    parent: bytes,
    secret: bytes,
    key_id: int = 0,
    purpose: int = 0,
    store: bytes = STORE,
    iv: bytes = IV,
) -> bytes:
    both = derived(parent, store, b"strongroom/1/wrap", 64)
    encryptor = Cipher(algorithms.AES256(both[32:]), modes.CBC(iv)).encryptor()
    body = iv + encryptor.update(secret + b"\x10" * 16) + encryptor.finalize()
    return body + _tag(both[:32], _name(store, key_id, purpose), body)


def unwrap(
    parent: bytes, wrapped: bytes, key_id: int = 0, purpose: int = 0, store: bytes = STORE
) -> bytes:
    both = derived(parent, store, b"strongroom/1/wrap", 64)
    assert wrapped[-32:] == _tag(both[:32], _name(store, key_id, purpose), wrapped[:-32])
    decryptor = Cipher(algorithms.AES256(both[32:]), modes.CBC(wrapped[:16])).decryptor()
    padded = decryptor.update(wrapped[16:-32]) + decryptor.finalize()
    assert padded[32:] == b"\x10" * 16
    return padded[:32]
