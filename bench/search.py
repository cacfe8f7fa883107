"""Finding records by encrypted fields, beside the same query on plaintext columns with SQL indexes.

Both sides return whole records, through the same driver and SQLAlchemy Core, in alternation; every
answer is compared. What is given is the median of each side, and the ratio of the two.
"""

from __future__ import annotations

import datetime as dt
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import strongroom
from bench.places import place
from bench.plain import DAYS, LIMIT, Person, Plain, someone
from tests.servers.database import Database

QUERIES = 60
_BATCH = 2_000
MOST_TRIGRAMS = 100_000
"""With more people a trigram index is left out: 28 tokens each are gigabytes and half an hour."""
INDEXES = (
    strongroom.Index.exact("name"),
    strongroom.Index.prefix("name", lengths=(3, 6, 9)),
    strongroom.Index.words("name"),
    strongroom.Index.trigram("name"),
    strongroom.Index.range("born", minimum=dt.date(1900, 1, 1), maximum=dt.date(2049, 12, 31)),
)


@dataclass
class Found:
    """What one database did with so many people.

    Attributes:
        kind: of the database.
        count: how many people.
        ratios: for each kind of search, median ÷ median of plaintext.
        ours: for each kind of search, our median in milliseconds.
        added: for each kind of index, how many bytes it added to a record, where that can be told.
    """

    kind: str
    count: int
    ratios: dict[str, float] = field(default_factory=dict)
    ours: dict[str, float] = field(default_factory=dict)
    added: dict[str, float] = field(default_factory=dict)


def measure(kind: str, count: int) -> Found:
    """Store `count` people in both ways, and ask both."""
    with place(kind) as (database, folder):
        found = Found(kind, count)
        room = strongroom.open(
            database.url, f"file:{folder / 'bench.bin'}", password=database.password
        )
        people = room.create_table("people", {"name": strongroom.Text(), "born": strongroom.Date()})
        crowd = (dict(zip(("name", "born"), someone(n), strict=True)) for n in range(count))
        people.add_many(crowd, batch=_BATCH)
        plain = Plain(database, count)
        kept = [one for one in INDEXES if count <= MOST_TRIGRAMS or one.kind != "trigram"]
        for index in kept:
            before = _bytes(database)
            strongroom.add_index(room, "people", index)
            found.added[index.kind] = (_bytes(database) - before) / count
        plain.analyze(room)
        for name, (ours, theirs) in _searches(people, plain, count).items():
            if count <= MOST_TRIGRAMS or name != "contains":
                _compare(found, name, ours, theirs)
        plain.close()
        room.close()
        return found


Ask = Callable[[int], list[Person]]


def _searches(people: strongroom.Table, plain: Plain, count: int) -> dict[str, tuple[Ask, Ask]]:
    """Return how each kind of search is asked, of a person's number, on both sides."""

    def ours(make: Callable[[str, dt.date], dict[str, Any]], limit: int | None) -> Ask:
        def ask(number: int) -> list[Person]:
            query = people.find(**make(*someone(number)))
            query = query if limit is None else query.limit(limit)
            return [(one.id, one.name, one.born) for one in query]

        return ask

    window = dt.timedelta(days=max(1, DAYS * LIMIT // count // 2))
    return {
        "exact": (ours(lambda name, _: {"name": name}, None), plain.exact),
        "prefix": (
            ours(lambda name, _: {"name": strongroom.prefix(name[:9])}, LIMIT),
            plain.prefix,
        ),
        "words": (
            ours(lambda name, _: {"name": strongroom.words(name.split()[1])}, LIMIT),
            plain.words,
        ),
        "contains": (
            ours(lambda name, _: {"name": strongroom.contains(name[6:14])}, LIMIT),
            plain.contains,
        ),
        "range": (
            ours(lambda _, born: {"born": strongroom.between(born, born + window)}, LIMIT),
            lambda number: plain.between(number, window),
        ),
    }


def _compare(found: Found, name: str, ours: Ask, theirs: Ask) -> None:
    """Ask both sides in alternation, and keep the medians."""
    rng = random.Random(name)  # noqa: S311  # the same questions in every run
    numbers = [rng.randrange(found.count) for _ in range(QUERIES + 3)]
    taken: tuple[list[float], list[float]] = ([], [])
    for number in numbers:
        answers = []
        for side, ask in enumerate((ours, theirs)):
            began = time.perf_counter()
            answers.append(ask(number))
            taken[side].append(time.perf_counter() - began)
        if answers[0] != answers[1] or not answers[0]:
            raise RuntimeError(f"{name} on {found.kind}: the answers differ")
    mine, other = (statistics.median(one[3:]) for one in taken)  # the first ones compile
    found.ratios[name] = mine / other
    found.ours[name] = mine * 1_000


def _bytes(database: Database) -> float:
    """Return how large the database is, in bytes."""
    if database.kind == "sqlite":
        [(pages,)] = database.execute("PRAGMA page_count")
        [(size,)] = database.execute("PRAGMA page_size")
        return float(pages * size)
    if database.kind == "postgresql":
        [(size,)] = database.execute("SELECT pg_database_size(current_database())")
        return float(size)
    [(size,)] = database.execute(
        "SELECT SUM(file_size) FROM information_schema.innodb_sys_tablespaces "
        "WHERE name LIKE CONCAT(DATABASE(), '/%')"
    )
    return float(size)
