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
from strongroom.keys.keyring import Purpose
from strongroom.room.document import State
from strongroom.room.old_values import opener
from strongroom.room.paging import FIRST_PAGE, next_size
from strongroom.room.record import Record
from strongroom.room.sealing import Draft, Sealer
from strongroom.schema.conditions import Condition
from strongroom.schema.pending import Pending
from strongroom.schema.table import Field
from strongroom.schema.values import Value
from strongroom.storage.dialect import UNREADABLE, Dialect
from strongroom.storage.rewriting.capture import Capture
from strongroom.storage.rewriting.filling import Filling
from strongroom.storage.rewriting.originals import Original, Originals
from strongroom.storage.row import Row

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
        self._opener = opener(self._pending, state.keyring)
        table = self._pending.table
        self._sealer = Sealer(state, table)
        self._old_fields = [table.by_name[name] for name in self._pending.replaced]
        data_key = state.keyring.active(Purpose.DATA)
        self._found_keys = [
            state.keyring.found_key(data_key, table.id, field.id) for field in self._old_fields
        ]

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
        for number, original in enumerate(rows):
            try:
                _check_read(original)
                macs = self._macs(original)
                if original.row.seal is not None:
                    if same(original.found, macs) and (
                        not prove or self._is_equal(original, opened.get(number))
                    ):
                        continue
                    self._check_noted(connection, original.raw)
                drafts.append(self._draft(original))
                found.append(macs)
            except (_FailedError, InputError, DecryptionError) as error:
                failures.append(self._failure(original, error))
        sealed = self._sealer.seal(drafts)
        self._filling.fill(
            connection,
            [row.key for row in sealed],
            [self._beside(row, macs) for row, macs in zip(sealed, found, strict=True)],
        )
        return Settled(len(rows) - len(failures), failures)

    def look(self, rows: Sequence[Original]) -> list[Failure]:
        """Return which rows could not be brought into strongroom's form; write nothing."""
        failures = []
        for original in rows:
            try:
                _check_read(original)
                self._draft(original)
            except (_FailedError, InputError) as error:
                failures.append(self._failure(original, error))
        return failures

    def _opened(self, rows: Sequence[Original]) -> dict[int, Record]:
        """Open the sealed rows of a batch as one: those that open, by their number."""
        sealed = [number for number, one in enumerate(rows) if one.row.seal is not None]
        outcomes = self._sealer.open([rows[number].row for number in sealed])
        return {
            number: outcome
            for number, outcome in zip(sealed, outcomes, strict=True)
            if isinstance(outcome, Record)
        }

    def _macs(self, original: Original) -> bytes:
        identity = self._pending.table.identity(original.row.key)
        return b"".join(
            key.mac(identity, old) for key, old in zip(self._found_keys, original.old, strict=True)
        )

    def _check_noted(self, connection: sa.Connection, key: Key) -> None:
        """Look whether a trigger noted that a settled row has changed.

        Raises:
            _FailedError: none did.
        """
        if self._pending.offline or not self._capture.has_noted(connection, key):
            raise _FailedError(
                "changed since it was read, and no trigger saw that; --undo, then begin again"
            )

    def _is_equal(self, original: Original, opened: Record | None) -> bool:
        """Compare what was sealed with what stands there now."""
        if opened is None:
            return False
        expected = self._draft(original).values
        fields = self._pending.table.fields
        return all(
            Condition(field, value).holds(opened[field.name])
            for field, value in zip(fields, expected, strict=True)
        )

    def _draft(self, original: Original) -> Draft:
        """Open a row's old values and check all of them.

        Raises:
            InputError: a value that its field could not hold, by the field's name and rule.
            _FailedError: an old value does not open.
        """
        values = []
        old = dict(zip(self._pending.replaced, original.old, strict=True))
        for field, plain in zip(self._pending.table.fields, original.row.values, strict=True):
            where = f"{self._pending.table.name}.{field.name}"
            value = self._old(field, old[field.name]) if field.name in old else plain
            values.append(field.type.check(value, where))
        return Draft(original.row.key, _FIRST_VERSION, tuple(values), {})

    def _old(self, field: Field, raw: Any) -> Value | None:  # noqa: ANN401  # of the driver
        if raw is None:
            return None
        try:
            return self._opener(field, raw)
        except DecryptionError:
            pass
        raise _FailedError(f"{field.name} does not open under the scheme {self._pending.scheme}")

    def _beside(self, row: Row, macs: bytes) -> list[Any]:
        places = {field.name: place for place, field in enumerate(self._pending.table.fields)}
        cells = [row.values[places[field.name]] for field in self._pending.filled]
        return [*cells, row.version, row.seal, macs]

    def _failure(self, original: Original, error: Exception) -> Failure:
        if UNREADABLE in original.row.key:
            return Failure(original.raw, "its primary key is of another type or spelling")
        return Failure(original.row.key, str(error))


def _check_read(original: Original) -> None:
    """Refuse a row of which the driver could not hand over everything.

    Raises:
        _FailedError: it is one.
    """
    if not original.row.values:
        raise _FailedError("holds a value that cannot be read, such as an infinite date")


class _FailedError(Exception):
    """Why a row stays as it is. Holds no value."""


def in_pages(originals: Originals, connection: sa.Connection) -> Iterator[list[Original]]:
    """Read the whole table, page after page, on one connection that holds it."""
    after: Key | None = None
    size, last = FIRST_PAGE, False
    while not last:
        rows, after, last = originals.page(connection, after, size)
        yield rows
        if rows:
            size = next_size([one.whole for one in rows])
