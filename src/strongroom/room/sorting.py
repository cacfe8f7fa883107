"""Putting records into the order of an encrypted field: here, since the database cannot.

Every record that meets the query is opened first. With a limit no more than a few times as many
are held; without one all of them are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from strongroom.errors import IntegrityError, QueryError
from strongroom.room.fetching import Outcome
from strongroom.room.record import Record
from strongroom.schema.conditions import Order
from strongroom.schema.ranged import Ranged
from strongroom.schema.table import Field, Table
from strongroom.schema.types import Text

_HELD: Final = 1_000


def check_sortable(table: Table, field: Field) -> None:
    """Refuse to sort by a field whose values have no order.

    Raises:
        QueryError: it is one.
    """
    if not isinstance(field.type, (Ranged, Text)):
        raise QueryError(f"{table.name}.{field.name} has no order to sort by")


def in_order(
    found: Iterator[Outcome], by: Order, after: Record | None, limit: int | None
) -> Iterator[Outcome]:
    """Give records in the order of an encrypted field, NULLs last, ties by key; errors first.

    Args:
        found: what meets the query, in the order of the key.
        by: the order.
        after: the record to start behind, or None.
        limit: how many are wanted, or None for all.
    """
    name = "" if by.field is None else by.field.name
    held: list[Record] = []
    for outcome in found:
        if isinstance(outcome, IntegrityError):
            yield outcome
        elif after is None or _follows(outcome, after, name, descending=by.descending):
            held.append(outcome)
        if limit is not None and len(held) > limit + _HELD:
            held = _sorted(held, name, descending=by.descending)[:limit]
    yield from _sorted(held, name, descending=by.descending)[:limit]


def _sorted(held: list[Record], name: str, *, descending: bool) -> list[Record]:
    """Sort by a field, those in the order of the key that are equal."""
    there = [one for one in held if one[name] is not None]
    there.sort(key=lambda one: _comparable(one[name]), reverse=descending)
    return there + [one for one in held if one[name] is None]


def _comparable(value: Any) -> tuple[bool, Any]:  # noqa: ANN401  # of any ordered type
    """Return what a value is sorted by: NaN, which is neither above nor below, above all."""
    is_nan = value != value  # noqa: PLR0124  # true of NaN alone
    return (is_nan, 0 if is_nan else value)


def _follows(one: Record, before: Record, name: str, *, descending: bool) -> bool:
    value, earlier = one[name], before[name]
    if value is None or earlier is None:
        if value is None and earlier is None:
            return bool(one.record_key > before.record_key)
        return value is None
    mine, other = _comparable(value), _comparable(earlier)
    if mine == other:
        return bool(one.record_key > before.record_key)
    return mine < other if descending else mine > other
