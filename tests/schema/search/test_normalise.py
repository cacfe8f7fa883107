"""Every normaliser does what its rule says, once and for all, in every version of Python."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from strongroom.errors import InputError
from strongroom.schema.search.code_points import kinds
from strongroom.schema.search.normalise import Normaliser, normalise, normaliser_called
from tests.schema.search.spellings import EXAMPLES
from tests.schema.search.texts import TEXTS

EVERY = pytest.mark.parametrize("normaliser", Normaliser, ids=lambda one: one.word)

# SHA-256 of what each makes of the strings below: the same in Python 3.11, 3.12 and 3.13, which
# have Unicode 14.0, 15.0 and 15.1.
GOLDEN = {
    Normaliser.EXACT: "57fa23cf2089a8768e0c978c5f74b356ecdd53eed4d8cec43071d4c3d04fe637",
    Normaliser.FOLDED: "6f47f1133a288319760d9a365268031abd7c39608249ddb785fcee369b58328a",
    Normaliser.UNACCENTED: "ee2406e7c692c36d1bfd88672d95fbd298084392b4b1b835390d2318970bed37",
    Normaliser.DIGITS: "9b26e2770439c9004c8ef08c26c904c26b0d5865ab5d708b89f4f8f93f300e98",
    Normaliser.PHONE: "9b26e2770439c9004c8ef08c26c904c26b0d5865ab5d708b89f4f8f93f300e98",
    Normaliser.EMAIL: "4f00f283ffb9355c3615ade2a8d2efde132d666d92368f4067470490f14b8a1b",
}


def strings() -> Iterator[str]:
    """Yield each code point by itself and then between others that act on their neighbours.

    Between U+32000 and U+E0000 and from U+E0200 on nothing is assigned but private use.
    """
    for number in (*range(0x32000), *range(0xE0000, 0xE0200)):
        yield f"{chr(number)} E\u0316{chr(number)}\u0301"


@pytest.mark.parametrize(
    ("normaliser", "text", "expected"),
    [
        pytest.param(one, text, expected, id=f"{one.word}-{at}")
        for one, table in EXAMPLES.items()
        for at, (text, expected) in enumerate(table.items())
    ],
)
def test_an_example(normaliser: Normaliser, text: str, expected: str) -> None:
    assert normalise(normaliser, text) == expected


@pytest.mark.slow
@EVERY
def test_every_code_point_gives_what_it_always_gave_and_that_gives_itself(
    normaliser: Normaliser,
) -> None:
    digest = hashlib.sha256()
    for text in strings():
        made = normalise(normaliser, text)
        assert made == text or normalise(normaliser, made) == made
        digest.update(made.encode("utf-8", "surrogatepass") + b"\xff")
    assert digest.hexdigest() == GOLDEN[normaliser]


@EVERY
@settings(max_examples=400)
@given(text=TEXTS)
def test_a_second_time_changes_nothing(normaliser: Normaliser, text: str) -> None:
    once = normalise(normaliser, text)
    assert normalise(normaliser, once) == once


@EVERY
@settings(max_examples=200)
@given(text=TEXTS, form=st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_the_form_of_unicode_makes_no_difference_unless_exact(
    normaliser: Normaliser, text: str, form: str
) -> None:
    known = "".join(one for one in text if kinds(one) != b"U")
    if normaliser is Normaliser.EXACT:
        assert normalise(normaliser, known) == known
    else:
        other = unicodedata.normalize(form, known)  # type: ignore[arg-type]  # one of the four
        assert normalise(normaliser, other) == normalise(normaliser, known)


@given(TEXTS)
def test_unaccented_reads_only_what_folded_leaves(text: str) -> None:
    folded = normalise(Normaliser.FOLDED, text)
    bare = normalise(Normaliser.UNACCENTED, text)
    assert bare == normalise(Normaliser.UNACCENTED, folded)
    assert bare == normalise(Normaliser.FOLDED, bare)


@given(TEXTS)
@example("\U0001fbf0")  # segmented digit zero, NFKC 0
def test_digits_are_ascii_digits(text: str) -> None:
    assert normalise(Normaliser.DIGITS, text).strip("0123456789") == ""


@settings(max_examples=300)
@given(st.text("+00123(0) x-./", max_size=16))
def test_a_phone_number_is_an_optional_plus_and_digits(text: str) -> None:
    made = normalise(Normaliser.PHONE, text)
    number, mark, extension = made.removeprefix("+").partition("x")
    assert number.strip("0123456789") == "" == extension.strip("0123456789")
    assert bool(mark) is bool(extension)
    assert not made.startswith("+0")
    assert bool(number) is any(one in "0123456789" for one in text)
    assert normalise(Normaliser.PHONE, made) == made


@given(st.lists(st.sampled_from("0123456789"), min_size=4, max_size=12), st.data())
def test_how_a_number_is_grouped_makes_no_difference(
    digits: list[str], data: st.DataObject
) -> None:
    gaps = st.sampled_from(["", " ", "-", ".", "/", " / ", "\u00a0", "\u2011"])
    written = "+4" + "".join(data.draw(gaps) + one for one in digits)
    assert normalise(Normaliser.PHONE, written) == "+4" + "".join(digits)


@given(TEXTS)
def test_an_email_has_no_white_space_and_no_full_stop_at_its_end(text: str) -> None:
    made = normalise(Normaliser.EMAIL, text)
    assert " " not in made
    assert "@" not in made or not made.endswith(".")


@EVERY
def test_a_word_names_its_normaliser(normaliser: Normaliser) -> None:
    assert normaliser_called(normaliser.word) is normaliser


def test_the_numbers_and_the_words_are_these() -> None:
    assert {one.word: int(one) for one in Normaliser} == {
        "exact": 0,
        "folded": 1,
        "unaccented": 2,
        "digits": 3,
        "phone": 4,
        "email": 5,
    }


@pytest.mark.parametrize("word", ["", "FOLDED", "lower", "phone "])
def test_another_word_is_refused_and_not_repeated(word: str) -> None:
    with pytest.raises(InputError) as caught:
        normaliser_called(word)
    assert str(caught.value) == "there is no such normaliser"
    assert caught.value.hint == ("the normalisers: exact, folded, unaccented, digits, phone, email")


@EVERY
def test_a_long_text_takes_no_longer_than_its_length_asks(normaliser: Normaliser) -> None:
    # Ten thousand of each: what backtracks without bound would not end within the time limit.
    for part in (
        "0",
        "1",
        "1 ",
        "1x",
        "x",
        "(0)",
        "+",
        "0 (",
        "@",
        ".",
        " ",
        "\u0301",
        "1(",
        "\u0301\u0316",
        " \u0301\u0316",
    ):
        made = normalise(normaliser, part * 10_000)
        assert normalise(normaliser, made) == made
