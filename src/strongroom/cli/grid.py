"""A table for a terminal, drawn page after page in columns of one width."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from strongroom.cli.text import NULL, visible

_LEAST: Final = 4
_GAP: Final = 3


class Grid:
    """Columns as wide as the first page needs, or as the terminal has; longer values fold."""

    def __init__(
        self, header: Sequence[str], right: Sequence[bool], first: Sequence[Sequence[str | None]]
    ) -> None:
        self._console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
        self._header = header
        self._right = right
        shown = [[_text(value) for value in row] for row in first]
        self._widths = _fit(
            [
                max(cell_len(name), *(cell_len(row[place].plain) for row in shown))
                for place, name in enumerate(header)
            ],
            self._console.width,
        )

    def page(self, rows: Sequence[Sequence[str | None]], *, head: bool = False) -> str:
        """Return some rows, under the header if `head`."""
        table = Table(
            box=SIMPLE_HEAD, show_edge=False, show_header=head, pad_edge=False, padding=(0, 1)
        )
        for name, right, width in zip(self._header, self._right, self._widths, strict=True):
            table.add_column(
                Text(name),
                justify="right" if right else "left",
                width=width,
                overflow="fold",
                header_style="bold",
            )
        for row in rows:
            table.add_row(*(_text(value) for value in row))
        with self._console.capture() as captured:
            self._console.print(table)
        return captured.get()


def _text(value: str | None) -> Text:
    """Return a cell: what a value says is never taken for markup."""
    return Text(NULL, style="dim") if value is None else Text(visible(value))


def _fit(widths: list[int], room: int) -> list[int]:
    """Take from the widest column until all of them fit beside each other."""
    available = room - _GAP * (len(widths) - 1)
    fitted = list(widths)
    while sum(fitted) > available and max(fitted) > _LEAST:
        widest = fitted.index(max(fitted))
        others = sorted(fitted)[-2] if len(fitted) > 1 else 0
        over = sum(fitted) - available
        fitted[widest] -= max(1, min(over, fitted[widest] - max(others, _LEAST)))
    return fitted
