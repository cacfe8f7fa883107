"""MongoDB's explicit encryption without a server: its key vault is one document in memory.

The suite is strongroom's own, AEAD_AES_256_CBC_HMAC_SHA_512, with a random IV. A value goes the
way that PyMongo's `ClientEncryption` takes with it: into a BSON document, through libmongocrypt,
and out of the document that comes back.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, Final

import bson
from bson.binary import UUID_SUBTYPE, Binary
from pymongocrypt.explicit_encrypter import ExplicitEncrypter
from pymongocrypt.mongocrypt import MongoCryptOptions
from pymongocrypt.state_machine import MongoCryptCallback

_SUITE: Final = "AEAD_AES_256_CBC_HMAC_SHA_512-Random"
_LOCAL_KEY_BYTES: Final = 96


@MongoCryptCallback.register
class _Vault:
    """A key vault of one key. What it refuses is asked for by a KMS or by automatic encryption."""

    def __init__(self) -> None:
        self._kept = b""

    def insert_data_key(self, data_key: bytes) -> bytes:
        self._kept = bytes(data_key)
        return bytes(bson.decode(self._kept)["_id"])

    def fetch_keys(self, filter: object) -> Iterator[bytes]:  # noqa: A002  # as the base calls it
        del filter
        yield self._kept

    def bson_encode(self, doc: dict[str, Any]) -> bytes:
        return bytes(bson.encode(doc))

    def kms_request(self, kms_context: object) -> None:
        raise NotImplementedError

    def collection_info(self, database: object, filter: object) -> None:  # noqa: A002
        raise NotImplementedError

    def mark_command(self, database: object, cmd: object) -> None:
        raise NotImplementedError

    def close(self) -> None:
        pass


class Explicit:
    """Encrypts single values under one data key."""

    def __init__(self) -> None:
        options = MongoCryptOptions({"local": {"key": os.urandom(_LOCAL_KEY_BYTES)}})
        options.bypass_encryption = True  # no search for a shared library: nothing is automatic
        self._encrypter = ExplicitEncrypter(_Vault(), options)
        key = self._encrypter.create_data_key("local")
        self._key = Binary(key, UUID_SUBTYPE)

    def encrypt(self, value: str) -> Binary:
        """Return the encrypted value as it would stand in a document."""
        given = bson.encode({"v": value})
        made = self._encrypter.encrypt(given, algorithm=_SUITE, key_id=self._key)
        encrypted: Binary = bson.decode(made)["v"]
        return encrypted

    def decrypt(self, value: Binary) -> str:
        """Return the value."""
        return str(bson.decode(self._encrypter.decrypt(bson.encode({"v": value})))["v"])
