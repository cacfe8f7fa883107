"""Adopting a plaintext table beside updating the same rows without encryption."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from bench.command import Run, strongroom
from bench.core import Core
from bench.page import figure, table
from bench.people import people
from bench.places import NAMES, place
from bench.rounds import LARGE, ROUNDS, Taken
from bench.shapes import USERS
from tests.jobs.someone import fill, make_users
from tests.servers.database import Database

_COUNT: Final = LARGE // 10
_AT_ONCE: Final = 10_000
_TEXT: Final = {
    "sqlite": "TEXT",
    "mariadb": "TEXT CHARACTER SET utf8mb4",
    "postgresql": "TEXT",
}


def section() -> Iterator[str]:
    """Give the lines of the section, without its heading."""
    yield (
        f"{_COUNT:,} rows, filled, proven, cut over and rebuilt, beside writing the same column of "
        "every row in plaintext: by one `UPDATE` that lets the database make the values, and by "
        "executemany with the primary key, which is how an application writes values that it "
        f"makes itself. Medians of {ROUNDS} rounds in alternation, each in a fresh database."
    )
    yield ""
    rows = []
    for kind in NAMES:
        taken, peak = _measure(kind)
        ratios = (figure(taken.ratio("adopt", one)) for one in ("one UPDATE", "executemany"))
        rows.append([NAMES[kind], *ratios, f"{_COUNT / taken['adopt']:,.0f}", f"{peak:.0f}"])
    head = ["", "adopt ÷ one UPDATE", "adopt ÷ executemany", "rows a second", "MiB"]
    yield from table(head, rows)


def _measure(kind: str) -> tuple[Taken, float]:
    """Return what each took, and the most memory that adopting held."""
    taken, peaks = Taken(), []
    records = USERS.records(_COUNT)
    values = [(key, f"{record['name']}'") for key, record in enumerate(records, start=1)]
    for _ in range(ROUNDS):
        with place(kind) as (database, folder):
            fill_users(database, _COUNT)
            core = Core(database, USERS.columns)
            core.insert(records)
            taken.time("one UPDATE", lambda: core.update_all("name"))  # noqa: B023  # called at once
            taken.time("executemany", lambda: core.update_each("name", values))  # noqa: B023
            core.close()
            run = adopt(database, folder)
            taken.keep("adopt", run.seconds)
            peaks.append(run.peak)
    return taken, max(peaks)


def fill_users(database: Database, count: int) -> None:
    """Make somebody else's table of `count` people in plaintext."""
    make_users(database, _TEXT[database.kind])
    crowd = people(count)
    while some := list(islice(crowd, _AT_ONCE)):
        fill(database, some)


def adopt(database: Database, folder: Path) -> Run:
    """Adopt that table."""
    strongroom(database, folder, "init")
    return strongroom(
        database, folder, "adopt", "users", "--encrypt", "name", "--seal", "age", "--quiet"
    )
