"""Acts on an index that are ended at each of their statements in turn, and what is so then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import strongroom
from tests.jobs.indexing import INDEXES, NAME, left_over, make, person, question, schema, values
from tests.jobs.indexing_ended import ended_at
from tests.servers.database import Database

KINDS: Final = ["exact", "words"]  # a column of the table, and a table beside it
FEWEST: Final = 6  # statements that change something, on the database with the fewest
LATEST: Final = 6  # statements and commits of a beginning, on MariaDB


def opened(database: Database, key: str) -> strongroom.Strongroom:
    """Open the store anew."""
    return strongroom.open(database.url, key, password=database.password)


def exists(room: strongroom.Strongroom, kind: str) -> bool:
    """Say whether the catalogue has the index of a kind, in any phase."""
    return any(one.name == INDEXES[kind].called for one in schema(room).indexes)


def jobs(database: Database) -> list[tuple[int]]:
    """Return the jobs that there are checkpoints of."""
    return database.execute("SELECT job FROM strongroom_jobs")


def filled(room: strongroom.Strongroom, *kinds: str) -> None:
    """Make the table, with indexes of these kinds and three records."""
    make(room, kinds).add_many([person(1), person(2), {"age": 5}])


def _usable(room: strongroom.Strongroom, new: strongroom.Strongroom) -> None:
    """Assert that a process from before and one from now read and write the table."""
    before = values(new)
    for one in (room, new):
        table = one.table(NAME)
        assert values(one) == before
        number = table.add(**person(7))
        table.update(number, **person(8))
        table.delete(number)
    assert strongroom.verify(new).intact


def found_in(kind: str, *rooms: strongroom.Strongroom) -> None:
    """Assert that every record is found through the index."""
    for one in rooms:
        for number in (1, 2):
            asked = question(kind, person(number))
            assert asked is not None
            assert [found.id for found in one.table(NAME).find(**asked)] == [number]


def nothing(new: strongroom.Strongroom) -> None:
    """Assert nothing more."""


def all_ended(  # noqa: PLR0913  # where it is, and what is done there
    database: Database,
    room: strongroom.Strongroom,
    key: str,
    act: Callable[[strongroom.Strongroom], object],
    *,
    between: Callable[[strongroom.Strongroom], object],
    again: Callable[[], object],
) -> int:
    """End an act at each of its statements in turn; return how many it has.

    Args:
        database: where the table is.
        room: opened long before.
        key: where the root key is.
        act: what ends.
        between: what has to be so then, for a process from then too.
        again: goes on, looks at what came of it, and puts back what was before.
    """
    number, ended = 0, True
    while ended:
        number += 1
        with opened(database, key) as dying, ended_at(dying, number) as line:
            act(dying)
        ended = line.crossed
        try:
            with opened(database, key) as new:
                _usable(room, new)
                between(new)
            again()
        except BaseException as error:
            error.add_note(f"it had ended at {line.last}, the statement {number}")
            raise
    assert number > FEWEST
    return number


def check_left(database: Database, room: strongroom.Strongroom, most: int) -> None:
    """Assert that nothing is left, on MariaDB nothing but what is empty, and not more than so."""
    left = left_over(database, room)
    if database.kind != "mariadb":
        assert left == set()
        return
    assert len(left) <= most
    for name in left:
        column = name.startswith("record_index_")
        where = f'{NAME} WHERE "{name}" IS NOT NULL' if column else f'"{name}"'
        assert database.execute(f"SELECT * FROM {where}") == []
