"""What a record's terms are, how many tokens it has, and that this says nothing but its length."""

from __future__ import annotations

import datetime as dt
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.errors import InputError
from strongroom.schema.search.declaration import Index
from strongroom.schema.search.operators import between
from strongroom.schema.search.terms import asked, equality, stored
from strongroom.schema.types import Text
from strongroom.schema.values import Value
from tests.schema.search.tables import index_of, people, with_index

DAY = dt.date(1950, 1, 1)


def of(declared: Index, *values: Value) -> tuple[list[tuple[bytes, ...]], int]:
    index, table = index_of(declared)
    return stored(index, table.fields_of(index), values)


def text(*values: str) -> list[tuple[bytes, ...]]:
    return [(b"\x01" + value.encode(),) for value in values]


def test_exact_terms_are_the_value_or_its_normal_form() -> None:
    assert of(Index.exact("name"), "Ada ") == (text("Ada "), 0)
    assert of(Index.exact("name", normaliser="folded"), " ADA ") == (text("ada"), 0)
    assert of(Index.exact("born"), DAY) == ([(b"\x04" + struct.pack(">i", -7305),)], 0)


def test_compound_terms_have_a_part_for_each_field() -> None:
    declared = Index.compound("name", "born", normaliser="folded")
    assert of(declared, "ADA", DAY) == ([(b"\x01ada", b"\x04" + struct.pack(">i", -7305))], 0)


@pytest.mark.parametrize(
    "declared",
    [
        Index.exact("name"),
        Index.compound("name", "born"),
        Index.prefix("name"),
        Index.words("name"),
        Index.trigram("name"),
        Index.range("born", minimum=DAY, maximum=dt.date(2050, 1, 1)),
    ],
)
def test_a_record_without_a_value_has_no_term(declared: Index) -> None:
    index, table = index_of(declared)
    for place in range(len(index.parts)):
        both: list[Value | None] = ["Ada", DAY]
        values = both[: len(index.parts)]
        values[place] = None
        assert stored(index, table.fields_of(index), values) == ([], 0)


def test_prefixes_have_every_declared_length_and_fillers_for_the_others() -> None:
    declared = Index.prefix("name", lengths=(1, 3, 5))
    assert of(declared, "Grace") == (text("g", "gra", "grace"), 0)
    assert of(declared, "Ada") == (text("a", "ada"), 1)
    assert of(declared, "") == ([], 3)
    assert of(Index.prefix("name", lengths=(2,), normaliser="exact"), "ÄÖ") == (text("ÄÖ"), 0)


# The longest text of one block is 14 bytes, of two 30: tag and value, and one byte of padding.
@pytest.mark.parametrize(
    ("size", "words", "grams"), [(0, 4, 12), (14, 4, 12), (15, 8, 28), (30, 8, 28), (31, 12, 44)]
)
def test_tokens_are_as_many_as_the_cell_is_long(size: int, words: int, grams: int) -> None:
    for value in ("x" * size, ("ab " * size)[:size]):
        found, fillers = of(Index.words("name"), value)
        assert len(found) + fillers == words * (1 if len(found) <= words else 2)
        found, fillers = of(Index.trigram("name"), value)
        assert len(found) + fillers == grams


@pytest.mark.parametrize("pad", [1, 3, 16, 64, 200])
@given(value=st.text(alphabet="abcd", max_size=300))
def test_of_padded_texts_the_bucket_alone_counts(pad: int, value: str) -> None:
    table = with_index(people(name=Text(pad=pad)), Index.trigram("name"))
    index = table.indexes[0]
    found, fillers = stored(index, table.fields_of(index), [value])
    bucket = max(pad, -(-len(value) // pad) * pad)
    blocks = (5 + bucket) // 16
    longest = max(size for size in range(pad, 1_000, pad) if (5 + size) // 16 == blocks)
    assert len(found) + fillers == max(1, longest - 2)


@given(value=st.text(max_size=80))
def test_without_expansion_the_number_of_tokens_depends_on_the_length_alone(value: str) -> None:
    size = len(value.encode())
    capacity = (size + 1) // 16 * 16 + 14
    found, fillers = of(Index.trigram("name", normaliser="exact"), value)
    assert len(found) + fillers == capacity - 2


def test_a_text_that_grows_when_it_is_normalised_doubles_the_number() -> None:
    found, fillers = of(Index.words("name"), "a b c d e f")  # 11 bytes: 4 slots, 6 words
    assert (len(found), fillers) == (6, 2)


def test_a_text_that_would_have_too_many_tokens_is_refused() -> None:
    assert sum(map(bool, of(Index.trigram("name"), "x" * 65_000))) == 2
    for declared, size in ((Index.trigram("name"), 70_000), (Index.words("name"), 300_000)):
        with pytest.raises(InputError, match="too long for the index"):
            of(declared, "x" * size)


def test_ranges_have_one_term_for_each_level() -> None:
    declared = Index.range("born", minimum=DAY, maximum=dt.date(1950, 12, 31), fanout=4)
    found, fillers = of(declared, dt.date(1950, 1, 11))
    assert fillers == 0
    # Position 0 is for what lies below: the tenth day after the first is position 11.
    assert found == [(struct.pack(">BQ", level, 11 // 4**level),) for level in range(len(found))]
    for outside in (dt.date(1900, 1, 1), dt.date(2100, 1, 1)):
        assert len(of(declared, outside)[0]) == len(found)


@given(
    low=st.dates(dt.date(1940, 1, 1), dt.date(1960, 1, 1)) | st.none(),
    high=st.dates(dt.date(1940, 1, 1), dt.date(1960, 1, 1)),
    value=st.dates(dt.date(1940, 1, 1), dt.date(1960, 1, 1)),
)
def test_a_range_finds_what_lies_in_it(low: dt.date | None, high: dt.date, value: dt.date) -> None:
    if low is not None and low > high:
        low, high = high, low
    index, table = index_of(
        Index.range("born", minimum=DAY, maximum=dt.date(1955, 12, 31), step=7, fanout=3)
    )
    [wanted] = asked(index, between(low, high))
    found = stored(index, table.fields_of(index), [value]).terms
    inside = (low is None or low <= value) and value <= high
    assert not inside or set(wanted) & set(found)
    assert len(set(wanted) & set(found)) <= 1


def test_equality_is_what_is_stored() -> None:
    for declared, values in (
        (Index.exact("name", normaliser="unaccented"), ["Éva"]),
        (Index.compound("ward", "smoker"), [3, True]),
    ):
        index, table = index_of(declared)
        fields = table.fields_of(index)
        assert stored(index, fields, values).terms == [equality(index, fields, values)]
