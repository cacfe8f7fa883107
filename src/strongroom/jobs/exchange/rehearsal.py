"""An import without the storing: every record is checked, and what would happen is counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from strongroom.files.source import Source
from strongroom.jobs.engine import Progress, Watch
from strongroom.jobs.exchange.batches import Batch, Batches, estimate
from strongroom.jobs.exchange.columns import Plan
from strongroom.jobs.exchange.consumed import Consumed
from strongroom.jobs.exchange.options import Refusal
from strongroom.jobs.exchange.placing import Outcome, Placing
from strongroom.jobs.exchange.share import WHOLE, Share
from strongroom.room.ids import IdBlocks
from strongroom.room.store import Store
from strongroom.storage.rows import Rows


@dataclass
class Rehearsed:
    """What would happen.

    Attributes:
        records: how many the file has.
        added: how many would be new.
        updated: how many would change a record.
        refused: how many would not be taken, as far as that is known beforehand.
    """

    records: int = 0
    added: int = 0
    updated: int = 0
    refused: int = 0


def rehearse(  # noqa: PLR0913  # a file, where it goes, and who listens
    store: Store,
    source: Source,
    plan: Plan,
    at: Any,  # noqa: ANN401  # JSON values
    *,
    share: Share = WHOLE,
    refused: Callable[[Refusal], None],
    watch: Watch | None,
) -> Rehearsed:
    """Read a file to its end and store nothing.

    Args:
        store: whose table it is for.
        source: the file, from its start.
        plan: what its columns are for.
        at: where an interrupted import stands: what is in front of that is passed over.
        share: which of its records.
        refused: called with each record that would not be taken.
        watch: called with the progress, after each batch.

    Raises:
        InputError: the file cannot be read, or it is not the one whose import was interrupted.
    """
    consumed = Consumed(store.job_key)
    batches = Batches(source, plan, consumed, stop=False, share=share)
    batches.skip(at["records"], at["content"])
    placing = Placing(plan, IdBlocks(store.database))
    done, began, batch = Rehearsed(), time.monotonic(), Batch(0)
    while not batch.last:
        batch = batches.next()
        outcome = _look(store, plan, placing, batch)
        found = [*batch.refused, *((one.item, reason) for one, reason in outcome.refused)]
        for item, reason in sorted(found, key=lambda one: one[0].line):
            refused(batches.refusal(item, reason))
        done.records = batch.end
        done.added += outcome.added
        done.updated += outcome.updated
        done.refused += len(found)
        if watch is not None:
            seconds = time.monotonic() - began
            watch(Progress(batch.end, 0, estimate(source, batch.end), batch.end, seconds))
    return done


def _look(store: Store, plan: Plan, placing: Placing, batch: Batch) -> Outcome:
    if not plan.looks_up:
        return Outcome(added=len(batch.taken))
    with store.database.read() as connection:
        return placing.look(Rows(store.dialect, plan.table), connection, batch.taken)
