"""The table of code points is Unicode 14.0, whatever Unicode this Python has."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.schema.search.code_points import is_word, kinds, split
from tests.schema.search.texts import NEWER, TEXTS

ALL = "".join(map(chr, range(0x110000)))
GOLDEN = "70a047ebf7c79d0bfbb579473ef7a8ff8e423d0179e7c1981942703025c9a30e"


def kind(character: str) -> str:
    """Return the kind that `unicodedata` gives a code point."""
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category in ("Cn", "Mn"):
        return {"Cn": "U", "Mn": "M"}[category]
    return "L" if category[0] in "LMN" else "O"


def test_the_table_has_the_kinds_that_it_always_had() -> None:
    assert hashlib.sha256(kinds(ALL)).hexdigest() == GOLDEN


def test_the_table_is_the_one_of_unicode_14() -> None:
    if unicodedata.unidata_version != "14.0.0":
        # Another Unicode: the test above holds what the one of Python 3.11 gave.
        assert sys.version_info[:2] != (3, 11)
        return
    assert kinds(ALL) == "".join(map(kind, ALL)).encode()


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        ("a", True),
        ("ß", True),
        ("7", True),
        ("½", True),
        ("\u0301", True),  # combining acute accent
        ("\u0903", True),  # Devanagari visarga, Mc
        ("語", True),
        (NEWER, True),
        ("\uffff", True),  # a noncharacter is not assigned
        (" ", False),
        ("'", False),
        ("_", False),
        ("-", False),
        ("\u00ad", False),  # soft hyphen, Cf
        ("\u200d", False),  # zero width joiner, Cf
        ("\ue000", False),  # private use
        ("\ud800", False),  # a lone surrogate
        ("\N{ROCKET}", False),
    ],
)
def test_what_is_a_part_of_a_word(character: str, *, expected: bool) -> None:
    assert is_word(character) is expected


@given(TEXTS)
def test_the_runs_are_the_text_and_alternate(text: str) -> None:
    runs = list(split(text))
    assert "".join(run for _, run in runs) == text
    assert all(run for _, run in runs)
    assert all(one[0] is not next_one[0] for one, next_one in pairwise(runs))
    for assigned, run in runs:
        assert all((kinds(one) != b"U") is assigned for one in run)


@given(st.text(max_size=20))
def test_every_code_point_has_one_kind(text: str) -> None:
    assert len(kinds(text)) == len(text)
    assert [is_word(one) for one in text] == [kind != ord("O") for kind in kinds(text)]


def test_unassigned_code_points_are_apart() -> None:
    assert list(split("")) == []
    assert list(split("abc")) == [(True, "abc")]
    assert list(split(f"é{NEWER}{NEWER}b")) == [(True, "é"), (False, NEWER * 2), (True, "b")]


def test_importing_the_package_does_not_load_the_table() -> None:
    code = "import strongroom, sys; print('strongroom.schema.search.code_points' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == ["False"]
