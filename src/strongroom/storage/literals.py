"""Columns of values as they stand in SQL, spelled a column at a time.

Drivers spell every value of every row through several calls, which costs more than encrypting it.
Spelled here is what cannot end a literal, whatever the server's mode and character set: integers,
bytes in hex, and text of the characters of base64 and the full stop, which cells are. A list for
PostgreSQL is a parameter, and takes any text without the character that divides it. Everything
else goes through the driver.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

_HARMLESS: Final = (string.ascii_letters + string.digits + "+/=.").encode("ascii")
_BETWEEN, _NULL = "\x1f", "\x1e"
LIST: Final = "string_to_array(%s, chr(31), chr(30))"
"""What makes a list of `Listed.text`, of two or more, on PostgreSQL."""


class Listed(NamedTuple):
    """A column as one text for PostgreSQL, and what gives one of its elements its type again."""

    text: str
    element: str


def mysql(cursor: Any, values: Sequence[Any]) -> Sequence[str]:  # noqa: ANN401  # PyMySQL's
    """Return each value of a column as a literal.

    Args:
        cursor: of the driver, which spells what is not spelled here.
        values: of any types that the driver takes.
    """
    kinds = set(map(type, values))
    if kinds == {int}:
        return list(map(str, values))
    if kinds == {bytes}:
        return [f"x'{one.hex()}'" for one in values]
    if kinds == {str} and _are_harmless(values):
        return [f"'{one}'" for one in values]
    return [cursor.mogrify("%s", (one,)) for one in values]


def postgresql(values: Sequence[Any]) -> Listed | None:
    """Return a column as a list, or None where the driver has to spell it."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds == {int}:
        return Listed(_joined(values, str), "{}::bigint")
    if kinds == {bytes}:
        return Listed(_joined(values, bytes.hex), "decode({}, 'hex')")
    if kinds == {str}:
        text = _joined(values, str)
        dividing = text.count(_BETWEEN) == len(values) - 1 and text.count(_NULL) == values.count(
            None
        )
        return Listed(text, "{}") if dividing else None
    return None


def _are_harmless(texts: Sequence[str]) -> bool:
    """Say whether texts consist of nothing but characters that cannot end a literal."""
    return not "".join(texts).encode("ascii", "replace").translate(None, _HARMLESS)


def _joined(values: Sequence[Any], spell: Callable[[Any], str]) -> str:
    return _BETWEEN.join([_NULL if one is None else spell(one) for one in values])
