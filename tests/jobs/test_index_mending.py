"""A column that is gone is no proof that an index was finished: somebody may have dropped it."""

from __future__ import annotations

import pytest

import strongroom
from strongroom import Index, Text
from strongroom.jobs.engine import Pace, Progress
from strongroom.schema.search.index import Phase
from tests.jobs.indexing_ended import ended_at
from tests.servers.database import Database

PEOPLE = 400


class StoppedError(Exception):
    """Ends a pass in its middle."""


def stop(progress: Progress) -> None:
    if progress.here >= 30:
        raise StoppedError


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
@pytest.mark.parametrize("kind", ["exact", "words"])
def test_an_index_that_lacks_records_is_not_asked_because_the_old_one_was_dropped_by_hand(
    room: strongroom.Strongroom, database: Database, kind: str
) -> None:
    people = room.create_table("people", {"name": Text()})
    people.add_many({"name": f"same{n}"} for n in range(PEOPLE))
    declared = {"exact": Index.exact("name", bits=64), "words": Index.words("name", bits=64)}[kind]
    strongroom.add_index(room, "people", declared)
    [old] = people.indexes
    with pytest.raises(StoppedError):
        strongroom.rebuild_index(room, "people", old.name, bits=40, pace=Pace(watch=stop))
    if kind == "exact":
        database.execute(f"ALTER TABLE people DROP COLUMN {old.place}")
    else:
        database.execute(f"DROP TABLE {old.place}")
    last = f"same{PEOPLE - 1}"
    asked = last if kind == "exact" else strongroom.words(last)
    with pytest.raises(strongroom.StorageError):
        people.find(name=asked).count()
    # Nothing is believed of it: the new one is still being built.
    assert [one.phase for one in people.indexes] == [Phase.ACTIVE, Phase.BUILDING]


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_a_column_that_seals_still_cover_is_not_forgotten(
    room: strongroom.Strongroom, database: Database
) -> None:
    people = room.create_table("people", {"name": Text()})
    people.add_many({"name": f"same{n}"} for n in range(PEOPLE))
    strongroom.add_index(room, "people", Index.exact("name", bits=64))
    [index] = people.indexes
    with pytest.raises(StoppedError):
        strongroom.drop_index(room, "people", index.name, pace=Pace(watch=stop))
    database.execute(f"ALTER TABLE people DROP COLUMN {index.place}")
    with pytest.raises(strongroom.StorageError):
        people.all().count()
    assert [one.phase for one in people.indexes] == [Phase.LEAVING]


@pytest.mark.parametrize("kind", ["exact", "words"])
def test_a_dropping_that_ended_anywhere_goes_on_when_it_is_called_again(
    room: strongroom.Strongroom, database: Database, key: str, kind: str
) -> None:
    """By a process that looks at nothing before: on MySQL all but the writing down may be done."""
    people = room.create_table("people", {"name": Text()})
    people.add_many({"name": f"same{n}"} for n in range(3))
    declared = {"exact": Index.exact("name", bits=64), "words": Index.words("name", bits=64)}[kind]
    number, ended, undone = 0, True, 0
    while ended:
        number += 1
        strongroom.add_index(room, "people", declared)
        [index] = people.indexes
        with (
            strongroom.open(database.url, key, password=database.password) as dying,
            ended_at(dying, number) as line,
        ):
            strongroom.drop_index(dying, "people", index.name)
        ended = line.crossed
        with strongroom.open(database.url, key, password=database.password) as new:
            if new.store.state.catalogue.table("people").indexes:
                done = strongroom.drop_index(new, "people", index.name)
                assert (done.table, done.index, done.bits) == ("people", index.name, 64)
                undone += 1
            assert new.table("people").indexes == ()
            assert strongroom.verify(new).intact
            assert new.table("people").all().count() == 3
        room.store.refresh(room.store.state)
    assert undone > 1
