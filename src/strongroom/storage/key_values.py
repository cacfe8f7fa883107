"""The values of a primary key on their way to the database and back, for each form of column.

A record's identity is taken from the row that came back, so what is read here is strict: a UUID
in another spelling than the one that is written is `UNREADABLE`, and its row opens nowhere.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from strongroom.schema.identity import KeyType
from strongroom.schema.table import KeyColumn, KeyForm
from strongroom.storage.binding import one_of
from strongroom.storage.plain_values import UNREADABLE

_UUID_BYTES: Final = 16


class _Way(NamedTuple):
    """How one form of column is written and read. `read` answers None for what is not written."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def to_sql(column: KeyColumn, value: Any) -> Any:  # noqa: ANN401  # any driver type
    """Return what the driver is given for one part of a key."""
    way = _WAYS.get(column.form)
    return value if way is None else way.write(value)


def from_sql(column: KeyColumn, raw: Any) -> Any:  # noqa: ANN401
    """Return one part of a key as its type has it, or `UNREADABLE`."""
    way = _WAYS.get(column.form)
    if way is not None:
        read = way.read(raw)
        return UNREADABLE if read is None else read
    if column.type is KeyType.BYTES and isinstance(raw, (bytearray, memoryview)):
        return bytes(raw)
    return raw


def all_to_sql(column: KeyColumn, values: Sequence[Any]) -> Sequence[Any]:
    """Return what the driver is given for a column of keys."""
    if column.form not in _WAYS:
        return values
    return [to_sql(column, value) for value in values]


def all_from_sql(column: KeyColumn, raws: Sequence[Any]) -> Sequence[Any]:
    """Return a column of keys, each part as `from_sql` has it."""
    if column.form not in _WAYS and column.type is not KeyType.BYTES:
        return raws
    return [from_sql(column, raw) for raw in raws]


def among(
    columns: Sequence[sa.ColumnElement[Any]], values: Sequence[Sequence[Any]]
) -> sa.ColumnElement[bool]:
    """Return the condition that the rows of some keys meet, and on some databases others.

    Args:
        columns: of the key.
        values: of each row, as the driver is given them.
    """
    if len(columns) > 1:
        pairs = (zip(columns, one, strict=True) for one in values)
        return sa.or_(*(sa.and_(*(column == part for column, part in one)) for one in pairs))
    return one_of(columns[0], [one[0] for one in values])


def to_json(raw: Sequence[Any]) -> list[list[str]]:
    """Return a key as the driver gave it in JSON values, whether or not it can be read."""
    return [_spelled(part) for part in raw]


def from_json(spelled: Any) -> tuple[Any, ...]:  # noqa: ANN401  # JSON values
    """Return what `to_json` was given."""
    return tuple(_SPELLINGS[kind].read(text) for kind, text in spelled)


def _spelled(raw: Any) -> list[str]:  # noqa: ANN401
    if isinstance(raw, (bytearray, memoryview)):
        raw = bytes(raw)
    kind = type(raw).__name__
    return [kind, _SPELLINGS[kind].write(raw)]


def _read_date(raw: object) -> str | None:
    return raw.isoformat() if type(raw) is dt.date else None


def _read_uuid(raw: object, spell: Callable[[UUID], str]) -> UUID | None:
    try:
        value = UUID(raw) if type(raw) is str else None
    except ValueError:
        return None
    return value if value is not None and spell(value) == raw else None


def _read_uuid_bytes(raw: object) -> UUID | None:
    if not isinstance(raw, (bytes, bytearray, memoryview)) or len(raw) != _UUID_BYTES:
        return None
    return UUID(bytes=bytes(raw))


# Whatever type a driver gives for a column that can be part of a key.
_SPELLINGS: Final = {
    "int": _Way(str, int),
    # In hex: a checkpoint is kept as ASCII.
    "str": _Way(
        lambda text: text.encode("utf-8", "surrogatepass").hex(),
        lambda text: bytes.fromhex(text).decode("utf-8", "surrogatepass"),
    ),
    "bytes": _Way(bytes.hex, bytes.fromhex),
    "date": _Way(dt.date.isoformat, dt.date.fromisoformat),
    "UUID": _Way(str, UUID),
    "float": _Way(repr, float),
    "NoneType": _Way(lambda _: "", lambda _: None),
}
_WAYS: Final = {
    KeyForm.DATE: _Way(dt.date.fromisoformat, _read_date),
    KeyForm.UUID_TEXT: _Way(str, lambda raw: _read_uuid(raw, str)),
    KeyForm.UUID_HEX: _Way(
        lambda value: value.hex, lambda raw: _read_uuid(raw, lambda value: value.hex)
    ),
    KeyForm.UUID_BYTES: _Way(lambda value: value.bytes, _read_uuid_bytes),
}
