"""The keyring in the store document: fixed bytes, and every other form and wrap is refused."""

from __future__ import annotations

import base64
import hmac
import json

import pytest

from strongroom.crypto.cell import CellKey, parse
from strongroom.crypto.secret import Secret
from strongroom.errors import IntegrityError
from strongroom.keys.keyring import KeyRecord, KeyState, Purpose
from tests.keys import independent
from tests.keys.independent import OTHER_ROOT, OTHER_STORE, STORE, STORE_KEY
from tests.keys.rings import DATA, IDENTITY, OLD, document, load

# --- its document -------------------------------------------------------------------------------


def test_fixed_document_is_read_and_written_back() -> None:
    ring = load(json.loads(json.dumps(document())))
    assert json.loads(json.dumps(ring.to_document())) == document()
    assert ring.active(Purpose.DATA) == 0x0A0B0C0D
    assert ring.active(Purpose.INDEX) == 0x0A0B0C0E
    assert ring.active(Purpose.LEGACY) == 0x0A0B0C0F
    assert ring.records[0] == KeyRecord(
        1,
        Purpose.DATA,
        1,
        KeyState.RETIRED,
        "2026-01-02T03:04:05Z",
        "2026-02-03T04:05:06Z",
        independent.wrap(STORE_KEY, OLD, 1, 1),
    )
    assert ring.records[4].wrapped is None


def test_keys_of_the_ring_are_the_keys_that_were_wrapped() -> None:
    ring = load(document())
    for key_id, data_key in ((0x0A0B0C0D, DATA), (1, OLD)):
        made_there = CellKey(Secret(data_key), STORE, key_id, 7, 8)
        text = made_there.seal(IDENTITY, b"\x01Ada")
        opened = ring.cell_key(key_id, 7, 8).verify(IDENTITY, parse(text)).decrypt()
        assert opened == b"\x01Ada"
        seal = ring.seal_key(key_id, 7).seal(3, IDENTITY, 1, [])
        derived = independent.derived(data_key, STORE, b"strongroom/1/seal", 32, (7,))
        assert seal[10:] == seal_mac(derived, seal[:10])


def seal_mac(key: bytes, head: bytes) -> bytes:
    content = head + len(IDENTITY).to_bytes(4, "big") + IDENTITY + (1).to_bytes(8, "big")
    return hmac.digest(key, content, "sha512")[:32]


@pytest.mark.parametrize(
    ("member", "value", "part"),
    [
        ("id", 0, "a key id"),
        ("id", -1, "a key id"),
        ("id", 2**32, "a key id"),
        ("id", True, "a key id"),
        ("id", "1", "a key id"),
        ("purpose", 0, "the purpose of key 00000001"),
        ("purpose", 4, "the purpose of key 00000001"),
        ("purpose", True, "the purpose of key 00000001"),
        ("purpose", "1", "the purpose of key 00000001"),
        ("purpose", 1.0, "the purpose of key 00000001"),
        ("purpose", [1], "the purpose of key 00000001"),
        ("state", "Active", "the state of key 00000001"),
        ("state", "", "the state of key 00000001"),
        ("state", None, "the state of key 00000001"),
        ("state", ["active"], "the state of key 00000001"),
        ("created", "2026-01-02", "a date of key 00000001"),
        ("created", "2026-13-02T03:04:05Z", "a date of key 00000001"),
        ("created", "2026-01-02T03:04:05+00:00", "a date of key 00000001"),
        ("created", "2026-01-02T03:04:05Z\n", "a date of key 00000001"),
        ("changed", None, "a date of key 00000001"),
        ("changed", "0000-00-00T00:00:00Z", "a date of key 00000001"),
        ("wrapped", None, "the wrapped bytes of key 00000001"),
        ("wrapped", "", "the wrapped bytes of key 00000001"),
        ("wrapped", 7, "the wrapped bytes of key 00000001"),
        ("wrapped", "A" * 124, "the wrapped bytes of key 00000001"),
        ("wrapped", "A" * 128 + "==", "the wrapped bytes of key 00000001"),
        ("wrapped", "A" * 128 + "\n", "the wrapped bytes of key 00000001"),
    ],
)
def test_malformed_record_is_refused_with_the_part(member: str, value: object, part: str) -> None:
    entries = document()
    entries[0][member] = value
    with pytest.raises(IntegrityError) as caught:
        load(entries)
    assert str(caught.value) == f"the keyring is malformed: {part}"
    assert type(caught.value) is IntegrityError


