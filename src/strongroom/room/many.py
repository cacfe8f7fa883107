"""What a caller does with many records of one table at once: add, update and delete them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice

from strongroom.errors import InputError, StrongroomError
from strongroom.room import mass_writing, writing
from strongroom.room.batches import batches, taken
from strongroom.room.ids import IdBlocks, Ids
from strongroom.room.session import Session
from strongroom.room.store import Store
from strongroom.room.transaction import once, run
from strongroom.schema import table as schema


class ManyRecords:
    """The part of a table that takes streams of records, in memory that does not grow with them."""

    def __init__(self, store: Store, ids: IdBlocks, table: schema.Table) -> None:
        self._store = store
        self._ids = ids
        self._id = table.id

    def _schema(self, session: Session | None = None) -> schema.Table:
        if session is None:
            return self._store.state.catalogue.by_id(self._id)
        catalogue = session.state().catalogue
        writing.check_writable(catalogue, self._id)
        return catalogue.by_id(self._id)

    def add_many(self, records: Iterable[Mapping[str, object]], *, batch: int | None = None) -> Ids:
        """Store many new records and return the ids that were counted for them, in order.

        Memory stays constant over any iterable. Without `batch` all of it is one transaction:
        every record is stored or none. With `batch`, each so many records are one; when a later
        one fails, the error's `stored` holds the ids of those that stay.

        Raises:
            InputError: as `add`, with the record's position counted from 1.
        """
        if batch is not None:
            if type(batch) is not int or batch < 1:
                raise InputError("a batch is a whole number of records, 1 or more")
            return self._add_in_batches(iter(records), batch)
        if iter(records) is records:
            # A stream can be read once only, so a deadlock is the caller's to retry.
            return once(self._store, lambda session: self._add_all(session, records, 1))
        return self._add_again(records, 1)

    def _add_again(self, records: Iterable[Mapping[str, object]], first: int) -> Ids:
        """Add records that can be read again, if the database asks for it."""
        # After a lost connection new ids would be taken, and people could be stored twice.
        return run(
            self._store, lambda session: self._add_all(session, records, first), retry_lost=False
        )

    def _add_all(
        self, session: Session, records: Iterable[Mapping[str, object]], first: int
    ) -> Ids:
        stored = []
        with session.behind() as behind:
            for batch in batches(self._schema(session), iter(records), first):
                table, keys = self._schema(session), batch.keys
                if keys is None:
                    stored.append(self._ids.take(session.connection, table.id, len(batch.values)))
                    keys = [(number,) for number in stored[-1]]
                behind.run(writing.sealed(session, table, keys, batch.values))
        return Ids(stored)

    def _add_in_batches(self, records: Iterator[Mapping[str, object]], batch: int) -> Ids:
        stored: list[range] = []
        try:
            copies = taken(self._schema(), records, 1)
            while chunk := list(islice(copies, batch)):
                stored.extend(self._add_again(chunk, len(Ids(stored)) + 1).ranges)
        except StrongroomError as error:
            error.stored = Ids(stored)
            raise
        return Ids(stored)

    def update_many(self, changes: Iterable[tuple[object, Mapping[str, object]]]) -> int:
        """Change some fields of many records, all in one transaction; return how many changes.

        Args:
            changes: for each a primary key, or the `Record` that was read, and the fields to
                change, as ``(7, {"age": 37})``. A record may come again: later changes go over
                earlier ones.

        Raises:
            InputError: as `update`, with the position of the change counted from 1.
            ConflictError: a record is not the one that was given any more.
            NotFoundError: there is no such record.
            IntegrityError: a record is not as strongroom wrote it. Then, as always, nothing is
                written.
        """

        def operation(session: Session) -> int:
            count = 0
            for batch in mass_writing.changes(self._schema(session), iter(changes)):
                mass_writing.update(session, self._schema(session), batch)
                count += len(batch)
            return count

        return self._many(changes, operation)

    def delete_many(self, targets: Iterable[object]) -> int:
        """Delete many records, all in one transaction; return how many.

        Args:
            targets: their primary keys or, if unchanged, the `Record`s that were read.

        Raises:
            ConflictError: a record is not the one that was given any more.
            NotFoundError: there is no such record.
        """

        def operation(session: Session) -> int:
            count = 0
            for batch in mass_writing.deletions(self._schema(session), iter(targets)):
                mass_writing.delete(session, self._schema(session), batch)
                count += len(batch)
            return count

        return self._many(targets, operation)

    def _many(self, given: Iterable[object], operation: Callable[[Session], int]) -> int:
        """Run an operation on many records, again if that is possible and asked for."""
        # A stream can be read once only, so a deadlock is the caller's to retry.
        if iter(given) is given:
            return once(self._store, operation)
        return run(self._store, operation, retry_conflicts=False)
