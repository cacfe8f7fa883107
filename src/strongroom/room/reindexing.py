"""A batch of records, brought to what the table's indexes need now.

Each row is locked before its record is opened, so its tokens are those of the record as it is:
whoever wants to change it waits. What someone changed outside strongroom is reported, and never
sealed anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from strongroom.crypto.seal import parse_seal
from strongroom.errors import DuplicateError, InputError, IntegrityError
from strongroom.room.record import Record
from strongroom.room.sealing import Draft
from strongroom.room.session import Session
from strongroom.room.settling import Failure, Settled
from strongroom.room.writing import conflict, ways_into
from strongroom.schema.conditions import BY_KEY
from strongroom.schema.search.candidates import Everything
from strongroom.schema.search.index import BlindIndex
from strongroom.schema.table import Table
from strongroom.storage.postings import Postings
from strongroom.storage.row import Row
from strongroom.storage.savepoint import part


class Reindexer:
    """Brings the records of one table to one index's phase, in one session."""

    def __init__(self, session: Session, table: Table, index: BlindIndex) -> None:
        self._session = session
        self._table = table
        self._index = index
        ways = ways_into(session, table)
        self._rows, self._sealer, self._tokens = ways.rows, ways.sealer, ways.tokens

    def page(self, after: tuple[Any, ...] | None, limit: int) -> list[Row]:
        """Return up to `limit` rows behind a key, locked."""
        return self._rows.page(
            self._session.connection, Everything(), BY_KEY, after, limit, lock=True
        )

    def settle(self, rows: Sequence[Row]) -> Settled:
        """Bring every record of a batch to it that opens, and whose value is not there already."""
        failures, records = [], []
        for row, outcome in zip(rows, self._sealer.open(rows), strict=True):
            if isinstance(outcome, IntegrityError):
                failures.append(Failure(row.key, str(outcome)))
            else:
                records.append((row, outcome))
        if self._index.kind.beside:
            failures += self._post([record for _, record in records])
        else:
            failures += self._reseal(records)
        return Settled(len(rows) - len(failures), failures)

    def _post(self, records: Sequence[Record]) -> list[Failure]:
        """Write the tokens of records into the table beside them; return those that have none."""
        postings = Postings(self._session.store.dialect, self._table, self._index)
        keys, values = [one.record_key for one in records], [one.record_values for one in records]
        identities, failures = self._table.identities(keys), []
        try:
            made = dict(
                zip(keys, self._tokens.beside(self._index, identities, values), strict=True)
            )
        except InputError:  # of one of them
            made = {}
            for key, identity, own in zip(keys, identities, values, strict=True):
                try:
                    [made[key]] = self._tokens.beside(self._index, [identity], [own])
                except InputError as error:
                    failures.append(Failure(key, str(error)))
        postings.delete(self._session.connection, list(made))
        postings.insert(self._session.connection, made)
        return failures

    def _reseal(self, records: Sequence[tuple[Row, Record]]) -> list[Failure]:
        """Seal the records that an earlier layout seals; return those that were refused."""
        current = self._table.layout.id
        old = [one for one in records if parse_seal(one[0].seal).layout_id != current]
        drafts = [self._draft(row, record) for row, record in old]
        pairs = [
            (row, self._uncovered_kept(row, new))
            for (row, _), new in zip(old, self._sealer.seal(drafts), strict=True)
        ]
        if self._written(pairs):
            return []
        # The database refused one, and did not say which: each is tried alone.
        return [
            Failure(row.key, "has a value that another record has, where it must be unique")
            for row, new in pairs
            if not self._written([(row, new)])
        ]

    def _uncovered_kept(self, old: Row, new: Row) -> Row:
        """Leave the tokens of indexes that go as they stand: they may be missing for a reason."""
        covered = self._table.layout.slots
        tokens = (
            made if index.id in covered else stands
            for index, made, stands in zip(self._table.columns, new.tokens, old.tokens, strict=True)
        )
        return new._replace(tokens=tuple(tokens))

    def _written(self, pairs: Sequence[tuple[Row, Row]]) -> bool:
        """Write rows over those that stand; say whether none was refused as a duplicate.

        Raises:
            ConflictError: a row does not stand any more.
        """
        try:
            with part(self._session.connection):
                if pairs and not self._rows.update_all(self._session.connection, pairs, ()):
                    raise conflict(self._table, pairs[0][0].key)
        except DuplicateError:
            return False
        return True

    def _draft(self, row: Row, record: Record) -> Draft:
        kept = {
            place: row.values[place]
            for place, field in enumerate(self._table.fields)
            if field.encrypted and row.values[place] is not None
        }
        values = record.record_values
        return Draft(row.key, row.version + 1, values, kept)
