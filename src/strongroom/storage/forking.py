"""SQLite and forks: no connection is open while this process forks.

SQLite's locks are kept twice: by the system, for the process that took them, and in that process's
memory, for all of its connections. A child inherits the second without the first. It trusts a lock
that it does not hold, so another process may take itself for the last one, put the log away and
delete it, and what the child commits afterwards goes into a file without a name. So idle
connections are closed before a fork. Where one was in use, the child must not touch the file.
"""

from __future__ import annotations

import os
import threading
import weakref
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, event, pool

from strongroom.errors import StorageError

_SECONDS: Final = 1.0
"""How long a fork waits for whoever takes a connection just now."""
_spoiled: Final[set[Path]] = set()
"""Files that were in use when this process was forked."""


class ForkGuard:
    """Gives the connections of one engine on an SQLite file, and keeps them out of forks."""

    @classmethod
    def of(cls, engine: Engine, path: Path | None) -> ForkGuard:
        """Return the engine's guard, which watches from the first call on.

        Args:
            engine: whose pool holds the connections. A caller's may be given again and again.
            path: of the file, or None if it is not known.
        """
        with _forking.making:
            guard = _guards.get(engine)
            if guard is None:
                guard = _guards[engine] = cls(engine, path)
            return guard

    def __init__(self, engine: Engine, path: Path | None) -> None:
        """Use `ForkGuard.of` instead."""
        self._lock, self._held = threading.Lock(), False
        self._engine = weakref.ref(engine)  # which is the key that this is kept by
        self.path = None if path is None else path.resolve()
        self._taken = 0
        if isinstance(engine.pool, pool.NullPool):  # it keeps none, and counts none
            event.listen(engine, "checkout", self._count_one)
            event.listen(engine, "checkin", self._count_less)

    def connect(self, engine: Engine) -> Connection:
        """Take a connection out of the engine's pool.

        Raises:
            StorageError: the file was in use when this process was forked.
        """
        if self.path in _spoiled:
            raise StorageError(
                "the SQLite database was in use when this process was forked from another",
                hint="fork outside of transactions and queries, or start a new process",
            )
        with self._lock:
            return engine.connect()

    def hold(self) -> bool:
        """Let nobody take a connection until `release`, and close those that nobody uses.

        Returns:
            Whether none is left.
        """
        self._held = self._lock.acquire(timeout=_SECONDS)
        return self._held and not self._in_use()

    def release(self) -> None:
        """Let everybody go on."""
        if self._held:
            self._held = False
            self._lock.release()

    def renew(self) -> None:
        """Go on in a child, where nobody is who could hold the lock."""
        self._lock, self._held = threading.Lock(), False

    def _count_one(self, *_: object) -> None:
        self._taken += 1

    def _count_less(self, *_: object) -> None:
        self._taken -= 1

    def _in_use(self) -> bool:
        engine = self._engine()
        if engine is None:
            return False
        connections = engine.pool
        if isinstance(connections, pool.NullPool):
            return self._taken > 0
        if not isinstance(connections, pool.QueuePool):
            return True  # it keeps one open
        if connections.checkedout():
            return True
        engine.dispose()
        return False


_guards: Final[weakref.WeakKeyDictionary[Engine, ForkGuard]] = weakref.WeakKeyDictionary()


class _Forking:
    """What is held from before a fork until behind it, here and in the child."""

    def __init__(self) -> None:
        self.making = threading.Lock()
        self._guards: list[ForkGuard] = []
        self._in_use: set[Path] = set()

    def before(self) -> None:
        self.making.acquire()
        self._guards = list(_guards.values())
        in_use = [guard.path for guard in self._guards if not guard.hold()]
        self._in_use = {path for path in in_use if path is not None}

    def here(self) -> None:
        for guard in self._guards:
            guard.release()
        self._guards = []
        self.making.release()

    def in_child(self) -> None:
        _spoiled.update(self._in_use)
        for guard in self._guards:
            guard.renew()
        self._guards = []
        self.making.release()


_forking: Final = _Forking()
if hasattr(os, "register_at_fork"):  # where there are forks
    os.register_at_fork(
        before=_forking.before, after_in_parent=_forking.here, after_in_child=_forking.in_child
    )
