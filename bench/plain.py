"""The same people in plaintext, with ordinary SQL indexes: what a search is measured beside."""

from __future__ import annotations

import datetime as dt
import random
import time
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

import strongroom
from strongroom.storage.connect import Database as Place
from tests.servers.database import Database

LIMIT: Final = 20
DAYS: Final = 28_000
_BATCH: Final = 2_000
_FIRST: Final = dt.date(1930, 1, 1)
_CONSONANTS: Final = "bcdfghjklmnprstvwz"
_VOWELS: Final = "aeiou"
_MARIADB_TEXT: Final = "VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
_TEXT: Final = {
    "sqlite": "TEXT",
    "mariadb": _MARIADB_TEXT,
    "postgresql": 'TEXT COLLATE "C"',
}
_UPDATE: Final = {
    "sqlite": "UPDATE plain SET spare = name || 'x'",
    "mariadb": "UPDATE plain SET spare = CONCAT(name, 'x')",
    "postgresql": "UPDATE plain SET spare = name || 'x'",
}
Person = tuple[int, str, dt.date]


def someone(number: int) -> tuple[str, dt.date]:
    """Return the name, of about 25 characters, and the birthday of a person."""
    rng = random.Random(number)  # noqa: S311  # the same people in every run
    words = [
        "".join(rng.choice(_CONSONANTS) + rng.choice(_VOWELS) for _ in range(size)).capitalize()
        for size in (2, 3, 5)
    ]
    return " ".join(words), _FIRST + dt.timedelta(days=rng.randrange(DAYS))


class Plain:
    """The same people in plaintext, with ordinary indexes: for words a table of them."""

    def __init__(self, database: Database, count: int) -> None:
        self._kind = database.kind
        self._place = Place.open(database.url, password=database.password)
        text = _TEXT[database.kind]
        texts: list[sa.ColumnClause[str]] = [
            sa.column(one) for one in ("id", "name", "folded", "spare")
        ]
        self._people = sa.table("plain", *texts, sa.column("born", sa.Date()))
        self._words = sa.table("plain_words", sa.column("word"), sa.column("id"))
        columns = f"name {text}, folded {text}, spare {text}, born DATE"
        self._run(f"CREATE TABLE plain (id BIGINT PRIMARY KEY, {columns})")
        self._run(f"CREATE TABLE plain_words (word {text}, id BIGINT, PRIMARY KEY (word, id))")
        for first in range(0, count, _BATCH):
            self._insert([(n + 1, *someone(n)) for n in range(first, min(first + _BATCH, count))])
        for column in ("name", "folded", "born"):
            self._run(f"CREATE INDEX plain_{column} ON plain ({column})")

    def _insert(self, rows: Sequence[Person]) -> None:
        people = [
            {"id": one, "name": name, "folded": name.casefold(), "born": born}
            for one, name, born in rows
        ]
        words = {(word, one) for one, name, _ in rows for word in name.casefold().split()}
        with self._place.write() as connection:
            connection.execute(sa.insert(self._people), people)
            found = [{"word": word, "id": one} for word, one in sorted(words)]
            connection.execute(sa.insert(self._words), found)
            connection.commit()

    def update(self) -> float:
        """Return how many seconds it takes to write a column of every row anew."""
        began = time.perf_counter()
        self._run(_UPDATE[self._kind])
        return time.perf_counter() - began

    def update_each(self, count: int) -> float:
        """Return how many seconds it takes to write so many values, one by one by their key."""
        people = self._people
        statement = sa.update(people).where(people.c.id == sa.bindparam("of"))
        values = [{"of": n + 1, "to": f"{someone(n)[0]}y"} for n in range(count)]
        began = time.perf_counter()
        with self._place.write() as connection:
            connection.execute(statement.values(spare=sa.bindparam("to")), values)
        return time.perf_counter() - began

    def analyze(self, room: strongroom.Strongroom) -> None:
        """Let the database count what it plans by, on both sides."""
        tables = ["plain", "plain_words", "people"]
        tables += [one.place for one in room.table("people").indexes if one.kind.beside]
        for table in tables:
            self._run(f"ANALYZE {'TABLE ' if self._kind == 'mariadb' else ''}{table}")

    def exact(self, number: int) -> list[Person]:
        """Find by the whole name."""
        return self._select(self._people.c.name == someone(number)[0], None)

    def prefix(self, number: int) -> list[Person]:
        """Find by how the name begins, in capitals or not."""
        start = someone(number)[0][:9].casefold()
        folded = self._people.c.folded
        return self._select(sa.and_(folded >= start, folded < start + "\U0010ffff"), LIMIT)

    def words(self, number: int) -> list[Person]:
        """Find by one word."""
        word = someone(number)[0].split()[1].casefold()
        chosen = sa.select(self._words.c.id).where(self._words.c.word == word)
        return self._select(self._people.c.id.in_(chosen), LIMIT)

    def contains(self, number: int) -> list[Person]:
        """Find by a part, which no ordinary index helps with."""
        part = someone(number)[0][6:14].strip().casefold()
        return self._select(self._people.c.folded.contains(part), LIMIT)

    def between(self, number: int, window: dt.timedelta) -> list[Person]:
        """Find by a range of days."""
        born, column = someone(number)[1], self._people.c.born
        return self._select(sa.and_(column >= born, column <= born + window), LIMIT)

    def _select(self, condition: sa.ColumnElement[bool], limit: int | None) -> list[Person]:
        people = self._people
        statement = sa.select(people.c.id, people.c.name, people.c.born).where(condition)
        statement = statement.order_by(people.c.id).limit(limit)
        with self._place.read() as connection:
            return [(one, name, born) for one, name, born in connection.execute(statement)]

    def _run(self, statement: str) -> None:
        with self._place.write() as connection:
            connection.exec_driver_sql(statement)
            connection.commit()

    def close(self) -> None:
        """Close the connections."""
        self._place.close()
