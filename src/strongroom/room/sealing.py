"""The one pair of functions between values and rows: seal on the way down, open on the way up.

A record is opened in this order, for a whole batch: the structure of every cell and of the seal,
then the seal, then every cell's tag; only then does a decryptor exist. A record that fails any of
it gives one error with one text and nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from strongroom.crypto.cell import Cell, parse
from strongroom.crypto.column import VerifiedColumn, seal_column, verify_column
from strongroom.crypto.seal import cell_slot, null_slot, parse_seal, plain_slot, token_slot
from strongroom.errors import DecryptionError, InputError, IntegrityError
from strongroom.keys.keyring import Purpose
from strongroom.room.document import State
from strongroom.room.record import Record, record_class
from strongroom.room.tokens import TokenMaker
from strongroom.schema.table import Field, Layout, Table
from strongroom.schema.values import (
    Value,
    decode_plaintext,
    encode_plain,
    encode_plaintext,
)
from strongroom.storage.rows import Row

_LARGEST_VERSION: Final = 2**63 - 1


@dataclass(frozen=True, slots=True, repr=False)
class Draft:
    """A record to be sealed: its values, and the cells of fields that stay as they are."""

    key: tuple[Any, ...]
    version: int
    values: tuple[Value | None, ...]
    kept: Mapping[int, str]


class _Parsed(NamedTuple):
    """A row whose structure was checked, and nothing else."""

    identity: bytes
    layout: Layout
    seal_key_id: int
    cells: dict[int, Cell]


class Sealer:
    """Seals and opens the records of one table under one state of the store."""

    def __init__(self, state: State, table: Table) -> None:
        self._keyring = state.keyring
        self._table = table
        self._record = record_class(table)
        self._tokens = TokenMaker(state, table)
        self._places = {field.id: place for place, field in enumerate(table.fields)}
        self._columns = {index.id: place for place, index in enumerate(table.columns)}
        self._known = {*self._places, *self._columns}
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
        table, key_id = self._table, self._keyring.active(Purpose.DATA)
        identities = [table.identity(draft.key) for draft in drafts]
        columns: list[list[Any]] = [
            list(column) for column in zip(*(d.values for d in drafts), strict=True)
        ]
        for place, field in self._encrypted:
            self._seal_field(columns[place], place, field, drafts, identities)
        seal_key = self._keyring.seal_key(key_id, table.id)
        rows = []
        for number, draft in enumerate(drafts):
            values = tuple(column[number] for column in columns)
            tokens = tuple(
                self._tokens.column(index, identities[number], draft.values)
                for index in table.columns
            )
            slots = self._slots(table.layout, values, tokens, {})
            seal = seal_key.seal(table.layout.id, identities[number], draft.version, slots)
            rows.append(Row(draft.key, draft.version, seal, values, tokens))
        return rows

    def _seal_field(
        self,
        column: list[Any],
        place: int,
        field: Field,
        drafts: Sequence[Draft],
        identities: Sequence[bytes],
    ) -> None:
        """Replace a column of values by cells, except where a cell is kept or there is NULL."""
        new = []
        for number, draft in enumerate(drafts):
            if place in draft.kept:
                column[number] = draft.kept[place]
            elif column[number] is not None:
                new.append(number)
        key = self._keyring.cell_key(self._keyring.active(Purpose.DATA), self._table.id, field.id)
        plaintexts = [encode_plaintext(field.type.tag, column[n], field.type.pad) for n in new]
        cells = seal_column(key, [identities[n] for n in new], plaintexts)
        for number, cell in zip(new, cells, strict=True):
            column[number] = cell

    def _slots(
        self,
        layout: Layout,
        values: Sequence[Any],
        tokens: Sequence[Any],
        cells: Mapping[int, Cell],
    ) -> list[bytes]:
        """Return what the seal covers, in the layout's order."""
        slots = []
        for slot_id in layout.slots:
            place = self._places.get(slot_id)
            if place is None:
                slots.append(self._token(slot_id, tokens))
                continue
            field, value = self._table.fields[place], values[place]
            if value is None:
                slots.append(null_slot(slot_id))
            elif field.encrypted:
                slots.append(cell_slot(slot_id, cells.get(place) or parse(value)))
            else:
                slots.append(plain_slot(slot_id, encode_plain(field.type.tag, value)))
        return slots

    def _token(self, slot_id: int, tokens: Sequence[Any]) -> bytes:
        """Return the slot of an index column."""
        token = tokens[self._columns[slot_id]]
        return null_slot(slot_id) if token is None else token_slot(slot_id, token)

    def open(self, rows: Sequence[Row]) -> list[Record | IntegrityError]:
        """Open a batch of rows; a row that fails gives an error in its place, not a stop."""
        try:
            return list(self._open_together(rows))
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

    def open_without_seal(self, row: Row) -> tuple[Value | None, ...]:
        """Open the cells of a row whose seal does not hold, to show them to a person.

        What is returned was not written together: a cell may be an older one of the same field.

        Raises:
            IntegrityError: a cell does not open or is NULL, or a plain value cannot be encoded.
        """
        if len(row.values) != len(self._table.fields):
            raise DecryptionError
        cells = {}
        for place, _ in self._encrypted:
            cells[place] = parse(row.values[place])
        one = _Parsed(self._table.identity(row.key), self._table.layout, 0, cells)
        columns = {place: self._verify(place, field, [one]) for place, field in self._encrypted}
        opened = list(row.values)
        for place, field in self._encrypted:
            for _, verified in columns[place]:
                opened[place] = decode_plaintext(field.type.tag, verified.decrypt()[0])
        for field, value in zip(self._table.fields, opened, strict=True):
            if not field.encrypted and not _can_hold(field, value):
                raise IntegrityError(
                    f"{self._table.name}.{field.name} has a value that it cannot hold",
                    hint="correct it with the tool that wrote it, then look again",
                )
        return tuple(opened)

    def _open_alone(self, row: Row) -> Record | IntegrityError:
        try:
            return next(iter(self._open_together([row])))
        except (IntegrityError, InputError):
            return broken(self._table, row.key)

    def _open_together(self, rows: Sequence[Row]) -> Iterable[Record]:
        """Open all rows or raise."""
        parsed = [self._parse(row) for row in rows]
        for row, one in zip(rows, parsed, strict=True):
            self._check_seal(row, one)
        columns = {place: self._verify(place, field, parsed) for place, field in self._encrypted}
        opened: list[list[Any]] = [list(row.values) for row in rows]
        for place, field in self._encrypted:
            for numbers, verified in columns[place]:
                for number, plaintext in zip(numbers, verified.decrypt(), strict=True):
                    opened[number][place] = decode_plaintext(field.type.tag, plaintext)
        return [self._record(row, tuple(one)) for row, one in zip(rows, opened, strict=True)]

    def _parse(self, row: Row) -> _Parsed:
        if type(row.version) is not int or not 1 <= row.version <= _LARGEST_VERSION:
            raise DecryptionError
        if len(row.values) != len(self._table.fields):
            raise DecryptionError
        head = parse_seal(row.seal)
        layout = self._table.layouts_by_id.get(head.layout_id)
        if layout is None:
            raise DecryptionError
        for field, value in zip(self._table.fields, row.values, strict=True):
            # A field that came after this seal is not covered by it: nothing may stand there.
            if value is not None and field.id not in layout.slots:
                raise DecryptionError
        self._check_tokens(layout, row)
        cells = {
            place: parse(row.values[place])
            for place, _ in self._encrypted
            if row.values[place] is not None
        }
        return _Parsed(self._table.identity(row.key), layout, head.key_id, cells)

    def _check_tokens(self, layout: Layout, row: Row) -> None:
        """Refuse a layout over columns that are gone, and tokens of another type.

        A token that the seal does not cover may be any: it is never given out. At worst a query
        fetches the record in vain, and `verify` names it.
        """
        if len(row.tokens) != len(self._columns) or not self._known.issuperset(layout.slots):
            raise DecryptionError
        if any(token is not None and type(token) is not bytes for token in row.tokens):
            raise DecryptionError

    def _check_seal(self, row: Row, one: _Parsed) -> None:
        slots = self._slots(one.layout, row.values, row.tokens, one.cells)
        key = self._keyring.seal_key(one.seal_key_id, self._table.id)
        key.check(row.seal, one.identity, row.version, slots)

    def _verify(
        self, place: int, field: Field, parsed: Sequence[_Parsed]
    ) -> list[tuple[list[int], VerifiedColumn]]:
        """Check a column's tags, in groups of cells under one key."""
        groups: dict[int, list[int]] = defaultdict(list)
        for number, one in enumerate(parsed):
            if place in one.cells:
                groups[one.cells[place].key_id].append(number)
        verified = []
        for key_id, numbers in groups.items():
            key = self._keyring.cell_key(key_id, self._table.id, field.id)
            identities = [parsed[n].identity for n in numbers]
            cells = [parsed[n].cells[place] for n in numbers]
            verified.append((numbers, verify_column(key, identities, cells)))
        return verified


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
