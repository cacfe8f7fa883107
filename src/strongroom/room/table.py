"""What a caller does with one table: add, get, find, update, delete, and reseal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from strongroom.errors import IntegrityError, StorageError
from strongroom.room import writing
from strongroom.room.access import access
from strongroom.room.batches import Batch, checked
from strongroom.room.document import State
from strongroom.room.many import ManyRecords
from strongroom.room.query import Query
from strongroom.room.record import Record, key_of
from strongroom.room.sealing import Sealer
from strongroom.room.session import Session
from strongroom.room.transaction import reading, run, state_seen
from strongroom.schema import table as schema
from strongroom.schema.search.index import BlindIndex
from strongroom.schema.search.where import Where
from strongroom.storage.rows import Rows

_TRIES: Final = 20
"""How often a table may change while a record is read; as for a query."""


class Table(ManyRecords):
    """One table of a strongroom. Safe to use from many threads."""

    @property
    def name(self) -> str:
        """The table's name."""
        return self._schema().name

    @property
    def fields(self) -> tuple[schema.Field, ...]:
        """The declared fields, in their order."""
        return self._schema().fields

    @property
    def declared(self) -> schema.Table:
        """What the catalogue says of it."""
        return self._schema()

    @property
    def indexes(self) -> tuple[BlindIndex, ...]:
        """The search indexes over its encrypted fields, those that are not finished too."""
        return self._schema().indexes

    @property
    def key(self) -> tuple[schema.KeyColumn, ...]:
        """The columns of the primary key."""
        return self._schema().key

    @property
    def counted(self) -> bool:
        """Whether new primary keys are counted here; otherwise each new record brings its own."""
        return self._schema().counted

    def add(self, /, **values: object) -> Any:  # noqa: ANN401  # the type of the key
        """Store one new record and return its id.

        Args:
            values: a value for each field; optional ones may be left out. In an adopted table
                whose key is no single integer, the key's columns too.

        Returns:
            The primary key; a tuple where it has several columns.

        Raises:
            InputError: a field is unknown or missing, or a value breaks its field's rule.
        """
        taken: list[range] = []
        first: list[Batch] = []

        def operation(session: Session) -> Any:  # noqa: ANN401
            table = self._schema(session)
            new = first[-1] if table is seen else checked(table, [values])
            # One id for all tries: a commit that landed unseen then meets its own id.
            if new.keys is None and (not taken or self._store.database.kind == "sqlite"):
                taken[:] = [self._ids.take(session.connection, table.id, 1)]
            key = (taken[0][0],) if new.keys is None else new.keys[0]
            writing.insert(session, table, [key], new.values)
            return key[0] if len(key) == 1 else key

        seen = self._store.known(self._id, lambda table: first.append(checked(table, [values])))
        return run(self._store, operation)

    def get(self, key: object) -> Record:
        """Return the record with this primary key.

        Raises:
            NotFoundError: there is none.
            IntegrityError: it is not as strongroom wrote it.
        """
        seen = state_seen(self._store)
        if seen is not None:
            return self._get(seen, key)
        for _ in range(_TRIES):
            state = self._store.state
            try:
                return self._get(state, key)
            except IntegrityError:
                if not self._store.refresh(state):
                    raise
            except StorageError as error:
                if not self._store.recovers(state, error):
                    raise
        return self._get(self._store.state, key)

    def _get(self, state: State, key: object) -> Record:
        ways = access(self._store, state, self._id)
        asked = key_of(ways.table, key)
        with reading(self._store) as connection:
            row = ways.rows.get(connection, asked)
        if row is None:
            raise writing.not_found(ways.table, asked)
        return ways.sealer.open_one(row)

    def find(self, /, *where: Where, **conditions: object) -> Query:
        """Return a lazy query for the records that meet all of these conditions.

        Args:
            where: conditions made by `strongroom.where`, joined by ``&``, ``|`` and ``~``.
            conditions: fields and what is asked of them: a value for itself, None for no value,
                or an operator such as ``strongroom.prefix("Ad")``.

        The database answers for plain fields, and by an index for encrypted ones. What nothing
        answers needs `.scan()`: every record is decrypted and compared then.
        """
        return Query(self._store, self._id, conditions, where)

    def all(self) -> Query:
        """Return a lazy query for every record: ``find()`` without conditions."""
        return self.find()

    def update(self, target: object, /, **changes: object) -> Record:
        """Change some fields of one record and return the new record.

        Args:
            target: a primary key: the change is applied to the record as it is now, again if
                somebody else writes at the same time. Or a `Record`: the change is applied only
                if the record is still exactly that.
            changes: the fields to change; None empties an optional one.

        Raises:
            ConflictError: the record is not the one that was given any more.
            NotFoundError: there is no such record.
            IntegrityError: it is not as strongroom wrote it: nothing is written.
        """
        seen = target if isinstance(target, Record) else None

        def operation(session: Session) -> Record:
            table = self._schema(session)
            key, changed = key_of(table, target), table.check_changes(changes)
            return writing.update(session, table, key, changed, seen)

        self._store.known(self._id, lambda table: table.check_changes(changes))
        return run(self._store, operation, retry_conflicts=seen is None)

    def delete(self, target: object) -> None:
        """Delete one record, by its primary key or, if unchanged, as the `Record` that was read.

        A broken record can be deleted by its key.

        Raises:
            ConflictError: the record is not the one that was given any more.
            NotFoundError: there is no such record.
        """
        seen = target if isinstance(target, Record) else None

        def operation(session: Session) -> None:
            table = self._schema(session)
            writing.delete(session, table, key_of(table, target), seen)

        run(self._store, operation, retry_conflicts=seen is None)

    def salvage(self, key: object) -> dict[str, Any]:
        """Return what stands in a broken record, for a person to judge before `reseal`.

        Its values were not written together: a plain one may have been edited, and a cell may be
        an older one of the same field.

        Raises:
            IntegrityError: a cell does not open or is NULL: such a record cannot be resealed.
            InputError: the record is not broken.
        """
        table = self._schema()
        asked = key_of(table, key)
        with reading(self._store) as connection:
            row = Rows(self._store.dialect, table).get(connection, asked)
        if row is None:
            raise writing.not_found(table, asked)
        values = writing.salvage(Sealer(self._store.state, table), row)
        return {field.name: value for field, value in zip(table.fields, values, strict=True)}

    def reseal(self, key: object, *, accept: Mapping[str, object]) -> Record:
        """Accept a record that another tool edited, as a person saw it, and seal it anew.

        Args:
            key: its primary key.
            accept: every field with the value that `salvage` showed and that is accepted.

        Raises:
            ConflictError: a value is not the accepted one any more.
            IntegrityError: a cell does not open or is NULL: that is never blessed.
            InputError: the record is not broken, or a field was left out.
        """

        def operation(session: Session) -> Record:
            table = self._schema(session)
            for name in accept:
                table.field(name)
            return writing.reseal(session, table, key_of(table, key), accept)

        return run(self._store, operation, retry_conflicts=False)

    def __repr__(self) -> str:
        return f"<table {self.name}>"
