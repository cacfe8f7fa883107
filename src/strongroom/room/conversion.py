"""A batch of strongroom's own records, brought into the form that their table is to have.

Converting gives fields another form, encrypted or plain, or drops them; releasing gives a table
back as plaintext. Nobody writes to the table meanwhile. Every record is opened first: what someone
changed outside strongroom is reported, and never sealed anew or given back as if it were right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from strongroom.errors import InputError, IntegrityError
from strongroom.room.document import State
from strongroom.room.record import Record
from strongroom.room.sealing import Draft, Sealer
from strongroom.room.settling import Failure, Settled
from strongroom.schema.conditions import BY_KEY, equal
from strongroom.schema.pending import Kind, Pending
from strongroom.schema.search.candidates import Everything
from strongroom.schema.table import Field, Table
from strongroom.schema.types import Text
from strongroom.schema.values import Value
from strongroom.storage import plain_values
from strongroom.storage.dialect import Dialect
from strongroom.storage.inspection import Shape
from strongroom.storage.rewriting.filling import Filling
from strongroom.storage.row import Row
from strongroom.storage.rows import Rows


class Converter:
    """Converts the records of one table under one state of the store."""

    def __init__(self, dialect: Dialect, state: State, shape: Shape, pending: Pending) -> None:
        self._pending = pending
        self._dialect = dialect
        self._old = state.catalogue.by_id(pending.table.id)
        self._opener = Sealer(state, self._old)
        self._new = _as_it_will_be(pending)
        self._sealer = Sealer(state, self._new)
        self._filling = Filling(shape, pending)
        self._source = Rows(dialect, self._old)
        self._target = Rows(dialect, self._new, pending.shadows)

    def page(
        self, connection: sa.Connection, after: tuple[Any, ...] | None, limit: int
    ) -> list[Row]:
        """Return up to `limit` rows behind the key `after`, as they are."""
        return self._source.page(connection, Everything(), BY_KEY, after, limit)

    def convert(self, connection: sa.Connection, rows: Sequence[Row]) -> Settled:
        """Write the new form of a batch into the shadows."""
        failures: list[Failure] = []
        drafts = []
        for row, outcome in zip(rows, self._opener.open(rows), strict=True):
            try:
                drafts.append(self._draft(row, _whole(outcome)))
            except (InputError, IntegrityError) as error:
                failures.append(Failure(row.key, str(error)))
        self._filling.fill(connection, [one.key for one in drafts], self._beside(drafts))
        return Settled(len(rows) - len(failures), failures)

    def prove(
        self, connection: sa.Connection, rows: Sequence[Row], after: tuple[Any, ...] | None
    ) -> Settled:
        """Open what stands in the shadows of a batch, and compare it with the records."""
        failures = []
        beside = self._target.page(connection, Everything(), BY_KEY, after, len(rows))
        written = dict(zip([one.key for one in beside], self._read_back(beside), strict=True))
        for row, outcome in zip(rows, self._opener.open(rows), strict=True):
            try:
                found = written.get(row.key)
                if found is None or not self._is_equal(_whole(outcome), found):
                    failures.append(Failure(row.key, "what was written does not read back"))
            except (InputError, IntegrityError) as error:
                failures.append(Failure(row.key, str(error)))
        return Settled(len(rows) - len(failures), failures)

    def _values(self, record: Record) -> tuple[Value | None, ...]:
        """Return a record's values as the new fields hold them.

        Raises:
            InputError: a field cannot hold its value, by its name and rule.
        """
        return tuple(self._value(record, field) for field in self._new.fields)

    def _value(self, record: Record, field: Field) -> Value | None:
        value = record[field.name]
        old = self._old.field(field.name)
        if old == field:
            return value  # type: ignore[no-any-return]  # a field's own value
        if value is not None and type(field.type) is Text and type(old.type) is not Text:
            value = old.type.format(value)
        return field.type.check(value, f"{self._new.name}.{field.name}")

    def _draft(self, row: Row, record: Record) -> Draft:
        values = self._values(record)
        places = {field.id: place for place, field in enumerate(self._old.fields)}
        kept = {
            place: row.values[places[field.id]]
            for place, field in enumerate(self._new.fields)
            if field.encrypted and field.id in places and values[place] is not None
        }
        return Draft(row.key, row.version + 1, values, kept)

    def _beside(self, drafts: Sequence[Draft]) -> list[list[Any]]:
        """Return what is written into the shadows."""
        places = {field.name: place for place, field in enumerate(self._new.fields)}
        filled = [(places[field.name], field) for field in self._pending.filled]
        if self._pending.kind is Kind.RELEASE:
            return [
                [
                    plain_values.to_sql(self._dialect.kind, field, one.values[place])
                    for place, field in filled
                ]
                for one in drafts
            ]
        return [
            [
                *(
                    row.values[place]
                    if field.encrypted
                    else plain_values.to_sql(self._dialect.kind, field, row.values[place])
                    for place, field in filled
                ),
                row.version,
                row.seal,
            ]
            for row in self._sealer.seal(drafts)
        ]

    def _read_back(
        self, beside: Sequence[Row]
    ) -> Sequence[tuple[Value | None, ...] | IntegrityError]:
        """Return the values of what stands in the shadows, or why a row has none."""
        if self._pending.kind is Kind.RELEASE:
            return [one.values for one in beside]
        return [
            one if isinstance(one, IntegrityError) else one.record_values
            for one in self._sealer.open(beside)
        ]

    def _is_equal(self, record: Record, found: tuple[Value | None, ...] | IntegrityError) -> bool:
        if isinstance(found, IntegrityError):
            raise found
        fields, expected = self._new.fields, self._values(record)
        if self._pending.kind is not Kind.RELEASE:
            return equal(fields, expected, found)
        filled = self._pending.filled
        places = [fields.index(field) for field in filled]
        return equal(filled, [expected[one] for one in places], [found[one] for one in places])


def _whole(outcome: Record | IntegrityError) -> Record:
    if isinstance(outcome, IntegrityError):
        raise outcome
    return outcome


def _as_it_will_be(pending: Pending) -> Table:
    if pending.kind is not Kind.RELEASE:
        return pending.table
    plain = {field.name: field for field in pending.filled}
    fields = tuple(plain.get(field.name, field) for field in pending.table.fields)
    return replace(pending.table, fields=fields)
