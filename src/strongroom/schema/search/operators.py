"""What can be asked of one field: that it has a value, begins so, contains this, lies between.

Each operator says two things: which values satisfy it, in plain Python, and which kind of index
could find them. What a query gives out was always compared here, on the opened record.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from strongroom.errors import QueryError
from strongroom.schema.ranged import Ranged
from strongroom.schema.search.index import Kind
from strongroom.schema.search.normalise import Normaliser, normalise, normaliser_called
from strongroom.schema.search.words import words as words_of
from strongroom.schema.table import Field
from strongroom.schema.types import Text
from strongroom.schema.values import Value, encode_plain

_MOST_VALUES: Final = 500


@dataclass(frozen=True, repr=False)
class Operator(ABC):
    """A test of one field's value. Its `repr` shows nothing of what is looked for."""

    word: ClassVar[str]
    """How it is called on the command line and in explanations."""
    answered_by: ClassVar[tuple[Kind, ...]]

    @property
    def wanted(self) -> Normaliser | None:
        """Which normaliser the caller named, or None for that of the index that answers."""
        return None

    @abstractmethod
    def checked(self, field: Field, where: str) -> Operator:
        """Return the operator with its values as the field would store them.

        Raises:
            InputError: a value that the field could never hold.
            QueryError: it makes no sense for a field of this type.
        """

    @abstractmethod
    def holds(self, field: Field, value: Value, by: Normaliser) -> bool:
        """Say whether a value of a field satisfies it, compared under a normaliser."""

    def __repr__(self) -> str:
        return f"<{self.word}>"


@dataclass(frozen=True, repr=False)
class OneOf(Operator):
    """The value is one of these, by its canonical bytes: 1 is not True, 0.0 is not -0.0."""

    word: ClassVar[str] = "is"
    answered_by: ClassVar[tuple[Kind, ...]] = (Kind.EXACT,)

    values: tuple[Any, ...]

    def checked(self, field: Field, where: str) -> OneOf:
        """Return it with each value as the field would store it."""
        if not 1 <= len(self.values) <= _MOST_VALUES:
            raise QueryError(f"{where}: one_of takes 1 to {_MOST_VALUES} values")
        if any(value is None for value in self.values) and len(self.values) > 1:
            raise QueryError(f"{where}: no value is a condition of its own, not one of several")
        kept = (None if one is None else field.type.check(one, where) for one in self.values)
        return OneOf(tuple(kept))

    @property
    def missing(self) -> bool:
        """Whether it asks for records without a value."""
        return self.values == (None,)

    def holds(self, field: Field, value: Value, by: Normaliser) -> bool:
        """Say whether the value is one of these."""
        del by  # a value is asked for as it is
        tag = field.type.tag
        found = encode_plain(tag, value)
        return any(encode_plain(tag, one) == found for one in self.values if one is not None)


@dataclass(frozen=True, repr=False)
class OfText(Operator):
    """A test of a text under a normaliser."""

    text: Any
    normaliser: str | None = None

    @property
    def wanted(self) -> Normaliser | None:
        """The normaliser that the caller named."""
        return None if self.normaliser is None else normaliser_called(self.normaliser)

    def checked(self, field: Field, where: str) -> Operator:
        """Return it as it is, for a field of texts."""
        if not isinstance(field.type, Text):
            raise QueryError(f"{where} is no text: {self.word} is asked of texts only")
        Text().check(self.text, where)
        _ = self.wanted  # an unknown one is refused before anything is read
        return self

    def holds(self, field: Field, value: Value, by: Normaliser) -> bool:
        """Compare under the normaliser."""
        del field
        return isinstance(value, str) and self._matches(
            normalise(by, value), normalise(by, self.text)
        )

    def nothing(self, by: Normaliser) -> bool:
        """Say whether a normaliser leaves nothing to look for: then every text would match."""
        return not normalise(by, self.text)

    @abstractmethod
    def _matches(self, value: str, needle: str) -> bool:
        """Compare two normalised texts."""


@dataclass(frozen=True, repr=False)
class Alike(OfText):
    """The text is the same under the index's normaliser: in capitals or not, for example."""

    word: ClassVar[str] = "alike"
    answered_by: ClassVar[tuple[Kind, ...]] = (Kind.EXACT,)

    def _matches(self, value: str, needle: str) -> bool:
        return value == needle


