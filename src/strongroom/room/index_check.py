"""Whether the tokens that stand in the database are those that the records should have.

Every token can be made again from its record, so one that was copied to another record, deleted or
added is found. Meanwhile records are written, and indexes come and go: each record is judged by
the catalogue that it was read by, and what differs is looked at again, until the record was the
same before its tokens were read and after.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from strongroom.crypto.seal import parse_seal
from strongroom.errors import IntegrityError, NotFoundError, StorageError
from strongroom.room.record import Record
from strongroom.room.store import Store
from strongroom.room.table import Table as RoomTable
from strongroom.room.tokens import TokenMaker
from strongroom.schema.search.index import BlindIndex, Phase
from strongroom.schema.table import Table
from strongroom.storage.postings import Postings

_TRIES: Final = 20
_MOST_ORPHANS: Final = 1_000


class IndexCheck:
    """Checks the tokens of one table."""

    def __init__(self, store: Store, table: RoomTable) -> None:
        self._store = store
        self._table = table

    def errors(self, records: Sequence[Record]) -> Iterator[IntegrityError]:
        """Give an error for each record, and each of its indexes, that is not as it should be."""
        groups: dict[int, list[Record]] = {}
        for record in records:
            groups.setdefault(id(record.record_table), []).append(record)
        for group in groups.values():
            table = group[0].record_table
            for index in table.indexes:
                if index.answers:
                    yield from self._errors(table, index, group)

    def orphans(self) -> Iterator[IntegrityError]:
        """Give an error for each record that has tokens and is not there."""
        table = self._table.declared
        for index in table.beside:
            if not index.answers:
                continue
            try:
                with self._store.database.read() as connection:
                    postings = Postings(self._store.dialect, table, index)
                    found = postings.orphans(connection, _MOST_ORPHANS)
            except StorageError:
                if self._stands(index):
                    raise
                continue
            for key in found:
                # What somebody put there as a key is not repeated, unless it is a number.
                number = all(type(part) is int for part in key)
                name = f"record {', '.join(map(str, key))}" if number else "a record"
                yield IntegrityError(
                    f"the index {index.name} of {table.name} has tokens of {name}, which is not "
                    "there",
                    hint="searches are not wrong by that; to be rid of them: strongroom "
                    f"rebuild-index {table.name} {index.name}",
                )

    def _errors(
        self, table: Table, index: BlindIndex, records: Sequence[Record]
    ) -> Iterator[IntegrityError]:
        maker = TokenMaker(self._store.state, table)
        try:
            there = self._there(table, index, records)
        except StorageError:
            if self._stands(index):
                raise
            return  # it was dropped or replaced meanwhile
        # While an index comes or goes, records are sealed under one layout or the other.
        changing = any(one.phase is not Phase.ACTIVE for one in table.indexes)
        for record, tokens in zip(records, there, strict=True):
            same = _are(tokens, _expected(maker, index, record))
            covered = changing or index.kind.beside or _is_covered(index, record)
            if (not same and self._stays_wrong(index, record)) or not covered:
                yield _error(record, index)

    def _there(self, table: Table, index: BlindIndex, records: Sequence[Record]) -> list[list[Any]]:
        if not index.kind.beside:
            place = table.columns.index(index)
            tokens = (record.record_tokens[place] for record in records)
            return [[] if one is None else [one] for one in tokens]
        keys = [record.record_key for record in records]
        with self._store.database.read() as connection:
            found = Postings(self._store.dialect, table, index).of(connection, keys)
        return [found[key] for key in keys]

    def _stands(self, index: BlindIndex) -> bool:
        """Say whether the catalogue, as it is now, still has an index."""
        self._store.refresh(self._store.state, wait=True)
        return any(one.id == index.id for one in self._table.declared.indexes)

    def _stays_wrong(self, index: BlindIndex, seen: Record) -> bool:
        """Look again, until nobody wrote the record meanwhile."""
        for _ in range(_TRIES):
            try:
                before = self._table.get(seen.record_key)
                table = before.record_table
                now = next((one for one in table.indexes if one.id == index.id), None)
                if now is None or not now.answers:
                    return False  # dropped or replaced meanwhile
                [tokens] = self._there(table, now, [before])
                if self._table.get(seen.record_key) != before:
                    continue
            except NotFoundError:
                return False  # deleted meanwhile: its tokens, if any are left, have no record
            except IntegrityError:
                return False  # changed meanwhile: that is another finding
            except StorageError:
                if self._stands(index):
                    raise
                return False
            maker = TokenMaker(self._store.state, table)
            return not _are(tokens, _expected(maker, now, before))
        return False


def _are(tokens: Sequence[Any], expected: Sequence[bytes]) -> bool:
    """Compare tokens, whatever somebody put there in the place of one."""
    return all(type(one) is bytes for one in tokens) and Counter(tokens) == Counter(expected)


def _expected(maker: TokenMaker, index: BlindIndex, record: Record) -> list[bytes]:
    table = record.record_table
    identity = table.identity(record.record_key)
    values = record.record_values
    if index.kind.beside:
        return list(maker.beside(index, [identity], [values])[0])
    return [token for token in maker.column(index, [identity], [values]) if token is not None]


def _is_covered(index: BlindIndex, record: Record) -> bool:
    layout = record.record_table.layouts_by_id.get(parse_seal(record.record_seal).layout_id)
    return layout is not None and index.id in layout.slots


def _error(record: Record, index: BlindIndex) -> IntegrityError:
    name, table = ", ".join(str(part) for part in record.record_key), record.record_table
    return IntegrityError(
        f"record {name} of {table.name} has other tokens in the index {index.name} than it should",
        hint=f"searches may miss it; make them anew: strongroom rebuild-index {table.name} "
        f"{index.name}",
    )
