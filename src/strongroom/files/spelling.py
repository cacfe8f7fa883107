r"""How a table of texts spells no value, and what spreadsheets take for formulas.

    no value (NULL)            \N
    a text of backslashes      one backslash more:  the text \N is \\N, and \\N is \\\N
    and then N

As `strongroom list` prints it. Every other text is itself, so every value has one spelling.

For a spreadsheet, which takes some texts for formulas, a text that starts with one of

    = + - @   tab   carriage return   line feed   the same signs in full width   '

gets a ' in front, and reading takes exactly such a ' away again. Numbers stay as they are. This
protects cells, not whoever opens the file with another delimiter than it was written with.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

NULL: Final = "\\N"

_BACKSLASHES: Final = re.compile(r"\\+N")
_QUOTE: Final = "'"
_FORMULA: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20'")


def spell(text: str | None) -> str:
    """Return the spelling of a text, or of no value."""
    if text is None:
        return NULL
    return "\\" + text if text[:1] == "\\" and _BACKSLASHES.fullmatch(text) else text


def read(spelled: str) -> str | None:
    """Return what `spell` spelled so."""
    if spelled[:1] != "\\" or not _BACKSLASHES.fullmatch(spelled):
        return spelled
    return None if spelled == NULL else spelled[1:]


def neutralise(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return _QUOTE + text if text[:1] in _FORMULA and text else text


def restore(text: str) -> str:
    """Return the text that `neutralise` was given; of other texts, the text."""
    return text[1:] if text[:1] == _QUOTE and text[1:2] in _FORMULA and text[1:] else text


def reader(null: str | None, *, spreadsheet: bool) -> Callable[[str], str | None]:
    r"""Return what makes a value of a cell.

    Args:
        null: how no value is spelled in this file; then no backslash has a meaning. None: ``\N``,
            as strongroom writes it.
        spreadsheet: whether `neutralise` was at work.
    """
    if null is None:
        return (lambda cell: read(restore(cell))) if spreadsheet else read

    def other(cell: str) -> str | None:
        if cell == null:
            return None
        return restore(cell) if spreadsheet else cell

    return other
