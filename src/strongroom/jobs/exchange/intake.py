"""The job that stores a file's records: its batches, its checkpoint, and its rejects file.

The checkpoint says how many of the file's records were consumed, what these were (a MAC over a
digest), under which options, and how long the rejects file was. The rejects file is touched only
inside of a batch, whose transaction holds the checkpoint: no two processes write to it at once.
"""

from __future__ import annotations

from typing import Any, Final

from strongroom.errors import BusyError, InputError, UnfinishedError
from strongroom.files.rejects import Rejects, open_rejects
from strongroom.files.source import Item, Source
from strongroom.jobs.engine import Step
from strongroom.jobs.exchange.batches import Batch, Batches, estimate
from strongroom.jobs.exchange.columns import Plan
from strongroom.jobs.exchange.consumed import Consumed
from strongroom.jobs.exchange.placing import Placing
from strongroom.jobs.exchange.share import WHOLE, Share
from strongroom.room.ids import IdBlocks
from strongroom.room.session import Session
from strongroom.room.store import Store
from strongroom.room.writing import check_writable

NOTHING: Final[dict[str, Any]] = {"records": 0, "content": "", "updated": 0, "rejects": 0}
"""Where a job stands before its first batch."""


class Intake:
    """The import of one file, as the engine sees it.

    Attributes:
        name: of the job.
        worked: whether anything was left to do.
    """

    def __init__(  # noqa: PLR0913  # what an import differs in
        self,
        store: Store,
        name: str,
        source: Source,
        plan: Plan,
        *,
        share: Share = WHOLE,
        settings: str,
        rejects: str | None,
        most: int,
    ) -> None:
        """Begin in front of the first record.

        Args:
            store: where the records go.
            name: of the job.
            source: the file.
            plan: what its columns are for.
            share: which of its records.
            settings: what stands for the options.
            rejects: the file for what cannot be taken; None: that stops the import.
            most: records of a batch.
        """
        self.name, self.stage = name, ""
        self._source = source
        self._plan = plan
        self._settings = settings
        self._consumed = Consumed(store.job_key)
        self._placing = Placing(plan, IdBlocks(store.database))
        self._counted: int | None = None
        self.worked = False
        self._rejects_path = rejects
        self._rejects: Rejects | None = None
        stop = rejects is None
        self._batches = Batches(source, plan, self._consumed, stop=stop, share=share, most=most)
        self._batch: Batch | None = None

    def expect(self, total: int | None) -> None:
        """Take the number of the file's records as known."""
        self._counted = total

    @property
    def total(self) -> int | None:
        """How many records the file has; an estimate where nobody has counted them."""
        if self._counted is not None:
            return self._counted
        return estimate(self._source, self._consumed.count)

    def read_ahead(self, at: Any) -> None:  # noqa: ANN401  # JSON values
        """Have the next batch in memory, so that no lock is held while a pipe is waited for."""
        if at is not None and "processes" in at:
            raise others()
        self._ready(at or NOTHING)

    def batch(self, session: Session, at: Any) -> Step:  # noqa: ANN401  # JSON values
        """Store the next records."""
        at = at or NOTHING
        self.worked = True
        batch = self._ready(at)
        catalogue = session.state().catalogue
        check_writable(catalogue, self._plan.table.id)
        if catalogue.by_id(self._plan.table.id) != self._plan.table:
            raise UnfinishedError(f"{self._plan.table.name} was altered while it was imported into")
        outcome = self._placing.place(session, batch.taken)
        refused = [*batch.refused, *((one.item, reason) for one, reason in outcome.refused)]
        refused.sort(key=lambda one: one[0].line)
        after = {
            "records": batch.end,
            "content": batch.content,
            "updated": at["updated"] + outcome.updated,
            "rejects": self._reject(refused, at["rejects"]),
            "settings": self._settings,
            "size": self._source.size,
        }
        done = outcome.added + outcome.updated
        return Step(after, done, failed=len(refused), last=batch.last)

    def committed(self) -> None:
        """Do nothing: what was rejected was written before the commit."""

    def close(self) -> None:
        """Close the rejects file."""
        if self._rejects is not None:
            self._rejects.close()

    def _ready(self, at: Any) -> Batch:  # noqa: ANN401  # JSON values
        """Return the batch that begins there."""
        if self._batch is not None and self._batch.start == at["records"]:
            return self._batch
        if at["records"] != self._consumed.count:
            self._batches.skip(at["records"], at["content"])
        self._batch = self._batches.next()
        return self._batch

    def _reject(self, refused: list[tuple[Item, str]], before: int) -> int:
        """Write what is refused behind what was there at the last checkpoint."""
        if refused and self._rejects_path is None:
            raise self._batches.stopped(*refused[0])
        if self._rejects_path is None or not (refused or before):
            return before
        if self._rejects is not None and self._rejects.sync() != before:
            self._rejects.close()  # a try that was undone has written more
            self._rejects = None
        if self._rejects is None:
            self._rejects = open_rejects(self._rejects_path, self._source, resume=before)
        for item, reason in refused:
            self._rejects.add(item, reason)
        return self._rejects.sync()


def others() -> BusyError:
    """Return the error for a file that others import, who began meanwhile in another way."""
    failure = BusyError("others import this file", hint="let them finish, or stop them first")
    failure.retryable = False
    return failure


def check_settings(at: Any, settings: str) -> None:  # noqa: ANN401  # JSON values
    """Refuse to go on with other options than an interrupted import had.

    Raises:
        InputError: they are others.
    """
    if at is not None and at["settings"] != settings:
        raise InputError(
            "the import that was interrupted had other options",
            hint="give the same again, or begin again with --restart: what is stored stays stored",
        )
