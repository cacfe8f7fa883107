"""The one engine of all bulk work: batch after batch, each one transaction with its checkpoint.

A job that is killed, at whatever statement, has done whole batches and nothing else; started again
it goes on behind the last one. A batch that meets a deadlock, a lock or a lost connection is run
again; whether a commit of unknown fate took place is told by the checkpoint that was part of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol, runtime_checkable

from strongroom.errors import BusyError, InputError
from strongroom.room.checkpoint import Checkpoint, claim, hold, save
from strongroom.room.session import Session
from strongroom.room.store import Store
from strongroom.room.transaction import run

_LONGEST_NAP: Final = 1.0


@dataclass(frozen=True, slots=True)
class Step:
    """What one batch did.

    Attributes:
        at: where the next one starts, JSON values.
        done: how many records it finished.
        failed: how many it could not, and reported.
        last: whether there is nothing behind it.
    """

    at: Any
    done: int
    failed: int = 0
    last: bool = False


class Work(Protocol):
    """A job, as the engine sees it.

    Attributes:
        name: which job of the store it is; two runs of one name are one job.
        stage: which part of what somebody watches, such as ``proving``; empty: all of it.
    """

    name: str
    stage: str

    @property
    def total(self) -> int | None:
        """How many records there are to do, or None where nobody knows."""
        ...

    def batch(self, session: Session, at: Any) -> Step:  # noqa: ANN401  # JSON values
        """Do the next records inside the session's transaction; it may be undone and run again.

        Args:
            session: the writing transaction, which the engine commits with the checkpoint.
            at: what the step before gave, None at the beginning.
        """
        ...

    def committed(self) -> None:
        """Take notice that the last batch stands: time to report what it could not do."""
        ...


@runtime_checkable
class ReadsAhead(Protocol):
    """Work whose records come from elsewhere: waiting for them must hold no lock of the database.

    What it raises ends the job, as what a batch raises.
    """

    def read_ahead(self, at: Any) -> None:  # noqa: ANN401  # JSON values
        """Have ready what `batch` will be asked for next.

        Args:
            at: what `batch` will get.
        """
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is, for whoever watches.

    Attributes:
        done: records finished, those of earlier runs of the same job included.
        failed: records that could not be, likewise.
        total: how many there are, or None.
        here: records that this run has looked at.
        seconds: since this run began.
        stage: which part of the job it is, such as ``proving``; empty where it has one alone.
    """

    done: int
    failed: int
    total: int | None
    here: int
    seconds: float
    stage: str = ""

    @property
    def rate(self) -> float:
        """Records per second of this run."""
        return self.here / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining(self) -> float | None:
        """Seconds until the end at this rate, or None while nobody can tell."""
        if self.total is None or not self.rate:
            return None
        return max(0, self.total - self.done - self.failed) / self.rate


Watch = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """How a job is run.

    Attributes:
        throttle: the most records per second, or None for as fast as it goes.
        watch: called after each batch.
    """

    throttle: float | None = None
    watch: Watch | None = None

    def __post_init__(self) -> None:
        if self.throttle is not None and not self.throttle > 0:
            raise InputError("a throttle is a number of records per second, above 0")


def carry_out(store: Store, work: Work, pace: Pace, *, afresh: bool = False) -> Checkpoint:
    """Run a job to its end and return its last checkpoint.

    Args:
        store: whose job it is.
        work: what to do.
        pace: how fast, and who watches.
        afresh: whether to begin from the start although an earlier run came further.

    Raises:
        BusyError: another process took the job over, or the database stays locked.
        StrongroomError: whatever a batch raised; the batches before it are committed.
    """
    now = claim(store, work.name, afresh=afresh)
    watched = _Watched(pace, work)
    watched.tell(now, 0)
    while not now.ended:
        before = now
        if isinstance(work, ReadsAhead):
            work.read_ahead(before.at)
        now = run(store, _batch(store, work, before))
        work.committed()
        watched.tell(now, now.done + now.failed - before.done - before.failed)
    return now


def _batch(store: Store, work: Work, before: Checkpoint) -> Callable[[Session], Checkpoint]:
    def operation(session: Session) -> Checkpoint:
        session.state()
        held = hold(store, session.connection, before)
        if held.step == before.step + 1:
            return held  # the try whose commit got no answer took place
        if held.step != before.step:
            raise BusyError("the job's checkpoint is not where this process left it")
        step = work.batch(session, before.at)
        after = replace(
            before,
            step=before.step + 1,
            at=step.at,
            done=before.done + step.done,
            failed=before.failed + step.failed,
            ended=step.last,
        )
        save(store, session.connection, after)
        return after

    return operation


class _Watched:
    """Tells the watcher, and waits where the pace is too high."""

    def __init__(self, pace: Pace, work: Work) -> None:
        self._pace = pace
        self._work = work
        self._here = 0
        self._began = time.monotonic()

    def tell(self, now: Checkpoint, more: int) -> None:
        self._here += more
        if self._pace.watch is not None:
            seconds = time.monotonic() - self._began
            # Of a file the number of records is an estimate, which gets better on the way.
            total = self._work.total
            stage = self._work.stage
            self._pace.watch(Progress(now.done, now.failed, total, self._here, seconds, stage))
        if self._pace.throttle is not None:
            due = self._began + self._here / self._pace.throttle
            while (left := due - time.monotonic()) > 0:
                time.sleep(min(left, _LONGEST_NAP))
