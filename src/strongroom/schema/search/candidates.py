"""Which records a query fetches: all that could meet it, and as few others as possible.

A tree that storage turns into one SQL condition. It never excludes a record that meets the
query; what else it lets through is dropped after the record was opened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from strongroom.schema.search.index import BlindIndex
from strongroom.schema.table import Field


@dataclass(frozen=True, slots=True)
class Everything:
    """Every record."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No record."""


@dataclass(frozen=True, slots=True, repr=False)
class IsValue:
    """Records whose plain field has one of these values, or has not; ``(None,)``: has none."""

    field: Field
    values: tuple[Any, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Lies:
    """Records whose plain field lies between; None leaves a side open."""

    field: Field
    low: Any
    high: Any


@dataclass(frozen=True, slots=True, repr=False)
class HasToken:
    """Records that have one of these tokens in an index.

    Until the tokens are made, which needs a key, `tokens` holds the terms they are made of.
    """

    index: BlindIndex
    tokens: tuple[Any, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Together:
    """Records that every part lets through, or that any does."""

    every: bool
    parts: tuple[Candidates, ...]


Candidates: TypeAlias = Everything | Nothing | IsValue | Lies | HasToken | Together


def together(parts: list[Candidates], *, every: bool) -> Candidates:
    """Join parts, leaving out what changes nothing."""
    neutral, deciding = (Everything, Nothing) if every else (Nothing, Everything)
    if any(isinstance(one, deciding) for one in parts):
        return deciding()
    left = tuple(one for one in parts if not isinstance(one, neutral))
    if not left:
        return neutral()
    return left[0] if len(left) == 1 else Together(every, left)


def with_tokens(
    candidates: Candidates, make: Callable[[HasToken], tuple[bytes, ...]]
) -> Candidates:
    """Return the same tree with tokens in the place of terms."""
    if isinstance(candidates, HasToken):
        return replace(candidates, tokens=make(candidates))
    if isinstance(candidates, Together):
        parts = tuple(with_tokens(one, make) for one in candidates.parts)
        return replace(candidates, parts=parts)
    return candidates
