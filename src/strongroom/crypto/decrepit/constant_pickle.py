"""A reader of pickles that hold one constant. It executes nothing: no pickle is ever loaded.

`pickletools.genops` takes a pickle apart; the steps below are followed on a stack of plain values.
Every other step (of objects, containers, persistent ids, the extension registry) is refused.

    accepted as a whole     one text, bytes, True, False, integer, float, date, datetime (without
                            zone, or with a fixed offset) or decimal, pickled by protocol 3, 4 or 5
    constants               SHORT_BINUNICODE BINUNICODE BINUNICODE8, SHORT_BINBYTES BINBYTES
                            BINBYTES8, NEWTRUE NEWFALSE, BININT BININT1 BININT2 LONG1, BINFLOAT
    frame and memo          PROTO FRAME STOP, MEMOIZE BINPUT LONG_BINPUT BINGET LONG_BINGET
    dates and decimals      GLOBAL STACK_GLOBAL TUPLE1 TUPLE2 TUPLE3 REDUCE

The last line stands for calls, so it is followed only as far as this page knows the names itself:
``datetime.date``, ``datetime.datetime``, ``datetime.timezone``, ``datetime.timedelta`` and
``decimal.Decimal``. A name is compared with these five and never looked up or imported, and what
stands for its call is a function below, whose arguments are checked by type and size.
"""

from __future__ import annotations

import datetime as dt
import decimal
import pickletools
from collections.abc import Callable
from enum import Enum
from typing import Final, TypeAlias

Constant: TypeAlias = str | bytes | bool | int | float | dt.date | dt.datetime | decimal.Decimal

_CONSTANTS: Final = frozenset({str, bytes, bool, int, float, dt.date, dt.datetime, decimal.Decimal})
_PROTOCOLS: Final = (3, 4, 5)  # the default of Python 3.0, 3.8 and 3.14
_MOST_STEPS: Final = 64  # a datetime with a zone takes 37
_LONGEST_DECIMAL: Final = 2_048
_DATE_BYTES: Final = 4
_DATETIME_BYTES: Final = 10


class _Name(Enum):
    """The only names that mean anything, each a word and no object."""

    DATE = ("datetime", "date")
    DATETIME = ("datetime", "datetime")
    TIMEZONE = ("datetime", "timezone")
    TIMEDELTA = ("datetime", "timedelta")
    DECIMAL = ("decimal", "Decimal")


def read_constant(pickled: bytes) -> Constant | None:
    """Return the constant that a pickle holds, or None if it holds anything else.

    Args:
        pickled: the whole pickle, from its PROTO to its STOP and nothing after it.
    """
    try:
        found = _followed(pickled)
        if isinstance(found, str):
            found.encode("utf-8")  # a pickle can spell lone surrogates, which are no text
    except (ValueError, LookupError, TypeError, ArithmeticError):
        return None
    # Exact types: a name or a tuple that was left on the stack is no value.
    return found if type(found) in _CONSTANTS else None  # type: ignore[return-value]


def _followed(pickled: bytes) -> object:
    """Follow every step. Raises one of the errors that `read_constant` catches to refuse it."""
    reading = _Reading()
    for count, (step, argument, place) in enumerate(pickletools.genops(pickled)):
        if (count == 0) is not (step.name == "PROTO") or count >= _MOST_STEPS:
            raise ValueError
        if step.name == "STOP":
            if len(reading.stack) != 1 or place != len(pickled) - 1:
                raise ValueError
            return reading.stack[0]
        _STEPS[step.name](reading, argument)
    raise ValueError


