"""Check every record of a store: seals, cells, index tokens, and that ids stay ahead of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from strongroom.errors import IntegrityError
from strongroom.room.index_check import IndexCheck
from strongroom.room.record import Record
from strongroom.room.strongroom import Strongroom

_AT_ONCE: Final = 200


@dataclass(frozen=True)
class Finding:
    """One thing that is not as strongroom wrote it."""

    table: str
    error: IntegrityError


@dataclass
class Report:
    """What was checked, and how much of it was wrong."""

    tables: int = 0
    records: int = 0
    broken: int = 0

    @property
    def intact(self) -> bool:
        """Whether nothing was wrong."""
        return self.broken == 0


def verify(
    room: Strongroom,
    tables: Sequence[str] | None = None,
    *,
    found: Callable[[Finding], None] | None = None,
    progress: Callable[[Report], None] | None = None,
) -> Report:
    """Open every record of the store and report what does not open.

    What it proves: every record that the database still has is one that strongroom wrote, whole
    and in its place. What it cannot see: records that were deleted or put back to an older
    version as a whole.

    Args:
        room: the opened store.
        tables: which tables; all of them when not given.
        found: called with each thing that is wrong, as it is found.
        progress: called with the report after each record.

    Returns:
        The counts. `intact` says whether nothing was wrong.
    """
    report = Report()
    room.store.refresh(room.store.state)
    for name in room.tables if tables is None else dict.fromkeys(tables):
        table = room.table(name)
        report.tables += 1
        check = IndexCheck(room.store, table)
        errors = chain(
            _errors(table.all().outcomes(), check, report, progress),
            check.orphans(),
            _counter_errors(room, name),
        )
        for error in errors:
            report.broken += 1
            if found is not None:
                found(Finding(name, error))
    return report


def _counter_errors(room: Strongroom, name: str) -> Iterator[IntegrityError]:
    try:
        room.check_counter(name)
    except IntegrityError as error:
        yield error


def _errors(
    outcomes: Iterator[Record | IntegrityError],
    check: IndexCheck,
    report: Report,
    progress: Callable[[Report], None] | None,
) -> Iterator[IntegrityError]:
    opened: list[Record] = []
    try:
        for outcome in outcomes:
            report.records += 1
            if isinstance(outcome, IntegrityError):
                yield outcome
            else:
                opened.append(outcome)
            if len(opened) == _AT_ONCE:
                yield from check.errors(opened)
                opened = []
            if progress is not None:
                progress(report)
    except IntegrityError as error:
        yield error  # the table cannot be read on; the others can
    yield from check.errors(opened)
