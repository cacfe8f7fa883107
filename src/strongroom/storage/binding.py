"""How values are bound into statements, whichever they are this time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa


def bound_type(value: Any) -> sa.types.TypeEngine[Any]:  # noqa: ANN401  # of any column
    """Return how a value is bound: an integer as one of 64 bits, whichever it is this time."""
    inferred: sa.types.TypeEngine[Any] = sa.literal(value).type
    return sa.BigInteger() if isinstance(inferred, sa.Integer) else inferred


def one_of(column: sa.ColumnElement[Any], values: Sequence[Any]) -> sa.ColumnElement[bool]:
    """Return the condition that a column has one of these values, at least one, of one type.

    A list is bound by the type of its first value, which of integers could be too small a one.
    """
    listed = sa.bindparam(None, values, type_=bound_type(values[0]), expanding=True)
    return column.in_(listed)
