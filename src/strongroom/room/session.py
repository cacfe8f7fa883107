"""One connection that writes: what is done in its transaction, and by which state of the store."""

from __future__ import annotations

import os
import threading
from contextvars import ContextVar
from typing import Any, NamedTuple

import sqlalchemy as sa

from strongroom.errors import ClosedError
from strongroom.room.behind import Behind
from strongroom.room.document import State
from strongroom.room.store import Store
from strongroom.storage.rows import Rows


class Proof(NamedTuple):
    """What a transaction wrote last: the seal of one record, or None where it was deleted."""

    rows: Rows
    key: tuple[Any, ...]
    seal: bytes | None


class Session:
    """One connection inside a transaction, and the state of the store that it writes by."""

    def __init__(self, store: Store, connection: sa.Connection, *, joined: bool) -> None:
        """Take a connection whose transaction is open.

        Args:
            store: whose tables are written.
            connection: the transaction's connection.
            joined: True when the transaction is the caller's. It may be committed, or rolled
                back to a savepoint, behind our back, and our lock with it: so the generation is
                read again before every write, and not once.
        """
        self.store = store
        self.connection = connection
        self._joined = joined
        self.proof: Proof | None = None
        self._state: State | None = None
        self._owner = (os.getpid(), threading.get_ident())
        self._open = True
        self._spoiled = False

    def state(self) -> State:
        """Return the state to write by, and hold its generation until the transaction ends."""
        self.check()
        if self._state is None or self._joined:
            self._state = self.store.state_for_writing(self.connection, joined=self._joined)
        return self._state

    def held(self) -> State:
        """Return the state that `state` gave last, for the rest of the operation that asked it."""
        return self.state() if self._state is None else self._state

    def seen(self) -> State | None:
        """Return the state to read by, where the transaction is the caller's and may see less."""
        return self.store.state_seen_by(self.connection) if self._joined else None

    def check(self) -> None:
        """Refuse a use from where the transaction is not.

        Raises:
            ClosedError: it ended, or this is another thread or process than the one it began in.
        """
        if not self._open:
            raise ClosedError("the transaction has ended")
        self.check_whole()
        if self._owner != (os.getpid(), threading.get_ident()):
            raise ClosedError(
                "a transaction belongs to the thread that began it",
                hint="begin one in each thread, or pass the work back to the first",
            )

    def behind(self) -> Behind:
        """Return what does this transaction's work while the next batch is sealed.

        Not in a transaction that others join: the records that are to be written may be read on
        its connection. Nor on SQLite, which works in this process and leaves no core free.
        """
        shared = any(one is self for one in sessions.get())
        return Behind(overlapping=not shared and self.store.database.kind != "sqlite")

    def check_whole(self) -> None:
        """Refuse to go on, or to commit, after an error that undid a part.

        Raises:
            ClosedError: there was one.
        """
        if self._spoiled:
            raise ClosedError(
                "the transaction failed before and can only be undone",
                hint="let the error leave the block, and run the block again",
            )

    def spoil(self) -> None:
        """Make every later use an error, and the end of the block too.

        After some errors the database has undone everything and given up the locks (a deadlock
        on MySQL), or undoes it at the commit without a word (PostgreSQL): what would follow
        would be stored alone, by a state that nobody holds.
        """
        self._spoiled = True

    def end(self) -> None:
        """Make every later use an error."""
        self._open = False


sessions: ContextVar[tuple[Session, ...]] = ContextVar("strongroomsessions", default=())
