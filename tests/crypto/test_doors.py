"""Two doors, one format: a column is sealed to the very bytes that its cells are one by one."""

from __future__ import annotations

from typing import Final
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.crypto.cell import MOST_BYTES, Cell, parse
from strongroom.crypto.column import Cells, seal_column, verify_column
from strongroom.crypto.mac import Mac
from tests import oracle
from tests.crypto.attempts import (
    DATA_KEY,
    IDENTITY,
    KEY_ID,
    STORE,
    FixedRandom,
    cell_key,
    raw_bytes,
    refusal,
    spell,
)
from tests.crypto.conftest import Decryptors

records: Final = st.lists(
    st.tuples(st.binary(max_size=40), st.integers(0, 200).map(bytes)), min_size=1, max_size=40
)
DERIVED: Final = oracle.derive(DATA_KEY, STORE, "cell", 1, 2)


def seal_both(identities: list[bytes], plaintexts: list[bytes], seed: bytes) -> list[str]:
    """Seal by both doors under one random stream and hold them equal."""
    key = cell_key()
    with patch("os.urandom", FixedRandom(seed)) as drawn:
        singly = [key.seal(*one) for one in zip(identities, plaintexts, strict=True)]
        assert drawn.used == 16 * len(plaintexts)
    with patch("os.urandom", FixedRandom(seed)) as drawn:
        column = seal_column(key, identities, plaintexts).texts
        assert drawn.used == 16 * len(plaintexts)
    assert column == singly
    return column


@settings(deadline=None, max_examples=60)
@given(records, st.binary(max_size=4))
def test_the_column_door_writes_the_bytes_of_the_cell_door(
    batch: list[tuple[bytes, bytes]], seed: bytes
) -> None:
    identities, plaintexts = [one[0] for one in batch], [one[1] for one in batch]
    column = seal_both(identities, plaintexts, seed)
    stream = FixedRandom(seed)
    expected = [
        oracle.seal_cell(DERIVED, KEY_ID, identity, stream(16), plaintext)
        for identity, plaintext in batch
    ]
    assert column == expected


def test_batches_of_every_shape_give_the_bytes_of_the_cell_door() -> None:
    """Few and many cells, short and long ones, all of one length and all of different lengths."""
    for count in (1, 2, 7, 8, 9, 64):
        for lengths in ([5], [0, 15, 16, 17], list(range(70)), [3, 4_000]):
            plaintexts = [bytes([n]) * lengths[n % len(lengths)] for n in range(count)]
            assert len(set(seal_both([IDENTITY] * count, plaintexts, b""))) == count
    assert seal_column(cell_key(), [], []) == ([], [])
    assert verify_column(cell_key(), [], Cells.of([])).decrypt() == []


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.one_of(st.integers(0, 5_000), st.sampled_from([0, 15, 16, 25])), max_size=60),
    st.binary(max_size=4),
)
def test_lengths_of_all_kinds_may_be_mixed(lengths: list[int], seed: bytes) -> None:
    plaintexts = [bytes([n % 251]) * length for n, length in enumerate(lengths)]
    texts = seal_both([IDENTITY] * len(lengths), plaintexts, seed)
    cells = [parse(text) for text in texts]
    assert (
        verify_column(cell_key(), [IDENTITY] * len(cells), Cells.of(cells)).decrypt() == plaintexts
    )


@pytest.mark.parametrize("messages", [1, 3, 4, 5, 63, 64, 65])
@pytest.mark.parametrize("blocks", [1, 2, 4, 5, 63, 64, 65])
def test_where_lockstep_begins_the_bytes_stay_the_same(messages: int, blocks: int) -> None:
    plaintexts = [bytes([n]) * (16 * blocks - 1 - n % 16) for n in range(messages)]
    seal_both([IDENTITY] * messages, plaintexts, b"")


@settings(deadline=None, max_examples=40)
@given(records)
def test_the_column_door_opens_what_the_cell_door_wrote(batch: list[tuple[bytes, bytes]]) -> None:
    key = cell_key()
    cells = [parse(key.seal(*one)) for one in batch]
    verified = verify_column(key, [one[0] for one in batch], Cells.of(cells))
    assert verified.decrypt() == [one[1] for one in batch]
    assert [key.verify(one[0], cell).decrypt() for one, cell in zip(batch, cells, strict=True)] == [
        one[1] for one in batch
    ]


def good_cells(count: int) -> list[Cell]:
    return [
        parse(text) for text in seal_column(cell_key(), [IDENTITY] * count, [b"good"] * count).texts
    ]


