"""Things that could not be done, one line each on stderr: the first ones, and how many more."""

from __future__ import annotations

from typing import Final

from strongroom.cli import terminal
from strongroom.cli.progress import Display

SHOWN: Final = 20
"""How many are listed where they are not all wanted."""


class Listed:
    """Writes the first lines, and counts the others."""

    def __init__(self, display: Display, most: int | None, elsewhere: str = "") -> None:
        """Get ready.

        Args:
            display: the progress that is shown meanwhile.
            most: how many lines are written; None: all.
            elsewhere: said behind the number of the others, such as where they are.
        """
        self._display = display
        self._most = most
        self._elsewhere = elsewhere
        self._count = 0

    def __call__(self, line: object) -> None:
        """Write one, or count it."""
        self._count += 1
        if self._most is None or self._count <= self._most:
            self._display.clear()
            terminal.notice(str(line))

    def end(self) -> None:
        """Say how many were not written."""
        if self._most is not None and self._count > self._most:
            terminal.notice(f"and {self._count - self._most:,} more{self._elsewhere}")
            self._count = 0
