"""Words and grams: what is found in a text, once each, in order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.errors import InputError
from strongroom.schema.search.code_points import is_word
from strongroom.schema.search.words import grams, words
from tests.schema.search.texts import NEWER, TEXTS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" .-'", []),
        ("ada", ["ada"]),
        ("ada lovelace", ["ada", "lovelace"]),
        ("b a b a", ["b", "a"]),
        ("o'neill o\u2019neill", ["o", "neill"]),
        ("ada_b@example.org", ["ada", "b", "example", "org"]),
        ("3.5 kg", ["3", "5", "kg"]),
        ("e\u0301a", ["e\u0301a"]),
        ("\u6771\u4eac\u3001\u5927\u962a", ["\u6771\u4eac", "\u5927\u962a"]),
        (f"x{NEWER}", [f"x{NEWER}"]),
        ("hi\N{ROCKET}there", ["hi", "there"]),
        ("a\ud800b", ["a", "b"]),
    ],
)
def test_the_words_of(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(TEXTS)
def test_words_are_the_longest_runs_of_their_characters(text: str) -> None:
    parted = "".join(one if is_word(one) else " " for one in text)
    assert words(text) == [one for one in dict.fromkeys(parted.split(" ")) if one]


@pytest.mark.parametrize(
    ("text", "size", "expected"),
    [
        ("", 3, []),
        ("ab", 3, []),
        ("abc", 3, ["abc"]),
        ("abcd", 3, ["abc", "bcd"]),
        ("aaaaa", 3, ["aaa"]),
        ("ababab", 2, ["ab", "ba"]),
        ("a b", 3, ["a b"]),
        ("ab", 1, ["a", "b"]),
        ("\N{ROCKET}ab\N{ROCKET}", 3, ["\N{ROCKET}ab", "ab\N{ROCKET}"]),
    ],
)
def test_the_grams_of(text: str, size: int, expected: list[str]) -> None:
    assert grams(text, size) == expected


def test_a_gram_has_three_code_points_unless_told() -> None:
    assert grams("abcd") == ["abc", "bcd"]


@given(TEXTS, st.integers(1, 5))
def test_a_text_has_the_grams_of_each_of_its_parts(text: str, size: int) -> None:
    found = grams(text, size)
    assert len(set(found)) == len(found)
    assert all(len(one) == size and one in text for one in found)
    assert set(grams(text[2:7], size)) <= set(found)


@pytest.mark.parametrize("size", [0, -1])
def test_a_gram_of_nothing_is_refused(size: int) -> None:
    with pytest.raises(InputError, match="at least one code point"):
        grams("abc", size)
