"""How much a server takes at once: larger records are refused before it cuts the connection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from strongroom.errors import InputError
from strongroom.schema.table import Table
from strongroom.storage.dialect import Dialect
from strongroom.storage.failure import mapped

_PACKET_MARGIN: Final = 65_536


def check_sizes(
    connection: sa.Connection, dialect: Dialect, table: Table, rows: Sequence[Sequence[Any]]
) -> None:
    """Refuse a record, given as its values, that MySQL would cut the connection for."""
    if dialect.kind != "mysql":
        return
    if "strongroom_packet" not in connection.info:
        with mapped():
            found = connection.exec_driver_sql("SELECT @@max_allowed_packet").scalar_one()
        connection.info["strongroom_packet"] = int(found)
    largest = connection.info["strongroom_packet"]
    for row in rows:
        size = sum(len(value) for value in row if isinstance(value, (str, bytes)))
        if size > largest - _PACKET_MARGIN:
            raise InputError(
                f"a record of {table.name} is too large for this server, which takes "
                f"{largest} bytes at once",
                hint="raise max_allowed_packet on the server, or store less in one record",
            )
