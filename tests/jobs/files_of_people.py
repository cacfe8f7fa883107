"""Files of people for imports, and what stands in a table afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import strongroom


def write_csv(path: Path, people: Iterable[tuple[Any, ...]], header: str = "name,age") -> str:
    """Write a CSV file and return its path."""
    lines = [header, *(",".join(str(part) for part in person) for person in people)]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return str(path)


def stored(room: strongroom.Strongroom, table: str = "users") -> list[tuple[str, int]]:
    """Return the names and ages of a table, in the order of its key; every record is opened."""
    return [(one.name, one.age) for one in room.table(table).all()]


def checksum(rows: Iterable[str]) -> str:
    """Return a digest over sorted rows."""
    digest = hashlib.sha256()
    for row in sorted(rows):
        digest.update(row.encode() + b"\n")
    return digest.hexdigest()
