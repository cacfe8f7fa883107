"""As `interrupting`, on every connection of an opened store, and at each commit too.

MySQL makes and drops columns on a second connection: between that and the commit of the catalogue
a process may end as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import event

import strongroom
from tests.jobs import interrupting

# What changes nothing either: to end at one is to end before the next.
_LOOKING: Final = ("SELECT", "DESCRIBE", "PRAGMA", "SET SESSION")


class Line(interrupting.Line):
    """How many statements that change something were sent, and commits."""

    def before(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        """Count a statement, or end at it."""
        if self.crossed or not statement.lstrip().upper().startswith(_LOOKING):
            super().before(_connection, _cursor, statement)

    def commit(self, _connection: Any) -> None:
        """Count a commit, or end before it."""
        self.before(None, None, "COMMIT")


@contextmanager
def ended_at(room: strongroom.Strongroom, number: int) -> Iterator[Line]:
    """End the block at the statement or commit of that number, counted from 1; 0 for never."""
    line = Line(number)
    database = room.store.database
    engines = [engine for engine in (database._main, database._spare) if engine is not None]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", line.before)
        event.listen(engine, "commit", line.commit)
    try:
        yield line
    except BaseException:
        if not line.crossed:
            raise
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", line.before)
            event.remove(engine, "commit", line.commit)