class _Reading:
    """The values on the stack and in the memo so far."""

    def __init__(self) -> None:
        self.stack: list[object] = []
        self._memo: dict[int, object] = {}

    def protocol(self, argument: object) -> None:
        if argument not in _PROTOCOLS:
            raise ValueError

    def frame(self, argument: object) -> None:
        """Go on: a frame only says how much to read ahead."""

    def push(self, argument: object) -> None:
        self.stack.append(argument)

    def memoize(self, _: object) -> None:
        self._memo[len(self._memo)] = self.stack[-1]

    def put(self, argument: object) -> None:
        self._memo[_integer(argument)] = self.stack[-1]

    def get(self, argument: object) -> None:
        self.stack.append(self._memo[_integer(argument)])

    def name(self, argument: object) -> None:
        self.stack.append(_Name(tuple(str(argument).split(" "))))

    def name_on_stack(self, _: object) -> None:
        self.stack.append(_Name(tuple(self.popped(2))))

    def reduce(self, _: object) -> None:
        name, arguments = self.popped(2)
        if type(name) is not _Name or type(arguments) is not tuple:
            raise TypeError
        self.stack.append(_MADE[name](*arguments))

    def popped(self, count: int) -> list[object]:
        if len(self.stack) < count:
            raise IndexError
        popped = self.stack[-count:]
        del self.stack[-count:]
        return popped


_STEPS: Final[dict[str, Callable[[_Reading, object], None]]] = {
    "PROTO": _Reading.protocol,
    "FRAME": _Reading.frame,
    "SHORT_BINUNICODE": _Reading.push,
    "BINUNICODE": _Reading.push,
    "BINUNICODE8": _Reading.push,
    "SHORT_BINBYTES": _Reading.push,
    "BINBYTES": _Reading.push,
    "BINBYTES8": _Reading.push,
    "BININT": _Reading.push,
    "BININT1": _Reading.push,
    "BININT2": _Reading.push,
    "LONG1": _Reading.push,
    "BINFLOAT": _Reading.push,
    "NEWTRUE": lambda reading, _: reading.push(argument=True),
    "NEWFALSE": lambda reading, _: reading.push(argument=False),
    "MEMOIZE": _Reading.memoize,
    "BINPUT": _Reading.put,
    "LONG_BINPUT": _Reading.put,
    "BINGET": _Reading.get,
    "LONG_BINGET": _Reading.get,
    "TUPLE1": lambda reading, _: reading.push(tuple(reading.popped(1))),
    "TUPLE2": lambda reading, _: reading.push(tuple(reading.popped(2))),
    "TUPLE3": lambda reading, _: reading.push(tuple(reading.popped(3))),
    "GLOBAL": _Reading.name,
    "STACK_GLOBAL": _Reading.name_on_stack,
    "REDUCE": _Reading.reduce,
}


def _integer(value: object) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _state(value: object, size: int) -> bytes:
    """Return what a date or a datetime pickles of itself: year u16, then a byte each."""
    if type(value) is not bytes:
        raise TypeError
    if len(value) != size:
        raise ValueError
    return value


def _date(state: object) -> dt.date:
    raw = _state(state, _DATE_BYTES)
    return dt.date(int.from_bytes(raw[:2], "big"), raw[2], raw[3])


def _datetime(state: object, zone: object = None) -> dt.datetime:
    # The second reading of an hour that the clock showed twice has bit 7 of the month set: it is
    # no month then, and refused, as everywhere in strongroom.
    raw = _state(state, _DATETIME_BYTES)
    if zone is not None and type(zone) is not dt.timezone:
        raise TypeError
    year, microsecond = int.from_bytes(raw[:2], "big"), int.from_bytes(raw[7:], "big")
    month, day, hour, minute, second = raw[2:7]
    return dt.datetime(year, month, day, hour, minute, second, microsecond, zone)


def _timedelta(days: object, seconds: object, microseconds: object) -> dt.timedelta:
    return dt.timedelta(_integer(days), _integer(seconds), _integer(microseconds))


def _timezone(offset: object) -> dt.timezone:
    if type(offset) is not dt.timedelta:
        raise TypeError
    return dt.timezone(offset)


def _decimal(text: object) -> decimal.Decimal:
    if type(text) is not str:
        raise TypeError
    number = decimal.Decimal(text[:_LONGEST_DECIMAL])
    if len(text) > _LONGEST_DECIMAL or not number.is_finite():
        raise ValueError
    return number


_MADE: Final[dict[_Name, Callable[..., object]]] = {
    _Name.DATE: _date,
    _Name.DATETIME: _datetime,
    _Name.TIMEZONE: _timezone,
    _Name.TIMEDELTA: _timedelta,
    _Name.DECIMAL: _decimal,
}
