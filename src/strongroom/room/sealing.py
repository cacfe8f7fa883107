"""The one pair of functions between values and rows: seal on the way down, open on the way up.

Both take a batch, a column at a time. A record that does not open gives one error with one text
and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from strongroom.crypto.column import parse_column, seal_column
from strongroom.errors import DecryptionError, InputError, IntegrityError
from strongroom.keys.keyring import Purpose
from strongroom.room.covered import Coverage
from strongroom.room.document import State
from strongroom.room.record import Record, record_class, records
from strongroom.room.tokens import TokenMaker
from strongroom.room.unsealing import Found, Unsealer, spread
from strongroom.schema.table import Field, Table
from strongroom.schema.values import Value, decode_plaintexts, encode_plaintexts
from strongroom.storage.row import Columns, Row

Key = tuple[Any, ...]
Values = tuple[Value | None, ...]
"""Of a whole record, in the order of its table's fields."""
_FIRST_VERSION: Final = 1


class Draft(NamedTuple):
    """A record to be sealed: its values, and the cells of fields that stay as they are."""

    key: Key
    version: int
    values: Values
    kept: Mapping[int, str]

    def __repr__(self) -> str:
        return "<a draft>"


class Sealer:
    """Seals and opens the records of one table under one state of the store."""

    def __init__(self, state: State, table: Table) -> None:
        self._keyring = state.keyring
        self._table = table
        self._record = record_class(table)
        self._tokens = TokenMaker(state, table)
        self._coverage = Coverage(table)
        self._unsealer = Unsealer(state.keyring, table, self._coverage)
        self._encrypted = [
            (place, field) for place, field in enumerate(table.fields) if field.encrypted
        ]

    def seal(self, drafts: Sequence[Draft]) -> list[Row]:
        """Turn a batch of records into rows, under the active data key.

        Drafts that keep cells must come from rows that were opened in this transaction: a seal
        over values that nobody checked would bless whatever someone put there.
        """
        if not drafts:
            return []
        keys, versions, values, kept = zip(*drafts, strict=True)
        return self._sealed(keys, versions, values, kept if any(kept) else None).rows()

    def seal_new(self, keys: Sequence[Key], values: Sequence[Values]) -> Columns:
        """Turn a batch of new records, one at least, into rows, given the values of each."""
        return self._sealed(keys, [_FIRST_VERSION] * len(keys), values, None)

    def _sealed(
        self,
        keys: Sequence[Key],
        versions: Sequence[int],
        values: Sequence[Values],
        kept: Sequence[Mapping[int, str]] | None,
    ) -> Columns:
        table, key_id = self._table, self._keyring.active(Purpose.DATA)
        identities = table.identities(keys)
        columns: list[Sequence[Any]] = list(zip(*values, strict=True))
        covered = {}
        for place, field in self._encrypted:
            own = None if kept is None else [one.get(place) for one in kept]
            columns[place], covered[place] = self._cells(field, columns[place], own, identities)
        tokens = [self._tokens.column(index, identities, values) for index in table.columns]
        slots = self._coverage.slots(table.layout, columns, tokens, covered)
        seals = self._keyring.seal_key(key_id, table.id).seal_all(
            table.layout.id, identities, versions, slots
        )
        return Columns(keys, versions, seals, columns, tokens)

    def _cells(
        self,
        field: Field,
        values: Sequence[Value | None],
        kept: Sequence[str | None] | None,
        identities: Sequence[bytes],
    ) -> tuple[Sequence[str | None], Sequence[bytes | None]]:
        """Return a field's column of cells, and what the seal covers of each; None for NULL."""
        key = self._keyring.cell_key(self._keyring.active(Purpose.DATA), self._table.id, field.id)
        tag, pad = field.type.tag, field.type.pad
        if kept is None and None not in values:
            return seal_column(key, identities, encode_plaintexts(tag, values, pad))
        cells: list[str | None] = list(kept) if kept else [None] * len(values)
        old = [number for number, cell in enumerate(cells) if cell is not None]
        covered = spread(old, parse_column([cells[n] for n in old]).slots(), len(cells))
        new = [
            number
            for number, (value, cell) in enumerate(zip(values, cells, strict=True))
            if cell is None and value is not None
        ]
        plaintexts = encode_plaintexts(tag, [values[n] for n in new], pad)
        sealed = seal_column(key, [identities[n] for n in new], plaintexts)
        for number, text, slot in zip(new, sealed.texts, sealed.slots, strict=True):
            cells[number], covered[number] = text, slot
        return cells, covered

    def open(self, rows: Sequence[Row]) -> list[Record | IntegrityError]:
        """Open a batch of rows; a row that fails gives an error in its place, not a stop."""
        try:
            return [*self._records(rows)]
        except (IntegrityError, InputError):
            return [self._open_alone(row) for row in rows]

    def open_one(self, row: Row) -> Record:
        """Open one row.

        Raises:
            IntegrityError: it is not as strongroom wrote it.
        """
        outcome = self._open_alone(row)
        if isinstance(outcome, IntegrityError):
            raise outcome
        return outcome

    def record(self, row: Row, values: tuple[Value | None, ...]) -> Record:
        """Return the record of a row that was just sealed here from these values."""
        return self._record(row, values)

    def _open_alone(self, row: Row) -> Record | IntegrityError:
        try:
            return self._records([row])[0]
        except (IntegrityError, InputError):
            return broken(self._table, row.key)

    def _records(self, rows: Sequence[Row]) -> list[Record]:
        """Open all rows or raise."""
        return records(self._record, rows, self._unsealer.values(rows))

    def open_without_seal(self, row: Row) -> tuple[Value | None, ...]:
        """Open the cells of a row whose seal does not hold, to show them to a person.

        What is returned was not written together: a cell may be an older one of the same field.

        Raises:
            IntegrityError: a cell does not open or is NULL, or a plain value cannot be encoded.
        """
        if len(row.values) != len(self._table.fields):
            raise DecryptionError
        identities = self._table.identities([row.key])
        found = [parse_column([row.values[place]]) for place, _ in self._encrypted]
        verified = [
            self._unsealer.verified(field, identities, Found([0], cells))
            for (_, field), cells in zip(self._encrypted, found, strict=True)
        ]
        opened = list(row.values)
        for (place, field), parts in zip(self._encrypted, verified, strict=True):
            [opened[place]] = decode_plaintexts(field.type.tag, parts[0].verified.decrypt())
        for field, value in zip(self._table.fields, opened, strict=True):
            if not field.encrypted and not _can_hold(field, value):
                raise IntegrityError(
                    f"{self._table.name}.{field.name} has a value that it cannot hold",
                    hint="correct it with the tool that wrote it, then look again",
                )
        return tuple(opened)


def _can_hold(field: Field, value: object) -> bool:
    try:
        field.type.check(value, field.name)
    except InputError:
        return False
    return True


def broken(table: Table, key: tuple[Any, ...]) -> IntegrityError:
    """Return the one error for a record that is not as strongroom wrote it."""
    try:
        table.identity(key)
    except InputError:
        # Whatever stands there instead was put there by someone else: it is not repeated.
        return IntegrityError(f"{table.name} has a record with a primary key of another type")
    name = ", ".join(str(part) for part in key)
    return IntegrityError(
        f"record {name} of {table.name} was changed outside strongroom",
        hint=f"restore it, or look at it with: strongroom reseal {table.name} {name}",
    )
