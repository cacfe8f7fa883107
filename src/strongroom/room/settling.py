"""A batch of rows of a table that is being adopted: each one is brought into strongroom's form.

    new      no shadows yet: its old values are opened, checked and sealed
    settled  the MACs of its old values and its seal hold: nothing to do
    stale    it changed since: done again if a trigger noted the change, otherwise reported

What does not open, or could not be stored, is reported by primary key and left as it is: never
guessed to be plaintext, never encrypted twice. No value is in a report.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from strongroom.crypto.mac import same
from strongroom.errors import DecryptionError, InputError
from strongroom.room.document import State
from strongroom.room.judging import Judge, Judged, OldValueError
from strongroom.room.paging import FIRST_PAGE, next_size
from strongroom.room.record import Record
from strongroom.room.sealing import Draft, Sealer
from strongroom.schema.conditions import equal
from strongroom.schema.pending import Pending
from strongroom.storage.dialect import Dialect
from strongroom.storage.plain_values import UNREADABLE
from strongroom.storage.rewriting.capture import Capture
from strongroom.storage.rewriting.filling import Filling
from strongroom.storage.rewriting.originals import Original, Originals

Key = tuple[Any, ...]
_FIRST_VERSION: Final = 1


class Failure(NamedTuple):
    """One row that could not be brought into strongroom's form.

    Attributes:
        key: of the row, as it stands there.
        reason: what is wrong, half a sentence that holds no value.
    """

    key: Key
    reason: str


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a batch."""

    done: int
    failures: list[Failure]


class Settler:
    """Settles the rows of one table under one state of the store."""

    def __init__(self, dialect: Dialect, state: State, originals: Originals) -> None:
        self._pending: Pending = originals.pending
        self._filling = Filling(originals.shape, self._pending)
        self._capture = Capture(dialect, self._pending)
        self._judge = Judge(state, self._pending)
        table = self._pending.table
        self._sealer = Sealer(state, table)
        places = {field.name: place for place, field in enumerate(table.fields)}
        self._filled = [places[field.name] for field in self._pending.filled]

    def settle(
        self,
        connection: sa.Connection,
        rows: Sequence[Original],
        *,
        prove: bool,
    ) -> Settled:
        """Bring every row into strongroom's form that can be.

        Args:
            connection: on which the rows were read and are locked.
            rows: the batch.
            prove: whether to open what was sealed earlier too, and to compare it with the old
                values, instead of trusting the MACs.
        """
        failures: list[Failure] = []
        drafts, found = [], []
        opened = self._opened(rows) if prove else {}
        for number, (original, one) in enumerate(zip(rows, self._judge.judged(rows), strict=True)):
            try:
                macs = one.found()
                if original.row.seal is not None:
                    if same(original.found, macs) and (
                        not prove or self._is_equal(one, opened.get(number))
                    ):
                        continue
                    self._check_noted(connection, original.raw)
                drafts.append(Draft(original.row.key, _FIRST_VERSION, one.checked(), {}))
                found.append(macs)
            except (OldValueError, InputError, DecryptionError) as error:
                failures.append(_failure(original, error))
        sealed = self._sealer.seal(drafts)
        beside = [
            (*(row.values[place] for place in self._filled), row.version, row.seal, macs)
            for row, macs in zip(sealed, found, strict=True)
        ]
        self._filling.fill(connection, [row.key for row in sealed], beside)
        return Settled(len(rows) - len(failures), failures)

    def look(self, rows: Sequence[Original]) -> list[Failure]:
        """Return which rows could not be brought into strongroom's form; write nothing."""
        return [
            _failure(original, one.error)
            for original, one in zip(rows, self._judge.judged(rows), strict=True)
            if one.error is not None
        ]

    def _opened(self, rows: Sequence[Original]) -> dict[int, Record]:
        """Open the sealed rows of a batch as one: those that open, by their number."""
        sealed = [number for number, one in enumerate(rows) if one.row.seal is not None]
        outcomes = self._sealer.open([rows[number].row for number in sealed])
        return {
            number: outcome
            for number, outcome in zip(sealed, outcomes, strict=True)
            if isinstance(outcome, Record)
        }

    def _check_noted(self, connection: sa.Connection, key: Key) -> None:
        """Look whether a trigger noted that a settled row has changed.

        Raises:
            OldValueError: none did.
        """
        if self._pending.offline or not self._capture.has_noted(connection, key):
            raise OldValueError(
                "changed since it was read, and no trigger saw that; --undo, then begin again"
            )

    def _is_equal(self, one: Judged, opened: Record | None) -> bool:
        """Compare what was sealed with what stands there now."""
        if opened is None:
            return False
        return equal(self._pending.table.fields, one.checked(), opened.record_values)


def _failure(original: Original, error: Exception) -> Failure:
    if UNREADABLE in original.row.key:
        return Failure(original.raw, "its primary key is of another type or spelling")
    return Failure(original.row.key, str(error))


def in_pages(originals: Originals, connection: sa.Connection) -> Iterator[list[Original]]:
    """Read the whole table, page after page, on one connection that holds it."""
    after: Key | None = None
    size, last = FIRST_PAGE, False
    while not last:
        rows, after, last = originals.page(connection, after, size)
        yield rows
        size = next_size([one.held for one in rows])