def wrongly_padded(identity: bytes = IDENTITY) -> Cell:
    """Return a cell whose tag is right and whose padding is not: only a key holder makes one."""
    head = cell_key().header
    return parse(spell(head + oracle.protect(DERIVED, bytes(16), bytes(16), head + identity)))


@pytest.mark.parametrize("count", [1, 2, 9, 33])
def test_the_first_bad_cell_is_named_by_its_position(count: int, decryptors: Decryptors) -> None:
    for place in range(count):
        cells = good_cells(count)
        other = parse(cell_key(table=9).seal(IDENTITY, b"good"))
        cells[place] = other
        assert (
            refusal(verify_column, cell_key(), [IDENTITY] * count, Cells.of(cells)).position
            == place
        )
        cells[-1] = other  # a second one behind it changes nothing
        assert (
            refusal(verify_column, cell_key(), [IDENTITY] * count, Cells.of(cells)).position
            == place
        )
        cells = good_cells(count)
        identities = [IDENTITY] * count
        identities[place] = b"another record"
        assert refusal(verify_column, cell_key(), identities, Cells.of(cells)).position == place
    assert decryptors.made == 0


def test_a_changed_cell_before_one_of_another_key_is_the_first() -> None:
    cells = good_cells(5)
    changed = bytes([cells[1][-1] ^ 1])
    cells[1] = parse(spell(cells[1][:-1] + changed))
    cells[3] = parse(cell_key(key_id=KEY_ID + 1).seal(IDENTITY, b"good"))
    assert refusal(verify_column, cell_key(), [IDENTITY] * 5, Cells.of(cells)).position == 1
    cells[1] = good_cells(1)[0]
    assert refusal(verify_column, cell_key(), [IDENTITY] * 5, Cells.of(cells)).position == 3


@pytest.mark.parametrize("count", [1, 2, 9, 33])
def test_the_first_cell_with_wrong_padding_is_named_by_its_position(count: int) -> None:
    for place in range(count):
        cells = good_cells(count)
        cells[place] = cells[-1] = wrongly_padded()
        verified = verify_column(cell_key(), [IDENTITY] * count, Cells.of(cells))
        assert refusal(verified.decrypt).position == place


def test_cells_of_two_records_are_not_interchangeable() -> None:
    texts = seal_column(cell_key(), [b"one", b"two"], [b"1", b"2"]).texts
    cells = [parse(text) for text in reversed(texts)]
    assert refusal(verify_column, cell_key(), [b"one", b"two"], Cells.of(cells)).position == 0
    assert verify_column(cell_key(), [b"two", b"one"], Cells.of(cells)).decrypt() == [b"2", b"1"]


@pytest.mark.parametrize(("identities", "values"), [(1, 2), (2, 1), (0, 1), (1, 0)])
def test_columns_of_two_lengths_are_a_mistake_of_the_caller(identities: int, values: int) -> None:
    with pytest.raises(ValueError, match=r"zip|length|as many"):
        seal_column(cell_key(), [IDENTITY] * identities, [b""] * values)
    with pytest.raises(ValueError, match=r"zip|length|as many"):
        verify_column(cell_key(), [IDENTITY] * identities, Cells.of(good_cells(values)))


def test_every_size_is_what_the_format_says() -> None:
    for length in range(100):
        raw = raw_bytes(cell_key().seal(IDENTITY, bytes(length)))
        assert len(raw) == 54 + 16 * (length // 16 + 1)
        assert raw[:6] == bytes.fromhex("010101020304")


def test_a_cell_that_could_not_be_read_is_not_written() -> None:
    key, largest = cell_key(), bytes(MOST_BYTES)
    cell = parse(key.seal(IDENTITY, largest))
    assert verify_column(key, [IDENTITY], Cells.of([cell])).decrypt() == [largest]
    with pytest.raises(ValueError, match="at most 32 MiB"):
        key.seal(IDENTITY, largest + b"\0")


@pytest.mark.parametrize("moved", [1, 5, 32])
def test_tags_that_are_equal_only_end_to_end_are_refused(moved: int) -> None:
    """Bytes that went from one tag to the next leave the whole as it was."""
    mac, messages = Mac(bytes(32)), [b"one", b"two", b"three"]
    first, second, third = mac.tags(messages, b"start")
    mac.check_all(messages, [first, second, third], b"start")
    shifted = [first[:-moved], first[-moved:] + second, third]
    assert b"".join(shifted) == first + second + third
    assert refusal(mac.check_all, messages, shifted, b"start").position == 0
    assert refusal(mac.check_all, messages, [first, second, third], b"other").position == 0
    with pytest.raises(ValueError, match="zip"):
        mac.check_all(messages, [first, second], b"start")
