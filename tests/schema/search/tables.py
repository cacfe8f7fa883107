"""A table with indexes of every kind, to plan queries and make terms over: no database needed."""

from __future__ import annotations

import datetime as dt

from strongroom.schema.catalogue import Catalogue
from strongroom.schema.search.declaration import Index
from strongroom.schema.search.index import BlindIndex
from strongroom.schema.search.making import activated, added, blind_index
from strongroom.schema.table import Table
from strongroom.schema.types import Boolean, Date, FieldType, Integer, Text

FIELDS: dict[str, FieldType] = {
    "name": Text(optional=True),
    "email": Text(),
    "born": Date(optional=True),
    "smoker": Boolean(optional=True),
    "ward": Integer(),
    "age": Integer(plain=True, optional=True),
    "city": Text(plain=True, optional=True),
}
INDEXES = (
    Index.exact("name"),
    Index.exact("name", normaliser="folded", name="name_folded"),
    Index.exact("email", normaliser="email", unique=True),
    Index.prefix("name", lengths=(2, 4)),
    Index.words("name"),
    Index.trigram("name"),
    Index.range("born", minimum=dt.date(1900, 1, 1), maximum=dt.date(1999, 12, 31), fanout=4),
    Index.compound("ward", "smoker", bits=20, partitions=3),
)


def people(**fields: FieldType) -> Table:
    """Return the table without an index, with these fields or those above."""
    return Catalogue().with_table("people", fields or FIELDS).table("people")


def with_index(table: Table, declared: Index, *, active: bool = True, rows: int = 0) -> Table:
    """Return the table with one more index; its ids count up."""
    number = 1_000 + 2 * len(table.indexes)
    made = blind_index(table, declared, index_id=number, key_id=7, rows=rows)
    table = added(table, made, number + 1)
    return activated(table, made.id) if active else table


def indexed(*declared: Index) -> Table:
    """Return the table with these indexes, or those above, all of them active."""
    table = people()
    for one in declared or INDEXES:
        table = with_index(table, one)
    return table


def index_of(declared: Index) -> tuple[BlindIndex, Table]:
    """Return one index and its table."""
    table = with_index(people(), declared)
    return table.indexes[0], table
