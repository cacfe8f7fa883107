"""What each search should answer, in plain Python over a list of people: no index, no planner.

Of the product it uses the normal forms of texts and their words alone, which have exhaustive tests
of their own. A condition is true or false of every person: one on a field without a value is false.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from strongroom.schema.search.normalise import normalise, normaliser_called
from strongroom.schema.search.words import words
from tests.search.people import Person


class Condition(ABC):
    """What is asked of a person."""

    @abstractmethod
    def holds(self, person: Person) -> bool:
        """Say whether it is true of a person."""


@dataclass(frozen=True)
class OfField(Condition):
    field: str


@dataclass(frozen=True)
class Equal(OfField):
    value: Any

    def holds(self, person: Person) -> bool:
        return same(person[self.field], self.value)


@dataclass(frozen=True)
class OneOf(OfField):
    values: tuple[Any, ...]

    def holds(self, person: Person) -> bool:
        return any(same(person[self.field], one) for one in self.values)


@dataclass(frozen=True)
class Missing(OfField):
    def holds(self, person: Person) -> bool:
        return person[self.field] is None


@dataclass(frozen=True)
class Between(OfField):
    low: Any
    high: Any

    def holds(self, person: Person) -> bool:
        value = person[self.field]
        if value is None or (self.low is not None and value < self.low):
            return False
        return self.high is None or bool(value <= self.high)


@dataclass(frozen=True)
class OfText(OfField):
    """A text compared under a normaliser, both sides of it."""

    text: str
    normaliser: str

    def holds(self, person: Person) -> bool:
        value = person[self.field]
        if value is None:
            return False
        return self.matches(
            normal_form(self.normaliser, value), normal_form(self.normaliser, self.text)
        )

    @abstractmethod
    def matches(self, value: str, needle: str) -> bool:
        """Compare two normal forms."""


@dataclass(frozen=True)
class Alike(OfText):
    def matches(self, value: str, needle: str) -> bool:
        return value == needle


@dataclass(frozen=True)
class Begins(OfText):
    def matches(self, value: str, needle: str) -> bool:
        return value[: len(needle)] == needle


@dataclass(frozen=True)
class HasWords(OfText):
    def matches(self, value: str, needle: str) -> bool:
        return words_of(needle) <= words_of(value)


@dataclass(frozen=True)
class Contains(OfText):
    def matches(self, value: str, needle: str) -> bool:
        return value.find(needle) >= 0


@dataclass(frozen=True)
class All(Condition):
    parts: tuple[Condition, ...]

    def holds(self, person: Person) -> bool:
        return all(one.holds(person) for one in self.parts)


@dataclass(frozen=True)
class Some(Condition):
    parts: tuple[Condition, ...]

    def holds(self, person: Person) -> bool:
        return any(one.holds(person) for one in self.parts)


@dataclass(frozen=True)
class Not(Condition):
    part: Condition

    def holds(self, person: Person) -> bool:
        return not self.part.holds(person)


def same(one: object, other: object) -> bool:
    """Say whether two values are the same, as exactly as they are stored: 1.0 is not 1.00."""
    return one is not None and type(one) is type(other) and exactly(one) == exactly(other)


def exactly(value: object) -> object:
    """Return a value so that `==` tells apart what is stored differently."""
    if isinstance(value, Decimal):
        return value.as_tuple()
    return value.isoformat() if isinstance(value, dt.datetime) else value


@lru_cache(maxsize=1 << 20)
def normal_form(normaliser: str, text: str) -> str:
    return normalise(normaliser_called(normaliser), text)


@lru_cache(maxsize=1 << 20)
def words_of(text: str) -> frozenset[str]:
    return frozenset(words(text))


class Model:
    """People, and the answers to every question about them."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.people = {one["id"]: one for one in sorted(people, key=lambda one: one["id"])}
        self._ordered: dict[str, list[int]] = {}

    def answer(
        self,
        asked: Condition,
        order: str = "id",
        *,
        after: int | None = None,
        limit: int | None = None,
    ) -> list[int]:
        """Return the keys of those of whom a condition is true.

        Args:
            asked: the condition.
            order: a field, or ``-`` and a field for the greatest first. Who has no value there
                comes last either way, and of equals the one with the lower key first.
            after: only those who come behind the one of this key, met or not.
            limit: how many at most.
        """
        ranked = self._by(order)
        behind = ranked if after is None else ranked[ranked.index(after) + 1 :]
        return [key for key in behind if asked.holds(self.people[key])][:limit]

    def _by(self, order: str) -> list[int]:
        if order not in self._ordered:
            self._ordered[order] = self._sorted(order)
        return self._ordered[order]

    def _sorted(self, order: str) -> list[int]:
        field, downwards = order.removeprefix("-"), order.startswith("-")
        value: Callable[[int], Any] = lambda key: self.people[key][field]  # noqa: E731
        given = [key for key in self.people if value(key) is not None]
        nothing = [key for key in self.people if value(key) is None]
        # A stable sort: reversed, it leaves equals in the order in which they stood.
        return sorted(given, key=value, reverse=downwards) + nothing
