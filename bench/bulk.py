"""Many records at once, stored, read, changed and deleted, beside plaintext."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Final

from bench.many import COPY, CORE, MANY, OBJECTS, OURS, STATEMENT, measure
from bench.page import NOT, figure, table
from bench.places import NAMES
from bench.rounds import ROUNDS, Taken
from bench.shapes import LARGE, USERS, WIDE, Shape

_RECORDS: Final = int(os.environ.get("STRONGROOM_BENCH_BULK", "100000"))
_COUNTS: Final = ((USERS, _RECORDS), (WIDE, _RECORDS // 5), (LARGE, _RECORDS // 50))
RATIOS: Final = (
    ("add_many", "add", CORE),
    ("beside COPY", "add", COPY),
    ("all, Core", "read", CORE),
    ("all, ORM", "read", OBJECTS),
    ("update_many, one UPDATE", "update", STATEMENT),
    ("executemany", "update", MANY),
    ("delete_many", "delete", MANY),
)
_ASKED: Final = {
    ("sqlite", "add", CORE): "2",
    ("mariadb", "add", CORE): "1.4",
    ("postgresql", "add", CORE): "0.8",
    **dict.fromkeys(((kind, "read", CORE) for kind in NAMES), "3"),
    **dict.fromkeys(((kind, "read", OBJECTS) for kind in NAMES), "1.2"),
    **dict.fromkeys(((kind, "update", STATEMENT) for kind in NAMES), "3"),
}
"""At most, of the first table."""


def section() -> Iterator[str]:
    """Give the lines of the section, without its heading."""
    yield (
        "Strongroom ÷ SQLAlchemy Core on a plaintext table through the same driver with the same "
        f"settings; medians of {ROUNDS} rounds in alternation, each in a fresh database, each "
        "operation one transaction on each side. Reading takes `r.id`, `r.name` and the other "
        "fields of every row on every side, and all sides gave back the same. `add_many` and "
        "`delete_many` stand beside executemany, `add_many` beside COPY too, `all` beside Core's "
        "rows and the ORM's objects, and `update_many` beside one `UPDATE`, in which the database "
        "makes the values, and beside executemany by key."
    )
    for shape, count in _COUNTS:
        found = {kind: measure(kind, shape, count, ROUNDS) for kind in NAMES}
        yield ""
        yield f"{count:,} records of a table, {shape.name}{_asked(shape)}:"
        yield ""
        yield from _table(shape, found)


def _asked(shape: Shape) -> str:
    return " (in brackets what is asked for, at most)" if shape is USERS else ""


def _table(shape: Shape, found: Mapping[str, Taken]) -> Iterator[str]:
    head = ["", *(title for title, _, _ in RATIOS)]
    rows = [[NAMES[kind], *_cells(kind, shape, taken)] for kind, taken in found.items()]
    return table(head, rows)


def _cells(kind: str, shape: Shape, taken: Taken) -> Iterator[str]:
    for _, what, other in RATIOS:
        if f"{what} {other}" not in taken:
            yield NOT
            continue
        ratio = figure(taken.ratio(f"{what} {OURS}", f"{what} {other}"))
        asked = _ASKED.get((kind, what, other)) if shape is USERS else None
        yield ratio if asked is None else f"{ratio} ({asked})"
