"""What a batch of a file's records does to a table: adding, updating, and refusing some.

A batch is written as a whole. Only if the database refuses a row for what is in it, each record is
written alone, so that the one that is refused is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from strongroom.errors import InputError, IntegrityError, StorageError
from strongroom.jobs.exchange.columns import Plan, Taken
from strongroom.room import mass_writing, writing
from strongroom.room.ids import IdBlocks
from strongroom.room.record import Record
from strongroom.room.session import Session
from strongroom.schema.values import Value
from strongroom.storage import lookup, system
from strongroom.storage.row import Row
from strongroom.storage.rows import Rows
from strongroom.storage.savepoint import of_a_row, part

_LARGEST_ID: Final = 2**62


@dataclass
class Outcome:
    """What became of the records of a batch.

    Attributes:
        added: how many are new.
        updated: how many changed a record.
        refused: the others, with the reason.
    """

    added: int = 0
    updated: int = 0
    refused: list[tuple[Taken, str]] = field(default_factory=list)


@dataclass(repr=False)
class _One:
    """All that a batch has for one record: with --upsert the later values go over the earlier."""

    takens: list[Taken]
    values: dict[str, Value]
    row: Row | None = None


class Placing:
    """Places the records of a file in one table, a batch at a time."""

    def __init__(self, plan: Plan, ids: IdBlocks) -> None:
        self._plan = plan
        self._ids = ids

    def place(self, session: Session, batch: Sequence[Taken]) -> Outcome:
        """Write a batch inside of the session's transaction.

        Raises:
            ConflictError: a record changed meanwhile: the whole has to be run again.
            StorageError: the database fails.
        """
        outcome = Outcome()
        table, connection = self._plan.table, session.connection
        rows = Rows(session.store.dialect, table)
        ones = self._sorted(rows, connection, batch, outcome, lock=True)
        writer = _Writer(session, self._plan, rows, outcome)
        writer.each([one for one in ones if one.row is not None], writer.update)
        new = [one for one in ones if one.row is None]
        if self._plan.keyed and table.counted:
            new = self._ahead(connection, new, outcome)
        if new and not self._plan.keyed:
            taken = iter(self._ids.take(connection, table.id, len(new)))
            keys = {id(one): (next(taken),) for one in new}
            writer.each(new, lambda some: writer.add(some, [keys[id(one)] for one in some]))
        else:
            writer.each(new, lambda some: writer.add(some, [_key(one) for one in some]))
        return outcome

    def look(self, rows: Rows, connection: sa.Connection, batch: Sequence[Taken]) -> Outcome:
        """Return what `place` would do, as far as reading tells; write nothing."""
        outcome = Outcome()
        for one in self._sorted(rows, connection, batch, outcome, lock=False):
            outcome.added += one.row is None
            outcome.updated += len(one.takens) - (one.row is None)
        return outcome

    def _sorted(  # a batch, where it goes, and what becomes of it
        self,
        rows: Rows,
        connection: sa.Connection,
        batch: Sequence[Taken],
        outcome: Outcome,
        *,
        lock: bool,
    ) -> list[_One]:
        """Bring together what is for one record, and find the records that are there."""
        if not self._plan.looks_up:
            return [_One([taken], dict(taken.values)) for taken in batch]
        ones: dict[bytes, _One] = {}
        for taken in batch:
            known_by = taken.known_by or b""
            one = ones.get(known_by)
            if one is None:
                ones[known_by] = _One([taken], dict(taken.values))
            elif self._plan.upsert:
                one.takens.append(taken)
                one.values.update(taken.values)
            else:
                outcome.refused.append((taken, self._there_already()))
        self._find(rows, connection, list(ones.values()), lock=lock)
        if self._plan.upsert:
            return self._complete(list(ones.values()), outcome)
        for one in ones.values():
            if one.row is not None:
                outcome.refused.append((one.takens[0], self._there_already()))
        return [one for one in ones.values() if one.row is None]

    def _complete(self, ones: Sequence[_One], outcome: Outcome) -> list[_One]:
        """Refuse new records that lack what a new one must have."""
        good = []
        for one in ones:
            reason = self._plan.lacking(one.values) if one.row is None else None
            if reason is None:
                good.append(one)
            else:
                outcome.refused += [(taken, reason) for taken in one.takens]
        return good

    def _find(
        self, rows: Rows, connection: sa.Connection, ones: Sequence[_One], *, lock: bool
    ) -> None:
        by, there = self._plan.field, dict[Any, Row]()
        if by is None:
            there = lookup.by_keys(rows, connection, [_key(one) for one in ones], lock=lock)
            for one in ones:
                one.row = there.get(_key(one))
            return
        values = [one.values[by.name] for one in ones]
        there = lookup.by_field(rows, connection, by, values, lock=lock)
        for one, value in zip(ones, values, strict=True):
            one.row = there.get(value)

    def _ahead(
        self, connection: sa.Connection, new: Sequence[_One], outcome: Outcome
    ) -> list[_One]:
        """Keep the counter behind ids that were not counted, and refuse those that were."""
        table = self._plan.table
        if not new:
            return []
        first = system.next_id(connection, table.id, lock=True)
        good = []
        for one in new:
            if first <= _key(one)[0] < _LARGEST_ID:
                good.append(one)
                continue
            reason = f"{table.name} has no record with this id, and ids below {first} are not new"
            if _key(one)[0] >= _LARGEST_ID:
                reason = f"{table.name}.{table.key_names[0]} must be below {_LARGEST_ID}"
            outcome.refused += [(taken, reason) for taken in one.takens]
        if good:
            system.keep_ahead(connection, table.id, max(_key(one)[0] for one in good))
        return good

    def _there_already(self) -> str:
        return f"{self._plan.table.name} has a record with this primary key already"


class _Writer:
    """Writes the records of one batch, and counts."""

    def __init__(self, session: Session, plan: Plan, rows: Rows, outcome: Outcome) -> None:
        self._session = session
        self._plan = plan
        self._rows = rows
        self._outcome = outcome

    def each(self, ones: Sequence[_One], write: Callable[[Sequence[_One]], None]) -> None:
        """Write all at once, or each alone if one is refused."""
        if not ones:
            return
        if self._refusal(ones, write) is None:
            return
        for one in ones:
            reason = self._refusal([one], write)
            if reason is not None:
                self._outcome.refused += [(taken, reason) for taken in one.takens]

    def _refusal(self, ones: Sequence[_One], write: Callable[[Sequence[_One]], None]) -> str | None:
        """Write, and return why it was refused, or None."""
        try:
            with part(self._session.connection):
                write(ones)
        except (InputError, StorageError) as error:
            if not of_a_row(error):
                raise
            return str(error)
        return None

    def add(self, ones: Sequence[_One], keys: Sequence[tuple[Any, ...]]) -> None:
        """Add new records under these keys."""
        values = [self._plan.whole(one.values) for one in ones]
        writing.insert(self._session, self._plan.table, keys, values)
        self._outcome.added += len(ones)
        self._outcome.updated += sum(len(one.takens) for one in ones) - len(ones)

    def update(self, ones: Sequence[_One]) -> None:
        """Change the records that are there, if they are as strongroom wrote them."""
        session, table = self._session, self._plan.table
        sealer = writing.ways_into(session, table).sealer
        there = [one.row for one in ones if one.row is not None]
        olds, records, drafts, refused = [], [], [], []
        updated = 0
        for one, old, opened in zip(ones, there, sealer.open(there), strict=True):
            reason = self._unfit(one, old, opened)
            if reason is not None:
                refused += [(taken, reason) for taken in one.takens]
            elif isinstance(opened, Record):
                olds.append(old)
                records.append(opened)
                drafts.append(writing.changed(table, old, opened, one.values))
                updated += len(one.takens)
        mass_writing.write_over(session, table, olds, records, drafts)
        self._outcome.updated += updated
        self._outcome.refused += refused

    def _unfit(self, one: _One, old: Row, opened: Record | IntegrityError) -> str | None:
        """Return why a record that is there is not updated."""
        if isinstance(opened, IntegrityError):
            return str(opened)
        if self._plan.keyed and _key(one) != old.key:
            return "the record with this value has another primary key"
        return None


def _key(one: _One) -> tuple[Any, ...]:
    return one.takens[0].key or ()
