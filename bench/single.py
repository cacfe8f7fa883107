"""One record at a time: added, got by its key, found by an encrypted field, beside plaintext."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import sqlalchemy as sa

import strongroom
from bench.core import Core
from bench.page import figure, table
from bench.people import people
from bench.places import NAMES, place
from bench.rounds import SMALL, Taken, turned
from bench.shapes import USERS

_TIMES: Final = 300
_FIRST: Final = 10
"""So many of each do not count: connections are made and statements compiled then."""
_ASKED: Final = {
    "add": dict.fromkeys(NAMES, "1.5"),
    "get": {"sqlite": "2", "mariadb": "1.3", "postgresql": "1.3"},
}
_WHAT: Final = ("add", "add, indexed", "get", "find")
Ask = Callable[[int], Any]


def section() -> Iterator[str]:
    """Give the lines of the section, without its heading."""
    yield (
        f"Medians of {_TIMES} times each in alternation, in a table of {SMALL:,} people, found by "
        "an exact index over the encrypted name; plaintext is SQLAlchemy Core through the same "
        "driver with the same settings and an ordinary index, one commit for each add on both "
        "sides. In brackets what is asked for, at most."
    )
    yield ""
    found = {kind: _measure(kind) for kind in NAMES}
    rows = [
        [NAMES[kind], *(_cell(taken, kind, what) for what in _WHAT)]
        for kind, taken in found.items()
    ]
    yield from table(["strongroom ÷ plaintext", *_WHAT], rows)


def _cell(taken: Taken, kind: str, what: str) -> str:
    asked = _ASKED.get(what)
    ratio = figure(taken.ratio(f"{what} ours", f"{what} core"))
    return ratio if asked is None else f"{ratio} ({asked[kind]})"


def _measure(kind: str) -> Taken:
    with place(kind) as (database, folder):
        room = strongroom.open(
            database.url, f"file:{folder / 'bench.bin'}", password=database.password
        )
        users = room.create_table("users", USERS.fields)
        core = Core(database, {**USERS.columns, "name": sa.String(200)})
        records = USERS.records(SMALL)
        users.add_many(records)
        core.insert(records)
        sides, taken = _sides(users, core), Taken()
        _alternate(taken, "add", sides["add"])
        strongroom.add_index(room, "users", strongroom.Index.exact("name"))
        core.index("name")
        _alternate(taken, "add, indexed", sides["add"])
        _alternate(taken, "get", sides["get"])
        _alternate(taken, "find", sides["find"])
        core.close()
        room.close()
        return taken


def _sides(users: strongroom.Table, core: Core) -> dict[str, tuple[Ask, Ask]]:
    """Return how each thing is asked for on both sides, of a person's number."""
    crowd = list(people(SMALL + _TIMES))
    columns = core.table.c

    def add(number: int) -> None:
        name, age = crowd[SMALL + number % _TIMES]
        with core.write() as connection:
            connection.execute(sa.insert(core.table), {"name": name, "age": age})

    def select(condition: sa.ColumnElement[bool]) -> list[tuple[Any, ...]]:
        with core.read() as connection:
            found = connection.execute(sa.select(core.table).where(condition))
            return [(r.id, r.name, r.age) for r in found]

    def ours(records: Any) -> list[tuple[Any, ...]]:  # noqa: ANN401  # a query or a list
        return [(r.id, r.name, r.age) for r in records]

    def add_ours(number: int) -> None:
        name, age = crowd[SMALL + number % _TIMES]
        users.add(name=name, age=age)

    return {
        "get": (lambda n: ours([users.get(n + 1)]), lambda n: select(columns.id == n + 1)),
        "find": (
            lambda n: ours(users.find(name=crowd[n][0])),
            lambda n: select(columns.name == crowd[n][0]),
        ),
        "add": (add_ours, add),
    }


def _alternate(taken: Taken, what: str, sides: tuple[Ask, Ask]) -> None:
    """Ask both sides about one person after another, and compare what they say."""
    rng = random.Random(what)  # noqa: S311  # the same questions in every run
    named = list(zip(("ours", "core"), sides, strict=True))
    for turn in range(_TIMES + _FIRST):
        number, answers = rng.randrange(SMALL), []
        for side, ask in turned(named, turn):
            began = time.perf_counter()
            answers.append(ask(number))
            if turn >= _FIRST:
                taken.keep(f"{what} {side}", time.perf_counter() - began)
        if answers[0] != answers[1]:
            raise RuntimeError(f"{what}: the answers differ")
