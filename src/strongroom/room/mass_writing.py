"""Many records that are there, changed or deleted a batch at a time inside one session.

A batch's rows are locked as they are read, so that nobody changes them before they are written;
and they are still written only over what was read and opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from strongroom.errors import ConflictError, InputError, IntegrityError
from strongroom.room.access import writing_access
from strongroom.room.indexing import Indexer
from strongroom.room.record import Record, key_of
from strongroom.room.sealing import Draft, Key
from strongroom.room.session import Proof, Session
from strongroom.room.writing import changed, conflict, not_found, ways_into
from strongroom.schema.table import Table
from strongroom.schema.values import Value
from strongroom.storage import lookup
from strongroom.storage.row import Row
from strongroom.storage.rows import Rows

AT_ONCE: Final = 1_000


class Change(NamedTuple):
    """What is to become of one record: its key, the record as it was seen or None, its changes."""

    key: Key
    seen: Record | None
    changes: Mapping[str, Value]


def changes(table: Table, asked: Iterable[object]) -> Iterator[list[Change]]:
    """Check changes and cut their stream into batches in which no record comes twice.

    Raises:
        InputError: with the position of the change.
    """

    def checked(position: int, one: object) -> Change:
        if not isinstance(one, tuple) or len(one) != 2 or not isinstance(one[1], Mapping):  # noqa: PLR2004
            raise InputError(
                f"change {position} is not a record and its changes",
                hint='for example (7, {"age": 37})',
            )
        target, given = one
        try:
            return Change(key_of(table, target), _seen(target), table.check_changes(given))
        except InputError as error:
            raise type(error)(f"change {position}: {error}", hint=error.hint) from None

    return _batches(checked(position, one) for position, one in enumerate(asked, start=1))


def deletions(table: Table, targets: Iterable[object]) -> Iterator[list[Change]]:
    """Check which records are to go, and cut their stream into such batches.

    Raises:
        InputError: one of them cannot be a key of this table.
    """
    return _batches(Change(key_of(table, target), _seen(target), {}) for target in targets)


def _seen(target: object) -> Record | None:
    return target if isinstance(target, Record) else None


def _batches(stream: Iterator[Change]) -> Iterator[list[Change]]:
    batch: dict[Key, Change] = {}
    for one in stream:
        if one.key in batch or len(batch) == AT_ONCE:
            yield list(batch.values())
            batch = {}
        batch[one.key] = one
    if batch:
        yield list(batch.values())


def update(session: Session, table: Table, batch: Sequence[Change]) -> None:
    """Change the records of a batch.

    Raises:
        NotFoundError: there is no such record.
        IntegrityError: one is not as strongroom wrote it.
        ConflictError: one changed since it was seen.
    """
    ways = ways_into(session, table)
    olds = _locked(session, ways.rows, batch)
    records = []
    for one, outcome in zip(batch, ways.sealer.open(olds), strict=True):
        if isinstance(outcome, IntegrityError):
            raise outcome
        if one.seen is not None and one.seen != outcome:
            raise conflict(table, one.key)
        records.append(outcome)
    drafts = [
        changed(table, old, record, one.changes)
        for old, record, one in zip(olds, records, batch, strict=True)
    ]
    write_over(session, table, olds, records, drafts)


def write_over(
    session: Session,
    table: Table,
    olds: Sequence[Row],
    records: Sequence[Record],
    drafts: Sequence[Draft],
) -> None:
    """Seal drafts and write them over the rows that they were made from, tokens too.

    Args:
        session: the writing transaction.
        table: as the session's state knows it.
        olds: as they stand.
        records: the same, opened.
        drafts: what each is to be.

    Raises:
        ConflictError: one does not stand any more.
    """
    if not drafts:
        return
    ways = writing_access(session, table)
    rows, news = ways.rows, ways.sealer.seal(drafts)
    indexer = Indexer(session, table)
    tokens = [
        indexer.change(old.key, record.record_values, draft.values)
        for old, record, draft in zip(olds, records, drafts, strict=True)
    ]
    fields = [
        field
        for place, field in enumerate(table.fields)
        if any(
            old.values[place] is not new.values[place] for old, new in zip(olds, news, strict=True)
        )
    ]
    if not rows.update_all(session.connection, list(zip(olds, news, strict=True)), fields):
        raise ConflictError(
            f"records of {table.name} were changed meanwhile",
            hint="read them again, then decide",
        )
    session.proof = Proof(rows, news[-1].key, news[-1].seal)
    for old, change in zip(olds, tokens, strict=True):
        indexer.apply(old.key, change)


def delete(session: Session, table: Table, batch: Sequence[Change]) -> None:
    """Delete the records of a batch, broken ones too.

    Raises:
        NotFoundError: there is no such record.
        ConflictError: one changed since it was seen.
    """
    rows = ways_into(session, table).rows
    olds = _locked(session, rows, batch)
    for one, old in zip(batch, olds, strict=True):
        seen = one.seen
        if seen and (old.version, old.seal) != (seen.record_version, seen.record_seal):
            raise conflict(table, one.key)
    keys = [old.key for old in olds]
    if rows.delete_all(session.connection, keys) != len(keys):
        raise conflict(table, keys[0])
    session.proof = Proof(rows, keys[-1], None)
    Indexer(session, table).removed(keys)


def _locked(session: Session, rows: Rows, batch: Sequence[Change]) -> list[Row]:
    """Return the rows of a batch, which nobody else can change until the transaction ends."""
    found = lookup.by_keys(rows, session.connection, [one.key for one in batch], lock=True)
    for one in batch:
        if one.key not in found:
            raise not_found(rows.table, one.key)
    return [found[one.key] for one in batch]
