"""Conditions put together by and, or, not: what a caller writes, and what it is over one table.

    where(name="Ada", age=36)      both
    where(...) | where(...)        either
    ~where(...)                    not

A condition is true or false of every record, as in Python and not as in SQL: one on a field that
has no value is false, and its negation true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from strongroom.errors import QueryError
from strongroom.schema.search.normalise import Normaliser
from strongroom.schema.search.operators import OneOf, Operator, operator
from strongroom.schema.table import Field, Table
from strongroom.schema.values import Value

_MOST_CONDITIONS: Final = 200
_MOST_DEPTH: Final = 30


@dataclass(frozen=True, repr=False)
class Where:
    """A condition that is not yet about any table. Its `repr` shows no value."""

    word: str
    parts: tuple[Where, ...] = ()
    asked: tuple[tuple[str, Any], ...] = ()

    __hash__ = None  # type: ignore[assignment]  # what is asked for may be a list

    def __post_init__(self) -> None:
        if self.size > _MOST_CONDITIONS or self.depth > _MOST_DEPTH:
            raise QueryError(
                f"a query has at most {_MOST_CONDITIONS} conditions, nested {_MOST_DEPTH} deep",
                hint="several values of one field: one_of(…)",
            )

    @property
    def size(self) -> int:
        """How many conditions it is made of."""
        return len(self.asked) + sum(part.size for part in self.parts)

    @property
    def depth(self) -> int:
        """How deep they are nested."""
        return 1 + max((part.depth for part in self.parts), default=0)

    def __and__(self, other: Where) -> Where:
        return self._join("and", _where(other))

    def __or__(self, other: Where) -> Where:
        return self._join("or", _where(other))

    def __invert__(self) -> Where:
        return self.parts[0] if self.word == "not" else Where("not", (self,))

    def _join(self, word: str, other: Where) -> Where:
        mine = self.parts if self.word == word else (self,)
        return Where(word, (*mine, *(other.parts if other.word == word else (other,))))

    def __bool__(self) -> bool:
        raise QueryError(
            "a condition is put together by &, | and ~, not by and, or, not",
            hint="for example where(name='Ada') | where(age=36)",
        )

    def __repr__(self) -> str:
        return f"<where {self.word}>"


def where(**conditions: object) -> Where:
    """Return the condition that all of these hold, to be joined by ``&``, ``|`` and ``~``."""
    return Where("fields", asked=tuple(conditions.items()))


def _where(other: object) -> Where:
    if not isinstance(other, Where):
        raise QueryError("only conditions made by where() can be put together")
    return other


@dataclass(frozen=True, repr=False)
class Leaf:
    """One operator on one field of a table."""

    field: Field
    operator: Operator

    def holds(self, value: Value | None, by: Normaliser) -> bool:
        """Say whether a field's value satisfies it."""
        if isinstance(self.operator, OneOf) and self.operator.missing:
            return value is None
        return value is not None and self.operator.holds(self.field, value, by)


@dataclass(frozen=True, repr=False)
class Joined:
    """Conditions of which all, or any, must hold."""

    every: bool
    parts: tuple[Tree, ...]


@dataclass(frozen=True, repr=False)
class Negated:
    """A condition that must not hold."""

    part: Tree


Tree: TypeAlias = Leaf | Joined | Negated


def resolve(table: Table, asked: Mapping[str, object], more: tuple[Where, ...]) -> Joined:
    """Return what is asked of a table: all of the conditions on fields, and all of the others.

    Raises:
        InputError: an unknown field, or a value that the field could never hold.
        QueryError: an operator that makes no sense for its field.
    """
    fields = [_leaf(table, name, one) for name, one in asked.items()]
    return _joined([*fields, *(_tree(table, _where(one)) for one in more)], every=True)


def _tree(table: Table, asked: Where) -> Tree:
    if asked.word == "not":
        return Negated(_tree(table, asked.parts[0]))
    found = [_leaf(table, name, one) for name, one in asked.asked]
    parts = [_tree(table, one) for one in asked.parts]
    return _joined([*found, *parts], every=asked.word != "or")


def _joined(parts: Sequence[Tree], *, every: bool) -> Joined:
    """Join conditions; those that are joined in the same way already become one with them."""
    flat: list[Tree] = []
    for part in parts:
        same = isinstance(part, Joined) and part.every is every
        flat += part.parts if same and isinstance(part, Joined) else [part]
    return Joined(every, tuple(flat))


def _leaf(table: Table, name: str, asked: object) -> Leaf:
    field = table.field(name)
    return Leaf(field, operator(asked).checked(field, f"{table.name}.{name}"))


def leaves(tree: Tree, *, negated: bool = False) -> Iterator[tuple[Leaf, bool]]:
    """Give every leaf, and whether its opposite is asked."""
    if isinstance(tree, Leaf):
        yield tree, negated
    elif isinstance(tree, Negated):
        yield from leaves(tree.part, negated=not negated)
    else:
        for part in tree.parts:
            yield from leaves(part, negated=negated)


def holds(tree: Tree, test: Callable[[Leaf], bool]) -> bool:
    """Say whether a condition is true, given what its leaves are."""
    if isinstance(tree, Leaf):
        return test(tree)
    if isinstance(tree, Negated):
        return not holds(tree.part, test)
    join = all if tree.every else any
    return join(holds(part, test) for part in tree.parts)
