"""A cell opens under one key: both halves of its 64 bytes come from one derivation.

With a raw 64-byte key the two halves are independent, so whoever knows the MAC half can look for a
second encryption half under which the padding happens to be right: about one in 256 is. The first
test shows that attack on the bare suite, so that the others are known to look for something real.
Derived halves can't be chosen apart: a second key that opens the same cell would have to give the
same 256-bit MAC half first, and no door of the format takes anything but a 32-byte parent key.
"""

from __future__ import annotations

import inspect
from typing import Final

import pytest

import strongroom.crypto.aead
from strongroom.crypto.aead import AeadKey
from strongroom.crypto.cell import CellKey, parse
from strongroom.crypto.derive import Label, derive
from strongroom.crypto.secret import Secret
from strongroom.crypto.wrap import WrapKey
from strongroom.errors import DecryptionError
from tests.crypto.attempts import IDENTITY, STORE, cell_key, open_cell, refusal
from tests.crypto.conftest import Decryptors

OTHERS: Final = 2_000


def opens(key: AeadKey, sealed: bytes) -> bool:
    try:
        key.verify(sealed, b"A").decrypt()
    except DecryptionError:
        return False
    return True


def test_a_second_raw_key_that_opens_the_same_bytes_is_easily_found() -> None:
    sealed = AeadKey(bytes(64)).encrypt(b"one value", b"A")
    seconds = (bytes(32) + number.to_bytes(32, "big") for number in range(1, 20_000))
    second = next(key for key in seconds if opens(AeadKey(key), sealed))
    assert AeadKey(second).verify(sealed, b"A").decrypt() != b"one value"


def test_no_other_derived_key_gets_past_the_tag(decryptors: Decryptors) -> None:
    text = cell_key().seal(IDENTITY, b"one value")
    for number in range(OTHERS):
        refusal(open_cell, text, cell_key(data_key=number.to_bytes(32, "big")))
        refusal(open_cell, text, cell_key(table=number, field=3))
        refusal(open_cell, text, cell_key(store=number.to_bytes(16, "big")))
    assert decryptors.made == 0


def test_derived_halves_never_share_a_mac_half() -> None:
    """What the attack needs: two keys with one MAC half. Every input of the derivation moves it."""
    derived = [derive(Secret(bytes([n]) * 32), STORE, Label.CELL, 1, 2) for n in range(256)]
    derived += [derive(Secret(bytes(32)), STORE, Label.CELL, n, 9) for n in range(OTHERS)]
    derived += [derive(Secret(bytes(32)), STORE, Label.CELL, 9, n) for n in range(100, OTHERS)]
    derived += [derive(Secret(bytes(32)), bytes([n]) * 16, Label.WRAP) for n in range(256)]
    halves = {key[:32] for key in derived} | {key[32:] for key in derived}
    assert len(halves) == 2 * len(derived)


@pytest.mark.parametrize("length", [0, 16, 31, 33, 64, 128])
def test_the_doors_take_a_parent_key_and_nothing_longer(length: int) -> None:
    with pytest.raises(ValueError, match=r"^a key must be exactly 32 bytes$"):
        Secret(bytes(length))
    for door in (CellKey, WrapKey):
        first = list(inspect.signature(door).parameters.values())[0]  # noqa: RUF015 - says "first"
        assert first.annotation == "Secret"


def test_the_doors_hand_derived_keys_to_the_cipher(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spy on the cipher's constructor: what it is given is HKDF's output, both halves whole."""
    given: list[bytes] = []
    construct = AeadKey.__init__

    def noting(self: AeadKey, key: bytes) -> None:
        given.append(key)
        construct(self, key)

    monkeypatch.setattr(strongroom.crypto.aead.AeadKey, "__init__", noting)
    cell_key(table=5, field=6).seal(IDENTITY, b"")
    WrapKey(Secret(bytes(32)), STORE)
    expected = [
        derive(Secret(bytes(range(0x20, 0x40))), STORE, Label.CELL, 5, 6),
        derive(Secret(bytes(32)), STORE, Label.WRAP),
    ]
    assert given == expected


def test_a_key_of_another_id_is_refused_even_with_the_same_bytes() -> None:
    text = cell_key(key_id=1).seal(IDENTITY, b"one value")
    refusal(cell_key(key_id=2).verify, IDENTITY, parse(text))
