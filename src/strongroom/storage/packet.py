"""How much a server takes at once: larger records are refused before it cuts the connection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa

from strongroom.errors import InputError
from strongroom.schema.table import Table
from strongroom.storage.dialect import Dialect
from strongroom.storage.failure import mapped

_PACKET_MARGIN: Final = 65_536


def check_sizes(
    connection: sa.Connection, dialect: Dialect, table: Table, columns: Sequence[Sequence[Any]]
) -> None:
    """Refuse a record that MySQL would cut the connection for.

    Args:
        connection: to the server.
        dialect: of the database.
        table: whose records they are.
        columns: what is written into each, at least one value.

    Raises:
        InputError: a record is too large.
    """
    if dialect.kind != "mysql":
        return
    largest = _largest(connection)
    # As long as all the longest values together.
    if sum(max(map(_length, column)) for column in columns) <= largest // 2:
        return
    for row in zip(*columns, strict=True):
        size = _size(row)
        if size > largest - _PACKET_MARGIN:
            raise InputError(
                f"a record of {table.name} is too large for this server, which takes "
                f"{largest} bytes at once",
                hint="raise max_allowed_packet on the server, or store less in one record",
            )


def in_packets(
    connection: sa.Connection, rows: Sequence[Sequence[Any]]
) -> Iterator[list[Sequence[Any]]]:
    """Divide rows so that one statement for each part is a quarter of what MySQL takes, or one row.

    Nothing but bytes and text takes much room.
    """
    most = _largest(connection) // 4
    part: list[Sequence[Any]] = []
    taken = 0
    for row in rows:
        size = _size(row)
        if part and taken + size > most:
            yield part
            part, taken = [], 0
        part.append(row)
        taken += size
    if part:
        yield part


def _largest(connection: sa.Connection) -> int:
    if "strongroom_packet" not in connection.info:
        with mapped():
            found = connection.exec_driver_sql("SELECT @@max_allowed_packet").scalar_one()
        connection.info["strongroom_packet"] = int(found)
    return int(connection.info["strongroom_packet"])


def _size(values: Iterable[Any]) -> int:
    return sum(map(_length, values))


def _length(value: Any) -> int:  # noqa: ANN401  # any driver type
    if isinstance(value, bytes):
        return len(value) * 2  # the driver sends them in hex
    return len(value) if isinstance(value, str) else 0
