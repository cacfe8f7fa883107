"""People to measure with: made from their number, the same in every run."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path

FIRST = ("Ada", "Grace", "Mary", "Żaneta", "José", "李", "Annie", 'Anne "Nan"', "Søren", "Zoë, Dr")
LAST = ("Lovelace", "Hopper", "Somerville", "Ólafsdóttir", "O'Neil", "Müller", "Easley", "Çelik")


def people(count: int) -> Iterator[tuple[str, int]]:
    """Give names of about 25 bytes and ages."""
    for number in range(count):
        first, last = FIRST[number % len(FIRST)], LAST[number // 7 % len(LAST)]
        yield f"{first} {last} {number:07d}", number * 31 % 100


def write_csv(path: Path, count: int) -> None:
    """Write them as a spreadsheet would."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("name", "age"))
        writer.writerows(people(count))


def checksum(path: Path) -> tuple[int, str]:
    """Return how many people a CSV file holds, and the SHA-256 of its rows, sorted."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = sorted((row["name"], row["age"]) for row in csv.DictReader(file))
    digest = hashlib.sha256()
    for name, age in rows:
        digest.update(f"{name}\0{age}\n".encode())
    return len(rows), digest.hexdigest()
