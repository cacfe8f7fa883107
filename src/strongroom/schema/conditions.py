"""Equality of values, as exact as a seal's, and the order that a query asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from strongroom.errors import InputError
from strongroom.schema.table import Field, Table
from strongroom.schema.values import Value, encode_plain

_EXACT: Final = frozenset({str, int, bytes, bool})
"""Types of which two values are equal exactly when their canonical bytes are."""


@dataclass(frozen=True, repr=False)
class Condition:
    """`field` equals `value`, or is NULL when that is None. Its `repr` does not show the value."""

    field: Field
    value: Value | None

    def holds(self, value: Value | None) -> bool:
        """Check an opened value. Equality is by canonical bytes, so 1 is not True."""
        if value is None or self.value is None:
            return value is self.value
        tag = self.field.type.tag
        return encode_plain(tag, value) == encode_plain(tag, self.value)


def equal(
    fields: Sequence[Field], ones: Sequence[Value | None], others: Sequence[Value | None]
) -> bool:
    """Say whether all values of two records are equal, as exactly as `Condition` has it."""
    return all(
        one == other
        if type(one) is type(other) and type(one) in _EXACT
        else Condition(field, one).holds(other)
        for field, one, other in zip(fields, ones, others, strict=True)
    )


@dataclass(frozen=True)
class Order:
    """By a field and then the key, or by the key alone when `field` is None."""

    field: Field | None = None
    descending: bool = False

    @property
    def here(self) -> bool:
        """Whether records are sorted after they were opened: the field is encrypted."""
        return self.field is not None and self.field.encrypted


BY_KEY = Order()


def order(table: Table, name: str) -> Order:
    """Return the order that ``order_by("age")`` or ``order_by("-age")`` asks.

    Raises:
        InputError: there is no such field.
    """
    if type(name) is not str:
        raise InputError("an order is the name of a field, with - in front for descending")
    descending = name.startswith("-")
    bare = name.removeprefix("-")
    if any(column.name == bare for column in table.key):
        return Order(None, descending)
    return Order(table.field(bare), descending)
