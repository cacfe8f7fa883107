"""Many records from a file into a database and out again: identical, and in bounded memory."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import strongroom
from strongroom import ImportOptions, export_file, import_file
from strongroom.files.spelling import spell
from tests.jobs.files_of_people import checksum, write_csv
from tests.room.every_type import DATES, FLOATS, INTEGERS, TEXTS, TIMES
from tests.servers.database import Database

MANY = 20_000
FEW = 2_000
MOST_GROWTH = 10 * 1024
"""KiB of peak memory by which ten times the records may differ; the file itself has 18 MB."""


def crowd(count: int) -> list[tuple[str, int]]:
    """Return people with names that a CSV file has to quote."""
    chance = random.Random(count)
    signs = 'aé,"\n\\N😀 '
    return [
        ("".join(chance.choices(signs, k=chance.randrange(1, 30))), chance.randrange(150))
        for _ in range(count)
    ]


def quoted(people: list[tuple[str, int]]) -> list[tuple[str, int]]:
    return [('"' + spell(name).replace('"', '""') + '"', age) for name, age in people]


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "mariadb"], indirect=True)
def test_twenty_thousand_in_and_out(room: strongroom.Strongroom, tmp_path: Path) -> None:
    room.table("users")
    people = crowd(MANY)
    source = write_csv(tmp_path / "a.csv", quoted(people))
    assert import_file(room, "users", source).added == MANY
    first = tmp_path / "b.csv"
    assert export_file(room, "users", first).records == MANY
    assert checksum(f"{one.name!r} {one.age}" for one in room.table("users").all()) == checksum(
        f"{name!r} {age}" for name, age in people
    )
    room.create_table("others", {one.name: one.type for one in room.table("users").fields})
    import_file(room, "others", first, ImportOptions(skip=["id"]))
    second = tmp_path / "c.csv"
    export_file(room, "others", second)
    assert first.read_bytes() == second.read_bytes()


PEAK = """
import resource, sys, strongroom
from strongroom.cli.main import run
code = run(sys.argv[1:])
assert code == 0, code
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak(*arguments: str, database: Database, key: str) -> int:
    """Run a command in a process of its own and return the most memory it took, in KiB."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK, *arguments, "--url", database.url, "--key", key],
        check=True,
        capture_output=True,
        text=True,
        timeout=100,
    )
    return int(done.stdout.splitlines()[-1])


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_memory_does_not_grow_with_the_file(
    database: Database, room: strongroom.Strongroom, key: str, tmp_path: Path
) -> None:
    room.table("users")
    wide = [(f"{at} " + "x" * 900, at % 90) for at in range(MANY)]
    few = write_csv(tmp_path / "few.csv", wide[:FEW])
    many = write_csv(tmp_path / "many.csv", wide)
    reach = {"database": database, "key": key}
    small = peak("import", "users", few, **reach)  # type: ignore[arg-type]
    out = str(tmp_path / "few.out.csv")
    small_out = peak("export", "users", "--output", out, **reach)  # type: ignore[arg-type]
    large = peak("import", "users", many, **reach)  # type: ignore[arg-type]
    out = str(tmp_path / "many.out.csv")
    large_out = peak("export", "users", "--output", out, **reach)  # type: ignore[arg-type]
    assert Path(many).stat().st_size > 18_000_000
    assert large - small < MOST_GROWTH, (small, large)
    assert large_out - small_out < MOST_GROWTH, (small_out, large_out)


TYPES: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "text": (strongroom.Text(optional=True), TEXTS),
    "integer": (strongroom.Integer(optional=True), (*INTEGERS, 2**200)),
    "float": (strongroom.Float(optional=True), FLOATS),
    "boolean": (strongroom.Boolean(optional=True), (True, False)),
    "bytes": (strongroom.Bytes(optional=True), (b"", b"\0\xff", bytes(range(256)))),
    "day": (strongroom.Date(optional=True), DATES),
    "moment": (strongroom.DateTime(optional=True), TIMES),
    "json": (strongroom.Json(optional=True), ([], {"a": [1.5, None, "x"]}, "text", "\\N", 3)),
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "json", "parquet", "srp"])
def test_every_type_in_and_out(
    room: strongroom.Strongroom, key: str, tmp_path: Path, suffix: str
) -> None:
    types = {name: kind for name, (kind, _) in TYPES.items()}
    kinds = room.create_table("kinds", types)
    kinds.add_many(
        {name: values[at] if at < len(values) else None for name, (_, values) in TYPES.items()}
        for at in range(max(len(values) for _, values in TYPES.values()))
    )
    room.create_table("again", types)
    parcel_key = key.replace("aes_key", "parcel") if suffix == "srp" else None
    path = tmp_path / f"a.{suffix}"
    export_file(room, "kinds", path, strongroom.ExportOptions(parcel_key=parcel_key))
    assert path.stat().st_mode & 0o777 == 0o600
    options = ImportOptions(upsert="id", parcel_key=parcel_key)
    report = import_file(room, "again", path, options)
    assert report.added == kinds.all().count() >= 20
    assert [repr(dict(one)) for one in room.table("again").all()] == [
        repr(dict(one)) for one in kinds.all()
    ]
    if suffix == "srp":
        assert b"text" not in path.read_bytes().partition(b"\n")[2]
