"""New records on their way in: taken from a stream, cut into batches, checked by columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, NamedTuple

from strongroom.errors import InputError
from strongroom.room.sealing import Values
from strongroom.schema.table import Table

MOST_RECORDS: Final = 1_000
MOST_BYTES: Final = 4 * 1024 * 1024


class Batch(NamedTuple):
    """New records: the key of each, or None where they will be counted, and the values of each."""

    keys: list[tuple[Any, ...]] | None
    values: list[Values]


def batches(table: Table, records: Iterator[Mapping[str, object]], first: int) -> Iterator[Batch]:
    """Check records and cut their stream into batches of bounded count and size.

    Args:
        table: whose records they are.
        records: whole records, unchecked.
        first: the position of the first of them, for errors.

    Raises:
        InputError: with the position of the record.
    """
    batch: list[Mapping[str, object]] = []
    size = 0
    for position, record in enumerate(taken(table, records, first), start=first):
        batch.append(record)
        for value in record.values():
            if isinstance(value, (str, bytes)):
                size += len(value)
        if len(batch) == MOST_RECORDS or size >= MOST_BYTES:
            yield _checked(table, batch, first)
            first, batch, size = position + 1, [], 0
    if batch:
        yield _checked(table, batch, first)


def checked(table: Table, records: Sequence[Mapping[str, object]]) -> Batch:
    """Check new records as a whole.

    Raises:
        InputError: as `Table.check_all`, or a part of a key is missing.
    """
    if table.counted:
        return Batch(None, table.check_all(records))
    divided = [table.split(record) for record in records]
    return Batch([key for key, _ in divided], table.check_all([rest for _, rest in divided]))


def taken(table: Table, records: Iterable[object], first: int) -> Iterator[dict[str, object]]:
    """Give a copy of each record: whoever gives them may change one before its batch is checked.

    Args:
        table: whose records they are.
        records: as the caller gives them.
        first: the position of the first of them, for errors.

    Raises:
        InputError: with the position of what is no record.
    """
    for position, record in enumerate(records, start=first):
        if type(record) is not dict and not isinstance(record, Mapping):
            raise InputError(
                f"record {position} is not a mapping of fields to values",
                hint='for example {"name": "Ada Lovelace", "age": 36}',
            )
        copy = dict(record)
        for field in table.mutable:
            if copy.get(field.name) is not None:
                # What is refused here is for the batch's check to judge, by the table as it is.
                with suppress(InputError):
                    copy[field.name] = field.type.check(copy[field.name], table.where(field))
        yield copy


def _checked(table: Table, batch: Sequence[Mapping[str, object]], first: int) -> Batch:
    try:
        return checked(table, batch)
    except InputError:
        pass  # the first record that is at fault is looked for
    for position, record in enumerate(batch, start=first):
        with _numbered(position):
            checked(table, [record])
    raise AssertionError("unreachable")


@contextmanager
def _numbered(position: int) -> Iterator[None]:
    """Have an error say which record it is about."""
    try:
        yield
    except InputError as error:
        raise type(error)(f"record {position}: {error}", hint=error.hint) from None
