"""Where one page of rows ends and the next begins, and whether the database kept to the order.

A database that answers with rows twice or in another order would have records counted twice or
passed over, so every page is checked before anything of it is given out.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, Final

from strongroom.errors import IntegrityError
from strongroom.schema.conditions import Order
from strongroom.schema.table import KeyForm, Table
from strongroom.schema.values import Tag, canonical_json
from strongroom.storage.plain_values import UNREADABLE
from strongroom.storage.row import Row

FIRST_PAGE: Final = 32
_LARGEST_PAGE: Final = 1_000
_PAGE_BYTES: Final = 4 * 1024 * 1024
_SIZED: Final = frozenset({str, bytes})

Cursor = tuple[Any, ...]


def cursor_of(table: Table, by: Order, row: Row) -> Cursor | None:
    """Return what a page behind `row` starts behind, or None if that cannot be read.

    It is the key, or the value of the field ordered by and then the key.
    """
    if UNREADABLE in row.key:
        return None
    if by.field is None:
        return row.key
    value = row.values[table.fields.index(by.field)] if row.values else UNREADABLE
    return None if value is UNREADABLE else (value, *row.key)


def check_order(table: Table, by: Order, rows: list[Row], before: Cursor | None) -> None:
    """Refuse rows that do not follow each other, and the page before, strictly.

    Raises:
        IntegrityError: the database gave a row twice or out of order.
    """
    if _is_plainly_ordered(table, by, rows, before):
        return
    for row in rows:
        cursor = cursor_of(table, by, row)
        if cursor is None:
            continue  # its record will not open
        try:
            follows = before is None or _follows(table, by, cursor, before)
        except TypeError:
            follows = False
        if not follows:
            raise IntegrityError(f"the database gave rows of {table.name} twice or out of order")
        before = cursor


def _is_plainly_ordered(table: Table, by: Order, rows: list[Row], before: Cursor | None) -> bool:
    """Say whether rows by key follow as Python orders keys; if not, there may be a reason."""
    if by.field is not None or any(one.form is KeyForm.COLLATED for one in table.key):
        return False
    keys = [row.key for row in rows]
    earlier = keys[:-1] if before is None else [before, *keys[:-1]]
    later = keys[1:] if before is None else keys
    try:
        return all(map(operator.lt if by.descending else operator.gt, later, earlier))
    except TypeError:
        return False


def _follows(table: Table, by: Order, cursor: Cursor, before: Cursor) -> bool:
    if by.field is None:
        return _key_follows(table, cursor, before, descending=by.descending)
    (value, *key), (earlier, *earlier_key) = cursor, before
    if (value is None) is not (earlier is None):
        return value is None  # NULLs come last, whichever the direction
    if by.field.type.tag is Tag.JSON and value is not None:
        value, earlier = canonical_json(value), canonical_json(earlier)
    if value == earlier:
        return _key_follows(table, tuple(key), tuple(earlier_key), descending=False)
    return bool(value < earlier if by.descending else value > earlier)


def _key_follows(table: Table, key: Cursor, before: Cursor, *, descending: bool) -> bool:
    """Compare two keys as the database orders them.

    Where it has an order of its own for text, only that no key comes twice in a row can be told.
    """
    for column, part, earlier in zip(table.key, key, before, strict=True):
        if part == earlier:
            continue
        if column.form is KeyForm.COLLATED:
            return True
        return bool(part < earlier if descending else part > earlier)
    return False


def next_start(
    table: Table, by: Order, rows: list[Row], seen: set[Cursor]
) -> tuple[Cursor, set[Cursor]]:
    """Return where the next page starts, and the keys that come again in it.

    Behind a value that cannot be read no page can start: it starts behind the last one that can,
    and what comes again is to be passed over.

    Raises:
        IntegrityError: no row of the page can be started behind.
    """
    for number in range(len(rows) - 1, -1, -1):
        cursor = cursor_of(table, by, rows[number])
        if cursor is not None and rows[number].key not in seen:
            return cursor, {later.key for later in rows[number + 1 :]}
    raise IntegrityError(f"{table.name} cannot be read on in this order: too much was changed")


def next_size(rows: Sequence[Sequence[Any]]) -> int:
    """Return how many rows come to about 4 MiB, judging by the values of these, growing slowly."""
    if not rows:
        return FIRST_PAGE
    taken = sum([len(value) for row in rows for value in row if type(value) in _SIZED])
    average = max(1, taken // len(rows))
    return max(1, min(_LARGEST_PAGE, _PAGE_BYTES // average, len(rows) * 2))
