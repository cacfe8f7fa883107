"""The record seal: no two records ever give its MAC the same input.

What goes into the MAC is watched by a spy in the place of HMAC. Two records whose inputs agree
would have one seal, whatever the key.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable
from typing import Final
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import strongroom.crypto.mac
from strongroom.crypto.cell import Cell, parse
from strongroom.crypto.column import Cells
from strongroom.crypto.seal import (
    SEAL_BYTES,
    SealKey,
    null_slot,
    parse_seal,
)
from strongroom.crypto.secret import Secret
from tests import oracle
from tests.crypto.attempts import DATA_KEY, IDENTITY, KEY_ID, STORE, cell_key, refusal, spell
from tests.crypto.one_slot import cell_slot, plain_slot, token_slot

CELLS: Final = [
    parse(oracle.spell(b"\1\1" + bytes(3) + bytes([key]) + bytes(32) + bytes([tag]) * 32))
    for key, tag in itertools.product((0, 1), (0, 1, 2))
]
U32: Final = st.sampled_from([0, 1, 2, 3, 0x100, 0x02000000, 0xFFFF_FFFF])
SHORT: Final = st.binary(max_size=6).map(lambda raw: bytes(one & 3 for one in raw))
SLOT: Final = st.one_of(
    st.builds(lambda i: ("null", i, b""), U32),
    st.builds(lambda i, cell: ("cell", i, cell), U32, st.sampled_from(CELLS)),
    st.builds(
        lambda i, tag, value: ("plain", i, bytes([tag]) + value),
        U32,
        U32.map(lambda n: n & 3),
        SHORT,
    ),
    st.builds(lambda i, token: ("token", i, token), U32, SHORT),
)
RECORD: Final = st.tuples(
    U32, SHORT, st.sampled_from([0, 1, 2, 1 << 8, (1 << 63) - 1]), st.lists(SLOT, max_size=4)
)
MAKE: Final[dict[str, Callable[..., bytes]]] = {
    "cell": cell_slot,
    "plain": plain_slot,
    "token": token_slot,
}


class WatchedMac:
    """Stands where HMAC stands and keeps what it is fed."""

    fed: Final[list[bytes]] = []

    def __init__(self, *_: object) -> None:
        self._pieces: list[bytes] = []

    def copy(self) -> WatchedMac:
        copied = WatchedMac()
        copied._pieces = [*self._pieces]
        return copied

    def update(self, piece: bytes) -> None:
        self._pieces.append(piece)

    def finalize(self) -> bytes:
        self.fed.append(b"".join(self._pieces))
        return bytes(64)


def slot_bytes(slot: tuple[str, int, object]) -> bytes:
    kind, slot_id, content = slot
    return MAKE[kind](slot_id, content) if kind in MAKE else null_slot(slot_id)


def mac_input(record: tuple[int, bytes, int, list[tuple[str, int, object]]]) -> bytes:
    layout, identity, version, slots = record
    with patch.object(strongroom.crypto.mac, "HMAC", WatchedMac):
        key = SealKey(Secret(DATA_KEY), STORE, KEY_ID, 1)
        key.seal(layout, identity, version, [slot_bytes(one) for one in slots])
    return WatchedMac.fed.pop()


@settings(deadline=None, max_examples=400)
@given(RECORD, RECORD)
def test_two_records_never_give_one_input(
    one: tuple[int, bytes, int, list[tuple[str, int, object]]],
    other: tuple[int, bytes, int, list[tuple[str, int, object]]],
) -> None:
    assert (mac_input(one) == mac_input(other)) == (one == other)


def read_back(mac: bytes) -> tuple[int, bytes, int, list[tuple[str, int, object]]]:
    """Read the input from left to right, by the format's text. One way to read is injectivity."""
    assert mac[:6] == b"\1\1" + KEY_ID.to_bytes(4, "big")
    layout, length = struct.unpack(">II", mac[6:14])
    identity, rest = mac[14 : 14 + length], mac[14 + length :]
    version, rest = int.from_bytes(rest[:8], "big"), rest[8:]
    slots: list[tuple[str, int, object]] = []
    while rest:
        slot_id, kind, rest = int.from_bytes(rest[:4], "big"), rest[4], rest[5:]
        if kind == 0:
            slots.append(("null", slot_id, b""))
        elif kind == 1:
            slots.append(("cell", slot_id, rest[:38]))
            rest = rest[38:]
        else:
            tag, rest = (rest[:1], rest[1:]) if kind == 2 else (b"", rest)
            length, rest = int.from_bytes(rest[:4], "big"), rest[4:]
            assert len(rest) >= length
            slots.append(("plain" if kind == 2 else "token", slot_id, tag + rest[:length]))
            rest = rest[length:]
    return layout, identity, version, slots


