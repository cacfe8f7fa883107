"""A column's texts are believed exactly where each of them is, and the first bad one is named."""

from __future__ import annotations

import base64
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.crypto.cell import PREFIX, parse
from strongroom.crypto.column import Cells, parse_column
from strongroom.errors import DecryptionError
from tests.crypto.attempts import refusal, spell

GOOD: Final = [spell(b"\1\1\0\0\0\7" + bytes(range(length))) for length in (64, 80, 96)]
ALPHABET: Final = "ABZaz059+/=-_ \n\t\0.é١"


def spoiled(text: str, place: int, piece: str, *, instead: bool) -> str:
    place %= len(text) + 1
    return text[:place] + piece + text[place + instead * len(piece) :]


texts: Final = st.builds(
    spoiled,
    st.sampled_from(GOOD),
    st.integers(0, 300),
    st.text(ALPHABET, max_size=3),
    instead=st.booleans(),
)


@settings(deadline=None, max_examples=600)
@given(st.lists(st.one_of(st.sampled_from(GOOD), texts), max_size=5))
def test_a_column_is_believed_where_each_text_is(column: list[str]) -> None:
    expected = []
    for position, text in enumerate(column):
        try:
            expected.append(parse(text))
        except DecryptionError:
            assert refusal(parse_column, column).position == position
            return
    assert parse_column(column) == Cells.of(expected)


@pytest.mark.parametrize("count", [1, 2, 9])
@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        GOOD[0].encode("ascii"),
        "",
        "sr1.",
        GOOD[0] + "\n",
        GOOD[0] + "====",
        GOOD[0][:-1],
        GOOD[0].rstrip("="),
        GOOD[0][4:],
        GOOD[0] + "\n" + GOOD[0],
        "sr2." + GOOD[0][4:],
        GOOD[0][:20] + "\n" + GOOD[0][20:],
        spell(b"\1\2\0\0\0\7" + bytes(64)),
        spell(b"\2\1\0\0\0\7" + bytes(64)),
        spell(b"\1\1\0\0\0\7" + bytes(63)),
        spell(b"\1\1\0\0\0\7" + bytes(48)),
    ],
)
def test_what_is_no_cell_is_named_by_its_position(text: object, count: int) -> None:
    for place in range(count):
        column: list[object] = [GOOD[n % 3] for n in range(count)]
        column[place] = column[-1] = text
        assert refusal(parse_column, column).position == place


def test_a_subclass_of_str_is_no_text() -> None:
    class Chameleon(str):
        __slots__ = ()

    assert refusal(parse_column, [GOOD[0], Chameleon(GOOD[1])]).position == 1


@pytest.mark.parametrize("length", [70, 86, 102])
def test_every_other_spelling_of_the_last_bits_is_refused(length: int) -> None:
    text = spell((b"\1\1\0\0\0\7" + bytes(100))[:length])
    padding = len(text) - len(text.rstrip("="))
    assert parse_column([text]).slots() == [(b"\1\1\0\0\0\7" + bytes(100))[:6] + bytes(32)]
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/":
        other = text[: len(text) - padding - 1] + last + "=" * padding
        same = base64.b64encode(base64.b64decode(other[4:])).decode("ascii") == other[4:]
        if same:
            assert parse_column([other]) == Cells.of([parse(other)])
        else:
            refusal(parse_column, [other])


def test_some_of_a_column_are_a_column_of_these() -> None:
    cells = [parse(text) for text in GOOD]
    assert Cells.of(cells).some([0, 2]) == Cells.of([cells[0], cells[2]])
    assert Cells.of(cells).some([]) == Cells.of([])


def test_no_cells_are_a_column_too() -> None:
    assert parse_column([]) == Cells([], [], [])
    assert PREFIX == "sr1."
