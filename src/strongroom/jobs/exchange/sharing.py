"""One import that several processes share: each does the blocks that are its own, as a job.

The import itself is a job too, which says how many share it, and at its end what they did; the
jobs of the parts are forgotten then. No process stores anything before all have checked their part.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from strongroom.files.source import Source
from strongroom.jobs.crew import Crew, Link
from strongroom.jobs.engine import Pace, Progress, Watch, carry_out
from strongroom.jobs.exchange.batches import check_unchanged
from strongroom.jobs.exchange.columns import Plan
from strongroom.jobs.exchange.consumed import another_content
from strongroom.jobs.exchange.intake import NOTHING, Intake, others
from strongroom.jobs.exchange.rehearsal import Rehearsed, rehearse
from strongroom.jobs.exchange.share import Share, shares, together
from strongroom.room.checkpoint import Checkpoint, claim, forget, hold, peek, save
from strongroom.room.session import Session
from strongroom.room.store import Store
from strongroom.room.transaction import run


@dataclass(frozen=True)
class SharedImport:
    """One import, for several processes.

    Attributes:
        store: where the records go.
        name: of the job.
        settings: what stands for the options.
        of: how many processes.
        opened: opens the file.
        plan: makes the plan for it.
        most: records of a batch.
        throttle: the most records per second of all together, or None.
    """

    store: Store
    name: str
    settings: str
    of: int
    opened: Callable[[], Source]
    plan: Callable[[Source], Plan]
    most: int
    throttle: float | None

    def crew(self, *, check: bool, anew: bool) -> Crew:
        """Return the processes, which check their parts and wait, and store them then.

        Args:
            check: whether there is a check.
            anew: whether nothing of the import is stored.
        """
        return Crew(self.of, lambda number, link: self._part(number, link, check=check, anew=anew))

    def checked(self, crew: Crew, watch: Watch | None) -> int:
        """Let all check their parts; return how many records cannot be taken."""
        sums, refused = _Sums(self.of, watch), 0
        for number, said in crew.heard():
            if isinstance(said, Rehearsed):
                refused += said.refused
            else:
                sums.take(number, said)
        return refused

    def stored(self, crew: Crew, source: Source, watch: Watch) -> tuple[Checkpoint, bool]:
        """Let all store their parts.

        Args:
            crew: that has checked them.
            source: the file, opened before all of them opened it.
            watch: called with the progress of all together.

        Returns:
            Where the import stands then, which is its end, and whether it was there before.

        Raises:
            BusyError: others import this file.
        """
        mine = self._begun(source.size)
        if mine.ended:  # others did it meanwhile
            return mine, True
        sums, parts = _Sums(self.of, watch), dict[int, Checkpoint]()
        crew.go_on()
        for number, said in crew.heard():
            if isinstance(said, Checkpoint):
                parts[number] = said
            else:
                sums.take(number, said)
        # Each process has seen its own file unchanged: this one sees that it was the same for all.
        check_unchanged(source)
        return self._ended(mine, [parts[number] for number in range(self.of)]), False

    def _part(self, number: int, link: Link, *, check: bool, anew: bool) -> None:
        """Do the part of one process, in that process."""
        share = Share(number, self.of)
        name, total = share.named(self.name), None
        known = None if anew else peek(self.store, name)
        with closing(self.opened()) as source:
            plan = self.plan(source)
            if known is not None and known.ended:
                with closing(self.opened()) as again:
                    if share.content(self.store.job_key, again) != known.at["content"]:
                        raise another_content()
            elif check:
                at = NOTHING if known is None or known.at is None else known.at
                with closing(self.opened()) as again:
                    done = rehearse(
                        self.store, again, plan, at, share=share, refused=_unheard, watch=link.tell
                    )
                link.tell(done)
                total = done.records
            link.wait()
            intake = Intake(
                self.store,
                name,
                source,
                plan,
                share=share,
                settings=self.settings,
                rejects=None,
                most=self.most,
            )
            intake.expect(total)
            throttle = None if self.throttle is None else self.throttle / self.of
            with closing(intake):
                link.tell(carry_out(self.store, intake, Pace(throttle, link.tell)))

    def _begun(self, size: int | None) -> Checkpoint:
        """Write down that so many processes do it, before the first of them stores anything."""
        mine = claim(self.store, self.name)
        if mine.ended:
            return mine
        if mine.at is not None:  # begun before, or by others meanwhile: its parts go on
            if (mine.at["settings"], mine.at.get("processes")) != (self.settings, self.of):
                raise others()
            return mine
        at = {**NOTHING, "settings": self.settings, "size": size, "processes": self.of}
        begun = replace(mine, step=mine.step + 1, at=at)

        def operation(session: Session) -> Checkpoint:
            session.state()
            hold(self.store, session.connection, mine)
            self._forget(session)
            save(self.store, session.connection, begun)
            return begun

        return run(self.store, operation)

    def _ended(self, mine: Checkpoint, parts: list[Checkpoint]) -> Checkpoint:
        """Write down what all of them did."""
        at = {
            **mine.at,
            "records": sum(part.at["records"] for part in parts),
            "updated": sum(part.at["updated"] for part in parts),
            "content": together(part.at["content"] for part in parts),
        }
        done = sum(part.done for part in parts)
        ended = replace(mine, step=mine.step + 1, at=at, done=done, ended=True)

        def operation(session: Session) -> Checkpoint:
            session.state()
            if not hold(self.store, session.connection, mine).ended:
                self._forget(session)
                save(self.store, session.connection, ended)
            return ended

        return run(self.store, operation)

    def _forget(self, session: Session) -> None:
        for share in shares(self.of):
            forget(session.connection, share.named(self.name))


class _Sums:
    """The progress of all parts together, for whoever watches."""

    def __init__(self, of: int, watch: Watch | None) -> None:
        self._of = of
        self._watch = watch
        self._parts: dict[int, Progress] = {}
        self._began = time.monotonic()

    def take(self, number: int, progress: Progress) -> None:
        """Take notice of how far a part is."""
        self._parts[number] = progress
        if self._watch is None:
            return
        parts = self._parts.values()
        totals = [part.total for part in parts if part.total is not None]
        self._watch(
            Progress(
                done=sum(part.done for part in parts),
                failed=sum(part.failed for part in parts),
                total=sum(totals) if len(totals) == self._of else None,
                here=sum(part.here for part in parts),
                seconds=time.monotonic() - self._began,
            )
        )


def _unheard(refusal: Any) -> None:  # noqa: ANN401
    """Pass over a refusal: if there is one, one process looks for all of them, in their order."""
    del refusal
