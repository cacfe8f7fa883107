"""A batch of rows on its way up, a column at a time and in this order.

    1. the structure of every seal and cell
    2. the seals
    3. the tag of every cell; only then does a decryptor exist
    4. the values

A row that fails any of it fails the batch, and is looked for by whoever asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from strongroom.crypto.aead import VerifiedAll
from strongroom.crypto.cell import Cell, key_id_of, slot_of
from strongroom.crypto.column import parse_column, verify_column
from strongroom.crypto.seal import SealHead, parse_seal
from strongroom.errors import DecryptionError
from strongroom.keys.keyring import Keyring
from strongroom.room.covered import Coverage
from strongroom.schema.table import Field, Layout, Table
from strongroom.schema.values import Value, decode_plaintexts
from strongroom.storage.row import Row

_LARGEST_VERSION: Final = 2**63 - 1
_HEAD_BYTES: Final = 10


class Cells(NamedTuple):
    """The cells of one field in a group of rows: which rows have one, and the cells."""

    numbers: Sequence[int]
    cells: list[Cell]


class Opened(NamedTuple):
    """A part of a column whose tags were checked: which rows it is of."""

    numbers: Sequence[int]
    verified: VerifiedAll


class _Group(NamedTuple):
    """Rows that have the same key and layout in their seals."""

    head: SealHead
    layout: Layout
    numbers: Sequence[int]
    rows: Sequence[Row]
    identities: list[bytes]
    columns: list[list[Any]]
    cells: dict[int, Cells]


class Unsealer:
    """Opens rows of one table."""

    def __init__(self, keyring: Keyring, table: Table, coverage: Coverage) -> None:
        self._keyring = keyring
        self._table = table
        self._coverage = coverage
        self._encrypted = [
            (place, field) for place, field in enumerate(table.fields) if field.encrypted
        ]

    def values(self, rows: Sequence[Row]) -> list[tuple[Value | None, ...]]:
        """Return the values of each row.

        Raises:
            IntegrityError: a row is not as strongroom wrote it.
            InputError: a plain value or a key has a type that it never had.
        """
        groups = [self._group(*one) for one in self._alike(rows)]
        for group in groups:
            self._check_seals(group)
        verified = [self._verified(group) for group in groups]
        values: list[tuple[Value | None, ...]] = [()] * len(rows)
        for group, columns in zip(groups, verified, strict=True):
            for place, parts in columns.items():
                self._decrypt(group.columns[place], self._table.fields[place], parts)
            whole = zip(*group.columns, strict=True) if group.columns else [()] * len(group.rows)
            for number, one in zip(group.numbers, whole, strict=True):
                values[number] = one
        return values

    def verified(self, field: Field, identities: Sequence[bytes], found: Cells) -> list[Opened]:
        """Check the tags of a field's cells, in groups of cells under one key.

        Raises:
            DecryptionError: one of them does not belong there.
        """
        by_key: dict[int, list[int]] = defaultdict(list)
        for place, cell in enumerate(found.cells):
            by_key[key_id_of(cell)].append(place)
        opened = []
        for key_id, places in by_key.items():
            key = self._keyring.cell_key(key_id, self._table.id, field.id)
            numbers = [found.numbers[place] for place in places]
            own = [identities[number] for number in numbers]
            cells = [found.cells[place] for place in places]
            opened.append(Opened(numbers, verify_column(key, own, cells)))
        return opened

    def _alike(self, rows: Sequence[Row]) -> list[tuple[SealHead, Sequence[int], Sequence[Row]]]:
        """Divide rows by the key and layout of their seals."""
        by_head: dict[bytes, list[int]] = defaultdict(list)
        width = len(self._table.fields)
        for number, row in enumerate(rows):
            if type(row.version) is not int or not 1 <= row.version <= _LARGEST_VERSION:
                raise DecryptionError
            if len(row.values) != width:
                raise DecryptionError
            if type(row.seal) is not bytes:
                raise DecryptionError
            by_head[row.seal[:_HEAD_BYTES]].append(number)
        alike: list[tuple[SealHead, Sequence[int], Sequence[Row]]] = []
        for numbers in by_head.values():
            some = [rows[number] for number in numbers]
            alike.append((parse_seal(some[0].seal), numbers, some))
        return alike

    def _group(self, head: SealHead, numbers: Sequence[int], rows: Sequence[Row]) -> _Group:
        layout = self._table.layouts_by_id.get(head.layout_id)
        if layout is None:
            raise DecryptionError
        self._check_tokens(layout, rows)
        columns = [list(column) for column in zip(*(row.values for row in rows), strict=True)]
        for field, column in zip(self._table.fields, columns, strict=True):
            # A field that came after this seal is not covered by it: nothing may stand there.
            if field.id not in layout.slots and any(value is not None for value in column):
                raise DecryptionError
        cells = {place: _cells(columns[place]) for place, _ in self._encrypted}
        identities = self._table.identities([row.key for row in rows])
        return _Group(head, layout, numbers, rows, identities, columns, cells)

    def _check_tokens(self, layout: Layout, rows: Sequence[Row]) -> None:
        """Refuse a layout over columns that are gone, and tokens of another type.

        A token that the seal does not cover may be any: it is never given out. At worst a query
        fetches the record in vain, and `verify` names it.
        """
        if not self._coverage.knows(layout):
            raise DecryptionError
        width = len(self._table.columns)
        for row in rows:
            if len(row.tokens) != width:
                raise DecryptionError
            if any(token is not None and type(token) is not bytes for token in row.tokens):
                raise DecryptionError

    def _check_seals(self, group: _Group) -> None:
        covered: dict[int, list[bytes | None]] = {}
        for place, found in group.cells.items():
            column: list[bytes | None] = [None] * len(group.rows)
            for number, cell in zip(found.numbers, found.cells, strict=True):
                column[number] = slot_of(cell)
            covered[place] = column
        tokens = list(zip(*(row.tokens for row in group.rows), strict=True))
        slots = self._coverage.slots(group.layout, group.columns, tokens, covered)
        key = self._keyring.seal_key(group.head.key_id, self._table.id)
        seals, versions = [row.seal for row in group.rows], [row.version for row in group.rows]
        key.check_all(seals, group.layout.id, group.identities, versions, slots)

    def _verified(self, group: _Group) -> dict[int, list[Opened]]:
        return {
            place: self.verified(field, group.identities, group.cells[place])
            for place, field in self._encrypted
        }

    @staticmethod
    def _decrypt(column: list[Any], field: Field, parts: Sequence[Opened]) -> None:
        """Put a field's values in the place of its cells."""
        for numbers, verified in parts:
            values = decode_plaintexts(field.type.tag, verified.decrypt())
            for number, value in zip(numbers, values, strict=True):
                column[number] = value


def _cells(column: Sequence[Any]) -> Cells:
    """Take a column's cells apart.

    Raises:
        DecryptionError: one of them is none.
    """
    numbers = [number for number, text in enumerate(column) if text is not None]
    return Cells(numbers, parse_column([column[number] for number in numbers]))
