"""What neither an index nor the database answers is an error, never a wrong or an empty answer.

The same question by a scan has the model's answer; what makes no sense has none.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import pytest

import strongroom
from strongroom import alike, between, contains, one_of, prefix, where, words
from tests.room.edits import during
from tests.search.model import (
    Alike,
    All,
    Begins,
    Between,
    Condition,
    Contains,
    Equal,
    HasWords,
    Model,
    Not,
    OneOf,
    Some,
)
from tests.search.people import Person
from tests.search.question import Question, needs_scan
from tests.search.store import fill

COUNT: Final = 200
DAY: Final = dt.date(1990, 5, 17)
NOTHING_LEFT: Final = "people.name: nothing is left to look for"

SHORT: Final[dict[str, tuple[Condition, str]]] = {
    "one character": (Contains("name", "a", "folded"), "name_trigram needs at least 3 characters"),
    "two characters": (
        Contains("name", "AD", "folded"),
        "name_trigram needs at least 3 characters",
    ),
    "two, and a space that goes": (
        Contains("name", "ad ", "folded"),
        "name_trigram needs at least 3 characters",
    ),
    "two, in three code points": (
        Contains("name", "A\u030ad", "folded"),
        "name_trigram needs at least 3 characters",
    ),
    "shorter than the shortest prefix": (
        Begins("name", "m", "folded"),
        "name_prefix needs at least 2 characters",
    ),
    "one, in two code points": (
        Begins("name", "E\u0301", "folded"),
        "name_prefix needs at least 2 characters",
    ),
}
NO_INDEX: Final[dict[str, Condition]] = {
    "a decimal": Equal("salary", Decimal(100)),
    "a date": Equal("born", DAY),
    "a moment": OneOf("seen", (dt.datetime(2020, 1, 1, tzinfo=dt.UTC),)),
    "a boolean": Equal("smoker", True),  # noqa: FBT003  # the value that is looked for
    "half of a compound": Equal("ward", 3),
    "texts in order": Between("name", "A", "C"),
    "texts from one on": Between("phone", "+49", None),
    "integers in order": Between("ward", 2, 4),
    "another normaliser": Alike("name", "MARIA MULLER", "unaccented"),
    "a part under another normaliser": Contains("name", "mul", "unaccented"),
    "a part": Contains("email", "MARIA", "folded"),
    "a beginning": Begins("phone", "+49", "folded"),
    "words": HasWords("email", "Maria example", "folded"),
}
OPPOSITES: Final[dict[str, Condition]] = {
    "is": Not(Equal("name", "Maria Smith")),
    "is one of": Not(OneOf("phone", ("1", "2"))),
    "alike": Not(Alike("email", "ADA.1@example.org", "email")),
    "prefix": Not(Begins("name", "ma", "folded")),
    "words": Not(HasWords("name", "smith", "folded")),
    "contains": Not(Contains("name", "mit", "folded")),
    "between": Not(Between("born", dt.date(1940, 1, 1), dt.date(1990, 1, 1))),
    "two together": Not(All((Equal("ward", 1), Equal("smoker", False)))),  # noqa: FBT003
    "three times": Not(Not(Not(Equal("name", "Maria Smith")))),
    "of an and": Not(All((Equal("age", 36), Begins("name", "ma", "folded")))),
    "of an or": Not(Some((Equal("age", 36), Begins("name", "ma", "folded")))),
}
BESIDE: Final[dict[str, Condition]] = {
    "and": All((Begins("name", "ma", "folded"), Equal("smoker", False))),  # noqa: FBT003
    "or": Some((Equal("age", 36), Equal("salary", Decimal(100)))),
    "deep": All(
        (
            Between("age", 10, 90),
            Some((Begins("name", "ad", "folded"), Not(Contains("name", "mit", "folded")))),
        )
    ),
}
SENSELESS: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "a text without a word": ({"name": words(" .,-! ")}, NOTHING_LEFT),
    "an emoji, which is no word": ({"name": words("\U0001f451")}, NOTHING_LEFT),
    "a beginning of nothing": ({"name": prefix("")}, NOTHING_LEFT),
    "a beginning of spaces": ({"name": prefix(" \u3000")}, NOTHING_LEFT),
    "a part that is empty": ({"name": contains("")}, NOTHING_LEFT),
    "a part without digits": ({"name": contains("abc", "digits")}, NOTHING_LEFT),
    "alike in which way": ({"name": alike("Ada")}, "people.name has several indexes for alike"),
    "a day that begins so": (
        {"born": prefix("19")},
        "people.born is no text: prefix is asked of texts only",
    ),
    "words of a number": ({"ward": words("1")}, "people.ward is no text"),
    "booleans in order": ({"smoker": between(False, True)}, "people.smoker has no order"),  # noqa: FBT003
    "between nothing": ({"born": between()}, "people.born: between needs a least or a greatest"),
    "one of none": ({"name": one_of()}, "people.name: one_of takes 1 to 500 values"),
    "one of 501": ({"name": one_of(*map(str, range(501)))}, "one_of takes 1 to 500 values"),
    "a value or none": ({"name": one_of("Ada", None)}, "no value is a condition of its own"),
}
WAYS: Final[dict[str, Callable[[strongroom.Query], object]]] = {
    "iterate": list,
    "outcomes": lambda query: list(query.outcomes()),
    "count": strongroom.Query.count,
    "exists": strongroom.Query.exists,
    "first": strongroom.Query.first,
    "one": strongroom.Query.one,
    "explain": strongroom.Query.explain,
    "explain, not run": lambda query: query.explain(run=False),
}


@pytest.fixture
def some(room: strongroom.Strongroom) -> tuple[strongroom.Table, list[Person]]:
    """Give a table with every index, and who is in it."""
    return fill(room, COUNT, 4)


def refused(query: strongroom.Query, message: str) -> None:
    """Hold a query to be refused in the same words, whatever is done with it."""
    for way, run in WAYS.items():
        with during(way), pytest.raises(strongroom.QueryError) as caught:
            run(query)
        assert message in str(caught.value), way


def test_a_needle_too_short_for_its_index(
    some: tuple[strongroom.Table, list[Person]],
) -> None:
    table, _ = some
    for name, (asked, message) in SHORT.items():
        with during(name):
            refused(Question(asked).of(table), f"too short: the index {message}")
            also = All((Equal("age", 36), asked))
            refused(Question(also).of(table), f"too short: the index {message}")


def test_a_needle_too_short_is_found_by_a_scan(
    some: tuple[strongroom.Table, list[Person]],
) -> None:
    table, crowd = some
    model = Model(crowd)
    for name, (asked, _) in SHORT.items():
        with during(name):
            wanted = model.answer(asked)
            assert wanted
            assert [record.id for record in Question(asked).of(table).scan()] == wanted


def test_what_no_index_answers_needs_a_scan(
    some: tuple[strongroom.Table, list[Person]],
) -> None:
    table, crowd = some
    model = Model(crowd)
    found = 0
    for name, asked in {**NO_INDEX, **OPPOSITES, **BESIDE}.items():
        with during(name):
            assert needs_scan(asked)
            query = Question(asked).of(table)
            refused(query, "no index" if name in OPPOSITES else "people.")
            wanted = model.answer(asked)
            assert [record.id for record in query.scan()] == wanted
            found += bool(wanted)
    assert found >= (len(NO_INDEX) + len(OPPOSITES) + len(BESIDE)) * 3 / 4


def test_what_makes_no_sense_is_refused_with_a_scan_too(
    some: tuple[strongroom.Table, list[Person]],
) -> None:
    table, _ = some
    for name, (asked, message) in SENSELESS.items():
        with during(name):
            refused(table.find(**asked), message)
            refused(table.find(**asked).scan(), message)
            refused(table.find(where(age=36) | where(**asked)).scan(), message)
            refused(table.find(~where(**asked)).scan(), message)


def test_without_its_index_the_same_question_is_refused(
    room: strongroom.Strongroom, some: tuple[strongroom.Table, list[Person]]
) -> None:
    """After the index is dropped; by a scan the answer is what it was."""
    table, crowd = some
    model = Model(crowd)
    questions = {
        "name_prefix": Begins("name", "ma", "folded"),
        "name_words": HasWords("name", "maria", "folded"),
        "name_trigram": Contains("name", "ari", "folded"),
        "name_folded": Alike("name", "MARIA MÜLLER", "folded"),
        "phone_exact": Equal("phone", next(one["phone"] for one in crowd if one["phone"])),
        "born_range": Between("born", dt.date(1950, 1, 1), None),
        "ward_smoker_compound": All((Equal("ward", 1), Equal("smoker", False))),  # noqa: FBT003
    }
    for index, asked in questions.items():
        with during(index):
            query, wanted = Question(asked).of(table), model.answer(asked)
            assert wanted
            assert [record.id for record in query] == wanted
            strongroom.drop_index(room, "people", index)
            refused(query, "people.")
            assert [record.id for record in query.scan()] == wanted
