"""The forms are those of Unicode 14.0, and a long text does not take the square of its length."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Literal, TypeAlias

import pytest
from hypothesis import given, settings

from strongroom.schema.search import normal_forms
from strongroom.schema.search.code_points import kinds
from strongroom.schema.search.normal_forms import caseless, nfc, nfd, nfkc
from tests.schema.search.texts import NEWER, NEWER_MARK, TEXTS

Form: TypeAlias = Literal["NFC", "NFD", "NFKC"]

FORMS = pytest.mark.parametrize(
    ("made", "form"), [(nfc, "NFC"), (nfd, "NFD"), (nfkc, "NFKC")], ids=["nfc", "nfd", "nfkc"]
)


def known(text: str) -> str:
    """Return the code points of a text that Unicode 14.0 assigned."""
    return "".join(one for one in text if kinds(one) != b"U")


@FORMS
@settings(max_examples=200)
@given(text=TEXTS)
def test_a_text_of_assigned_code_points_has_its_form(
    made: Callable[[str], str], form: Form, text: str
) -> None:
    assert made(known(text)) == unicodedata.normalize(form, known(text))


@settings(max_examples=200)
@given(TEXTS)
def test_caseless_is_the_matching_of_a_text_of_assigned_code_points(text: str) -> None:
    first = unicodedata.normalize("NFKC", known(text))
    assert caseless(known(text)) == unicodedata.normalize("NFKC", first.casefold())


@FORMS
@settings(max_examples=200)
@given(text=TEXTS)
def test_what_is_not_assigned_is_inert(made: Callable[[str], str], form: Form, text: str) -> None:
    if unicodedata.unidata_version == "14.0.0":
        assert made(text) == unicodedata.normalize(form, text)
    # U+0378 is assigned in no Unicode yet: each version knows it as inert.
    apart = "\u0378".join(known(text))
    assert made(apart) == unicodedata.normalize(form, apart)


@FORMS
def test_what_came_later_stays_and_parts_its_neighbours(
    made: Callable[[str], str], form: Form
) -> None:
    del form
    assert made(f"e{NEWER_MARK}\u0301\u0316") == f"e{NEWER_MARK}\u0316\u0301"
    assert made(NEWER + NEWER_MARK) == NEWER + NEWER_MARK


@FORMS
@settings(max_examples=300)
@given(text=TEXTS)
def test_marks_put_in_order_beforehand_change_no_result(
    made: Callable[[str], str], form: Form, text: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(normal_forms, "_LONG", 0)
        assert made(known(text)) == unicodedata.normalize(form, known(text))


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "part",
    [
        "\u0301\u0316",  # classes 230 and 220
        "\u0301\u302e",  # the second is no mark by its category
        "\u0301\uff9e",  # the second is of class 0 until it decomposes
        "\u0301\u0f73",  # likewise
        "\u0344\u0316\u0345",
    ],
)
def test_a_long_run_of_marks_in_disorder_is_quick(part: str) -> None:
    # Unsorted, each of these takes minutes.
    text = "a" + part * 200_000
    assert nfkc(nfd(text)) == nfkc(text)
    assert caseless(nfkc(text)) == caseless(text)
