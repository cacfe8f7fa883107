"""Field types that hold numbers and truth values: integer, decimal, float, boolean."""

from __future__ import annotations

import decimal
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from strongroom.errors import InputError
from strongroom.schema.field_type import LATER, FieldType
from strongroom.schema.number_bytes import (
    MOST_DIGITS,
    MOST_EXPONENT,
    MOST_INTEGER_BITS,
    decimal_parts,
    digits_to_integer,
    fits,
    integer_to_digits,
)
from strongroom.schema.ranged import Ranged
from strongroom.schema.values import Tag, Value

MOST_PLAIN_PRECISION: Final = 38
MOST_PLAIN_SCALE: Final = 30
"""MySQL's own limit."""

_LEAST_64: Final = -(1 << 63)
_MOST_64: Final = (1 << 63) - 1
_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]*")
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+|E\+[1-9][0-9]{0,3})?")
_FLOAT: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_LONGEST_DECIMAL: Final = len("-0.") + MOST_EXPONENT
_NOT_FINITE: Final = ("nan", "inf", "-inf")


@dataclass(frozen=True, slots=True)
class Integer(Ranged):
    """A whole number: int, and no bool. Plain: 64 bits with sign. Encrypted: at most 4,096 bits.

    Attributes:
        minimum: the least value allowed, or None.
        maximum: the greatest value allowed, or None.
    """

    tag: ClassVar[Tag] = Tag.INTEGER
    name: ClassVar[str] = "integer"

    minimum: int | None = field(default=None, kw_only=False)
    maximum: int | None = field(default=None, kw_only=False)

    @classmethod
    def option_in(cls, option: str, value: Any) -> Any:  # noqa: ANN401, ARG003
        """Return the value as it is: JSON holds any integer exactly."""
        return value

    def _check_declaration(self) -> None:
        for bound in (self.minimum, self.maximum):
            if bound is None:
                continue
            if type(bound) is not int or not fits(bound):
                raise InputError(
                    f"{self.name}: minimum and maximum are integers of at most "
                    f"{MOST_INTEGER_BITS:,} bits"
                )
            if self.plain and not _LEAST_64 <= bound <= _MOST_64:
                raise InputError(f"{self.name}: a plain field has 64 bits with the sign")
        self._check_order()

    def check_all(self, values: Sequence[object], where: str) -> list[Value | None]:
        """Return a column of integers; those of 64 bits in the field's range are as they are."""
        least = _LEAST_64 if self.minimum is None else max(self.minimum, _LEAST_64)
        most = _MOST_64 if self.maximum is None else min(self.maximum, _MOST_64)
        return [
            value if type(value) is int and least <= value <= most else self.check(value, where)
            for value in values
        ]

    def _accept(self, value: object, where: str) -> Value:
        if type(value) is not int:
            raise InputError(f"{where} must be {self._rule()}")
        # Its range first: that is the rule which a person knows.
        self._check_range(value, where)
        return self._take(value, where)

    def _take(self, value: Any, where: str) -> Value:  # noqa: ANN401
        if self.plain and not _LEAST_64 <= value <= _MOST_64:
            raise InputError(f"{where} must fit in 64 bits with its sign")
        if not fits(value):
            raise InputError(f"{where} must fit in {MOST_INTEGER_BITS:,} bits")
        return value  # type: ignore[no-any-return]  # an int: `_accept` looked

    def _rule(self) -> str:
        if self.minimum is None and self.maximum is None:
            return "an integer"
        of = "" if None not in (self.minimum, self.maximum) else "of "
        return f"an integer {of}{self._range()}"

    def _read(self, text: str, where: str) -> Value:
        try:
            if _INTEGER.fullmatch(text):
                return digits_to_integer(text)
        except ValueError:
            pass  # more digits than any integer field holds
        raise InputError(
            f"{where} must be {self._rule()}",
            hint="written in digits only, such as 36 or -5: no spaces, no leading zeros",
        )

    def _spell(self, value: Any) -> str:  # noqa: ANN401
        return integer_to_digits(value)


