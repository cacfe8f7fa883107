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
from strongroom.schema.table import Field, KeyForm, Table
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
    behind = None if after is None else _Behind(after, name, descending=by.descending)
    held: list[Record] = []
    for outcome in found:
        if isinstance(outcome, IntegrityError):
            yield outcome
        elif behind is None or behind.holds(outcome):
            held.append(outcome)
        if limit is not None and len(held) > limit + _HELD:
            held = _sorted(held, name, descending=by.descending)[:limit]
    if behind is not None:
        behind.check_seen()
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


class _Behind:
    """Tells which records come behind another, of a stream in the order of the key.

    A key may have an order that only the database knows: then those of the same value are behind
    it that come later in the stream.
    """

    def __init__(self, before: Record, name: str, *, descending: bool) -> None:
        self._before = before
        self._name = name
        self._descending = descending
        self._collated = any(one.form is KeyForm.COLLATED for one in before.record_table.key)
        self._seen = False

    def holds(self, one: Record) -> bool:
        """Say whether a record, the next of the stream, comes behind it."""
        if one.record_key == self._before.record_key:
            self._seen = True
            return False
        value, earlier = one[self._name], self._before[self._name]
        if value is None or earlier is None:
            return self._ties(one) if value is earlier else value is None
        mine, other = _comparable(value), _comparable(earlier)
        if mine == other:
            return self._ties(one)
        return mine < other if self._descending else mine > other

    def _ties(self, one: Record) -> bool:
        if self._collated:
            return self._seen
        return bool(one.record_key > self._before.record_key)

    def check_seen(self) -> None:
        """Refuse to go on behind a record that is gone, where its place cannot be told.

        Raises:
            QueryError: it is, or it does not meet the query.
        """
        if self._collated and not self._seen:
            raise QueryError("the record to start behind is not among those that meet the query")
