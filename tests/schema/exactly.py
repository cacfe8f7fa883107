"""Says whether two values are the same value, where `==` is too kind: 1 == 1.0 == True."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal


def same(one: object, other: object) -> bool:
    """Compare the types, the sign of zero, trailing zeros and offsets too. NaN is NaN."""
    if type(one) is not type(other):
        return False
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return told_apart(one) == told_apart(other)


def told_apart(value: object) -> object:
    """Return something whose `==` sees every difference between two values of one type."""
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else (value, math.copysign(1, value))
    if isinstance(value, Decimal):
        return value.as_tuple()
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None), value.utcoffset(), value.fold
    return value
