"""Canonical bytes of dates and times, in integer arithmetic only.

    date                    i32 days since 1970-01-01
    datetime without zone   i64 microseconds since 1970-01-01 00:00
    datetime with zone      i64 microseconds since 1970-01-01 00:00 UTC ‖ i32 offset in seconds

The proleptic Gregorian calendar of Python, years 1 to 9999 of the local time, no leap seconds.
Of a zone only its offset at that moment is kept.
"""

from __future__ import annotations

import datetime as dt
import struct
from typing import Final

from strongroom.errors import InputError

_DAY_ZERO: Final = dt.date(1970, 1, 1).toordinal()
_EPOCH: Final = dt.datetime(1970, 1, 1)  # noqa: DTZ001  # counted from by local times
_MICROSECOND: Final = dt.timedelta(microseconds=1)
_SECOND: Final = dt.timedelta(seconds=1)
_SECOND_MICROSECONDS: Final = 1_000_000
_DATE: Final = struct.Struct(">i")
_DATETIME: Final = struct.Struct(">q")
_ZONED: Final = struct.Struct(">qi")


def encode_date(value: object, where: str) -> bytes:
    """Return the days since 1970-01-01."""
    if type(value) is not dt.date:
        raise InputError(f"{where} must be a date")
    return _DATE.pack(value.toordinal() - _DAY_ZERO)


def decode_date(data: bytes) -> dt.date:
    """Read days since 1970-01-01."""
    return dt.date.fromordinal(_unpack(_DATE, data)[0] + _DAY_ZERO)


def encode_datetime(value: object, where: str) -> bytes:
    """Return the microseconds from 1970 to a local time.

    ``fold=1``, the second pass through an hour that the clocks repeat, is refused: without a zone
    it has no meaning, and the bytes have no place for it.
    """
    if type(value) is not dt.datetime or value.tzinfo is not None:
        raise InputError(f"{where} must be a date and time without a zone")
    if value.fold:
        raise InputError(f"{where} must not be marked as a repeated hour (fold)")
    return _DATETIME.pack((value - _EPOCH) // _MICROSECOND)


def decode_datetime(data: bytes) -> dt.datetime:
    """Read microseconds from 1970 to a local time."""
    return _EPOCH + dt.timedelta(microseconds=_unpack(_DATETIME, data)[0])


def encode_zoned(value: object, where: str) -> bytes:
    """Return the UTC microseconds and the offset. `fold` is heeded: it is part of the offset."""
    offset = value.utcoffset() if type(value) is dt.datetime else None
    if type(value) is not dt.datetime or offset is None:
        raise InputError(f"{where} must be a date and time with a zone")
    seconds, rest = divmod(offset, _SECOND)
    if rest:
        raise InputError(f"{where} must have an offset of whole seconds")
    local = (value.replace(tzinfo=None) - _EPOCH) // _MICROSECOND
    return _ZONED.pack(local - seconds * _SECOND_MICROSECONDS, seconds)


def decode_zoned(data: bytes) -> dt.datetime:
    """Read UTC microseconds and an offset; the zone of the result is that offset."""
    microseconds, seconds = _unpack(_ZONED, data)
    # The local time is built first: its year is in range, while that of UTC may just be outside.
    local = _EPOCH + dt.timedelta(seconds=seconds, microseconds=microseconds)
    return local.replace(tzinfo=dt.timezone(dt.timedelta(seconds=seconds)))


def _unpack(form: struct.Struct, data: bytes) -> tuple[int, ...]:
    if len(data) != form.size:
        raise ValueError
    return form.unpack(data)
