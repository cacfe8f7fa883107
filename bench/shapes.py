"""The tables that bulk work is measured on, once as strongroom declares them and once in plain."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from bench.people import people
from strongroom import Integer, Text

_LARGE_BYTES: Final = 10_000
_TEXTS: Final = ("name", "email", "phone", "street", "city", "note")
_NUMBERS: Final = ("age", "visits", "points", "ward", "floor", "level")


@dataclass(frozen=True)
class Shape:
    """One table.

    Attributes:
        name: in a few words.
        fields: as strongroom declares them.
        columns: as SQLAlchemy declares them.
        records: makes so many of them.
        changed: the encrypted field that updates write.
    """

    name: str
    fields: Mapping[str, Any]
    columns: Mapping[str, Any]
    records: Callable[[int], list[dict[str, object]]]
    changed: str


def _users(count: int) -> list[dict[str, object]]:
    return [{"name": name, "age": age} for name, age in people(count)]


def _wide(count: int) -> list[dict[str, object]]:
    return [
        {one: f"{name} {at}" for at, one in enumerate(_TEXTS)}
        | {one: age + at for at, one in enumerate(_NUMBERS)}
        for name, age in people(count)
    ]


def _large(count: int) -> list[dict[str, object]]:
    rng = random.Random(1)  # noqa: S311  # the same ones in every run
    return [{"text": rng.randbytes(_LARGE_BYTES // 2).hex()} for _ in range(count)]


USERS: Final = Shape(
    "users: 1 encrypted, 1 plain",
    {"name": Text(), "age": Integer(plain=True)},
    {"name": sa.Text(), "age": sa.Integer()},
    _users,
    "name",
)
WIDE: Final = Shape(
    "6 encrypted, 6 plain",
    {one: Text() for one in _TEXTS} | {one: Integer(plain=True) for one in _NUMBERS},
    {one: sa.Text() for one in _TEXTS} | {one: sa.Integer() for one in _NUMBERS},
    _wide,
    "name",
)
LARGE: Final = Shape("1 encrypted of 10 kB", {"text": Text()}, {"text": sa.Text()}, _large, "text")
