"""What a store says of itself, nothing secret in it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from strongroom.keys.keyring import KeyRecord
from strongroom.room.store import Store
from strongroom.schema.table import Table
from strongroom.storage import system, tables
from strongroom.storage.rows import Rows


@dataclass(frozen=True)
class TableStatus:
    """One table: its declaration, and figures that the database gives and nobody vouches for."""

    table: Table
    records: int
    next_id: int
    outside: tuple[str, ...]


@dataclass(frozen=True)
class Status:
    """The store: where it is, which keys it has, which tables."""

    database: str
    store_id: str
    generation: int
    provider: str
    fingerprint: str | None
    keys: tuple[KeyRecord, ...]
    tables: tuple[TableStatus, ...]


def read_status(store: Store, connection: sa.Connection) -> Status:
    """Read it on `connection`."""
    state, envelope = store.state, store.envelope
    found = tuple(
        TableStatus(
            table,
            Rows(store.dialect, table).count(connection),
            system.next_id(connection, table.id),
            tables.outside(connection, store.dialect, table),
        )
        for table in state.catalogue.tables
    )
    return Status(
        database=store.database.shown,
        store_id=state.store_id.hex(),
        generation=state.generation,
        provider=envelope.provider,
        fingerprint=None if envelope.fingerprint is None else envelope.fingerprint.hex(),
        keys=state.keyring.records,
        tables=found,
    )
