"""The writing operations: add, update, delete, reseal, each inside one session.

No seal is made over a value whose old seal was not checked in the same transaction: otherwise an
update of one field would bless what someone else did to another. `reseal` is the one exception,
and asks a person to name every value that is accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from strongroom.errors import (
    BusyError,
    ConflictError,
    InputError,
    NotFoundError,
)
from strongroom.room.access import Access, writing_access
from strongroom.room.indexing import Indexer
from strongroom.room.record import Record
from strongroom.room.sealing import Draft, Sealer, Values
from strongroom.room.session import Proof, Session
from strongroom.schema.catalogue import Catalogue
from strongroom.schema.conditions import Condition
from strongroom.schema.pending import Phase
from strongroom.schema.table import Table
from strongroom.schema.values import Value
from strongroom.storage.row import Row
from strongroom.storage.rows import Rows


def ways_into(session: Session, table: Table) -> Access:
    """Hold the store's state for an operation, and return how it reaches `table`."""
    session.state()
    return writing_access(session, table)


def check_writable(catalogue: Catalogue, table_id: int) -> None:
    """Refuse to write to a table whose records are being rewritten.

    Raises:
        BusyError: it is, until that is finished or undone.
    """
    for one in catalogue.pending:
        if one.table.id == table_id and one.phase is Phase.FILLING:
            failure = BusyError(
                f"{one.table.name} is being rewritten and cannot be written to",
                hint=f"finish that with: {one.command}; or add --undo",
            )
            failure.retryable = False
            raise failure


def not_found(table: Table, key: tuple[Any, ...]) -> NotFoundError:
    """Return the error for a key that no record has."""
    name = ", ".join(str(part) for part in key)
    return NotFoundError(f"{table.name} has no record {name}")


def insert(
    session: Session, table: Table, keys: Sequence[tuple[Any, ...]], values: Sequence[Values]
) -> None:
    """Seal a batch of new records and write it, as `sealed` says."""
    sealed(session, table, keys, values)()


def sealed(
    session: Session, table: Table, keys: Sequence[tuple[Any, ...]], values: Sequence[Values]
) -> Callable[[], None]:
    """Seal a batch of new records, and return what writes it.

    Args:
        session: the writing transaction.
        table: as the session's state knows it.
        keys: the primary key of each, at least one.
        values: of each.
    """
    ways = ways_into(session, table)
    rows, indexer = ways.rows, Indexer(session, table)
    new = ways.sealer.seal_new(keys, values)
    tokens = indexer.make(keys, values)

    def write() -> None:
        rows.insert(session.connection, new)
        indexer.insert(tokens)
        session.proof = Proof(rows, new.keys[-1], new.seals[-1])

    return write


def update(
    session: Session,
    table: Table,
    key: tuple[Any, ...],
    changes: Mapping[str, Value],
    seen: Record | None,
) -> Record:
    """Change some fields of one record by compare-and-set; return the new record.

    Raises:
        NotFoundError: there is no such record.
        IntegrityError: the record is not as strongroom wrote it: nothing is written.
        ConflictError: it changed since it was `seen`, or while this ran.
    """
    ways = ways_into(session, table)
    rows, sealer = ways.rows, ways.sealer
    old = rows.get(session.connection, key)
    if old is None:
        raise not_found(table, key)
    record = sealer.open_one(old)
    if seen is not None and seen != record:
        raise conflict(table, key)
    draft = changed(table, old, record, changes)
    [new] = sealer.seal([draft])
    indexer = Indexer(session, table)
    tokens = indexer.change(key, record.record_values, draft.values)
    write_over(session, rows, old, new)
    indexer.apply(key, tokens)
    return sealer.record(new, draft.values)


