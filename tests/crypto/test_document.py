"""The store document: one MAC over all of its bytes, under a key of the store's own."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.crypto.document import check_document, document_mac
from strongroom.crypto.secret import Secret
from tests import oracle
from tests.crypto.attempts import DATA_KEY, STORE, refusal

DOCUMENT: Final = b'{"format":1,"generation":7}'


def check(document: bytes, mac: object, store: bytes = STORE, key: bytes = DATA_KEY) -> None:
    check_document(Secret(key), store, document, mac)  # type: ignore[arg-type]


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=5_000))
def test_the_mac_is_the_oracles(document: bytes) -> None:
    mac = document_mac(Secret(DATA_KEY), STORE, document)
    assert mac == oracle.document_mac(DATA_KEY, STORE, document)
    assert len(mac) == 32
    check(document, mac)


def test_every_bit_truncation_and_extension() -> None:
    mac = oracle.document_mac(DATA_KEY, STORE, DOCUMENT)
    check(DOCUMENT, mac)
    for bit in range(32 * 8):
        refusal(check, DOCUMENT, (int.from_bytes(mac, "big") ^ 1 << bit).to_bytes(32, "big"))
    for bit in range(len(DOCUMENT) * 8):
        changed = int.from_bytes(DOCUMENT, "big") ^ 1 << bit
        refusal(check, changed.to_bytes(len(DOCUMENT), "big"), mac)
    for cut in range(len(DOCUMENT)):
        refusal(check, DOCUMENT[:cut], mac)
        refusal(check, DOCUMENT[cut + 1 :], mac)
    for extra in range(1, 40):
        refusal(check, DOCUMENT + bytes(extra), mac)
        refusal(check, DOCUMENT, mac + bytes(extra))
    for cut in range(32):
        refusal(check, DOCUMENT, mac[:cut])


def test_another_store_and_another_key_are_refused() -> None:
    mac = oracle.document_mac(DATA_KEY, STORE, DOCUMENT)
    refusal(check, DOCUMENT, mac, bytes(16))
    refusal(check, DOCUMENT, mac, STORE, bytes(32))


@pytest.mark.parametrize("mac", [None, "", "0" * 32, 0, [0] * 32], ids=range(5))
def test_what_is_no_mac_is_refused(mac: object) -> None:
    refusal(check, DOCUMENT, mac)
