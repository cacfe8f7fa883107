"""The passes over a table that is being adopted: filling, proving, catching up, the last look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from strongroom.errors import UnfinishedError
from strongroom.jobs.engine import Step
from strongroom.room.document import State
from strongroom.room.paging import next_size
from strongroom.room.settling import Failure, Key, Settled, Settler, in_pages
from strongroom.room.store import Store
from strongroom.room.transaction import Session, run
from strongroom.schema.identity import decode_identity
from strongroom.schema.pending import Pending
from strongroom.schema.table import Table
from strongroom.storage.capture import Capture
from strongroom.storage.dialect import Dialect
from strongroom.storage.originals import Originals
from strongroom.storage.rows import Row

_FIRST_BATCH: Final = 200
_CHANGES: Final = 200

Found = Callable[[Failure], None]


def unfinished(pending: Pending, failed: int) -> UnfinishedError:
    """Return the error for rows that stop a cut-over."""
    rows = "1 row" if failed == 1 else f"{failed:,} rows"
    return UnfinishedError(
        f"{rows} of {pending.table.name} cannot be taken over: nothing was cut over",
        hint="repair them where they stand, then run the same command again; or --undo",
    )


class Batch(NamedTuple):
    """What one batch looked at, and what became of it."""

    rows: Sequence[Row]
    settled: Settled


class Pass:
    """One pass over all rows of a table in the order of their keys, as the engine runs it."""

    def __init__(
        self,
        name: str,
        table: Table,
        total: int,
        work: Callable[[Session, Key | None, int], Batch],
        found: Found,
    ) -> None:
        """Get ready.

        Args:
            name: of the job.
            table: whose rows.
            total: how many there are, for whoever watches.
            work: does up to so many rows behind a key, None to start.
            found: called with each row that could not be done, once its batch is committed.
        """
        self.name = name
        self.total: int | None = total
        self._table = table
        self._work = work
        self._found = found
        self._size = _FIRST_BATCH
        self._failures: list[Failure] = []

    def batch(self, session: Session, at: Any) -> Step:  # noqa: ANN401  # JSON values
        """Do the next rows."""
        after = None if at is None else decode_identity(bytes.fromhex(at))[1]
        size = self._size
        rows, settled = self._work(session, after, size)
        self._failures = settled.failures
        if not rows:
            return Step(at, 0, last=True)
        self._size = next_size(rows)
        identity = self._table.identity(rows[-1].key)
        last = len(rows) < size
        return Step(identity.hex(), settled.done, len(settled.failures), last=last)

    def committed(self) -> None:
        """Report what could not be done."""
        for failure in self._failures:
            self._found(failure)
        self._failures = []


def settling(
    dialect: Dialect, originals: Originals, *, prove: bool
) -> Callable[[Session, Key | None, int], Batch]:
    """Return what fills, or proves, a batch of a table that is being adopted."""

    def work(session: Session, after: Key | None, size: int) -> Batch:
        rows = originals.page(session.connection, after, size)
        settler = Settler(dialect, session.state(), originals)
        settled = settler.settle(session.connection, rows, prove=prove)
        return Batch([one.row for one in rows], settled)

    return work


def catch_up(store: Store, originals: Originals, found: Found) -> None:
    """Deal with what other programs changed meanwhile, while they go on.

    Raises:
        UnfinishedError: a changed row cannot be taken over.
    """
    while True:
        more, failures = run(
            store,
            lambda session: _changes(store.dialect, session.state(), originals, session.connection),
        )
        for failure in failures:
            found(failure)
        if failures:
            raise unfinished(originals.pending, len(failures))
        if not more:
            return


def _changes(
    dialect: Dialect, state: State, originals: Originals, connection: sa.Connection
) -> tuple[bool, list[Failure]]:
    """Deal with the oldest changes; say whether there may be more, and what could not be done."""
    capture = Capture(dialect, originals.pending)
    changes = capture.pending_keys(connection, _CHANGES)
    rows = originals.by_keys(connection, list(dict.fromkeys(key for _, key in changes)))
    settled = Settler(dialect, state, originals).settle(connection, rows, prove=True)
    if settled.failures:
        return False, settled.failures
    capture.settled(connection, [number for number, _ in changes])
    return len(changes) == _CHANGES, []


def last_look(
    dialect: Dialect,
    originals: Originals,
    found: Found,
    connection: sa.Connection,
    state: State,
) -> None:
    """Finish what is left when nobody else can write any more.

    Raises:
        UnfinishedError: a row cannot be taken over, or has no seal.
    """
    failures: list[Failure] = []
    if originals.pending.offline:
        settler = Settler(dialect, state, originals)
        for page in in_pages(originals, connection, _FIRST_BATCH):
            failures += settler.settle(connection, page, prove=True).failures
    else:
        more = True
        while more and not failures:
            more, failures = _changes(dialect, state, originals, connection)
    for failure in failures:
        found(failure)
    left = len(failures) or originals.unfilled(connection)
    if left:
        raise unfinished(originals.pending, left)
