"""A batch of rows on its way up, a column at a time and in this order.

    1. the structure of every seal and cell
    2. the seals
    3. the tag of every cell; only then does a decryptor exist
    4. the values

A row that fails any of it fails the batch, and is looked for by whoever asked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from strongroom.crypto.aead import VerifiedAll
from strongroom.crypto.cell import key_id_of
from strongroom.crypto.column import Cells, parse_column, verify_column
from strongroom.crypto.seal import HEAD_BYTES, SealHead, parse_seal
from strongroom.errors import DecryptionError
from strongroom.keys.keyring import Keyring
from strongroom.room.covered import Coverage
from strongroom.schema.table import Field, Layout, Table
from strongroom.schema.values import Value, decode_plaintexts
from strongroom.storage.row import Row, across

T = TypeVar("T")
_LARGEST_VERSION: Final = 2**63 - 1


class Found(NamedTuple):
    """The cells of one field in a group of rows: which rows have one, and the cells."""

    numbers: Sequence[int]
    cells: Cells


class Opened(NamedTuple):
    """A part of a column whose tags were checked: which rows it is of."""

    numbers: Sequence[int]
    verified: VerifiedAll


class _Alike(NamedTuple):
    """Rows that have the same key and layout in their seals: which they are, and their parts."""

    numbers: Sequence[int]
    keys: tuple[Any, ...]
    versions: tuple[Any, ...]
    seals: tuple[Any, ...]
    values: tuple[Any, ...]
    tokens: tuple[Any, ...]


class _Group(NamedTuple):
    """Such rows, whose structure was checked."""

    head: SealHead
    layout: Layout
    alike: _Alike
    identities: list[bytes]
    columns: list[list[Any]]
    tokens: list[list[Any]]
    cells: dict[int, Found]


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
        groups = [self._group(one) for one in self._alike(rows)]
        for group in groups:
            self._check_seals(group)
        verified = [self._verified(group) for group in groups]
        values: list[tuple[Value | None, ...]] = [()] * len(rows)
        for group, columns in zip(groups, verified, strict=True):
            for place, parts in columns.items():
                self._decrypt(group.columns[place], self._table.fields[place], parts)
            whole = across(group.columns, len(group.identities))
            if len(groups) == 1:
                return whole
            for number, one in zip(group.alike.numbers, whole, strict=True):
                values[number] = one
        return values

    def verified(self, field: Field, identities: Sequence[bytes], found: Found) -> list[Opened]:
        """Check the tags of a field's cells, in groups of cells under one key.

        Raises:
            DecryptionError: one of them does not belong there.
        """
        opened = []
        heads = found.cells.heads
        for places in _together(heads):
            key = self._keyring.cell_key(key_id_of(heads[places[0]]), self._table.id, field.id)
            numbers = _some(found.numbers, places)
            cells = found.cells if len(places) == len(heads) else found.cells.some(places)
            opened.append(Opened(numbers, verify_column(key, _some(identities, numbers), cells)))
        return opened

    def _alike(self, rows: Sequence[Row]) -> Iterator[_Alike]:
        """Divide rows by the key and layout of their seals."""
        seals = [row.seal for row in rows]
        if not set(map(type, seals)) <= {bytes}:
            raise DecryptionError
        for numbers in _together([seal[:HEAD_BYTES] for seal in seals]):
            yield _Alike(numbers, *zip(*_some(rows, numbers), strict=True))

    def _group(self, alike: _Alike) -> _Group:
        head = parse_seal(alike.seals[0])
        layout = self._table.layouts_by_id.get(head.layout_id)
        if layout is None or not self._coverage.knows(layout):
            raise DecryptionError
        if set(map(type, alike.versions)) != {int}:
            raise DecryptionError
        if not 1 <= min(alike.versions) <= max(alike.versions) <= _LARGEST_VERSION:
            raise DecryptionError
        columns = _columns(alike.values, len(self._table.fields))
        for field, column in zip(self._table.fields, columns, strict=True):
            # A field that came after this seal is not covered by it: nothing may stand there.
            if field.id not in layout.slots and any(value is not None for value in column):
                raise DecryptionError
        tokens = _columns(alike.tokens, len(self._table.columns))
        # A token that the seal does not cover may be any: it is never given out. At worst a query
        # fetches the record in vain, and `verify` names it.
        if any(not set(map(type, column)) <= {bytes, type(None)} for column in tokens):
            raise DecryptionError
        cells = {place: _cells(columns[place]) for place, _ in self._encrypted}
        identities = self._table.identities(alike.keys)
        return _Group(head, layout, alike, identities, columns, tokens, cells)

    def _check_seals(self, group: _Group) -> None:
        count = len(group.identities)
        covered = {
            place: spread(found.numbers, found.cells.slots(), count)
            for place, found in group.cells.items()
        }
        slots = self._coverage.slots(group.layout, group.columns, group.tokens, covered)
        key, alike = self._keyring.seal_key(group.head.key_id, self._table.id), group.alike
        key.check_all(alike.seals, group.layout.id, group.identities, alike.versions, slots)

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
            if len(values) == len(column):
                column[:] = values
            else:
                for number, value in zip(numbers, values, strict=True):
                    column[number] = value


def _together(heads: Sequence[bytes]) -> list[Sequence[int]]:
    """Return the places of those that are equal together, in order."""
    if len(set(heads)) == 1:
        return [range(len(heads))]
    places: dict[bytes, list[int]] = defaultdict(list)
    for place, head in enumerate(heads):
        places[head].append(place)
    return list(places.values())


def _some(column: Sequence[T], places: Sequence[int]) -> Sequence[T]:
    """Return what stands in some places, which rise; in as many as there are it is all of it."""
    return column if len(places) == len(column) else [column[place] for place in places]


def _columns(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Return rows as columns.

    Raises:
        DecryptionError: a row has not so many.
    """
    if set(map(len, rows)) != {width}:
        raise DecryptionError
    return [list(column) for column in zip(*rows, strict=True)]


def _cells(column: Sequence[Any]) -> Found:
    """Take a column's cells apart.

    Raises:
        DecryptionError: one of them is none.
    """
    if None not in column:
        return Found(range(len(column)), parse_column(column))
    numbers = [number for number, text in enumerate(column) if text is not None]
    return Found(numbers, parse_column([column[number] for number in numbers]))


def spread(numbers: Sequence[int], own: Iterable[bytes], count: int) -> list[bytes | None]:
    """Return a column in which some have what is their own, and the others None."""
    if len(numbers) == count:
        return list(own)
    column: list[bytes | None] = [None] * count
    for number, one in zip(numbers, own, strict=True):
        column[number] = one
    return column
