"""What goes to a database and waits for its answer, as its driver sends it: the round trips."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final
from unittest import mock

import pymysql.connections
import sqlalchemy as sa
from sqlalchemy import event

_COMMANDS: Final = {1: "QUIT", 14: "PING"}
_TRACED: Final = re.compile(r"^F\t\d+\t(Query|Parse|Bind|Sync)\t?(.*)$")
"""One message to PostgreSQL: a simple query is a trip, and so is all up to a Sync."""


class _Trace:
    """What libpq writes down of one connection."""

    def __init__(self, pgconn: Any, stack: ExitStack) -> None:
        # It is read and emptied while libpq writes to it.
        self._file = tempfile.TemporaryFile("a+")  # noqa: SIM115  # closed with the others
        stack.callback(self._file.close)
        self._prepared: dict[str, str] = {}
        pgconn.trace(self._file.fileno())
        pgconn.set_trace_flags(1)  # without times

    def taken(self) -> list[str]:
        """Return the trips since the last time."""
        self._file.seek(0)
        trip, trips = "", []
        for line in self._file:
            found = _TRACED.match(line)
            kind, rest = (found[1], found[2]) if found else ("", "")
            if kind == "Parse":
                name, _, trip = rest.strip().partition(" ")
                self._prepared[name] = trip
            elif kind == "Bind":
                trip = self._prepared[rest.split()[1]]
            elif kind in {"Sync", "Query"}:
                trips.append(trip if kind == "Sync" else rest)
        self._file.truncate(0)
        return trips


class Trips:
    """Notes every trip of the connections that are made from now on, on any kind of database."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._sent: list[str] = []
        self._traces: list[_Trace] = []
        event.listen(sa.pool.Pool, "connect", self._watch)
        stack.callback(event.remove, sa.pool.Pool, "connect", self._watch)
        driver: Any = pymysql.connections.Connection  # its stubs leave out what is sent by
        command = driver._execute_command
        sent = self._sent

        def execute(connection: Any, number: int, sql: Any) -> None:
            text = sql if isinstance(sql, str) else bytes(sql).decode("utf-8", "replace")
            sent.append(_COMMANDS.get(number, text))
            command(connection, number, sql)

        stack.enter_context(mock.patch.object(driver, "_execute_command", execute))

    def _watch(self, driver: Any, record: object) -> None:
        del record
        if hasattr(driver, "set_trace_callback"):
            driver.set_trace_callback(self._sent.append)
        elif hasattr(driver, "pgconn"):
            self._traces.append(_Trace(driver.pgconn, self._stack))

    def of(self, operation: Callable[[], object]) -> list[str]:
        """Run an operation and return what it sent, each by its first word.

        Of several connections to PostgreSQL one comes after the other.
        """
        self._taken()
        operation()
        return [_word(one) for one in self._taken()]

    def _taken(self) -> list[str]:
        taken = [*self._sent, *(trip for trace in self._traces for trip in trace.taken())]
        self._sent.clear()
        return taken


def _word(sent: str) -> str:
    text = sent.strip(' "')
    if text.startswith("SELECT strongroom_store."):
        return "GENERATION"
    return "PING" if text == ";" else text.split(maxsplit=1)[0]


@contextmanager
def trips() -> Iterator[Trips]:
    """Note the trips of every connection that is made inside the block."""
    with ExitStack() as stack:
        yield Trips(stack)
