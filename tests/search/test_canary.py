"""What is searched for stands in no file of the database, no log, no error and no repr."""

from __future__ import annotations

import datetime as dt
import logging
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import strongroom
from strongroom import Date, Index, Integer, Text, where
from tests.room.canary import forms, in_files, seen
from tests.servers.database import Database

NAME = "Canäry Zwergelstern of Ockham"
EMAIL = "canary.zwergelstern@ockham.example"
NEEDLE = "canary-never-stored-7351"
MARKS = tuple(
    sorted(
        {
            mark
            for text in (NAME, NAME.casefold(), EMAIL, NEEDLE, "zwergelstern", "2013-11-27")
            for mark in forms(text)
            if len(mark) >= 8
        }
    )
)
DAY = dt.date(2013, 11, 27)


PERSON = {"name": NAME, "email": EMAIL, "born": DAY, "ward": 7}
INDEXES = (
    Index.exact("name", normaliser="folded", accept="measured in a test"),
    Index.exact("email", unique=True),
    Index.compound("email", "ward"),
    Index.prefix("name"),
    Index.words("name"),
    Index.trigram("name"),
    Index.range("born", minimum=dt.date(1900, 1, 1), maximum=dt.date(2050, 1, 1)),
)


def questions(people: strongroom.Table) -> Iterator[str]:
    """Ask in every way; give all that is shown on the way."""
    for text in (NAME, EMAIL, NEEDLE):
        asked = [
            where(name=text), where(email=text), where(name=strongroom.alike(text)),
            where(name=strongroom.prefix(text)), where(name=strongroom.words(text)),
            where(name=strongroom.contains(text)), where(email=text, ward=7),
            where(email=strongroom.one_of(text, NEEDLE)),
        ]  # fmt: skip
        for one in asked:
            query = people.find(one | where(born=strongroom.between(DAY, DAY)))
            yield from (repr(one), repr(query), str(query.explain()), repr(list(query)))


def mistakes(room: strongroom.Strongroom) -> Iterator[str]:
    """Do what is refused; give the whole of each error."""
    people = room.table("people")
    twice = [{**PERSON, "email": NEEDLE}] * 2
    wrong: list[Callable[[], object]] = [
        lambda: people.find(email=strongroom.prefix(NEEDLE)).count(),
        lambda: people.find(name=strongroom.alike(NEEDLE, NEEDLE)).count(),
        lambda: people.find(name=strongroom.prefix(f"{NEEDLE}\udc80")).count(),
        lambda: people.find(born=strongroom.between(NEEDLE, None)).count(),
        lambda: people.find(ward=strongroom.words(NEEDLE)).count(),
        lambda: people.find(NEEDLE).count(),  # type: ignore[arg-type]  # what callers get wrong
        lambda: people.add(**PERSON),
        lambda: people.add_many(twice),
        lambda: strongroom.add_index(room, "people", Index.exact("name", name=NEEDLE)),
        lambda: strongroom.add_index(
            room, "people", Index.range("born", minimum=NEEDLE, maximum=NEEDLE, name="r")
        ),
        lambda: strongroom.leakage(room, "people", NEEDLE),
    ]
    for act in wrong:
        with pytest.raises(strongroom.StrongroomError) as caught:
            act()
        # Source lines of a traceback name the variables; only what they held would be a leak.
        yield "".join(traceback.format_exception(caught.value)).replace("NEEDLE", "")
        yield f"{caught.value} {caught.value.hint}"


def test_a_search_leaves_no_trace_of_what_is_looked_for(
    room: strongroom.Strongroom,
    database: Database,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    fields = {"name": Text(optional=True), "email": Text(), "born": Date(), "ward": Integer()}
    people = room.create_table("people", fields)
    people.add(**PERSON)
    for declared in INDEXES:
        strongroom.add_index(room, "people", declared)
    said = [*questions(people), *mistakes(room)]
    people.update(1, name=f"{NAME} the second")
    strongroom.rebuild_index(room, "people", "name_words", bits=40)
    said += [str(strongroom.leakage(room, "people")), str(strongroom.verify(room))]
    people.delete(1)
    assert len(said) > 100
    assert [line for line in said if seen(line, MARKS)] == []
    assert seen(caplog.text, MARKS) == []
    out = capfd.readouterr()
    assert seen(out.out + out.err, MARKS) == []
    database.settle()
    beside = [(path, path.read_bytes()) for path in tmp_path.glob("*")]
    size, found = in_files([*database.written(), *beside], MARKS)
    assert size > 10_000
    assert found == []
