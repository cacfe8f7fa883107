"""Bulk work on one database: strongroom, and Core with the same driver, in alternation.

Every round has a fresh database that holds both tables, and each side is first in its turn.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import strongroom
from bench.core import Core, taken
from bench.places import place
from bench.rounds import Taken, turned
from bench.shapes import Shape

OURS: Final = "ours"
CORE: Final = "core"
COPY: Final = "copy"
OBJECTS: Final = "objects"
STATEMENT: Final = "statement"
MANY: Final = "many"
Sides = Mapping[str, Callable[[], Any]]


def measure(
    kind: str, shape: Shape, count: int, rounds: int, beside: Collection[str] | None = None
) -> Taken:
    """Time `add`, `read`, `update` and `delete` of every side, such as `add ours`.

    Args:
        kind: of the database.
        shape: of the table.
        count: of its records.
        rounds: how often.
        beside: what of plaintext is measured, such as `add core`; None for all of it.
    """
    time = Taken()
    records = shape.records(count)
    for number in range(rounds):
        with place(kind) as (database, folder):
            room = strongroom.open(
                database.url, f"file:{folder / 'bench.bin'}", password=database.password
            )
            table = room.create_table("users", shape.fields)
            core = Core(database, shape.columns)
            for what, given in _work(room, table, core, shape, records).items():
                sides = {
                    name: side
                    for name, side in given.items()
                    if name == OURS or beside is None or f"{what} {name}" in beside
                }
                if len(sides) == 1:
                    continue
                answers = {
                    name: time.time(f"{what} {name}", sides[name])
                    for name in turned(list(sides), number)
                }
                if what == "read":
                    _check(answers, records)
                elif what == "add" and COPY in answers:
                    _halve(core, count)
            core.close()
            room.close()
    return time


def _work(
    room: strongroom.Strongroom,
    table: strongroom.Table,
    core: Core,
    shape: Shape,
    records: list[dict[str, object]],
) -> dict[str, Sides]:
    def read() -> list[tuple[Any, ...]]:
        with room.transaction():
            return taken(table.all(), names)

    names = ["id", *shape.fields]
    field, keys = shape.changed, range(1, len(records) + 1)
    values = [f"{record[field]}'" for record in records]
    changes = [(key, {field: value}) for key, value in zip(keys, values, strict=True)]
    add: dict[str, Callable[[], Any]] = {
        OURS: lambda: table.add_many(records),
        CORE: lambda: core.insert(records),
    }
    if core.kind == "postgresql":
        add[COPY] = lambda: core.copy(records)
    return {
        "add": add,
        "read": {
            OURS: read,
            CORE: core.rows,
            OBJECTS: core.objects,
        },
        "update": {
            OURS: lambda: table.update_many(changes),
            STATEMENT: lambda: core.update_all(field),
            MANY: lambda: core.update_each(field, list(zip(keys, values, strict=True))),
        },
        "delete": {OURS: lambda: table.delete_many(keys), MANY: lambda: core.delete_each(keys)},
    }


def _halve(core: Core, count: int) -> None:
    """Leave as many rows as strongroom's table has: they were stored twice."""
    with core.write() as connection:
        connection.exec_driver_sql(f"DELETE FROM plain WHERE id > {count}")  # noqa: S608  # a number


def _check(answers: Mapping[str, list[tuple[Any, ...]]], records: list[dict[str, object]]) -> None:
    """See that every side gave back what was stored."""
    expected = [(key, *record.values()) for key, record in enumerate(records, start=1)]
    for name, answer in answers.items():
        if sorted(answer) != expected:
            raise RuntimeError(f"{name} gave back other records")
