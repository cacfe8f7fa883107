"""A write that ends at any statement leaves no token without its record, and none without tokens.

The table has an index of every kind; records have all values, some or none.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

import strongroom
from strongroom import ImportOptions, import_file
from tests.jobs.files_of_people import write_csv
from tests.jobs.indexing import NAME, check, check_tokens, make, person, values
from tests.jobs.indexing_ended import ended_at
from tests.servers.database import Database

EMPTY: Final = {"name": None, "email": None, "born": None}
Write = Callable[[strongroom.Strongroom, strongroom.Table, Path], object]


def _in_a_transaction(room: strongroom.Strongroom, table: strongroom.Table, _folder: Path) -> None:
    with room.transaction():
        number = table.add(**person(20))
        table.add_many([person(21), {"age": 3}])
        table.update(number, **(person(22) | {"age": 4}))
        table.update(1, email=None, name="Grace Hopper")
        table.delete(2)


def _import(room: strongroom.Strongroom, _table: strongroom.Table, folder: Path) -> None:
    rows: list[tuple[object, ...]] = [
        (1, "Grace Hopper", "\\N", "1906-12-09", 85),
        (3, "\\N", "c@d", "\\N", 1),
    ]
    rows += [(9, *[str(one) for one in person(30).values()])]
    path = write_csv(folder / "a.csv", rows, "id,name,email,born,age")
    import_file(room, NAME, path, ImportOptions(upsert="id", again=True))


WRITES: Final[dict[str, Write]] = {
    "add": lambda _, table, __: table.add(**person(20)),
    "add without values": lambda _, table, __: table.add(age=1),
    "add many": lambda _, table, __: table.add_many([person(20), {"age": 3}, person(21)]),
    "update": lambda _, table, __: table.update(1, **person(22)),
    "update of a plain field": lambda _, table, __: table.update(1, age=7),
    "values go": lambda _, table, __: table.update(2, **EMPTY),
    "values come": lambda _, table, __: table.update(3, **person(23)),
    "delete": lambda _, table, __: table.delete(2),
    "transaction": _in_a_transaction,
    "import": _import,
}
# Statements that change something, commits among them: on the database with the fewest.
FEWEST: Final = {
    "add": 6, "add without values": 2, "add many": 6, "update": 10, "update of a plain field": 2,
    "values go": 6, "values come": 6, "delete": 6, "transaction": 25, "import": 15,
}  # fmt: skip


@pytest.mark.parametrize("what", WRITES)
def test_a_write_that_ends_anywhere_changes_all_or_nothing(
    database: Database, room: strongroom.Strongroom, key: str, tmp_path: Path, what: str
) -> None:
    make(room).add_many([person(1), person(2), {"age": 5}])
    before = values(room)
    seen = []
    number, ended = 0, True
    while ended:
        number += 1
        with strongroom.open(database.url, key, password=database.password) as dying:
            table = dying.table(NAME)
            with ended_at(dying, number) as line:
                WRITES[what](dying, table, tmp_path)
        ended = line.crossed
        seen.append(values(room))
        try:
            check_tokens(database, room)
        except AssertionError as error:
            error.add_note(f"it had ended at {line.last}")
            raise
    check(database, room)
    assert number > FEWEST[what]
    after = seen[-1]
    assert after != before
    assert before in seen
    assert all(one in (before, after) for one in seen)
