"""Canonical bytes of numbers: integers, decimals and floats.

    integer   two's complement, big-endian, as few bytes as hold it, 1 to 512 (zero is 00)
    decimal   sign u8 (00 or 01) ‖ exponent i32 ‖ coefficient, unsigned, no leading zero byte
    float     IEEE binary64, big-endian; every NaN is written 7ff8000000000000

Digits go through `decimal.Decimal`, whose constructor and `as_tuple` are exact under any context,
and which does not know the interpreter's limit on digits (as low as 640 by an environment
variable): whether a value can be read must not depend on the process that reads it.
"""

from __future__ import annotations

import math
import struct
from decimal import Decimal
from typing import Final

from strongroom.errors import InputError

MOST_INTEGER_BITS: Final = 4096
MOST_INTEGER_DIGITS: Final = 1233
MOST_DIGITS: Final = 1000
MOST_EXPONENT: Final = 6144

_MOST_INTEGER_BYTES: Final = MOST_INTEGER_BITS // 8
_LEAST_SMALL: Final = -128
_SMALL: Final = tuple(n.to_bytes(1, signed=True) for n in range(_LEAST_SMALL, -_LEAST_SMALL))
_DECIMAL_HEAD: Final = struct.Struct(">Bi")
_FLOAT: Final = struct.Struct(">d")
_NAN: Final = bytes.fromhex("7ff8000000000000")
_MOST_COEFFICIENT_BYTES: Final = ((10**MOST_DIGITS - 1).bit_length() + 7) // 8


def integer_to_digits(value: int) -> str:
    """Return `value` in decimal digits, whatever limit the interpreter has on them."""
    return str(Decimal(value))


def digits_to_integer(digits: str) -> int:
    """Return the integer that an optional ``-`` and ASCII digits spell.

    Raises:
        ValueError: more digits than the largest integer has.
    """
    if len(digits) > MOST_INTEGER_DIGITS + 1:
        raise ValueError
    return int(Decimal(digits))


def fits(value: int) -> bool:
    """Say whether `value` has at most 4,096 bits in two's complement, its sign among them."""
    return value.bit_length() < MOST_INTEGER_BITS or value == -(1 << (MOST_INTEGER_BITS - 1))


def encode_integer(value: object, where: str) -> bytes:
    """Return two's complement in as few bytes as hold the value."""
    if type(value) is not int:
        raise InputError(f"{where} must be an integer")
    if _LEAST_SMALL <= value < -_LEAST_SMALL:
        return _SMALL[value - _LEAST_SMALL]
    if not fits(value):
        raise InputError(f"{where} must fit in {MOST_INTEGER_BITS:,} bits")
    magnitude = ~value if value < 0 else value
    return value.to_bytes(magnitude.bit_length() // 8 + 1, signed=True)


def decode_integer(data: bytes) -> int:
    """Read two's complement, refusing a first byte that only repeats the sign."""
    if not 1 <= len(data) <= _MOST_INTEGER_BYTES:
        raise ValueError
    if len(data) > 1 and data[0] == (0xFF if data[1] & 0x80 else 0x00):
        raise ValueError
    return int.from_bytes(data, signed=True)


def decimal_parts(value: object, where: str) -> tuple[int, tuple[int, ...], int]:
    """Return the sign, the digits and the exponent of a decimal that can be stored.

    Raises:
        InputError: no decimal, not finite, too many digits or too large an exponent.
    """
    if type(value) is not Decimal:
        raise InputError(f"{where} must be a decimal")
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):  # a letter, for NaN and infinity
        raise InputError(f"{where} must be a finite decimal")
    if len(digits) > MOST_DIGITS:
        raise InputError(f"{where} must have at most {MOST_DIGITS:,} digits")
    if abs(exponent) > MOST_EXPONENT:
        raise InputError(f"{where} must have an exponent of at most {MOST_EXPONENT:,} either way")
    return sign, digits, exponent


def encode_decimal(value: object, where: str) -> bytes:
    """Return sign, exponent and coefficient as they are: -0 and trailing zeros are kept."""
    sign, digits, exponent = decimal_parts(value, where)
    coefficient = int(Decimal((0, digits, 0)))
    size = (coefficient.bit_length() + 7) // 8
    return _DECIMAL_HEAD.pack(sign, exponent) + coefficient.to_bytes(size)


def decode_decimal(data: bytes) -> Decimal:
    """Read sign, exponent and minimal coefficient."""
    head, tail = data[: _DECIMAL_HEAD.size], data[_DECIMAL_HEAD.size :]
    if len(head) < _DECIMAL_HEAD.size or len(tail) > _MOST_COEFFICIENT_BYTES or tail[:1] == b"\0":
        raise ValueError
    sign, exponent = _DECIMAL_HEAD.unpack(head)
    digits = Decimal(int.from_bytes(tail)).as_tuple().digits
    if sign > 1 or abs(exponent) > MOST_EXPONENT or len(digits) > MOST_DIGITS:
        raise ValueError
    return Decimal((sign, digits, exponent))


def encode_float(value: object, where: str) -> bytes:
    """Return binary64. All NaNs become the one NaN: Python does not tell them apart."""
    if type(value) is not float:
        raise InputError(f"{where} must be a float")
    return _NAN if math.isnan(value) else _FLOAT.pack(value)


def decode_float(data: bytes) -> float:
    """Read binary64, refusing every NaN but the one."""
    if len(data) != _FLOAT.size:
        raise ValueError
    value: float = _FLOAT.unpack(data)[0]
    if math.isnan(value) and data != _NAN:
        raise ValueError
    return value
