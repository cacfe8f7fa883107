"""Adopting a plaintext table beside one plain UPDATE of the same rows."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import islice

from bench.command import Run, strongroom
from bench.people import people
from bench.places import place
from tests.jobs.someone import fill, make_users

_AT_ONCE = 10_000
_TEXT = {
    "sqlite": "TEXT",
    "mariadb": "TEXT CHARACTER SET utf8mb4",
    "postgresql": "TEXT",
}
_UPDATE = {
    "sqlite": "UPDATE users SET name = name || ' '",
    "mariadb": "UPDATE users SET name = CONCAT(name, ' ')",
    "postgresql": "UPDATE users SET name = name || ' '",
}


@dataclass(frozen=True)
class Adopted:
    """What adopting so many rows took, and what one UPDATE of them took."""

    kind: str
    count: int
    adopted: Run
    update: float


def measure(kind: str, count: int) -> Adopted:
    """Adopt a table of `count` people."""
    with place(kind) as (database, folder):
        make_users(database, _TEXT[kind])
        crowd = people(count)
        while some := list(islice(crowd, _AT_ONCE)):
            fill(database, some)
        strongroom(database, folder, "init")
        began = time.perf_counter()
        database.execute(_UPDATE[kind])
        update = time.perf_counter() - began
        adopted = strongroom(
            database, folder, "adopt", "users", "--encrypt", "name", "--seal", "age", "--quiet"
        )
        return Adopted(kind, count, adopted, update)
