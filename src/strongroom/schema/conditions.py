"""What a query asks of a table: conditions on fields, and one order.

A condition is given to the database where the field is plain, and always checked again on the
opened record: a server may answer with any record that it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from strongroom.errors import QueryError
from strongroom.schema.table import Field, Table
from strongroom.schema.values import Value, encode_plain


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


@dataclass(frozen=True)
class Order:
    """By a plain field and then the key, or by the key alone when `field` is None."""

    field: Field | None = None
    descending: bool = False


BY_KEY = Order()


def conditions(table: Table, asked: Mapping[str, object]) -> tuple[Condition, ...]:
    """Return the conditions that ``find(name=value, …)`` asks.

    Raises:
        InputError: an unknown field, or a value that the field could never hold.
    """
    made = []
    for name, value in asked.items():
        field = table.field(name)
        checked = None if value is None else field.type.check(value, f"{table.name}.{name}")
        made.append(Condition(field, checked))
    return tuple(made)


def order(table: Table, name: str) -> Order:
    """Return the order that ``order_by("age")`` or ``order_by("-age")`` asks.

    Raises:
        QueryError: the field is encrypted: the database cannot order what it cannot read.
    """
    descending = name.startswith("-")
    bare = name.removeprefix("-")
    if any(column.name == bare for column in table.key):
        return Order(None, descending)
    field = table.field(bare)
    if field.encrypted:
        raise QueryError(
            f"{table.name}.{bare} is encrypted, so the database cannot order by it",
            hint="order by a plain field, or sort the records after reading them",
        )
    return Order(field, descending)
