"""The passes over a table that is being adopted: filling, proving, catching up, the last look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from strongroom.errors import UnfinishedError
from strongroom.jobs.engine import Pace, Progress, Step
from strongroom.room.document import State
from strongroom.room.paging import FIRST_PAGE, next_size
from strongroom.room.settling import Failure, Key, Settled, Settler, in_pages
from strongroom.room.store import Store
from strongroom.room.transaction import Session, run
from strongroom.schema.pending import Pending
from strongroom.storage import key_values
from strongroom.storage.capture import Capture
from strongroom.storage.dialect import Dialect
from strongroom.storage.originals import Originals
from strongroom.storage.rows import Row

_CHANGES: Final = 200

Found = Callable[[Failure], None]


def unfinished(pending: Pending, failed: int) -> UnfinishedError:
    """Return the error for rows that stop a cut-over."""
    rows = "1 row" if failed == 1 else f"{failed:,} rows"
    return UnfinishedError(
        f"{rows} of {pending.table.name} cannot be taken over: nothing was cut over",
        hint="repair them where they stand, then run the same command again; or --undo",
    )


def announce_cleaning(pace: Pace, records: int) -> None:
    """Tell whoever watches that the old values are being removed: the database does it at once."""
    if pace.watch is not None:
        pace.watch(Progress(records, 0, records, 0, 0.0, "removing old values"))


class Batch(NamedTuple):
    """What one batch looked at, and what became of it.

    Attributes:
        rows: with all that they hold, to judge the next batch by.
        settled: what became of them.
        behind: the key that the next batch starts behind.
        last: whether there is none.
    """

    rows: Sequence[Row]
    settled: Settled
    behind: Key | None
    last: bool


class Pass:
    """One pass over all rows of a table in the order of their keys, as the engine runs it."""

    def __init__(
        self,
        name: str,
        total: int,
        work: Callable[[Session, Key | None, int], Batch],
        found: Found,
        *,
        prove: bool,
    ) -> None:
        """Get ready.

        Args:
            name: of the job.
            total: how many there are, for whoever watches.
            work: does up to so many rows behind a key, None to start.
            found: called with each row that could not be done, once its batch is committed.
            prove: whether it is the second one, which proves what the first has filled.
        """
        self.name, self.stage = name, "proving" if prove else "filling"
        self.total: int | None = total
        self._work = work
        self._found = found
        self._size = FIRST_PAGE
        self._failures: list[Failure] = []

    def batch(self, session: Session, at: Any) -> Step:  # noqa: ANN401  # JSON values
        """Do the next rows."""
        after = None if at is None else key_values.from_json(at)
        done = self._work(session, after, self._size)
        self._failures = done.settled.failures
        if done.rows:
            self._size = next_size(list(done.rows))
        at = None if done.behind is None else key_values.to_json(done.behind)
        return Step(at, done.settled.done, len(self._failures), last=done.last)

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
        rows, behind, last = originals.page(session.connection, after, size)
        settler = Settler(dialect, session.state(), originals)
        settled = settler.settle(session.connection, rows, prove=prove)
        return Batch([one.whole for one in rows], settled, behind, last)

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
    rows = originals.by_raw_keys(connection, list(dict.fromkeys(key for _, key in changes)))
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
        for page in in_pages(originals, connection):
            failures += settler.settle(connection, page, prove=True).failures
    else:
        if not Capture(dialect, originals.pending).is_watching(connection):
            raise UnfinishedError(
                f"the triggers on {originals.pending.table.name} are gone or turned off",
                hint="run the same command again: it makes them anew and proves every row again",
            )
        more = True
        while more and not failures:
            more, failures = _changes(dialect, state, originals, connection)
    if not failures:
        failures = [
            Failure(one.raw, "was put in where no trigger saw it: run the same command again")
            for one in originals.unfilled(connection, _CHANGES)
        ]
    for failure in failures:
        found(failure)
    if failures:
        raise unfinished(originals.pending, len(failures))
