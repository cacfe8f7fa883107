"""A reader of pickles that hold one constant. It executes nothing: no pickle is ever loaded.

The steps below are followed on a stack of plain values. Every other step (of objects, containers,
persistent ids, the extension registry, the old text protocols) is refused before its argument is
looked at.

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
import struct
from collections.abc import Callable
from enum import Enum
from typing import Final, TypeAlias, cast

Constant: TypeAlias = str | bytes | bool | int | float | dt.date | dt.datetime | decimal.Decimal

_CONSTANTS: Final = frozenset({str, bytes, bool, int, float, dt.date, dt.datetime, decimal.Decimal})
_PROTOCOLS: Final = (3, 4, 5)  # the default of Python 3.0, 3.8 and 3.14
_PROTO: Final = b"\x80"
_STOP: Final = b"."
_MOST_STEPS: Final = 64  # a datetime with a zone takes fewer than 40
_LONGEST_WORD: Final = len("timedelta")
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
        found = _followed(_Cursor(pickled))
    except (ValueError, LookupError, TypeError, ArithmeticError):
        return None
    # Exact types: a name or a tuple that was left on the stack is no value.
    return cast("Constant", found) if type(found) in _CONSTANTS else None


class _Cursor:
    """A place in the pickle. What would go beyond its end raises ValueError."""

    def __init__(self, pickled: bytes) -> None:
        self._rest = memoryview(pickled)

    def take(self, count: int) -> bytes:
        if count > len(self._rest):
            raise ValueError
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken.tobytes()

    def number(self, size: int, *, signed: bool = False) -> int:
        return int.from_bytes(self.take(size), "little", signed=signed)

    def counted(self, size: int) -> bytes:
        return self.take(self.number(size))

    def text(self, size: int) -> str:
        # Strict, unlike pickle itself: lone surrogates are no text.
        return self.counted(size).decode("utf-8")

    def line(self) -> str:
        """Return a word that a name is made of, and pass the end of its line."""
        word, end, _ = self._rest[: _LONGEST_WORD + 1].tobytes().partition(b"\n")
        if not end:
            raise ValueError
        self.take(len(word) + 1)
        return word.decode("ascii")

    def at_end(self) -> bool:
        return not self._rest


def _followed(cursor: _Cursor) -> object:
    """Follow every step. Raises one of the errors that `read_constant` catches to refuse it."""
    reading = _Reading()
    if cursor.take(1) != _PROTO or cursor.number(1) not in _PROTOCOLS:
        raise ValueError
    for _ in range(_MOST_STEPS):
        code = cursor.take(1)
        if code == _STOP:
            if len(reading.stack) != 1 or not cursor.at_end():
                raise ValueError
            return reading.stack[0]
        argument, follow = _STEPS[code]
        follow(reading, argument(cursor))
    raise ValueError


class _Reading:
    """The values on the stack and in the memo so far."""

    def __init__(self) -> None:
        self.stack: list[object] = []
        self._memo: dict[int, object] = {}

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
        self.stack.append(_Name(argument))

    def name_on_stack(self, _: object) -> None:
        self.stack.append(_Name(tuple(self.popped(2))))

    def reduce(self, _: object) -> None:
        name, arguments = self.popped(2)
        if type(name) is not _Name or type(arguments) is not tuple:
            raise TypeError
        self.stack.append(_MADE[name](*arguments))

    def join(self, argument: object) -> None:
        self.stack.append(tuple(self.popped(_integer(argument))))

    def popped(self, count: int) -> list[object]:
        if len(self.stack) < count:
            raise IndexError
        popped = self.stack[-count:]
        del self.stack[-count:]
        return popped


def _nothing(_: _Cursor) -> None:
    """Most steps have no argument."""


_Argument: TypeAlias = Callable[[_Cursor], object]
_Follow: TypeAlias = Callable[[_Reading, object], None]

_STEPS: Final[dict[bytes, tuple[_Argument, _Follow]]] = {
    b"\x95": (lambda at: at.number(8), _Reading.frame),  # FRAME
    b"\x8c": (lambda at: at.text(1), _Reading.push),  # SHORT_BINUNICODE
    b"X": (lambda at: at.text(4), _Reading.push),  # BINUNICODE
    b"\x8d": (lambda at: at.text(8), _Reading.push),  # BINUNICODE8
    b"C": (lambda at: at.counted(1), _Reading.push),  # SHORT_BINBYTES
    b"B": (lambda at: at.counted(4), _Reading.push),  # BINBYTES
    b"\x8e": (lambda at: at.counted(8), _Reading.push),  # BINBYTES8
    b"\x88": (lambda _: True, _Reading.push),  # NEWTRUE
    b"\x89": (lambda _: False, _Reading.push),  # NEWFALSE
    b"J": (lambda at: at.number(4, signed=True), _Reading.push),  # BININT
    b"K": (lambda at: at.number(1), _Reading.push),  # BININT1
    b"M": (lambda at: at.number(2), _Reading.push),  # BININT2
    b"\x8a": (lambda at: at.number(at.number(1), signed=True), _Reading.push),  # LONG1
    b"G": (lambda at: struct.unpack(">d", at.take(8))[0], _Reading.push),  # BINFLOAT
    b"\x94": (_nothing, _Reading.memoize),  # MEMOIZE
    b"q": (lambda at: at.number(1), _Reading.put),  # BINPUT
    b"r": (lambda at: at.number(4), _Reading.put),  # LONG_BINPUT
    b"h": (lambda at: at.number(1), _Reading.get),  # BINGET
    b"j": (lambda at: at.number(4), _Reading.get),  # LONG_BINGET
    b"c": (lambda at: (at.line(), at.line()), _Reading.name),  # GLOBAL
    b"\x93": (_nothing, _Reading.name_on_stack),  # STACK_GLOBAL
    b"\x85": (lambda _: 1, _Reading.join),  # TUPLE1
    b"\x86": (lambda _: 2, _Reading.join),  # TUPLE2
    b"\x87": (lambda _: 3, _Reading.join),  # TUPLE3
    b"R": (_nothing, _Reading.reduce),  # REDUCE
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
