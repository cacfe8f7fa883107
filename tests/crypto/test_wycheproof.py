"""Wycheproof's vectors through our own code, every count asserted.

- A256CBC-HS512: `AeadKey` both ways; the IV comes by way of the system's random source, since no
  function takes one.
- HKDF-SHA-512: `derive` itself, with vectors' keys, salts and labels put where ours would be.
- HMAC-SHA-512: the store document's MAC, which is HMAC over the bare bytes cut to 32 (the 256-bit
  vectors), and the keyed state of the record seal (all of them, whole).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any, Final, NamedTuple, cast
from unittest.mock import patch

import pytest

import strongroom.crypto.document
from strongroom.crypto.aead import AeadKey
from strongroom.crypto.derive import Label, derive
from strongroom.crypto.document import check_document, document_mac
from strongroom.crypto.mac import Mac
from strongroom.crypto.secret import Secret
from tests.crypto.attempts import STORE, refusal
from tests.crypto.conftest import Decryptors

FOLDER: Final = Path(__file__).parents[1] / "vectors" / "wycheproof"
DIGESTS: Final = {
    "a256cbc_hs512": "28fd47c8f3a353dd51e32956c3ab780f231805e7ffc01bf545e234ffd4219391",
    "hkdf_sha512": "bb9a21f4e86041caf5d7792b030349f8ff289087f195b2fbc0fc0afc39deca6f",
    "hmac_sha512": "b6c90477bdb4a6fc8ee3d1f7b2c0b69a8dfffab34718abaa6cabd71cc2ba1207",
}


class Vector(NamedTuple):
    """One test: its bytes by name, its verdict, and the sizes in bits that its group states."""

    number: int
    part: dict[str, bytes]
    valid: bool
    key_bits: int
    tag_bits: int
    size: int


def vectors(name: str) -> list[Vector]:
    content = (FOLDER / f"{name}_test.json").read_bytes()
    assert hashlib.sha256(content).hexdigest() == DIGESTS[name]
    document = json.loads(content)
    found = [
        Vector(
            test["tcId"],
            {
                part: bytes.fromhex(test[part])
                for part in ("key", "iv", "aad", "msg", "ct", "tag", "ikm", "salt", "info", "okm")
                if part in test
            },
            {"valid": True, "invalid": False}[test["result"]],
            group["keySize"],
            group.get("tagSize", 0),
            test.get("size", 0),
        )
        for group in document["testGroups"]
        for test in group["tests"]
    ]
    assert len(found) == document["numberOfTests"]
    return found


def test_a256cbc_hs512(decryptors: Decryptors) -> None:
    run: Counter[str] = Counter()
    for vector in vectors("a256cbc_hs512"):
        part = vector.part
        key = AeadKey(part["key"])
        sealed = part["iv"] + part["ct"] + part["tag"]
        if not vector.valid:
            made = decryptors.made
            refusal(key.verify, sealed, part["aad"])
            assert decryptors.made == made
            run["refused"] += 1
            continue
        assert key.verify(sealed, part["aad"]).decrypt() == part["msg"]
        run["decrypted"] += 1
        with patch("os.urandom", return_value=part["iv"]) as drawn:
            assert key.encrypt(part["msg"], part["aad"]) == sealed
        drawn.assert_called_once_with(16)
        run["encrypted"] += 1
    assert run == {"decrypted": 67, "encrypted": 67, "refused": 27}
    assert decryptors.made == 67


class VectorKey:
    """Stands where `Secret` stands: a parent key of any length."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def reveal(self) -> bytes:
        return self._key


class VectorLabel:
    """Stands where `Label` stands: any info, any length."""

    def __init__(self, info: bytes, length: int) -> None:
        self._info = info
        self.length = length

    def info(self, suite: int, ids: tuple[int, ...]) -> bytes:
        assert (suite, ids) == (1, ())
        return self._info


def derive_vector(vector: Vector, monkeypatch: pytest.MonkeyPatch) -> bytes:
    part = vector.part
    monkeypatch.setattr("strongroom.crypto.derive.STORE_ID_BYTES", len(part["salt"]))
    key = cast("Secret", VectorKey(part["ikm"]))
    return derive(key, part["salt"], cast("Label", VectorLabel(part["info"], vector.size)))


def test_hkdf_sha512(monkeypatch: pytest.MonkeyPatch) -> None:
    run: Counter[tuple[int, bool]] = Counter()
    for vector in vectors("hkdf_sha512"):
        if vector.valid:
            assert derive_vector(vector, monkeypatch) == vector.part["okm"]
        else:
            assert vector.size > 255 * 64
            with pytest.raises(ValueError, match="larger"):
                derive_vector(vector, monkeypatch)
        run[vector.key_bits, vector.valid] += 1
    assert run == {
        (128, True): 22,
        (128, False): 1,
        (160, True): 22,
        (160, False): 1,
        (256, True): 22,
        (256, False): 1,
        (512, True): 14,
    }


def given_key(module: Any, key: bytes) -> Any:
    """Have the module's derivation give `key`: HMAC is the only thing that it meets."""
    return patch.object(module, "derive", lambda *_: key)


def test_hmac_sha512_as_the_document_mac() -> None:
    run: Counter[bool] = Counter()
    for vector in (one for one in vectors("hmac_sha512") if one.tag_bits == 256):
        key, message, tag = (vector.part[part] for part in ("key", "msg", "tag"))
        with given_key(strongroom.crypto.document, key):
            assert (document_mac(Secret(bytes(32)), STORE, message) == tag) is vector.valid
            if vector.valid:
                check_document(Secret(bytes(32)), STORE, message, tag)
            else:
                refusal(check_document, Secret(bytes(32)), STORE, message, tag)
        run[vector.valid] += 1
    assert run == {True: 33, False: 54}


def test_hmac_sha512_as_the_keyed_state_of_cells_and_seals() -> None:
    run: Counter[tuple[int, bool]] = Counter()
    for vector in vectors("hmac_sha512"):
        tag = Mac(vector.part["key"]).digest(vector.part["msg"])[: vector.tag_bits // 8]
        assert (tag == vector.part["tag"]) is vector.valid
        run[vector.tag_bits, vector.valid] += 1
    assert run == {(256, True): 33, (256, False): 54, (512, True): 33, (512, False): 54}
