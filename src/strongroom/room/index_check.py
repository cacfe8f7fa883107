"""Whether the tokens that stand in the database are those that the records should have.

Every token can be made again from its record, so one that was copied to another record, deleted or
added is found. Records are written meanwhile: what differs is looked at again, until the record
was the same before its tokens were read and after.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from strongroom.crypto.seal import parse_seal
from strongroom.errors import IntegrityError, NotFoundError
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

    def __init__(self, store: Store, table: RoomTable, schema: Table) -> None:
        """Get ready.

        Args:
            store: whose table it is.
            table: to read a record again.
            schema: what the catalogue says of it.
        """
        self._store = store
        self._table = table
        self._schema = schema
        self._active = [one for one in schema.indexes if one.answers]
        changing = any(one.phase is not Phase.ACTIVE for one in schema.indexes)
        # While an index comes or goes, records are sealed under one layout or the other.
        self._covered = () if changing else tuple(one.id for one in schema.columns)

    def errors(self, records: Sequence[Record]) -> Iterator[IntegrityError]:
        """Give an error for each record, and each of its indexes, that is not as it should be."""
        maker = TokenMaker(self._store.state, self._schema)
        for index in self._active:
            there = self._there(index, records)
            for record, tokens in zip(records, there, strict=True):
                expected = self._expected(maker, index, record)
                wrong = sorted(tokens) != expected and self._stays_wrong(maker, index, record)
                if wrong or not self._is_covered(index, record):
                    yield self._error(record, index)

    def orphans(self) -> Iterator[IntegrityError]:
        """Give an error for each record that has tokens and is not there."""
        for index in self._active:
            if not index.kind.beside:
                continue
            postings = Postings(self._store.dialect, self._schema, index)
            with self._store.database.read() as connection:
                found = postings.orphans(connection, _MOST_ORPHANS)
            for key in found:
                name = ", ".join(str(part) for part in key if type(part) in (int, str))
                yield IntegrityError(
                    f"the index {index.name} of {self._schema.name} has tokens of record {name}, "
                    "which is not there"
                )

    def _there(self, index: BlindIndex, records: Sequence[Record]) -> list[list[Any]]:
        if not index.kind.beside:
            place = self._schema.columns.index(index)
            tokens = (record.record_tokens[place] for record in records)
            return [[] if one is None else [one] for one in tokens]
        postings = Postings(self._store.dialect, self._schema, index)
        keys = [record.record_key for record in records]
        with self._store.database.read() as connection:
            found = postings.of(connection, keys)
        return [found[key] for key in keys]

    def _expected(self, maker: TokenMaker, index: BlindIndex, record: Record) -> list[bytes]:
        identity = self._schema.identity(record.record_key)
        values = [record[field.name] for field in self._schema.fields]
        if index.kind.beside:
            return sorted(maker.beside(index, identity, values))
        token = maker.column(index, identity, values)
        return [] if token is None else [token]

    def _stays_wrong(self, maker: TokenMaker, index: BlindIndex, seen: Record) -> bool:
        """Look again, until nobody wrote the record meanwhile."""
        for _ in range(_TRIES):
            try:
                before = self._table.get(seen.record_key)
                [tokens] = self._there(index, [before])
                if self._table.get(seen.record_key) != before:
                    continue
            except NotFoundError:
                return False  # deleted meanwhile: its tokens, if any are left, have no record
            except IntegrityError:
                return False  # changed meanwhile: that is another finding
            return sorted(tokens) != self._expected(maker, index, before)
        return False

    def _is_covered(self, index: BlindIndex, record: Record) -> bool:
        if index.id not in self._covered:
            return True
        layout = self._schema.layouts_by_id.get(parse_seal(record.record_seal).layout_id)
        return layout is not None and index.id in layout.slots

    def _error(self, record: Record, index: BlindIndex) -> IntegrityError:
        name = ", ".join(str(part) for part in record.record_key)
        return IntegrityError(
            f"record {name} of {self._schema.name} has other tokens in the index {index.name} "
            "than it should",
            hint=f"searches may miss it; make them anew: strongroom rebuild-index "
            f"{self._schema.name} {index.name}",
        )
