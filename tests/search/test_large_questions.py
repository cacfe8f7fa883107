"""Questions as large as they are allowed to be: each has its answer, on every database, soon.

How larger ones are refused stands in test_limits.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Final

import pytest

import strongroom
from strongroom import Index, Integer, Text, between, one_of, where, words
from strongroom.schema.search.where import Where

COUNT: Final = 20
MOST_VALUES: Final = 500
SECONDS: Final = 60  # most of them for a server to start


@pytest.fixture
def table(room: strongroom.Strongroom) -> strongroom.Table:
    """Give records of 300 words, of a number that is spread widely, and of a name."""
    made = room.create_table(
        "large",
        {
            "name": Text(),
            "text": Text(max_bytes=10_000),
            "number": Integer(),
            "age": Integer(plain=True),
        },
    )
    made.add_many(
        {"name": f"Ada {one}", "text": _words(one, 300), "number": one << 50, "age": one}
        for one in range(COUNT)
    )
    return made


def _words(one: int, count: int) -> str:
    return " ".join(f"word{number}of{one}" for number in range(count))


@pytest.mark.timeout(SECONDS)
@pytest.mark.parametrize("count", [8, 61, 100, 300])
def test_many_words_are_looked_for(
    room: strongroom.Strongroom, table: strongroom.Table, count: int
) -> None:
    strongroom.add_index(room, "large", Index.words("text"))
    query = table.find(text=words(_words(3, count)))
    assert [record.age for record in query] == [3]
    assert table.find(text=words(_words(3, count) + " word0of4")).count() == 0


def test_a_range_over_the_widest_scale(
    room: strongroom.Strongroom, table: strongroom.Table
) -> None:
    """Of the largest fan-out, and of as many partitions as that leaves: 15,246 tokens at most."""

    def declared(partitions: int) -> Index:
        ends = {"minimum": -(1 << 62), "maximum": 1 << 62}
        return Index.range("number", **ends, fanout=64, partitions=partitions)

    with pytest.raises(strongroom.InputError, match="could ask for 16,632 tokens"):
        strongroom.add_index(room, "large", declared(12))
    strongroom.add_index(room, "large", declared(11))
    query = table.find(number=between(-(1 << 61) + 12_345, (1 << 61) - 998))
    assert [record.age for record in query] == list(range(COUNT))
    assert query.explain(run=False).asked[0].tokens > 10_000
    assert table.find(number=between(1, (1 << 53) + 1)).count() == 8


def test_all_values_that_may_be_asked_at_once(
    room: strongroom.Strongroom, table: strongroom.Table
) -> None:
    strongroom.add_index(room, "large", Index.exact("name", partitions=32))
    asked = where(name=one_of(*(f"Ada {one}" for one in range(10, 10 + MOST_VALUES))))
    query = table.find(asked)
    assert [record.age for record in query] == list(range(10, COUNT))
    assert query.explain(run=False).asked[0].tokens == MOST_VALUES * 32
    with pytest.raises(strongroom.QueryError, match="2 times, for 16,032 tokens"):
        table.find(asked | where(name="Ada 1")).count()


@pytest.mark.parametrize(("field", "most"), [("name", 64), ("age", 200)])
def test_as_many_conditions_in_a_row_as_there_may_be(
    room: strongroom.Strongroom, table: strongroom.Table, field: str, most: int
) -> None:
    """As a loop writes them, each joined to those before by `|`."""
    strongroom.add_index(room, "large", Index.exact("name"))

    def asked(count: int) -> Iterator[Where]:
        for one in range(5, 5 + count):
            yield where(**{field: f"Ada {one}" if field == "name" else one})

    found = table.find(reduce(or_, asked(most)))
    assert [record.age for record in found] == list(range(5, COUNT))
    with pytest.raises(strongroom.QueryError):
        table.find(reduce(or_, asked(most + 1))).count()
