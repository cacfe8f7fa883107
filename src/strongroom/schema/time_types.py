"""Field types that hold dates and times.

As text they are ISO 8601 in one form each: ``2024-02-29``, ``2024-02-29T13:05:00.250000``,
``2024-02-29T13:05:00+01:00``. Plain ones start with the year 1000: what MySQL documents.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from strongroom.errors import InputError
from strongroom.schema.field_type import LATER
from strongroom.schema.ranged import Ranged
from strongroom.schema.values import Tag, Value, decode, encode

LEAST_PLAIN_YEAR: Final = 1000

_DAY: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"
_OFFSET: Final = r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?)"
_DATE: Final = re.compile(_DAY)
_DATETIME: Final = re.compile(f"{_DAY}[T ]{_TIME}")
_ZONED: Final = re.compile(f"{_DAY}[T ]{_TIME}{_OFFSET}")


@dataclass(frozen=True, slots=True)
class _Time(Ranged):
    def _take(self, value: object, where: str) -> Value:
        stored = decode(self.tag, encode(self.tag, value, where))
        if self.plain:
            self._check_plain(stored, where)
        return stored

    def _check_plain(self, value: Any, where: str) -> None:  # noqa: ANN401  # date or datetime
        _check_year(value, where)

    def _spell(self, value: Any) -> str:  # noqa: ANN401
        text: str = value.isoformat()
        return text


@dataclass(frozen=True, slots=True)
class Date(_Time):
    """A day: datetime.date, and no datetime. Years 1 to 9999, plain from 1000.

    Attributes:
        minimum: the first day allowed, or None.
        maximum: the last day allowed, or None.
    """

    tag: ClassVar[Tag] = Tag.DATE
    name: ClassVar[str] = "date"

    minimum: dt.date | None = field(default=None, kw_only=True, metadata=LATER)
    maximum: dt.date | None = field(default=None, kw_only=True, metadata=LATER)

    def _read(self, text: str, where: str) -> Value:
        try:
            if _DATE.fullmatch(text):
                return dt.date.fromisoformat(text)
        except ValueError:
            pass  # raised below: the caught exception holds the text
        raise InputError(f"{where} must be a date such as 2024-02-29")


@dataclass(frozen=True, slots=True)
class DateTime(_Time):
    """A date and time without a zone: datetime.datetime without tzinfo, to the microsecond.

    Attributes:
        minimum: the first moment allowed, or None.
        maximum: the last moment allowed, or None.
    """

    tag: ClassVar[Tag] = Tag.DATETIME
    name: ClassVar[str] = "datetime"

    minimum: dt.datetime | None = field(default=None, kw_only=True, metadata=LATER)
    maximum: dt.datetime | None = field(default=None, kw_only=True, metadata=LATER)

    def _read(self, text: str, where: str) -> Value:
        return _read_datetime(_DATETIME, text, f"{where} must be like 2024-02-29T13:05:00")


@dataclass(frozen=True, slots=True)
class ZonedDateTime(_Time):
    """A moment and its offset from UTC: datetime.datetime with tzinfo, to the microsecond.

    It comes back with that offset; the zone's name is not kept. Plain, it must be in UTC.

    Attributes:
        minimum: the first moment allowed, or None.
        maximum: the last moment allowed, or None.
    """

    tag: ClassVar[Tag] = Tag.ZONED_DATETIME
    name: ClassVar[str] = "zoned-datetime"

    minimum: dt.datetime | None = field(default=None, kw_only=True, metadata=LATER)
    maximum: dt.datetime | None = field(default=None, kw_only=True, metadata=LATER)

    def _check_plain(self, value: Any, where: str) -> None:  # noqa: ANN401
        _check_year(value, where)
        if value.utcoffset():
            raise InputError(f"{where} must be in UTC", hint="its offset must be zero")

    def _read(self, text: str, where: str) -> Value:
        return _read_datetime(_ZONED, text, f"{where} must be like 2024-02-29T13:05:00+01:00")


def _check_year(value: dt.date, where: str) -> None:
    if value.year < LEAST_PLAIN_YEAR:
        raise InputError(
            f"{where} must be in the year {LEAST_PLAIN_YEAR} or later",
            hint="some databases cannot keep earlier ones plain; an encrypted field can",
        )


def _read_datetime(form: re.Pattern[str], text: str, rule: str) -> dt.datetime:
    try:
        if form.fullmatch(text):
            return dt.datetime.fromisoformat(text)
    except ValueError:
        pass  # raised below: the caught exception holds the text
    raise InputError(rule)
