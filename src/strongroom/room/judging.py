"""What the rows of a table that is being adopted say: their old values, opened and checked.

A batch is taken a column at a time; only where something is wrong in it row by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from strongroom.errors import DecryptionError, InputError
from strongroom.keys.keyring import Purpose
from strongroom.room.document import State
from strongroom.room.old_values import opener
from strongroom.room.sealing import Values
from strongroom.schema.pending import PLAINTEXT, Pending
from strongroom.schema.table import Field
from strongroom.schema.types import Text
from strongroom.storage.rewriting.originals import Original

_TEXTS: Final = {str, type(None)}


class OldValueError(Exception):
    """Why a row stays as it is. Holds no value."""


class Judged(NamedTuple):
    """What one row says.

    Attributes:
        macs: those of its old values, end to end, or None where it could not be read.
        values: of all fields, as they will be stored, or None where there is an error.
        error: why there are none, without a value.
    """

    macs: bytes | None
    values: Values | None
    error: Exception | None

    def found(self) -> bytes:
        """Return the MACs, or raise the error that stands in their place."""
        if self.macs is None:
            raise self.error or AssertionError
        return self.macs

    def checked(self) -> Values:
        """Return the values, or raise the error that stands in their place."""
        if self.values is None:
            raise self.error or AssertionError
        return self.values

    def __repr__(self) -> str:
        return "<a judged row>"


class Judge:
    """Judges the rows of one table under one state of the store."""

    def __init__(self, state: State, pending: Pending) -> None:
        self._pending = pending
        self._opener = opener(pending, state.keyring)
        self._as_they_are = pending.scheme == PLAINTEXT
        self._old_fields = [pending.table.by_name[name] for name in pending.replaced]
        data_key = state.keyring.active(Purpose.DATA)
        self._found_keys = [
            state.keyring.found_key(data_key, pending.table.id, field.id)
            for field in self._old_fields
        ]

    def judged(self, rows: Sequence[Original]) -> list[Judged]:
        """Return what each row says."""
        try:
            both = zip(self._macs(rows), self._values(rows), strict=True)
            return [Judged(macs, values, None) for macs, values in both]
        except (OldValueError, InputError, DecryptionError):
            return [self._alone(row) for row in rows]

    def _alone(self, row: Original) -> Judged:
        macs = None
        try:
            [macs] = self._macs([row])
            [values] = self._values([row])
        except (OldValueError, InputError, DecryptionError) as error:
            return Judged(macs, None, error)
        return Judged(macs, values, None)

    def _macs(self, rows: Sequence[Original]) -> list[bytes]:
        """Return the MACs of each row's old values as they were found.

        Raises:
            OldValueError: a row could not be read.
            InputError: a primary key is of another type.
        """
        if not all(one.row.values for one in rows):
            raise OldValueError("holds a value that cannot be read, such as an infinite date")
        identities = self._pending.table.identities([one.row.key for one in rows])
        columns = [
            key.macs(identities, [one.old[place] for one in rows])
            for place, key in enumerate(self._found_keys)
        ]
        return list(map(b"".join, zip(*columns, strict=True)))

    def _values(self, rows: Sequence[Original]) -> list[Values]:
        """Return the values of each row as they will be stored.

        Raises:
            InputError: a value that its field could not hold, by the field's name and rule.
            OldValueError: an old value does not open.
        """
        table, columns = self._pending.table, []
        places = {field.name: place for place, field in enumerate(self._old_fields)}
        for place, field in enumerate(table.fields):
            if field.name in places:
                values = self._opened(field, [one.old[places[field.name]] for one in rows])
            else:
                values = [one.row.values[place] for one in rows]
            columns.append(field.type.check_all(values, table.where(field)))
        return list(zip(*columns, strict=True))

    def _opened(self, field: Field, raws: Sequence[object]) -> Sequence[object]:
        if self._as_they_are and type(field.type) is Text and set(map(type, raws)) <= _TEXTS:
            return raws  # a text stands for itself, and is checked as all are
        try:
            return [None if raw is None else self._opener(field, raw) for raw in raws]
        except DecryptionError:
            pass
        scheme = self._pending.scheme
        raise OldValueError(f"{field.name} does not open under the scheme {scheme}")
