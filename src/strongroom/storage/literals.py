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

import sqlalchemy as sa

from strongroom.storage.direct import is_heard

_HARMLESS: Final = (string.ascii_letters + string.digits + "+/=.").encode("ascii")
_BETWEEN, _NULL = "\x1f", "\x1e"
_FEWEST: Final = 2
"""Of rows in a list: an empty text would be none."""
_LIST: Final = "string_to_array(%s, chr(31), chr(30))"


def may_be_spelled(connection: sa.Connection) -> bool:
    """Say whether statements may hold their values: by PyMySQL, and where nobody hears them."""
    return connection.dialect.driver == "pymysql" and not is_heard(connection)


class Lists(NamedTuple):
    """Two or more rows as a source of rows for a statement of PostgreSQL's.

    Attributes:
        elements: what gives each column's values their types.
        source: what stands behind FROM, called v.
        texts: its parameters, one for each column.
    """

    elements: list[str]
    source: str
    texts: tuple[str, ...]


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


def postgresql(connection: sa.Connection, rows: Sequence[Sequence[Any]]) -> Lists | None:
    """Return rows as lists, or None where the driver has to spell them, or they are too few."""
    if connection.dialect.driver != "psycopg" or len(rows) < _FEWEST:
        return None
    elements, texts = [], []
    for number, column in enumerate(zip(*rows, strict=True)):
        listed = _listed(column)
        if listed is None:
            return None
        element, text = listed
        elements.append(element.format(f"v.c{number}"))
        texts.append(text)
    names = ", ".join(f"c{number}" for number in range(len(texts)))
    source = f"unnest({', '.join([_LIST] * len(texts))}) AS v({names})"
    return Lists(elements, source, tuple(texts))


def _listed(values: Sequence[Any]) -> tuple[str, str] | None:
    """Return what gives an element its type, and a column in one text, if it can stand in one."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds == {int}:
        return "{}::bigint", _joined(values, str)
    if kinds == {bytes}:
        return "decode({}, 'hex')", _joined(values, bytes.hex)
    if kinds == {str}:
        text = _joined(values, str)
        nothing = values.count(None)
        if text.count(_BETWEEN) == len(values) - 1 and text.count(_NULL) == nothing:
            return "{}", text
    return None


def _are_harmless(texts: Sequence[str]) -> bool:
    """Say whether texts consist of nothing but characters that cannot end a literal."""
    return not "".join(texts).encode("ascii", "replace").translate(None, _HARMLESS)


def _joined(values: Sequence[Any], spell: Callable[[Any], str]) -> str:
    return _BETWEEN.join([_NULL if one is None else spell(one) for one in values])