@pytest.mark.parametrize("suite", [0, 2, True, "1", None])
def test_unknown_suite_is_refused(suite: object) -> None:
    entries = document()
    entries[0]["suite"] = suite
    with pytest.raises(IntegrityError, match="key 00000001 of the keyring has a cipher suite"):
        load(entries)


@pytest.mark.parametrize("member", sorted(document()[0]))
def test_every_member_is_needed_and_no_other(member: str) -> None:
    for change in ("removed", "renamed"):
        entries = document()
        value = entries[1].pop(member)
        if change == "renamed":
            entries[1]["other"] = value
        with pytest.raises(IntegrityError, match="malformed: the members of a key"):
            load(entries)


@pytest.mark.parametrize("entries", [None, {}, "", (), [None], [[]], {"1": {}}])
def test_what_is_no_list_of_keys_is_refused(entries: object) -> None:
    with pytest.raises(IntegrityError, match="the keyring is malformed"):
        load(entries)


def test_ids_count_upwards_and_occur_once() -> None:
    for entries in (list(reversed(document())), [document()[0], *document()]):
        with pytest.raises(IntegrityError, match=r"its key ids do not count upwards$"):
            load(entries)


@pytest.mark.parametrize(
    ("place", "state", "purpose"),
    [(0, "active", "data"), (1, "retired", "data"), (2, "retired", "index")],
)
def test_exactly_one_key_is_active(place: int, state: str, purpose: str) -> None:
    entries = document()
    entries[place]["state"] = state
    with pytest.raises(IntegrityError, match=rf"must have exactly one active {purpose} key$"):
        load(entries)


def test_destroyed_key_has_no_bytes() -> None:
    entries = document()
    entries[4]["wrapped"] = entries[0]["wrapped"]
    with pytest.raises(IntegrityError, match=r"the wrapped bytes of key ffffffff$"):
        load(entries)


# --- wraps that belong elsewhere ----------------------------------------------------------------


def test_wrong_store_key_or_store_opens_nothing() -> None:
    for key, store in ((OTHER_ROOT, STORE), (STORE_KEY, OTHER_STORE)):
        with pytest.raises(IntegrityError) as caught:
            load(document(), key, store)
        assert str(caught.value) == "key 00000001 of the keyring does not open"


def test_every_swap_of_wrapped_bytes_is_found() -> None:
    for one in range(4):
        for other in range(4):
            entries = document()
            entries[one]["wrapped"] = document()[other]["wrapped"]
            if one == other:
                assert len(load(entries).records) == 5
            else:
                with pytest.raises(IntegrityError, match=r"does not open$"):
                    load(entries)


def test_key_under_another_id_or_purpose_does_not_open() -> None:
    entries = document()
    entries[0]["id"] = 2
    with pytest.raises(IntegrityError, match=r"^key 00000002 of the keyring does not open$"):
        load(entries)
    entries = document()
    entries[0]["purpose"] = 3
    with pytest.raises(IntegrityError, match=r"^key 00000001 of the keyring does not open$"):
        load(entries)


def test_every_changed_bit_of_a_wrap_is_found() -> None:
    good = base64.b64decode(document()[1]["wrapped"])
    for bit in range(0, 8 * 96, 5):
        raw = bytearray(good)
        raw[bit // 8] ^= 1 << bit % 8
        entries = document()
        entries[1]["wrapped"] = base64.b64encode(bytes(raw)).decode()
        with pytest.raises(IntegrityError, match=r"^key 0a0b0c0d of the keyring does not open$"):
            load(entries)
