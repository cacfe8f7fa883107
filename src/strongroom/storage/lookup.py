"""Many rows of a table at once, by their keys or by a plain field: what bulk writing asks first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from strongroom.schema.table import Field
from strongroom.storage import plain_values
from strongroom.storage.binding import one_of
from strongroom.storage.direct import fetched
from strongroom.storage.failure import mapped
from strongroom.storage.plain_values import UNREADABLE
from strongroom.storage.row import Row
from strongroom.storage.rows import MOST_KEYS, Rows


def by_keys(
    rows: Rows, connection: sa.Connection, keys: Sequence[tuple[Any, ...]], *, lock: bool
) -> dict[tuple[Any, ...], Row]:
    """Return the rows that have exactly these keys, by key.

    A row that a driver cannot hand over is read alone, as `Rows.get` does.

    Args:
        rows: of the table.
        connection: inside a transaction.
        keys: as their columns' types have them.
        lock: whether nobody else may change these rows until the transaction ends: a batch of
            many would otherwise lose every race against somebody who writes one after the other.
    """
    found: dict[tuple[Any, ...], Row] = {}
    wanted = set(keys)
    for start in range(0, len(keys), MOST_KEYS):
        condition = rows.among(keys[start : start + MOST_KEYS])
        for row in _rows(rows, connection, condition, lock=lock):
            # A database may find another spelling of the key: that is another record.
            if row.key in wanted:
                found[row.key] = row
    return found


def by_field(
    rows: Rows, connection: sa.Connection, field: Field, values: Sequence[Any], *, lock: bool
) -> dict[Any, Row]:
    """Return the rows that have exactly these values in a plain field, by value; none is None.

    The rest is as for `by_keys`.
    """
    found: dict[Any, Row] = {}
    place = rows.table.fields.index(field)
    wanted = set(values)
    for start in range(0, len(values), MOST_KEYS):
        some = values[start : start + MOST_KEYS]
        asked = [plain_values.to_sql(rows.dialect.kind, field, value) for value in some]
        condition = one_of(rows.column(field.name), asked)
        for row in _rows(rows, connection, condition, lock=lock):
            value = row.values[place] if row.values else UNREADABLE
            if value is not UNREADABLE and value in wanted:
                found[value] = row
    return found


def _rows(
    rows: Rows, connection: sa.Connection, condition: sa.ColumnElement[bool], *, lock: bool
) -> Sequence[Row]:
    key = [rows.column(name) for name in rows.table.key_names]
    # In one order, so that two who lock the same rows wait for each other and not in a circle.
    statement = sa.select(rows.sql).where(condition).order_by(*key)
    found = fetched(connection, statement.with_for_update() if lock else statement)
    if found is not None:
        return rows.read(found)
    with mapped():
        keys = connection.execute(statement.with_only_columns(*key)).all()
    alone = (rows.get(connection, rows.key_of(one)) for one in keys)
    return [row for row in alone if row is not None]
