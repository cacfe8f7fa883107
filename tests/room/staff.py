"""A table with three records that tests change the declaration of."""

from __future__ import annotations

from typing import Any

import strongroom
from strongroom import Integer, Text

FIELDS = {
    "name": Text(),
    "email": Text(320, plain=True, unique=True),
    "age": Integer(0, 150, plain=True),
}


def made(room: strongroom.Strongroom) -> strongroom.Table:
    table = room.create_table("staff", FIELDS)
    table.add_many({"name": f"n{n}", "email": f"e{n}", "age": 30 + n} for n in range(3))
    return table


def values(table: strongroom.Table) -> list[dict[str, Any]]:
    return [dict(record) for record in table.all()]