@settings(deadline=None, max_examples=400)
@given(RECORD)
def test_the_input_can_be_read_in_one_way_only(
    record: tuple[int, bytes, int, list[tuple[str, int, object]]],
) -> None:
    layout, identity, version, slots = record
    shown = [
        (
            kind,
            number,
            Cells.of([Cell(content)]).slots()[0]
            if kind == "cell" and isinstance(content, bytes)
            else content,
        )
        for kind, number, content in slots
    ]
    assert read_back(mac_input(record)) == (layout, identity, version, shown)


def seal_key(table: int = 1, key_id: int = KEY_ID, key: bytes = DATA_KEY) -> SealKey:
    return SealKey(Secret(key), STORE, key_id, table)


def slots_of(name: bytes = b"Ada") -> list[bytes]:
    cell = parse(oracle.seal_cell(bytes(64), KEY_ID, IDENTITY, bytes(16), b"\1" + name))
    return [
        cell_slot(1, cell),
        plain_slot(2, b"\x02\x24"),
        null_slot(3),
        token_slot(4, b"\xaa\xbb"),
    ]


def test_every_bit_truncation_and_extension_of_a_seal() -> None:
    seal = seal_key().seal(5, IDENTITY, 1, slots_of())
    assert len(seal) == SEAL_BYTES == 42
    seal_key().check(seal, IDENTITY, 1, slots_of())
    for bit in range(42 * 8):
        changed = bytearray(seal)
        changed[bit // 8] ^= 1 << bit % 8
        refusal(seal_key().check, bytes(changed), IDENTITY, 1, slots_of())
    for cut in range(42):
        refusal(seal_key().check, seal[:cut], IDENTITY, 1, slots_of())
        refusal(parse_seal, seal[:cut])
    for extra in range(1, 43):
        refusal(seal_key().check, seal + bytes(extra), IDENTITY, 1, slots_of())
        refusal(parse_seal, seal + bytes(extra))


@pytest.mark.parametrize("seal", [None, "", 42, bytearray(42), memoryview(bytes(42)), "\1" * 42])
def test_what_is_no_seal_is_refused(seal: object) -> None:
    refusal(parse_seal, seal)
    refusal(seal_key().check, seal, IDENTITY, 1, slots_of())


def test_a_seal_fits_one_record_only() -> None:
    seal = seal_key().seal(5, IDENTITY, 1, slots_of())
    slots = slots_of()
    for key in (seal_key(table=2), seal_key(key_id=1), seal_key(key=bytes(32))):
        refusal(key.check, seal, IDENTITY, 1, slots)
    refusal(seal_key().check, seal, IDENTITY[:-1] + b"\x08", 1, slots)
    refusal(seal_key().check, seal, b"", 1, slots)
    for version in (0, 2, (1 << 63) - 1, 1 << 56):
        refusal(seal_key().check, seal, IDENTITY, version, slots)
    for changed in itertools.permutations(slots):
        if list(changed) != slots:
            refusal(seal_key().check, seal, IDENTITY, 1, changed)
    for place in range(4):
        refusal(seal_key().check, seal, IDENTITY, 1, slots[:place] + slots[place + 1 :])
        refusal(seal_key().check, seal, IDENTITY, 1, [*slots[:place], null_slot(9), *slots[place:]])
        refusal(
            seal_key().check,
            seal,
            IDENTITY,
            1,
            [*slots[:place], null_slot(place + 1), *slots[place + 1 :]] if place != 2 else [],
        )
    refusal(seal_key().check, seal, IDENTITY, 1, slots_of(b"Eve"))


@pytest.mark.parametrize("version", [-1, 1 << 64, -(1 << 63)])
def test_a_version_that_was_never_sealed_is_refused(version: int) -> None:
    """Whoever can write to the database can put any number there."""
    seal = seal_key().seal(5, IDENTITY, 1, slots_of())
    refusal(seal_key().check, seal, IDENTITY, version, slots_of())


def test_a_cell_is_covered_by_its_header_and_tag() -> None:
    text = cell_key().seal(IDENTITY, b"\1Ada")
    raw = oracle.cell_bytes(text)
    assert cell_slot(7, parse(text)) == b"\0\0\0\7\1" + raw[:6] + raw[-32:]
    assert Cells.of([parse(spell(raw))]).slots()[0] == raw[:6] + raw[-32:]