@dataclass(frozen=True, slots=True)
class Decimal(Ranged):
    """An exact decimal number: decimal.Decimal, never rounded.

    Encrypted, it comes back as it was given, with its trailing zeros and the sign of zero. Plain,
    it needs precision and scale, and comes back with exactly `scale` digits after the point.

    Attributes:
        precision: the most digits in all: 1 to 38 plain, 1 to 1,000 encrypted.
        scale: the most digits after the point: 0 to the precision, and to 30 plain. Both or none.
        minimum: the least value allowed, decimal.Decimal, or None.
        maximum: the greatest value allowed, or None.
    """

    tag: ClassVar[Tag] = Tag.DECIMAL
    name: ClassVar[str] = "decimal"

    precision: int | None = None
    scale: int | None = None
    minimum: decimal.Decimal | None = field(default=None, kw_only=True, metadata=LATER)
    maximum: decimal.Decimal | None = field(default=None, kw_only=True, metadata=LATER)

    def _check_declaration(self) -> None:
        self._check_digits()
        super(Decimal, self)._check_declaration()

    def _check_digits(self) -> None:
        if self.precision is None and self.scale is None:
            if self.plain:
                raise InputError(
                    f"{self.name}: a plain field needs a precision and a scale",
                    hint="for example decimal(10,2)",
                )
            return
        most = MOST_PLAIN_PRECISION if self.plain else MOST_DIGITS
        self._check_limit("precision", self.precision, 1, most)
        most = min(self.precision or 0, MOST_PLAIN_SCALE if self.plain else MOST_DIGITS)
        self._check_limit("scale", self.scale, 0, most)

    def _take(self, value: object, where: str) -> Value:
        sign, digits, exponent = decimal_parts(value, where)
        if self.precision is not None and self.scale is not None:
            whole = self.precision - self.scale
            if -exponent > self.scale:
                raise InputError(f"{where} must have at most {self.scale} digits after the point")
            if digits != (0,) and len(digits) + exponent > whole:
                raise InputError(f"{where} must have at most {whole} digits before the point")
            if self.plain:
                return _at_scale(sign, digits, exponent, self.scale)
        return decimal.Decimal((sign, digits, exponent))

    def _read(self, text: str, where: str) -> Value:
        if len(text) <= _LONGEST_DECIMAL and _DECIMAL.fullmatch(text):
            return decimal.Decimal(text)
        raise InputError(
            f"{where} must be a decimal number",
            hint="written as 12, -12.50 or 12E+3: no spaces, no leading zeros",
        )

    def _spell(self, value: Any) -> str:  # noqa: ANN401
        sign, digits, exponent = value.as_tuple()
        text = "".join(map(str, digits))
        if exponent > 0:
            text += f"E+{exponent}"
        elif exponent < 0:
            text = text.zfill(1 - exponent)
            text = f"{text[:exponent]}.{text[exponent:]}"
        return f"-{text}" if sign else text


def _at_scale(sign: int, digits: tuple[int, ...], exponent: int, scale: int) -> decimal.Decimal:
    """Return the decimal with zeros added up to the scale. No arithmetic context can round here."""
    if digits == (0,):
        return decimal.Decimal((0, digits, -scale))
    return decimal.Decimal((sign, digits + (0,) * (exponent + scale), -scale))


@dataclass(frozen=True, slots=True)
class Float(Ranged):
    """A binary floating-point number of 64 bits: float, and no int.

    Plain, NaN and infinity are refused and -0.0 becomes 0.0: databases change or drop them.

    Attributes:
        minimum: the least value allowed, finite, or None. With a limit, NaN is refused.
        maximum: the greatest value allowed, finite, or None.
    """

    tag: ClassVar[Tag] = Tag.FLOAT
    name: ClassVar[str] = "float"

    minimum: float | None = field(default=None, kw_only=True, metadata=LATER)
    maximum: float | None = field(default=None, kw_only=True, metadata=LATER)

    def _take(self, value: object, where: str) -> Value:
        if type(value) is not float:
            raise InputError(f"{where} must be a float")
        if not self.plain:
            return value
        if not math.isfinite(value):
            raise InputError(f"{where} must be finite")
        return value or 0.0  # -0.0 is false: it becomes 0.0

    def _read(self, text: str, where: str) -> Value:
        if text in _NOT_FINITE:
            return float(text)
        if _FLOAT.fullmatch(text) and math.isfinite(value := float(text)):
            return value
        raise InputError(
            f"{where} must be a number that a 64-bit float can hold",
            hint="written as 12, -12.5 or 1.2e-7: no spaces, no leading zeros",
        )

    def _spell(self, value: Any) -> str:  # noqa: ANN401
        return repr(value)


@dataclass(frozen=True, slots=True)
class Boolean(FieldType):
    """True or False: bool, and no number."""

    tag: ClassVar[Tag] = Tag.BOOLEAN
    name: ClassVar[str] = "boolean"

    def _accept(self, value: object, where: str) -> Value:
        if type(value) is not bool:
            raise InputError(f"{where} must be true or false")
        return value

    def _read(self, text: str, where: str) -> Value:
        if text not in ("true", "false"):
            raise InputError(f"{where} must be true or false", hint="in small letters")
        return text == "true"

    def _spell(self, value: Any) -> str:  # noqa: ANN401
        return "true" if value else "false"
