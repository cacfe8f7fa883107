"""A column that is gone is no proof that an index was finished: somebody may have dropped it."""

from __future__ import annotations

import pytest

import strongroom
from strongroom import Index, Text
from strongroom.jobs.engine import Pace, Progress
from strongroom.schema.search.index import Phase
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
