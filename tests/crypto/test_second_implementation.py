"""Two implementations of one text: what one of them seals, the other opens, and the reverse.

The second is `tests/oracle.py`: another AES library, HKDF by hand. Keys, names and lengths are
chance; a fault that both share would have to be in the format's text itself.
"""

from __future__ import annotations

from typing import Final, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.crypto.cell import CellKey, parse
from strongroom.crypto.column import Cells, seal_column, verify_column
from strongroom.crypto.decrepit.legacy import open_unauthenticated_legacy
from strongroom.crypto.derive import Label, derive
from strongroom.crypto.seal import SealKey, null_slot
from strongroom.crypto.secret import Secret
from strongroom.crypto.wrap import WrapKey
from tests import oracle
from tests.crypto.one_slot import cell_slot, plain_slot, token_slot

KEY: Final = st.binary(min_size=32, max_size=32)
STORE: Final = st.binary(min_size=16, max_size=16)
IV: Final = st.binary(min_size=16, max_size=16)
U32: Final = st.integers(0, 0xFFFF_FFFF)


class Place(NamedTuple):
    """Everything that a cell, a wrap or a seal is bound to, but the record itself."""

    key: bytes
    store: bytes
    key_id: int
    table: int
    field: int


PLACE: Final = st.builds(Place, KEY, STORE, U32, U32, U32)
COLUMN: Final = st.one_of(
    st.integers(-(1 << 63), (1 << 63) - 1),
    st.text(max_size=40),
    st.uuids(),
    st.binary(max_size=40),
)
IDENTITY: Final = st.lists(COLUMN, max_size=3).map(lambda columns: oracle.identity(*columns))


@st.composite
def plaintext(draw: st.DrawFn) -> bytes:
    """Return 0 to 5,000 bytes; the length is drawn first, so long ones are as likely as short."""
    length = draw(st.integers(0, 5_000))
    piece = draw(st.binary(min_size=1, max_size=64))
    return (piece * (length // len(piece) + 1))[:length]


checked: Final = settings(deadline=None, max_examples=80)


@checked
@given(PLACE, IDENTITY, IV, plaintext())
def test_cells(place: Place, identity: bytes, iv: bytes, value: bytes) -> None:
    ours = CellKey(Secret(place.key), place.store, place.key_id, place.table, place.field)
    theirs = oracle.derive(place.key, place.store, "cell", place.table, place.field)
    for text in (ours.seal(identity, value), *seal_column(ours, [identity] * 2, [value] * 2).texts):
        assert oracle.open_cell(theirs, place.key_id, identity, text) == value
    text = oracle.seal_cell(theirs, place.key_id, identity, iv, value)
    assert ours.verify(identity, parse(text)).decrypt() == value
    assert verify_column(ours, [identity] * 2, Cells.of([parse(text)] * 2)).decrypt() == [value] * 2


@checked
@given(PLACE, st.integers(0, 3), IV, KEY)
def test_wraps(place: Place, purpose: int, iv: bytes, secret: bytes) -> None:
    ours, name = WrapKey(Secret(place.key), place.store), (place.key_id, purpose)
    assert oracle.unwrap(place.key, place.store, name, ours.wrap(Secret(secret), *name)) == secret
    wrapped = oracle.wrap(place.key, place.store, name, iv, secret)
    assert ours.unwrap(wrapped, *name).reveal() == secret
    assert len(wrapped) == 96


SLOT: Final = st.one_of(
    st.tuples(U32, st.just("null"), st.just(b"")),
    st.tuples(U32, st.just("plain"), st.binary(min_size=1, max_size=60)),
    st.tuples(U32, st.just("token"), st.binary(max_size=40)),
    st.tuples(
        U32,
        st.just("cell"),
        st.builds(oracle.seal_cell, st.binary(min_size=64, max_size=64), U32, IDENTITY, IV, KEY),
    ),
)


def our_slot(slot_id: int, kind: str, content: str | bytes) -> bytes:
    if isinstance(content, str):
        return cell_slot(slot_id, parse(content))
    made = {"plain": plain_slot, "token": token_slot}
    return made[kind](slot_id, content) if kind in made else null_slot(slot_id)


@checked
@given(PLACE, IDENTITY, st.integers(0, (1 << 64) - 1), st.lists(SLOT, max_size=5))
def test_record_seals(
    place: Place, identity: bytes, version: int, slots: list[tuple[int, str, str | bytes]]
) -> None:
    layout = place.field
    ours = SealKey(Secret(place.key), place.store, place.key_id, place.table)
    theirs = oracle.record_seal(
        oracle.derive(place.key, place.store, "seal", place.table),
        (place.key_id, layout),
        identity,
        version,
        b"".join(oracle.slot(*one) for one in slots),
    )
    ours_slots = [our_slot(*one) for one in slots]
    assert ours.seal(layout, identity, version, ours_slots) == theirs
    ours.check(theirs, identity, version, ours_slots)


@checked
@given(KEY, STORE, st.sampled_from(list(Label)), U32, U32)
def test_derivations(key: bytes, store: bytes, label: Label, first: int, second: int) -> None:
    ids = (first, second)[: label.ids]
    name = label.value[0].removeprefix("strongroom/1/")
    assert derive(Secret(key), store, label, *ids) == oracle.derive(key, store, name, *ids)


@checked
@given(KEY, IV, st.text(max_size=1_500))
def test_legacy_values(key: bytes, iv: bytes, text: str) -> None:
    value = oracle.seal_legacy(key, iv, text)
    assert open_unauthenticated_legacy(Secret(key), value) == text == oracle.open_legacy(key, value)


@pytest.mark.parametrize(
    ("columns", "encoded"),
    [
        ((7,), "01 01 00000008 0000000000000007"),
        ((-1,), "01 01 00000008 ffffffffffffffff"),
        (("Ada",), "01 02 00000003 416461"),
        (("",), "01 02 00000000"),
        ((b"\0",), "01 04 00000001 00"),
        (
            (UUID("00112233-4455-6677-8899-aabbccddeeff"),),
            "01 03 00000010 00112233445566778899aabbccddeeff",
        ),
        ((1, "é"), "02 01 00000008 0000000000000001 02 00000002 c3a9"),
        ((), "00"),
    ],
)
def test_the_oracles_identities_are_the_formats(
    columns: tuple[int | str | UUID | bytes, ...], encoded: str
) -> None:
    assert oracle.identity(*columns) == bytes.fromhex(encoded)


def test_the_oracle_refuses_what_was_changed() -> None:
    """An oracle that opens everything would agree with anything."""
    key = oracle.derive(bytes(32), bytes(16), "cell", 1, 2)
    text = oracle.seal_cell(key, 3, b"identity", bytes(16), b"\1Ada")
    raw = oracle.cell_bytes(text)
    for bit in range(len(raw) * 8):
        changed = int.from_bytes(raw, "big") ^ 1 << bit
        with pytest.raises(ValueError, match="refused"):
            oracle.open_cell(key, 3, b"identity", oracle.spell(changed.to_bytes(len(raw), "big")))
    with pytest.raises(ValueError, match="refused"):
        oracle.open_cell(key, 3, b"another", text)
    assert oracle.open_cell(key, 3, b"identity", text) == b"\1Ada"
