"""Columns of values as literals of MySQL's SQL.

PyMySQL spells every value of every row through several calls, which costs more than encrypting it.
What cannot end a literal, whatever the server's mode and character set, is spelled here a column
at a time: integers, bytes in hex as the driver has them too, and text of the characters of base64
and the full stop. Everything else goes through the driver.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

_HARMLESS: Final = re.compile(r"[A-Za-z0-9+/=.]*", re.ASCII)


def literals(cursor: Any, values: Sequence[Any]) -> Sequence[str]:  # noqa: ANN401  # PyMySQL's
    """Return each value of a column as a literal.

    Args:
        cursor: of the driver, which spells what is not spelled here.
        values: of any types that the driver takes.
    """
    kinds = set(map(type, values))
    if kinds == {int}:
        return list(map(str, values))
    if kinds == {bytes}:
        return [f"x'{value.hex()}'" for value in values]
    if kinds == {str} and all(map(_HARMLESS.fullmatch, values)):
        return [f"'{value}'" for value in values]
    return [cursor.mogrify("%s", (value,)) for value in values]
