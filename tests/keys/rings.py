"""A keyring made with primitives alone, for the tests of the keyring."""

from __future__ import annotations

import base64
from typing import Any

from strongroom.crypto.secret import Secret
from strongroom.keys.keyring import Keyring
from tests.keys import independent
from tests.keys.independent import STORE, STORE_KEY

DATA = bytes(range(0x01, 0x21))
INDEX = bytes(range(0x02, 0x22))
OLD = bytes(range(0x03, 0x23))
LEGACY = bytes(range(0x04, 0x24))
IDENTITY = bytes.fromhex("0101000000080000000000000007")


def entry(key_id: int, purpose: int, state: str, key: bytes | None) -> dict[str, Any]:
    wrapped = None
    if key is not None:
        raw = independent.wrap(STORE_KEY, key, key_id, purpose)
        wrapped = base64.b64encode(raw).decode()
    return {
        "id": key_id,
        "purpose": purpose,
        "suite": 1,
        "state": state,
        "created": "2026-01-02T03:04:05Z",
        "changed": "2026-02-03T04:05:06Z",
        "wrapped": wrapped,
    }


def document() -> list[dict[str, Any]]:
    """A retired, two active, a legacy and a destroyed key, made with primitives alone."""
    return [
        entry(1, 1, "retired", OLD),
        entry(0x0A0B0C0D, 1, "active", DATA),
        entry(0x0A0B0C0E, 2, "active", INDEX),
        entry(0x0A0B0C0F, 3, "active", LEGACY),
        entry(0xFFFFFFFF, 1, "destroyed", None),
    ]


def load(entries: object, key: bytes = STORE_KEY, store: bytes = STORE) -> Keyring:
    return Keyring.from_document(store, Secret(key), entries)
