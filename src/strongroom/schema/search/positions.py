"""Values laid on a scale of positions, for an index that answers ranges.

    position 0       below the minimum
    position 1       from the minimum up to, not including, the minimum and one step
    position 1 + k   from the minimum and k steps, likewise
    the last         above the maximum

    steps = (maximum - minimum) // step + 1, positions = steps + 2

So every value of the type has a position, and a greater value never has a lower one: no value is
refused, and the positions of a range's ends hold all that lies in the range, and at most a step's
worth of neighbours on either side. All arithmetic is on integers:

    integer                 the number itself
    decimal                 ⌊value * 10^-e⌋; e is the least exponent of minimum, maximum and step
    date                    days
    datetime without zone   microseconds, its step in whole seconds
    datetime with zone      microseconds UTC, its step in whole seconds: the instant counts, so
                            the offset makes no difference
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeAlias

from strongroom.errors import InputError
from strongroom.schema.number_bytes import decimal_parts
from strongroom.schema.values import Tag, decode, encode

Bound: TypeAlias = int | Decimal | dt.date | dt.datetime

MOST_STEPS: Final = (1 << 64) - 2

_MOMENT_BYTES: Final = 8
_SECOND: Final = 1_000_000
_TAGS: Final[dict[type, Tag]] = {
    int: Tag.INTEGER,
    Decimal: Tag.DECIMAL,
    dt.date: Tag.DATE,
    dt.datetime: Tag.DATETIME,
}
_WHOLE: Final = frozenset({Tag.INTEGER, Tag.DATE})


@dataclass(frozen=True, slots=True)
class Scale:
    """The positions of the values of one type, which is that of `minimum`.

    Attributes:
        minimum: where the first step begins: an integer, a decimal, a date or a datetime. A
            datetime with a zone is kept with its offset, as a field would keep it.
        maximum: the greatest value that a step holds, of the same type.
        step: how much one position holds, above zero: a decimal for decimals; otherwise an
            integer, of days for dates and of seconds for datetimes.
    """

    minimum: Bound
    maximum: Bound
    step: int | Decimal
    _ruler: _Ruler = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        tag = _tag(self.minimum)
        for name in ("minimum", "maximum"):
            bound = encode(tag, getattr(self, name), f"the {name}")
            object.__setattr__(self, name, decode(tag, bound))
        object.__setattr__(self, "_ruler", _ruler(tag, self.minimum, self.maximum, self.step))
        if self._ruler.least > self._ruler.most:
            raise InputError("the minimum is above the maximum")
        if self.positions - 2 > MOST_STEPS:
            raise InputError(
                "the range has more than 2^64 - 2 steps",
                hint="a larger step, or a minimum and a maximum that are closer",
            )

    @property
    def positions(self) -> int:
        """How many positions there are: one for each step, one below them and one above."""
        ruler = self._ruler
        return (ruler.units(ruler.most) - ruler.units(ruler.least)) // ruler.step + 3

    def position(self, value: object) -> int:
        """Return the position of a value, 0 to `positions` - 1.

        Raises:
            InputError: the value is of another type, or none that a field of the type can hold.
        """
        ruler = self._ruler
        point = _point(ruler.tag, value, "the value")
        # Compared first: a value far outside is never written out in units.
        if point < ruler.least:
            return 0
        if point > ruler.most:
            return self.positions - 1
        return 1 + (ruler.units(point) - ruler.units(ruler.least)) // ruler.step


class _Ruler(NamedTuple):
    """A scale in exact points: decimals for decimals, otherwise integers; the step in units."""

    tag: Tag
    least: Any
    most: Any
    exponent: int
    step: int

    def units(self, point: int | Decimal) -> int:
        return point if isinstance(point, int) else _floor(point, self.exponent)


def _tag(value: object) -> Tag:
    tag = _TAGS.get(type(value))
    if tag is None:
        raise InputError("a range goes over integers, decimals, dates or datetimes")
    zoned = isinstance(value, dt.datetime) and value.tzinfo is not None
    return Tag.ZONED_DATETIME if zoned else tag


def _ruler(tag: Tag, minimum: Bound, maximum: Bound, step: object) -> _Ruler:
    kind = Tag.DECIMAL if tag is Tag.DECIMAL else Tag.INTEGER
    width = _point(kind, step, "the step")
    if width <= 0:
        raise InputError("the step must be above zero")
    least, most = _point(tag, minimum, "the minimum"), _point(tag, maximum, "the maximum")
    if tag is Tag.DECIMAL:
        exponent = min(decimal_parts(one, "the range")[2] for one in (least, most, width))
        return _Ruler(tag, least, most, exponent, _floor(width, exponent))
    return _Ruler(tag, least, most, 0, width if tag in _WHOLE else width * _SECOND)


def _point(tag: Tag, value: object, where: str) -> Any:  # noqa: ANN401  # an integer or a decimal
    """Return what a value is compared by, exactly. Of a moment it is its microseconds."""
    data = encode(tag, value, where)
    if tag is Tag.DECIMAL:
        return value
    return int.from_bytes(data[:_MOMENT_BYTES] if tag is Tag.ZONED_DATETIME else data, signed=True)


def _floor(value: Decimal, exponent: int) -> int:
    """Return how many whole units of ``10**exponent`` the value has, rounded down.

    That loses nothing: the ends and the step of a scale are whole units, so no end of a step lies
    within one.
    """
    sign, digits, own = decimal_parts(value, "the value")
    coefficient = int(Decimal((sign, digits, 0)))
    if own >= exponent:
        return int(coefficient * 10 ** (own - exponent))
    return int(coefficient // 10 ** (exponent - own))