@dataclass(frozen=True, repr=False)
class Prefix(OfText):
    """The text begins so."""

    word: ClassVar[str] = "prefix"
    answered_by: ClassVar[tuple[Kind, ...]] = (Kind.PREFIX,)

    def _matches(self, value: str, needle: str) -> bool:
        return value.startswith(needle)


@dataclass(frozen=True, repr=False)
class Words(OfText):
    """The text has all of these words, in any order."""

    word: ClassVar[str] = "words"
    answered_by: ClassVar[tuple[Kind, ...]] = (Kind.WORDS,)

    def _matches(self, value: str, needle: str) -> bool:
        return set(words_of(needle)) <= set(words_of(value))

    def nothing(self, by: Normaliser) -> bool:
        """Say whether there is no word to look for."""
        return not words_of(normalise(by, self.text))


@dataclass(frozen=True, repr=False)
class Contains(OfText):
    """The text has this somewhere in it."""

    word: ClassVar[str] = "contains"
    answered_by: ClassVar[tuple[Kind, ...]] = (Kind.TRIGRAM,)

    def _matches(self, value: str, needle: str) -> bool:
        return needle in value


@dataclass(frozen=True, repr=False)
class Between(Operator):
    """The value is neither below the one nor above the other; None leaves a side open."""

    word: ClassVar[str] = "between"
    answered_by: ClassVar[tuple[Kind, ...]] = (Kind.RANGE,)

    low: Any
    high: Any

    def checked(self, field: Field, where: str) -> Between:
        """Return it with both values as a field of that type would store them."""
        declared = field.type
        if isinstance(declared, Ranged):
            # Whoever asks need not know the field's limits, but the type has to be right.
            declared = replace(declared, minimum=None, maximum=None)
        elif isinstance(declared, Text):
            declared = Text()
        else:
            raise QueryError(f"{where} has no order: between makes no sense there")
        if self.low is None and self.high is None:
            raise QueryError(f"{where}: between needs a least or a greatest value")
        bounds = (
            None if one is None else declared.check(one, where) for one in (self.low, self.high)
        )
        return Between(*bounds)

    @property
    def empty(self) -> bool:
        """Whether nothing can lie between, since the least value is above the greatest."""
        return self.low is not None and self.high is not None and bool(self.low > self.high)

    def holds(self, field: Field, value: Any, by: Normaliser) -> bool:  # noqa: ANN401
        """Compare with both."""
        del field, by
        # Said so that NaN lies nowhere.
        return (self.low is None or bool(value >= self.low)) and (
            self.high is None or bool(value <= self.high)
        )


def one_of(*values: object) -> OneOf:
    """Ask for records whose field has one of these values."""
    return OneOf(values)


def alike(text: str, normaliser: str | None = None) -> Alike:
    """Ask for texts that are the same but for what a normaliser takes away.

    Args:
        text: what to compare with.
        normaliser: which one; None: that of the field's exact index.
    """
    return Alike(text, normaliser)


def prefix(text: str, normaliser: str | None = None) -> Prefix:
    """Ask for texts that begin so.

    Args:
        text: how they begin.
        normaliser: under which to compare; None: that of the field's prefix index.
    """
    return Prefix(text, normaliser)


def words(text: str, normaliser: str | None = None) -> Words:
    """Ask for texts that have all of these words, in any order.

    Args:
        text: one or more words.
        normaliser: under which to compare; None: that of the field's words index.
    """
    return Words(text, normaliser)


def contains(text: str, normaliser: str | None = None) -> Contains:
    """Ask for texts that have this somewhere in them.

    Args:
        text: three characters or more.
        normaliser: under which to compare; None: that of the field's trigram index.
    """
    return Contains(text, normaliser)


def between(low: object = None, high: object = None) -> Between:
    """Ask for values from `low` to `high`, both included; None leaves a side open."""
    return Between(low, high)


def operator(asked: object) -> Operator:
    """Return what ``find(field=asked)`` asks: an operator as it is, a value for itself."""
    return asked if isinstance(asked, Operator) else OneOf((asked,))
