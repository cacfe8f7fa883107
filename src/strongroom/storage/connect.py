"""A database that can be read and written: transactions, threads, forks and the caller's own.

Every transaction is short and is ended here: a read by rollback, a write by commit or, after any
error, rollback. Nothing connects before it is used, and using never makes a SQLite file.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy

from strongroom.errors import InputError, StrongroomError
from strongroom.storage import engines, liveness, settings, sqlite_begin, sqlite_file
from strongroom.storage.address import Address, Kind, family, file_of
from strongroom.storage.engines import Login
from strongroom.storage.failure import mapped, throw, translate, wants_password
from strongroom.storage.forking import ForkGuard


@dataclass(frozen=True)
class _Engines:
    """Where connections come from.

    Attributes:
        main: for everything but `reserve`.
        spare: for `reserve`; None for SQLite.
        login: None for a caller's engine.
    """

    main: sqlalchemy.Engine
    spare: sqlalchemy.Engine | None
    login: Login | None


class Database:
    """A database, by its URL or by a caller's Engine. Safe with threads and after a fork.

    Attributes:
        kind: ``sqlite``, ``mysql`` (MariaDB too) or ``postgresql``.
        shown: its URL without the password.
    """

    def __init__(self, kind: Kind, shown: str, path: Path | None, reached: _Engines) -> None:
        """Use `Database.open` instead."""
        self.kind = kind
        self.shown = shown
        self._path = path
        self._main = reached.main
        self._spare = reached.spare
        self._login = reached.login
        self._guard = ForkGuard.of(reached.main, path) if kind == "sqlite" else None
        self._pid = os.getpid()
        self._inherited: list[object] = []

    def __repr__(self) -> str:
        return f"<Database {self.shown}>"

    @classmethod
    def open(
        cls,
        target: str | Address | sqlalchemy.Engine,
        *,
        password: str | Callable[[], str] | None = None,
    ) -> Database:
        """Get ready to use a database. Nothing is connected, made or asked for yet.

        Args:
            target: a URL, an address, or an Engine, whose pool is used and which stays the
                caller's to close.
            password: the server's password, or a function that returns it. The function is called
                once, when the server asks, and only if the URL has no password; without it the
                driver's own ways (socket, option file, .pgpass) are tried alone.

        Raises:
            InputError: the target is malformed, unsafe or unsupported, its driver is missing, or
                two passwords are given.
        """
        if isinstance(target, sqlalchemy.Engine):
            return cls._borrow(target, password)
        address = Address.parse(target) if isinstance(target, str) else target
        if not isinstance(address, Address):
            raise InputError("the database is neither a URL nor an SQLAlchemy Engine")
        if address.has_password and isinstance(password, str):
            raise InputError("a password is given both in the database URL and beside it")
        login = Login(None if address.has_password else password)
        if address.path is not None:
            path = address.path.absolute()
            reached = _Engines(engines.sqlite_engine(address.url, path), None, login)
            return cls(address.kind, address.shown, path, reached)
        main = engines.server_engine(address, login)
        spare = engines.server_engine(address, login, single=True)
        return cls(address.kind, address.shown, None, _Engines(main, spare, login))

    @classmethod
    def _borrow(cls, engine: sqlalchemy.Engine, password: object) -> Database:
        if password is not None:
            raise InputError("an Engine brings its own password")
        kind = family(engine.dialect.name)
        # Options may hold secrets that SQLAlchemy does not know to mask.
        shown = engine.url.set(query={}).render_as_string(hide_password=True)
        if kind == "sqlite":
            return cls(kind, shown, file_of(engine.url), _Engines(engine, None, None))
        main, spare = engines.borrowed(engine), engines.borrowed(engine, single=True)
        return cls(kind, shown, None, _Engines(main, spare, None))

    def check_folder(self) -> None:
        """Raise `StorageError` if no SQLite file could be made there."""
        if self._path is not None:
            sqlite_file.check_folder(self._path)

    def create_file(self) -> None:
        """Make the SQLite file with mode 0600 if it is missing; elsewhere do nothing.

        Raises:
            StorageError: it cannot be made.
        """
        if self._path is not None:
            sqlite_file.create(self._path)

    def exists(self) -> bool:
        """Tell whether the SQLite file is there; True for a server, which is not asked."""
        return self._path is None or self._path.exists()

    def read(self) -> AbstractContextManager[sqlalchemy.Connection]:
        """Open a short transaction to read in; it always ends by rollback.

        Raises:
            UnreachableError: no connection, or the server refused us or we refused it.
            BusyError: an SQLite file that could only be read without locks changed meanwhile.
            StorageError: the database failed.
        """
        path = self._path
        if path is not None and sqlite_file.is_lockless(path):
            return self._lockless(path)
        return self._session(self._main, "BEGIN", commit=False)

    def write(self) -> AbstractContextManager[sqlalchemy.Connection]:
        """Open a transaction to write in: commit at the end, rollback after any error.

        SQLite takes the write lock at once (BEGIN IMMEDIATE) and waits for it up to 30 seconds;
        servers run at READ COMMITTED.

        Raises:
            UnreachableError: no connection, or the server refused us or we refused it.
            BusyError: others hold what is needed; run the whole transaction again.
            StorageError: the database failed. If `failure.was_lost` says so, it is not known
                whether the commit took place.
        """
        return self._session(self._main, "BEGIN IMMEDIATE", commit=True)

    def reserve(self) -> AbstractContextManager[sqlalchemy.Connection]:
        """Open a short writing transaction on a server, beside the one that this thread may hold.

        Its connection is from a pool of its own, so it never waits for a thread that waits for
        it. For servers only: SQLite has one writer.

        Raises:
            RuntimeError: the database is SQLite.
            StorageError: as for `write`.
        """
        if self._spare is None:
            raise RuntimeError("SQLite reserves ids inside the transaction that uses them")
        return self._session(self._spare, None, commit=True)

    @contextmanager
    def maintenance(self) -> Iterator[sqlalchemy.Connection]:
        """Give a connection outside of any transaction, for what cannot run inside of one."""
        self._after_fork()
        engine = self._main
        if self.kind != "sqlite":
            engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        connection = self._connect(engine)
        try:
            if self.kind == "sqlite" and sqlite_begin.in_transaction(connection):
                connection.exec_driver_sql("ROLLBACK")
            yield connection
        finally:
            _release(connection)

    def adopt_connection(self, connection: sqlalchemy.Connection) -> None:
        """Check that a caller's connection can be written through, and take SQLite's write lock.

        Its transaction, which stays the caller's to end, must be safe to write in: the same kind
        of database, strict, UTF-8, without autocommit. SQLite: BEGIN IMMEDIATE is sent unless a
        transaction is open already; then the first write takes the lock.

        Raises:
            InputError: it is a connection to another kind of database.
            StorageError: a setting is not safe; the message names it.
            BusyError: another connection holds SQLite's write lock.
        """
        if family(connection.dialect.name) != self.kind:
            raise InputError(f"the connection is not to a {self.kind} database")
        with mapped():
            if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
                raise settings.refused("autocommit")
            if self.kind == "sqlite":
                sqlite_begin.lock_borrowed(connection)
            else:
                settings.check_borrowed(self.kind, connection)

    def close(self) -> None:
        """Close our connections. A caller's Engine keeps its own."""
        self._after_fork()
        if self._login is not None:
            self._main.dispose()
        if self._spare is not None:
            self._spare.dispose()

    @contextmanager
    def _lockless(self, path: Path) -> Iterator[sqlalchemy.Connection]:
        before = sqlite_file.Frozen.of(path)
        with self._session(self._main, "BEGIN", commit=False) as connection:
            yield connection
            # Its page cache would never learn of a change: it must not be used again.
            connection.invalidate()
        before.check()

    @contextmanager
    def _session(
        self, engine: sqlalchemy.Engine, begin: str | None, *, commit: bool
    ) -> Iterator[sqlalchemy.Connection]:
        self._after_fork()
        pid = self._pid
        connection = self._connect(engine)
        try:
            with mapped():
                self._begin(connection, begin, commit=commit)
            yield connection
            if commit:
                engines.check_this_process(pid)
                with mapped():
                    connection.commit()
                if self.kind != "sqlite" and self._login is not None:
                    liveness.committed(connection)
        finally:
            if os.getpid() == pid:
                _release(connection)
            else:
                # The socket or file is the parent's: not even a rollback may be sent on it.
                self._inherited.append(connection)

    def _begin(
        self, connection: sqlalchemy.Connection, statement: str | None, *, commit: bool
    ) -> None:
        if commit:
            # What goes straight to the driver does not tell SQLAlchemy that there is something.
            connection.begin()
        if self.kind == "sqlite":
            sqlite_begin.begin(connection, statement or "BEGIN", ours=self._login is not None)
        elif self._login is None and not connection.info.get("strongroom_checked"):
            settings.check_borrowed(self.kind, connection)
            connection.info["strongroom_checked"] = True

    def _connect(self, engine: sqlalchemy.Engine) -> sqlalchemy.Connection:
        while True:
            sent = None if self._login is None else self._login.value
            try:
                return engine.connect() if self._guard is None else self._guard.connect(engine)
            except StrongroomError:
                raise
            except Exception as error:  # noqa: BLE001  # drivers raise anything
                failure, wanted = translate(error, connecting=True), wants_password(error)
            # Outside of the handler: what the password's function raises is its own affair.
            if not (wanted and self._login is not None and self._login.answer(sent)):
                throw(failure)

    def _after_fork(self) -> None:
        """In a child, leave the parent's connections alone and start afresh."""
        if os.getpid() == self._pid:
            return
        for engine in (self._main, self._spare):
            if engine is not None:
                # Kept: one that is collected is closed, and that would reach into the parent's.
                self._inherited.append(engine.pool)
                engine.dispose(close=False)
        if self._login is not None:
            self._login.after_fork()
        self._pid = os.getpid()


def _release(connection: sqlalchemy.Connection) -> None:
    """End the transaction and give the connection back.

    A failure here changes nothing: what was to be kept is committed, what was not is undone by
    the database when the broken connection ends.
    """
    try:
        connection.close()
    except Exception:  # noqa: BLE001  # drivers raise anything
        with contextlib.suppress(Exception):
            connection.invalidate()
            connection.close()
