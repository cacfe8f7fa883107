"""What a store says of itself, nothing secret in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from strongroom.errors import IntegrityError
from strongroom.keys.keyring import KeyRecord
from strongroom.room.store import Store
from strongroom.schema.pending import Pending
from strongroom.schema.table import Table
from strongroom.storage import system, tables
from strongroom.storage.rows import Rows

SOFT_LIMIT: Final = 2**40


@dataclass(frozen=True)
class TableStatus:
    """One table: its declaration, and figures that the database gives and nobody vouches for.

    Attributes:
        table: as the catalogue knows it.
        records: how many rows there are.
        next_id: the first id that was never given out.
        cells: about how many cells were made so far, deleted records counted once. One key is
            good for 2^48 blocks; from 2^40 cells on it should be rotated (`SOFT_LIMIT`).
        outside: columns that strongroom neither writes nor returns.
    """

    table: Table
    records: int
    next_id: int
    cells: float
    outside: tuple[str, ...]

    @property
    def many_cells(self) -> bool:
        """Whether there are more cells than one key should be used for."""
        return self.cells > SOFT_LIMIT


@dataclass(frozen=True)
class Status:
    """The store: where it is, which keys it has, which tables, and which are being rewritten."""

    database: str
    store_id: str
    generation: int
    provider: str
    fingerprint: str | None
    keys: tuple[KeyRecord, ...]
    tables: tuple[TableStatus, ...]
    rewriting: tuple[Pending, ...]  # what was begun with whole tables, and is not finished


def read_status(store: Store, connection: sa.Connection) -> Status:
    """Read it on `connection`."""
    state, envelope = store.state, store.envelope
    found = tuple(_read_table(store, connection, table) for table in state.catalogue.tables)
    return Status(
        database=store.database.shown,
        store_id=state.store_id.hex(),
        generation=state.generation,
        provider=envelope.provider,
        fingerprint=None if envelope.fingerprint is None else envelope.fingerprint.hex(),
        keys=state.keyring.records,
        tables=found,
        rewriting=state.catalogue.pending,
    )


def _read_table(store: Store, connection: sa.Connection, table: Table) -> TableStatus:
    rows = Rows(store.dialect, table)
    count, written = rows.figures(connection)
    next_id = system.next_id(connection, table.id)
    # The ids of an adopted table were given by someone else, with gaps of any size.
    deleted = 0 if table.adopted else max(0, next_id - 1 - count)
    encrypted = sum(field.encrypted for field in table.fields)
    return TableStatus(
        table=table,
        records=count,
        next_id=next_id,
        cells=(written + deleted) * encrypted,
        outside=tables.outside(connection, store.dialect, table),
    )


def check_counter(store: Store, connection: sa.Connection, table: Table) -> None:
    """Look whether the id counter was put back: an id given twice lets an old record return.

    Raises:
        IntegrityError: it is behind the largest id, gone, or no number.
    """
    if not table.counted:
        return
    largest = Rows(store.dialect, table).largest_key(connection)
    following = system.next_id(connection, table.id)
    # An adopted table may have the largest id that there is; then no other follows.
    if type(largest) is int and largest >= following and following < system.LAST_ID:
        raise IntegrityError(
            f"the id counter of {table.name} is behind its records: it was changed outside "
            "strongroom",
            hint="restore the table strongroom_counters from a backup",
        )
