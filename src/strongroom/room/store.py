"""The store behind an opened strongroom: its document, its keys, and the one way to change them.

A long-lived process never writes by an old document: every writing transaction reads the store's
generation under a lock that a change of keys or tables must wait for, and loads the document
again when it is not the one in memory.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from strongroom.crypto.job import JobKey
from strongroom.crypto.secret import Secret
from strongroom.errors import (
    BusyError,
    ClosedError,
    InputError,
    IntegrityError,
    StorageError,
    UnreachableError,
)
from strongroom.keys.provider import Envelope
from strongroom.room.document import State, read_document, write_document
from strongroom.schema.table import Table
from strongroom.storage import system
from strongroom.storage.connect import Database
from strongroom.storage.dialect import DIALECTS, Dialect
from strongroom.storage.system import StoreRow


@dataclass(frozen=True)
class Unlocked:
    """What opening a store gives: its document, and the store key to check later ones with."""

    state: State
    store_key: Secret
    envelope: Envelope


class Store:
    """The current state of one store, shared by all threads of a process."""

    def __init__(self, database: Database, unlocked: Unlocked) -> None:
        self._database = database
        self._closed = False
        self.envelope = unlocked.envelope
        self._store_key = unlocked.store_key
        self.job_key = JobKey(unlocked.store_key, unlocked.state.store_id)
        self._state = unlocked.state
        self.mend: Callable[[], bool] = lambda: False  # set by whoever opens the store
        self.kept: dict[int, object] = {}  # by table id, for whoever makes it to check and use
        self._guard = threading.Lock()
        self._locked_by = os.getpid()

    @property
    def database(self) -> Database:
        """The database: what every operation starts with.

        Raises:
            ClosedError: the strongroom was closed.
        """
        if self._closed:
            raise ClosedError("the strongroom is closed")
        return self._database

    def close(self) -> None:
        """Close our connections; a second time does nothing."""
        self._closed = True
        self._database.close()

    @property
    def dialect(self) -> Dialect:
        """The kind of database, with its differences."""
        return DIALECTS[self._database.kind]

    @property
    def state(self) -> State:
        """The newest state that this process has seen: good for reading."""
        return self._state

    def state_for_writing(self, connection: sa.Connection, *, joined: bool) -> State:
        """Return the store's state as it is now, held until the transaction ends.

        Args:
            connection: inside a transaction.
            joined: whether it is the caller's, who may not have made it SQLite's writer.
        """
        if joined and self.database.kind == "sqlite":
            system.take_write_lock(connection)
        return self._held(connection, exclusive=False)

    def refresh(self, seen: State, *, wait: bool = False) -> bool:
        """Load the document again if it is another than was `seen`; say whether there is a newer.

        On a connection of its own: the one in use may be in a transaction that has failed.

        Args:
            seen: what was read by.
            wait: for a change that is under way. On MySQL a table's columns change before the
                document does; elsewhere both at once.
        """
        with self.database.read() as connection:
            row = system.reload(connection, lock=wait and self.database.kind == "mysql")
            if row is not None and row.mac != seen.mac:
                self._take(row)
        return self._state is not seen

    def state_seen_by(self, connection: sa.Connection) -> State:
        """Return the state that a caller's transaction sees, which may be an older one.

        What it reads of the tables is as old: by a newer catalogue it would ask an index that was
        not yet whole then.
        """
        row = system.reload(connection)
        if row is None or row.store_id != self._state.store_id:
            raise _another_store()
        if row.mac == self._state.mac:
            return self._state
        return read_document(row.store_id, self._store_key, row.document, row.mac)

    def recovers(self, seen: State, error: StorageError) -> bool:
        """Say whether what failed may succeed now: there is a newer state, or one was mended.

        Args:
            seen: what it was done by.
            error: how it failed.
        """
        if self.refresh(seen, wait=True):
            return True
        elsewhere = isinstance(error, (BusyError, UnreachableError)) or error.lost
        return not elsewhere and self.mend()

    def known(self, table_id: int, check: Callable[[Table], object]) -> Table:
        """Check what a caller asks of a table, and return the table.

        A name that this process does not know may be one that another has just made: so the
        document is loaded again before it is refused.
        """
        seen = self._state
        table = seen.catalogue.by_id(table_id)
        try:
            check(table)
        except InputError:
            if not self.refresh(seen):
                raise
            table = self._state.catalogue.by_id(table_id)
            check(table)
        return table

    def state_held_alone(self, connection: sa.Connection) -> State:
        """Return the store's state as it is now; nobody writes by it until the transaction ends."""
        return self._held(connection, exclusive=True)

    def change(self, connection: sa.Connection, alter: Callable[[State], State]) -> State:
        """Replace the document, alone: writers in flight are waited for, later ones see it.

        The caller commits. The state in memory is not touched: it is loaded again by whoever
        meets the new generation, this process too, so a rollback needs no care.
        """
        state = self._held(connection, exclusive=True)
        changed = alter(state)
        document, mac = write_document(changed, self._store_key)
        system.replace_document(connection, state.generation, changed.generation, document, mac)
        return changed

    def _held(self, connection: sa.Connection, *, exclusive: bool) -> State:
        """Return the state as it is now, and hold it."""
        store_id, generation, mac = system.hold(connection, exclusive=exclusive)
        state = self._state
        if store_id != state.store_id:
            raise _another_store()
        if (generation, mac) == (state.generation, state.mac):
            return state
        row = system.reload(connection, lock=True)
        if row is None:
            raise _another_store()
        return self._take(row, current=True)

    def _take(self, row: StoreRow, *, current: bool = False) -> State:
        """Authenticate a document and keep it if it is newer than the one in memory.

        Args:
            row: as the database gave it.
            current: whether it is held by a lock, so that there can be no newer one: then one
                that is older, or another of the same generation, shows that the database was put
                back. A reader may merely have been slow.
        """
        if row.store_id != self._state.store_id:
            raise _another_store()
        state = read_document(row.store_id, self._store_key, row.document, row.mac)
        if state.generation != row.generation:
            raise IntegrityError("the store document was changed outside strongroom")
        with self._lock():
            known = self._state
            other = state.generation == known.generation and state.mac != known.mac
            if other or (current and state.generation < known.generation):
                raise IntegrityError(
                    "the store document is not a later one than this process has seen",
                    hint="someone restored the database: close this strongroom and open it again",
                )
            if state.generation > known.generation:
                self._state = state
        return state

    def _lock(self) -> threading.Lock:
        """Return the lock of this process: after a fork the parent's may be held for ever."""
        if self._locked_by != os.getpid():
            self._guard = threading.Lock()
            self._locked_by = os.getpid()
        return self._guard


def _another_store() -> IntegrityError:
    return IntegrityError(
        "the database holds another store than the one that was opened",
        hint="close this strongroom and open it again",
    )
