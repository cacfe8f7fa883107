"""People to measure with: made from their number, the same in every run."""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
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


def checksum(path: Path) -> str:
    """Return how many people a CSV file holds, and the SHA-256 of its rows, sorted.

    In a process of its own: a process that is started from a large one counts as large.
    """
    command = [sys.executable, "-m", "bench.people", str(path)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _checksum(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        rows = sorted((row["name"], row["age"]) for row in csv.DictReader(file))
    digest = hashlib.sha256()
    for name, age in rows:
        digest.update(f"{name}\0{age}\n".encode())
    return f"{len(rows)} {digest.hexdigest()}\n"


if __name__ == "__main__":
    sys.stdout.write(_checksum(Path(sys.argv[1])))
