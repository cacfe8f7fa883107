"""Where a query or a text would be too much, it is refused with a hint, or asked for in part."""

from __future__ import annotations

import functools
import operator

import pytest

import strongroom
from strongroom import Index, Integer, Text, where
from strongroom.room.settling import Failure
from strongroom.schema.search.index import Kind
from strongroom.schema.search.where import Where


@pytest.fixture
def people(room: strongroom.Strongroom) -> strongroom.Table:
    table = room.create_table("people", {"name": Text(), "ward": Integer()})
    table.add_many({"name": f"alpha beta n{n:03} gamma", "ward": n} for n in range(60))
    strongroom.add_index(room, "people", Index.exact("ward", bits=64))
    strongroom.add_index(room, "people", Index.words("name", bits=64))
    strongroom.add_index(room, "people", Index.trigram("name", bits=64))
    return table


def test_of_many_words_some_are_asked_and_all_compared(people: strongroom.Table) -> None:
    text = " ".join(f"word{n}" for n in range(2_000))
    number = people.add(name=text, ward=1)
    assert [one.id for one in people.find(name=strongroom.words(text))] == [number]
    other = text.replace("word1999", "word2000")
    assert people.find(name=strongroom.words(other)).count() == 0
    assert people.find(name=strongroom.contains(text[100:1_100])).one().id == number


def test_a_query_asks_indexes_a_limited_number_of_times(people: strongroom.Table) -> None:
    parts = [where(ward=n) for n in range(64)]
    either = functools.reduce(operator.or_, parts)
    assert people.find(either).count() == 60
    with pytest.raises(strongroom.QueryError, match="asks indexes 65 times") as caught:
        people.find(either | where(ward=64)).count()
    assert "divide it" in str(caught.value.hint)
    assert people.find(ward=strongroom.one_of(*range(500))).count() == 60


def test_conditions_are_limited_in_number_and_depth() -> None:
    many = functools.reduce(operator.and_, [where(ward=n) for n in range(200)])
    with pytest.raises(strongroom.QueryError, match="at most 200 conditions"):
        _ = many & where(ward=200)

    def nested(depth: int) -> Where:
        found = where(ward=0)
        for number in range(depth):
            one = where(ward=number)
            found = one | found if number % 2 else one & found
        return found

    assert nested(29).depth == 30
    with pytest.raises(strongroom.QueryError, match="nested 30 deep"):
        nested(30)
    twice = where(ward=1)
    for _ in range(10_000):
        twice = ~twice
    assert twice.depth == 1


def test_partitions_times_tokens_are_limited(room: strongroom.Strongroom) -> None:
    table = room.create_table("wide", {"n": Integer()})
    wide = Index.range("n", minimum=0, maximum=2**63, fanout=64, partitions=64)
    with pytest.raises(strongroom.InputError, match="could ask for"):
        strongroom.add_index(room, "wide", wide)
    narrow = Index.range("n", minimum=0, maximum=2**63, fanout=64)
    strongroom.add_index(room, "wide", narrow)
    with pytest.raises(strongroom.InputError, match="could ask for"):
        strongroom.rebuild_index(room, "wide", "n_range", partitions=64)
    strongroom.add_index(room, "wide", Index.exact("n", partitions=64, bits=64))
    with pytest.raises(strongroom.QueryError, match="for 32,000 tokens"):
        table.find(n=strongroom.one_of(*range(500))).count()


def test_a_record_whose_text_is_too_long_for_an_index_can_be_changed(
    room: strongroom.Strongroom,
) -> None:
    table = room.create_table("texts", {"text": Text(), "n": Integer(plain=True)})
    table.add(text="short", n=1)
    number = table.add(text="x" * 80_000, n=2)
    named: list[Failure] = []
    with pytest.raises(strongroom.UnfinishedError):
        strongroom.add_index(room, "texts", Index.trigram("text", bits=64), found=named.append)
    assert [one.key for one in named] == [(number,)]
    assert "too long for the index text_trigram" in named[0].reason
    with pytest.raises(strongroom.InputError, match="too long"):
        table.add(text="y" * 80_000, n=3)
    # In a transaction it can be caught: nothing of the record was written.
    with room.transaction():
        with pytest.raises(strongroom.InputError, match="too long"):
            table.add(text="y" * 80_000, n=3)
        with pytest.raises(strongroom.InputError, match="too long"):
            table.update(1, text="y" * 80_000)
        table.add(text="another", n=4)
    table.update(number, text="shorter")
    strongroom.add_index(room, "texts", Index.trigram("text", bits=64))
    assert [one.n for one in table.find(text=strongroom.contains("rter"))] == [2]
    assert [one.n for one in table.find(text=strongroom.contains("nother"))] == [4]
    assert strongroom.verify(room).intact


def test_pad_cannot_change_under_an_index_that_counts_by_it(room: strongroom.Strongroom) -> None:
    room.create_table("notes", {"text": Text()}).add(text="a note")
    strongroom.add_index(room, "notes", Index.words("text"))
    with pytest.raises(strongroom.InputError, match="pad cannot be changed") as caught:
        room.alter_table("notes", change={"text": Text(pad=256)})
    assert "drop-index notes text_words" in str(caught.value.hint)
    room.alter_table("notes", change={"text": Text(max_bytes=100)})
    strongroom.drop_index(room, "notes", "text_words")
    room.alter_table("notes", change={"text": Text(pad=256)})
    strongroom.add_index(room, "notes", Index.words("text"))
    room.table("notes").add(text="another note")
    assert strongroom.verify(room).intact


def test_misuse_is_told_by_errors_of_ours(room: strongroom.Strongroom) -> None:
    table = room.create_table("notes", {"text": Text()})
    for fields in ((5,), (["a"],), "text"):
        with pytest.raises(strongroom.InputError, match="given by their names"):
            Index(Kind.EXACT, fields)  # type: ignore[arg-type]  # what callers get wrong
    with pytest.raises(strongroom.InputError, match="no such kind"):
        Index("exact", ("text",))  # type: ignore[arg-type]  # what callers get wrong
    with pytest.raises(strongroom.InputError, match="not a name for an index"):
        strongroom.add_index(room, "notes", Index.exact("text", name="Bad Name"))
    with pytest.raises(strongroom.InputError, match="declared by"):
        strongroom.add_index(room, "notes", "exact:text")  # type: ignore[arg-type]
    with pytest.raises(strongroom.QueryError, match="made by where"):
        list(table.find("text"))  # type: ignore[arg-type]
    with pytest.raises(strongroom.InputError, match="name of a field"):
        table.all().order_by(5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        hash(where(text=["a"]))
