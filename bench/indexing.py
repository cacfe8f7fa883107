"""Building each kind of index beside updating the same rows without encryption."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import strongroom
from bench.page import figure, table
from bench.places import NAMES, place
from bench.plain import Plain, someone
from bench.rounds import LARGE, ROUNDS, Taken
from bench.search import INDEXES

_COUNT: Final = LARGE // 40


def section() -> Iterator[str]:
    """Give the lines of the section, without its heading."""
    yield (
        f"Indexes over {_COUNT:,} people, built one after the other on one table, in thousands "
        "of records a second. In brackets what each takes ÷ one plain `UPDATE` of a column of all "
        "rows, in which the database makes the values, and ÷ writing a value that the application "
        "made into "
        f"each of them, by executemany with the primary key. Medians of {ROUNDS} rounds, each in a "
        "fresh database."
    )
    yield ""
    kinds = [one.kind for one in INDEXES]
    found = {kind: _measure(kind) for kind in NAMES}
    rows = [[NAMES[kind], *(_price(taken, one) for one in kinds)] for kind, taken in found.items()]
    yield from table(["", *kinds], rows)


def _price(taken: Taken, kind: str) -> str:
    ratios = (figure(taken.ratio(kind, other)) for other in ("one UPDATE", "executemany"))
    return f"{_COUNT / taken[kind] / 1_000:.1f} ({', '.join(ratios)})"


def _measure(kind: str) -> Taken:
    taken = Taken()
    for _ in range(ROUNDS):
        with place(kind) as (database, folder):
            key = f"file:{folder / 'bench.bin'}"
            with strongroom.open(database.url, key, password=database.password) as room:
                fields = {"name": strongroom.Text(), "born": strongroom.Date()}
                people = room.create_table("people", fields)
                people.add_many(
                    dict(zip(fields, someone(number), strict=True)) for number in range(_COUNT)
                )
                plain = Plain(database, _COUNT)
                taken.keep("one UPDATE", plain.update())
                taken.keep("executemany", plain.update_each(_COUNT))
                plain.close()
                for index in INDEXES:
                    taken.time(
                        index.kind,
                        lambda: strongroom.add_index(room, "people", index),  # noqa: B023  # called at once
                    )
    return taken
