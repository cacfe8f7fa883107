"""Connections kept in a pool: whether one still stands, and ending what ran on it, in few trips.

A server that ends an idle connection sends something: its farewell, or the end of the stream. So a
connection that was used a moment ago and has nothing to read still stands, as far as anyone can
tell without a round trip. One that was idle for longer is asked, since a network may have
forgotten it without a word.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from typing import Any, Final

import sqlalchemy
from sqlalchemy import event, exc

IDLE_SECONDS: Final = 5.0
_USED: Final = "strongroom_used"
_COMMITTED: Final = "strongroom_committed"
_ANYTHING: Final = select.POLLIN | select.POLLPRI


def watch(engine: sqlalchemy.Engine) -> None:
    """Check each connection that leaves the pool, and roll back each that returns to it.

    Args:
        engine: ours, made without a reset on return and without pre-ping.
    """
    event.listen(engine, "checkin", _note)
    event.listen(engine, "checkout", _checker(engine.dialect))
    event.listen(engine, "reset", _reset)


def committed(connection: sqlalchemy.Connection) -> None:
    """Say that a commit was the last thing that ran: there is nothing to roll back."""
    connection.info[_COMMITTED] = True


def _note(driver: object, record: Any) -> None:  # noqa: ANN401  # SQLAlchemy's own
    if driver is not None:
        record.info[_USED] = time.monotonic()


def _reset(driver: Any, record: Any, state: Any) -> None:  # noqa: ANN401  # SQLAlchemy's own
    done = record.info.pop(_COMMITTED, False)
    if not done and not state.transaction_was_reset:
        driver.rollback()


def _checker(dialect: sqlalchemy.Dialect) -> Callable[..., None]:
    def check(driver: Any, record: Any, proxy: object) -> None:  # noqa: ANN401  # the driver's own
        del proxy
        used = record.info.get(_USED)
        if used is None or (time.monotonic() - used < IDLE_SECONDS and is_quiet(driver)):
            return
        try:
            dialect.do_ping(driver)
        except dialect.loaded_dbapi.Error as error:
            if not dialect.is_disconnect(error, driver, None):
                raise
        else:
            return
        # The others in the pool have most likely gone with it.
        raise exc.InvalidatePoolError

    return check


def is_quiet(driver: Any) -> bool:  # noqa: ANN401  # the driver's own connection
    """Tell whether there is nothing to read from the server; False where that cannot be told."""
    try:
        # PyMySQL has no public way to its socket.
        socket = driver if hasattr(driver, "fileno") else driver._sock  # noqa: SLF001
        poll = select.poll()
        poll.register(socket.fileno(), _ANYTHING)
        return not poll.poll(0)
    except Exception:  # noqa: BLE001  # closed, or another driver: the ping will tell
        return False
