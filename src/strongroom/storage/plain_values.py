"""Plain values on their way to the database and back.

What comes back must be what was sealed, so it is decoded strictly: anything that strongroom would
not have written is `UNREADABLE`.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from strongroom.errors import StrongroomError
from strongroom.schema.table import Field
from strongroom.schema.types import Decimal as DecimalType
from strongroom.schema.values import Tag, Value, canonical_json, parse_json


class Unreadable(Enum):
    """A value that strongroom did not write: the record that holds it fails its seal."""

    UNREADABLE = "unreadable"


UNREADABLE: Final = Unreadable.UNREADABLE


def to_sql(kind: str, field: Field, value: Any) -> Any:  # noqa: ANN401  # any driver type
    """Return what the driver is given for a plain value that the field's type checked.

    Args:
        kind: of the database: ``sqlite``, ``mysql`` or ``postgresql``.
        field: whose value it is.
        value: the value, or None.
    """
    if value is None:
        return None
    tag = field.type.tag
    if tag is Tag.JSON:
        return canonical_json(value).decode("utf-8")
    if tag is Tag.BOOLEAN:
        return int(value)
    if tag is Tag.ZONED_DATETIME:
        value = value.replace(tzinfo=None)
    if kind == "sqlite" and tag in _SQLITE_TEXT:
        return _SQLITE_TEXT[tag](value)
    return value


def all_to_sql(kind: str, field: Field, values: Sequence[Any]) -> Sequence[Any]:
    """Return what the driver is given for a column of such values."""
    if _as_it_is(field, values):
        return values
    return [to_sql(kind, field, value) for value in values]


def all_from_sql(kind: str, field: Field, raws: Sequence[Any]) -> Sequence[Any]:
    """Decode a column of what the driver gave, each as `from_sql`."""
    if _as_it_is(field, raws):
        return raws
    return [from_sql(kind, field, raw) for raw in raws]


def _as_it_is(field: Field, values: Sequence[Any]) -> bool:
    """Say whether a column's values are for the driver what they are here, both ways."""
    tag = field.type.tag
    return tag in _UNCHANGED and set(map(type, values)) <= {_DRIVER_TYPES[tag], type(None)}


def from_sql(kind: str, field: Field, raw: Any) -> Any:  # noqa: ANN401
    """Decode what the driver gave for a plain column, strictly.

    Returns:
        The value, None for NULL, or `UNREADABLE` for a type, spelling or range that `to_sql`
        never writes.
    """
    if raw is None:
        return None
    tag = field.type.tag
    if kind == "sqlite" and tag in _SQLITE_READ:
        raw = _SQLITE_READ[tag](raw)
    elif type(raw) is not _DRIVER_TYPES[tag]:
        return UNREADABLE
    return _canonical(field, raw)


def _sqlite_datetime(value: dt.datetime) -> str:
    return value.isoformat(sep=" ", timespec="microseconds")


_SQLITE_TEXT: Final[dict[Tag, Callable[[Any], str]]] = {
    Tag.DECIMAL: lambda value: format(value, "f"),
    Tag.DATE: lambda value: value.isoformat(),
    Tag.DATETIME: _sqlite_datetime,
    Tag.ZONED_DATETIME: _sqlite_datetime,
}


# Decimals of at most 38 digits and 30 places, and ISO dates and times.
_SPELLED: Final = re.compile(
    r"-?[0-9]{1,38}(\.[0-9]{1,30})?|[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9:]{8}\.[0-9]{6})?", re.ASCII
)


def _reader(parse: Callable[[str], Any], spell: Callable[[Any], str]) -> Callable[[object], Any]:
    """Return a reader of one canonical spelling: what spells differently was not written here."""

    def read(raw: object) -> Any:  # noqa: ANN401
        # Checked before it is parsed: 1E+99999999 would be spelled out with as many zeros.
        if type(raw) is not str or not _SPELLED.fullmatch(raw):
            return UNREADABLE
        try:
            value = parse(raw)
            return value if spell(value) == raw else UNREADABLE
        except (ValueError, ArithmeticError):
            return UNREADABLE

    return read


_SQLITE_READ: Final[dict[Tag, Callable[[object], Any]]] = {
    Tag.DECIMAL: _reader(Decimal, _SQLITE_TEXT[Tag.DECIMAL]),
    Tag.DATE: _reader(dt.date.fromisoformat, _SQLITE_TEXT[Tag.DATE]),
    Tag.DATETIME: _reader(dt.datetime.fromisoformat, _sqlite_datetime),
    Tag.ZONED_DATETIME: _reader(dt.datetime.fromisoformat, _sqlite_datetime),
}

_DRIVER_TYPES: Final[dict[Tag, type]] = {
    Tag.TEXT: str,
    Tag.INTEGER: int,
    Tag.DECIMAL: Decimal,
    Tag.DATE: dt.date,
    Tag.DATETIME: dt.datetime,
    Tag.ZONED_DATETIME: dt.datetime,
    Tag.BOOLEAN: int,
    Tag.BYTES: bytes,
    Tag.JSON: str,
    Tag.FLOAT: float,
}


_UNCHANGED: Final = frozenset({Tag.TEXT, Tag.INTEGER, Tag.BYTES})


def _canonical(field: Field, raw: Any) -> Any:  # noqa: ANN401
    """Turn a value of the driver's type into the field's, or answer `UNREADABLE`."""
    if raw is UNREADABLE:
        return UNREADABLE
    decode = _DECODE.get(field.type.tag)
    return raw if decode is None else decode(field, raw)


def _boolean(field: Field, raw: int) -> bool | Unreadable:
    del field
    return bool(raw) if raw in (0, 1) else UNREADABLE


def _float(field: Field, raw: float) -> float | Unreadable:
    del field
    negative_zero = raw == 0.0 and math.copysign(1.0, raw) < 0
    return raw if math.isfinite(raw) and not negative_zero else UNREADABLE


def _datetime(field: Field, raw: dt.datetime) -> dt.datetime | Unreadable:
    if raw.tzinfo is not None or raw.fold:
        return UNREADABLE
    return raw.replace(tzinfo=dt.UTC) if field.type.tag is Tag.ZONED_DATETIME else raw


def _json(field: Field, raw: str) -> Value | Unreadable:
    del field
    try:
        data = raw.encode("utf-8")
        value = parse_json(data)
        return value if canonical_json(value) == data else UNREADABLE
    except (UnicodeEncodeError, StrongroomError):
        return UNREADABLE


def _decimal(field: Field, raw: Decimal) -> Decimal | Unreadable:
    # An exponent that is not a number belongs to NaN or an infinity, and equals no scale.
    scale = field.type.scale if isinstance(field.type, DecimalType) else None
    return raw if scale is not None and raw.as_tuple().exponent == -scale else UNREADABLE


_DECODE: Final[dict[Tag, Callable[[Field, Any], Any]]] = {
    Tag.BOOLEAN: _boolean,
    Tag.FLOAT: _float,
    Tag.DATETIME: _datetime,
    Tag.ZONED_DATETIME: _datetime,
    Tag.JSON: _json,
    Tag.DECIMAL: _decimal,
}
