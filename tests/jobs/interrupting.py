"""A process that ends at a chosen statement, without a process: every later one fails too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import event

import strongroom

# Between two of these nothing changes in the database, so to end at one is to end before the next.
_READING: Final = ("SELECT", "PRAGMA MAIN", "PRAGMA TEMP", "BEGIN", "SHOW", "SET", "UNLOCK")


class Ended(BaseException):
    """The process is no more."""


class Line:
    """How many statements that change something were sent.

    Attributes:
        crossed: whether the process ended.
        last: the statement that it did not send.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self.sent = 0
        self.crossed = False
        self.last = ""

    def before(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        """Count a statement, or end at it."""
        if self.crossed:
            raise Ended
        if statement.lstrip().upper().startswith(_READING) and "lock" not in statement.lower():
            return
        self.sent += 1
        if self.sent == self._number:
            self.crossed, self.last = True, statement
            raise Ended


@contextmanager
def ended_at(room: strongroom.Strongroom, number: int) -> Iterator[Line]:
    """End the block at the statement of that number, counted from 1; 0 for never."""
    line = Line(number)
    engine = room.store.database._main
    event.listen(engine, "before_cursor_execute", line.before)
    try:
        yield line
    except BaseException:
        if not line.crossed:
            raise
    finally:
        event.remove(engine, "before_cursor_execute", line.before)
