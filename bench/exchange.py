"""People in from a CSV file and out again: identical, at what price, and in how much memory."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from bench.command import Run, strongroom
from bench.page import figure, table
from bench.people import checksum, write_csv
from bench.places import NAMES, place
from bench.rounds import LARGE, SMALL
from strongroom.storage.connect import Database as Place
from tests.servers.database import Database

_BATCH = 1_000


@dataclass(frozen=True)
class Exchange:
    """What one database did with so many people."""

    kind: str
    count: int
    imported: Run
    exported: Run
    shared: Run
    plaintext: float


def section() -> Iterator[str]:
    """Give the lines of the section, without its heading."""
    found = [(measure(kind, SMALL), measure(kind, LARGE)) for kind in NAMES]
    yield (
        f"{LARGE:,} people of a name (encrypted, about 25 bytes) and an age (plain). What was "
        "exported held the same rows as what was imported, by SHA-256 over the sorted rows. "
        "Plaintext is the same file through the same driver in batches of 1,000, without a check. "
        "An import is measured by one process, and by two that share it (`--processes 2`)."
    )
    yield ""
    head = ["", "import ÷ plaintext", "by 2 ÷ by 1", "export ÷ import", "rows/s in"]
    head += ["rows/s out", "import, MiB", "export, MiB"]
    yield from table(head, [_row(*pair) for pair in found])
    yield ""
    yield f"In brackets: how much more than the same with {SMALL:,} people."


def _row(small: Exchange, large: Exchange) -> list[str]:
    into, out = large.imported, large.exported
    return [
        NAMES[large.kind],
        figure(into.seconds / large.plaintext),
        figure(large.shared.seconds / into.seconds),
        figure(out.seconds / into.seconds),
        *(f"{large.count / one.seconds:,.0f}" for one in (into, out)),
        f"{into.peak:.0f} ({into.peak - small.imported.peak:+.0f})",
        f"{out.peak:.0f} ({out.peak - small.exported.peak:+.0f})",
    ]


def measure(kind: str, count: int) -> Exchange:
    """Import and export `count` people, and compare both files."""
    with place(kind) as (database, folder):
        given, back = folder / "people.csv", folder / "back.csv"
        write_csv(given, count)
        strongroom(database, folder, "create-table", "users", "name:text", "age:integer,plain")
        imported = strongroom(database, folder, "import", "users", str(given), "--quiet")
        exported = strongroom(
            database, folder, "export", "users", "--fields", "name,age", "--output", str(back)
        )
        if checksum(given) != checksum(back):
            raise RuntimeError(f"{count} people came back otherwise from {kind}")
        strongroom(database, folder, "create-table", "others", "name:text", "age:integer,plain")
        shared = strongroom(
            database, folder, "import", "others", str(given), "--quiet", "--processes", "2"
        )
        return Exchange(kind, count, imported, exported, shared, _plaintext(database, given))


def _plaintext(database: Database, path: Path) -> float:
    """Insert the same file through the same driver, as plaintext and without any check."""
    table = sa.table("plain_people", sa.column("name"), sa.column("age"))
    opened = Place.open(database.url, password=database.password)
    with opened.write() as connection:
        utf_8 = " CHARACTER SET utf8mb4" if database.kind == "mariadb" else ""
        connection.exec_driver_sql(f"CREATE TABLE plain_people (name TEXT, age INTEGER){utf_8}")
        connection.commit()
    began = time.perf_counter()
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        while rows := list(islice(reader, _BATCH)):
            with opened.write() as connection:
                connection.execute(
                    sa.insert(table),
                    [{"name": one["name"], "age": int(one["age"])} for one in rows],
                )
    seconds = time.perf_counter() - began
    opened.close()
    return seconds
