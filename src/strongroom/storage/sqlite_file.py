"""A SQLite file: made for its owner alone, opened without ever being made by accident.

The file is opened for reading and writing where its folder allows both, and for reading alone
elsewhere. Every connection runs in SQLite's own autocommit mode (`isolation_level=None`), so that
the BEGIN that `connect` sends is the one that happens.
"""

from __future__ import annotations

import os
import sqlite3
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from strongroom.errors import BusyError, StorageError, UnreachableError

BUSY_SECONDS: Final = 30.0
# What each connection gets, and how SQLite spells it back. secure_delete overwrites what is
# deleted; trusted_schema=off keeps a doctored schema from calling functions with side effects.
_PRAGMAS: Final = (
    ("synchronous", "FULL", 2),
    ("foreign_keys", "ON", 1),
    ("secure_delete", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("cell_size_check", "ON", 1),
)


def create(path: Path) -> None:
    """Make an empty database file with mode 0600, unless there is one already.

    Losing the race against another process that makes it is no error.

    Raises:
        StorageError: the folder is missing or closed to us, or the path is a dangling link.
    """
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        os.close(os.open(path, flags, 0o600))
    except FileExistsError:
        if not path.exists() and path.is_symlink():
            raise StorageError(
                "the database file is a link to nothing", hint="remove the link, or name its target"
            ) from None
    except OSError as error:
        raise _not_made(type(error).__name__) from None


def check_folder(path: Path) -> None:
    """Refuse a folder in which no database file could be made.

    Raises:
        StorageError: it is missing, or closed to us.
    """
    if not path.parent.is_dir():
        raise _not_made("FileNotFoundError")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise _not_made("PermissionError")


def _not_made(reason: str) -> StorageError:
    return StorageError(
        f"the database file cannot be made ({reason})",
        hint="check that its folder exists and may be written",
    )


def connect(path: Path) -> sqlite3.Connection:
    """Open an existing database file with strongroom's settings, for reading alone if need be.

    Raises:
        UnreachableError: there is no such file.
        StorageError: it is not a regular file, or a setting did not take.
        sqlite3.Error: SQLite refused it.
    """
    _check_regular(path)
    if is_writable(path):
        connection = _open(path, "mode=rw")
        try:
            _turn_on_wal(connection)
            _set_pragmas(connection)
        except BaseException:
            connection.close()
            raise
        return connection
    return _open_for_reading(path)


def is_writable(path: Path) -> bool:
    """Tell whether this process may change the file and make SQLite's own files beside it."""
    folder = os.path.dirname(path)  # noqa: PTH120  # for every read; a Path takes as long as it
    return os.access(path, os.W_OK) and os.access(folder, os.W_OK | os.X_OK)


@dataclass(frozen=True)
class Frozen:
    """What a file looked like before it was read without locks."""

    path: Path
    state: tuple[int, int, int, bool]

    @classmethod
    def of(cls, path: Path) -> Frozen:
        """Note the identity, size and time of the file, and whether changes wait beside it."""
        seen = path.stat()
        state = (seen.st_ino, seen.st_size, seen.st_mtime_ns, has_pending_changes(path))
        return cls(path, state)

    def check(self) -> None:
        """Refuse what was read if the file changed meanwhile.

        Raises:
            BusyError: it did; reading again is safe.
        """
        if Frozen.of(self.path) != self:
            raise BusyError("the database file changed while it was read", hint="read it again")


def is_lockless(path: Path) -> bool:
    """Tell whether the file can only be read without locks: nothing can be made beside it."""
    # In this order: to read the header is to close the file, which gives up the locks that this
    # process has on it. While it has any, the shared memory of all readers is there.
    return not is_writable(path) and not _beside(path, "-shm").exists() and _is_wal(path)


def has_pending_changes(path: Path) -> bool:
    """Tell whether a write-ahead log with content lies beside the file."""
    try:
        return _beside(path, "-wal").stat().st_size > 0
    except OSError:
        return False


def _check_regular(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise UnreachableError(
            "the database file does not exist", hint="check its path; `init` makes a new store"
        ) from None
    except OSError as error:
        raise StorageError(
            f"the database file cannot be examined ({type(error).__name__})",
            hint="check the permissions of its folder",
        ) from None
    if not stat.S_ISREG(mode):
        raise StorageError("the database file is not a regular file")


def _open(path: Path, options: str) -> sqlite3.Connection:
    # A URI with a mode: without one SQLite makes the file, readable by everyone.
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?{options}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _open_for_reading(path: Path) -> sqlite3.Connection:
    """Open a file that we cannot write.

    A WAL database needs two files beside it. Where they are missing and cannot be made, SQLite
    can only read the file as one that never changes: allowed here if no log waits to be merged,
    and `Frozen` tells afterwards whether that was true.
    """
    options = "mode=ro"
    if is_lockless(path):
        if has_pending_changes(path):
            raise StorageError(
                "the database has changes waiting beside it that cannot be read here",
                hint="open it once from where its folder may be written",
            )
        options = "mode=ro&immutable=1"
    connection = _open(path, options)
    try:
        _set_pragmas(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _beside(path: Path, suffix: str) -> Path:
    real = path.resolve()
    return real.with_name(real.name + suffix)


def _is_wal(path: Path) -> bool:
    """Read from the header whether the database is in WAL mode (file format, offset 18)."""
    try:
        with path.open("rb") as file:
            return file.read(19)[18:] == b"\x02"
    except OSError:
        return False


def _turn_on_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging: readers and one writer never wait for each other.

    The switch needs the file for itself, and SQLite does not always wait for it.
    """
    until = time.monotonic() + BUSY_SECONDS
    pause = 0.001
    while True:
        try:
            if _pragma(connection, "journal_mode") == "wal":
                return
            if _pragma(connection, "journal_mode = WAL") == "wal":
                return
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not busy or time.monotonic() > until:
                raise
        else:
            raise StorageError(
                "sqlite did not accept journal_mode = WAL",
                hint="keep the file on a local disk: network folders cannot hold it safely",
            )
        time.sleep(pause)
        pause = min(pause * 2, 0.1)


def _set_pragmas(connection: sqlite3.Connection) -> None:
    for name, value, expected in _PRAGMAS:
        connection.execute(f"PRAGMA {name} = {value}").close()
        if _pragma(connection, name) != expected:
            raise StorageError(f"sqlite did not accept {name} = {value}")


def _pragma(connection: sqlite3.Connection, text: str) -> object:
    row = connection.execute(f"PRAGMA {text}").fetchone()
    return None if row is None else row[0]
