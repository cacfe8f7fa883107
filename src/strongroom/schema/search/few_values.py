"""Fields of few values: whoever sees the tokens counts them, and knows each by how common it is."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from strongroom.errors import InputError
from strongroom.schema.number_types import Boolean, Decimal, Float
from strongroom.schema.ranged import Ranged
from strongroom.schema.search.index import Span
from strongroom.schema.search.positions import Scale
from strongroom.schema.sized_types import Bytes, Json, Text
from strongroom.schema.table import Field, Table
from strongroom.schema.time_types import DateTime, ZonedDateTime

FEW_VALUES: Final = 256
_SHORT: Final = 2
_MICROSECOND: Final = dt.timedelta(microseconds=1)


def have_few_values(fields: Sequence[Field], span: Span | None) -> bool:
    """Say whether fields can have few values together, by their declarations."""
    if span is not None:
        return span.scale.positions - 2 <= FEW_VALUES
    together = 1
    for field in fields:
        number = _number_of_values(field)
        if number is None:
            return False
        together *= number
    return together <= FEW_VALUES


def _number_of_values(field: Field) -> int | None:
    """Return how many values a field can have, or None for more than anybody would count."""
    declared = field.type
    if isinstance(declared, Boolean):
        return 2
    if isinstance(declared, (Text, Bytes, Json)):
        return FEW_VALUES if _is_short(declared) else None
    if not isinstance(declared, Ranged) or None in (declared.minimum, declared.maximum):
        digits = declared.precision if isinstance(declared, Decimal) else None
        return None if digits is None else 2 * 10**digits - 1
    return _between(declared)


def _is_short(declared: Text | Bytes | Json) -> bool:
    sizes = [declared.max_bytes]
    if isinstance(declared, Text) and declared.max_chars is not None:
        sizes.append(declared.max_chars)
    return min(sizes) <= _SHORT


def _between(declared: Ranged) -> int | None:
    """Return how many values lie between the limits of a type, or None for very many."""
    least, most = declared.minimum, declared.maximum
    if isinstance(declared, (DateTime, ZonedDateTime)):
        return int((most - least) // _MICROSECOND) + 1
    if isinstance(declared, Float):
        return 1 if least == most else None
    if isinstance(declared, Decimal):
        if declared.scale is None:
            return None
        return int((_fraction(most) - _fraction(least)) * 10**declared.scale) + 1
    return Scale(least, most, 1).positions - 2


def _fraction(value: decimal.Decimal) -> Fraction:
    return Fraction(*value.as_integer_ratio())


def few_values(table: Table, fields: Sequence[Field]) -> InputError:
    """Return the refusal to index fields whose tokens would be counted and known."""
    names = "+".join(field.name for field in fields)
    alone = "of it alone" if len(fields) == 1 else "of these alone"
    return InputError(
        f"{table.name}.{names} has few values: an index {alone} would tell them apart",
        hint="index it together with another: compound:…; or write down why that is acceptable: "
        "--accept-leakage REASON",
    )