def changed(table: Table, old: Row, record: Record, changes: Mapping[str, Value]) -> Draft:
    """Return the draft of a record with some changes: cells whose values stay are kept."""
    values = tuple(
        changes[field.name] if field.name in changes else record[field.name]
        for field in table.fields
    )
    kept = {
        place: old.values[place]
        for place, field in enumerate(table.fields)
        if field.encrypted and field.name not in changes and values[place] is not None
    }
    return Draft(old.key, old.version + 1, values, kept)


def write_over(session: Session, rows: Rows, old: Row, new: Row) -> None:
    """Write a row over one that still stands.

    Raises:
        ConflictError: it does not.
    """
    if not rows.update(session.connection, old, new):
        raise conflict(rows.table, old.key)
    session.proof = Proof(rows, new.key, new.seal)


def delete(session: Session, table: Table, key: tuple[Any, ...], seen: Record | None) -> None:
    """Delete one record, a broken one too.

    Raises:
        NotFoundError: there is no such record.
        ConflictError: it changed since it was `seen`, or while this ran.
    """
    rows = ways_into(session, table).rows
    old = rows.get(session.connection, key)
    if old is None:
        raise not_found(table, key)
    if seen is not None and (old.version, old.seal) != (seen.record_version, seen.record_seal):
        raise conflict(table, key)
    if not rows.delete(session.connection, old):
        raise conflict(table, key)
    session.proof = Proof(rows, key, None)
    Indexer(session, table).removed([key])


def conflict(table: Table, key: tuple[Any, ...]) -> ConflictError:
    """Return the error for a record that somebody else changed first."""
    name = ", ".join(str(part) for part in key)
    return ConflictError(
        f"record {name} of {table.name} was changed meanwhile", hint="read it again, then decide"
    )


def salvage(sealer: Sealer, row: Row) -> tuple[Value | None, ...]:
    """Open every cell of a row whose seal fails: what a person is shown before a reseal.

    Raises:
        IntegrityError: a cell does not open or is NULL, a plain value is not one that strongroom
            could have written, or the seal holds and there is nothing to do.
    """
    if isinstance(sealer.open([row])[0], Record):
        raise InputError("the record is as strongroom wrote it: there is nothing to reseal")
    return sealer.open_without_seal(row)


def _same(table: Table, name: str, found: Value | None, accepted: object) -> bool:
    """Compare as exactly as a seal does: 1 is not True, and 0.0 is not -0.0."""
    field = table.by_name[name]
    checked = field.type.check(accepted, f"{table.name}.{name}")
    return Condition(field, found).holds(checked)


def reseal(
    session: Session, table: Table, key: tuple[Any, ...], accepted: Mapping[str, object]
) -> Record:
    """Seal a record anew, with exactly the values that a person accepted.

    Raises:
        NotFoundError: there is no such record.
        IntegrityError: a cell does not open or is NULL: that is never blessed.
        ConflictError: a value is not the accepted one, or the record changed meanwhile.
        InputError: the seal holds, or a field was left out of `accepted`.
    """
    ways = ways_into(session, table)
    rows, sealer = ways.rows, ways.sealer
    old = rows.get(session.connection, key)
    if old is None:
        raise not_found(table, key)
    values = salvage(sealer, old)
    found = {field.name: value for field, value in zip(table.fields, values, strict=True)}
    if found.keys() != accepted.keys():
        raise InputError(
            f"every field of {table.name} has to be accepted by its value",
            hint=f"they are: {', '.join(found)}",
        )
    if any(not _same(table, name, value, accepted[name]) for name, value in found.items()):
        raise ConflictError(
            f"the values of the record of {table.name} are not the accepted ones",
            hint="look at the record again, then decide",
        )
    kept = {place: old.values[place] for place, field in enumerate(table.fields) if field.encrypted}
    version = old.version if type(old.version) is int and 1 <= old.version < 2**62 else 1
    [new] = sealer.seal([Draft(key, version + 1, values, kept)])
    indexer = Indexer(session, table)
    tokens = indexer.make([key], [values])
    write_over(session, rows, old, new)
    indexer.removed([key])
    indexer.insert(tokens)
    return sealer.record(new, values)
