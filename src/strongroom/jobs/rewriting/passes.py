"""The passes over a table that is being rewritten: filling, proving, catching up, the last look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from strongroom.errors import UnfinishedError
from strongroom.jobs.engine import Pace, Progress, Step, carry_out
from strongroom.room.checkpoint import peek
from strongroom.room.document import State
from strongroom.room.paging import FIRST_PAGE, next_size
from strongroom.room.rewriting import jobs_of
from strongroom.room.session import Session
from strongroom.room.settling import Failure, Key, Settled, Settler, in_pages
from strongroom.room.store import Store
from strongroom.room.transaction import run
from strongroom.schema.pending import Kind, Pending
from strongroom.storage import key_values
from strongroom.storage.dialect import Dialect
from strongroom.storage.rewriting.capture import Capture
from strongroom.storage.rewriting.originals import Originals

_CHANGES: Final = 200

Found = Callable[[Failure], None]


def ignored(failure: Failure) -> None:
    """Listen to no failure."""
    del failure


def unfinished(pending: Pending, failed: int) -> UnfinishedError:
    """Return the error for rows that stop a cut-over."""
    adopted = pending.kind is Kind.ADOPT
    noun = "row" if adopted else "record"
    rows = f"1 {noun}" if failed == 1 else f"{failed:,} {noun}s"
    if adopted:
        return UnfinishedError(
            f"{rows} of {pending.table.name} cannot be taken over: nothing was cut over",
            hint="repair them where they stand, then run the same command again; or --undo",
        )
    return UnfinishedError(
        f"{rows} of {pending.table.name} cannot be rewritten: nothing was changed",
        hint="with --undo the table can be written again; repair them, then start again",
    )


def announce_cleaning(pace: Pace, records: int) -> None:
    """Tell whoever watches that the old values are being removed: the database does it at once."""
    if pace.watch is not None:
        pace.watch(Progress(records, 0, records, 0, 0.0, "removing old values"))


class Batch(NamedTuple):
    """What became of one batch, and which one is next.

    Attributes:
        settled: what became of its rows.
        behind: the key that the next batch starts behind.
        last: whether there is none.
        size: how many rows the next one has at most.
    """

    settled: Settled
    behind: Key | None
    last: bool
    size: int


class Pass:
    """One pass over all rows of a table in the order of their keys, as the engine runs it."""

    def __init__(
        self,
        name: str,
        total: int,
        work: Work,
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
        self._size = done.size
        at = None if done.behind is None else key_values.to_json(done.behind)
        return Step(at, done.settled.done, len(self._failures), last=done.last)

    def committed(self) -> None:
        """Report what could not be done."""
        for failure in self._failures:
            self._found(failure)
        self._failures = []


Work = Callable[[Session, Key | None, int], Batch]


def fill_and_prove(  # noqa: PLR0913  # what, how, and who listens
    store: Store,
    pending: Pending,
    work: Callable[[bool], Work],
    total: int,
    *,
    pace: Pace,
    found: Found,
    afresh: bool = False,
) -> int:
    """Go over all rows of a table, twice: fill the shadows, then prove what was filled.

    Args:
        store: whose table it is.
        pending: its rewriting. An adoption without triggers is proved under the lock, not here.
        work: gives what does a batch, of the pass that proves or of the one that fills.
        total: how many rows there are.
        pace: how fast, and who watches.
        found: called with each row that cannot be done.
        afresh: whether what an earlier run did counts for nothing.

    Returns:
        How many rows the last pass did.

    Raises:
        UnfinishedError: some could not be done.
    """
    done = 0
    for name, prove in zip(jobs_of(pending), (False, True), strict=True):
        if prove and pending.offline:
            break
        known = peek(store, name)
        # What could not be done may have been repaired, and is to be named by this run too.
        again = afresh or (known is not None and (known.ended or known.failed > 0))
        end = carry_out(
            store, Pass(name, total, work(prove), found, prove=prove), pace, afresh=again
        )
        if end.failed:
            raise unfinished(pending, end.failed)
        done = end.done
    return done


def settling(dialect: Dialect, originals: Originals, *, prove: bool) -> Work:
    """Return what fills, or proves, a batch of a table that is being adopted."""

    def work(session: Session, after: Key | None, size: int) -> Batch:
        rows, behind, last = originals.page(session.connection, after, size)
        settler = Settler(dialect, session.state(), originals)
        settled = settler.settle(session.connection, rows, prove=prove)
        return Batch(settled, behind, last, next_size([one.held for one in rows]))

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
