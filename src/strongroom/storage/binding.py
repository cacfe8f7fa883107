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


def parameters(name: str, values: Sequence[Any]) -> list[sa.BindParameter[Any] | None]:
    """Return a parameter for each value but NULL, by the names of `named`."""
    return [
        None if value is None else sa.bindparam(f"{name}{place}", type_=bound_type(value))
        for place, value in enumerate(values)
    ]


def named(name: str, values: Sequence[Any]) -> dict[str, Any]:
    """Return the values, each but NULL by a name of its own, for such parameters."""
    return {f"{name}{place}": value for place, value in enumerate(values) if value is not None}
