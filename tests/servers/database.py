"""A fresh, empty database for one test, on any of the three kinds, and a raw way into it."""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from tests.servers import mariadb, postgresql
from tests.servers.server import Account, Server

KINDS = ("sqlite", "mariadb", "postgresql")
_CLOCKS_DIFFER: Final = 1.0
"""Seconds at most, of a file system and of Python."""


class Database(ABC):
    """An empty database, and the thief or the administrator who reaches around strongroom.

    Attributes:
        kind: `sqlite`, `mariadb` or `postgresql`.
        url: for `strongroom.open`, without a password.
        password: for `strongroom.open`; None where there is none.
        name: of the database at its server, or the file's name.
        server: where it is, or None for SQLite.
    """

    kind: str
    url: str
    password: str | None = None
    name: str
    server: Server | None = None

    def __init__(self) -> None:
        self._opened: list[Any] = []
        self._own: Any = None
        self._made = time.time()
        self._logged: dict[Path, int] = {}

    def execute(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement with all rights, committed at once; return its rows.

        `?` stands for a parameter on all three kinds, and `"` quotes a name. With parameters, a
        statement can't hold a `?` of another meaning; a `%` needs no care.
        """
        if self._own is None:
            self._own = self.connect()
        cursor = self._own.cursor()
        try:
            cursor.execute(*self._statement(sql, params))
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []
        finally:
            cursor.close()

    def connect(self) -> Any:
        """Return a connection of the driver, with all rights and autocommit, closed at the end."""
        connection = self._connect()
        self._opened.append(connection)
        return connection

    def close(self) -> None:
        """Close every connection made here and drop the database."""
        try:
            for connection in self._opened:
                if getattr(connection, "open", True):  # PyMySQL refuses to close one twice
                    connection.close()
        finally:
            self._drop()

    @abstractmethod
    def files(self) -> list[Path]:
        """Return every file into which the database may have written: data, journals, logs."""

    def written(self) -> Iterator[tuple[Path, bytes]]:
        """Give what may have been written to files since this database was made, file by file.

        A server logs every statement of every test. What is older cannot be of this one; nor are
        files that another test takes away meanwhile.
        """
        for path in self.files():
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < self._made - _CLOCKS_DIFFER:
                    continue
                with path.open("rb") as file:
                    file.seek(self._logged.get(path, 0))
                    yield path, file.read()

    def files_with(self, mark: bytes) -> list[Path]:
        """Return the files into which `mark` was written."""
        return [path for path, data in self.written() if mark in data]

    @abstractmethod
    def settle(self) -> None:
        """Have everything written to the files that `files` names."""

    @abstractmethod
    def _connect(self) -> Any: ...

    @abstractmethod
    def _drop(self) -> None: ...

    def _statement(self, sql: str, params: Sequence[object]) -> tuple[Any, ...]:
        """Turn `?` into the `%s` of the servers' drivers, which leave a bare statement alone."""
        return (sql.replace("%", "%%").replace("?", "%s"), tuple(params)) if params else (sql,)


class SQLiteDatabase(Database):
    """A file that does not exist yet."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.path = folder / "people.db"
        self.name = self.path.name
        self.url = f"sqlite:///{self.path}"

    def files(self) -> list[Path]:
        return sorted(self.path.parent.glob(f"{self.path.name}*"))

    def settle(self) -> None:
        self.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=20, isolation_level=None)

    def _drop(self) -> None:
        pass  # it goes with its temporary folder

    def _statement(self, sql: str, params: Sequence[object]) -> tuple[Any, ...]:
        return sql, tuple(params)


class ServerDatabase(Database):
    """A database of its own at a server, owned by the server's ordinary account."""

    server: Server
    scheme: str

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.server = server
        self.name = f"t_{secrets.token_hex(6)}"
        self.password = server.ordinary.password
        self.url = self.url_for(server.ordinary.user)
        self._accounts: list[str] = []
        self._logged = {path: path.stat().st_size for path in server.logs if path.exists()}
        self._create()

    def url_for(self, user: str, host: str = "127.0.0.1", options: str | None = None) -> str:
        """Return a URL without a password; `options` defaults to verified TLS."""
        if options is None:
            options = f"tls_ca={self.server.ca}"
        return f"{self.scheme}://{user}@{host}:{self.server.port}/{self.name}?{options}"

    def account(self, *rights: str) -> tuple[str, str]:
        """Make an account with only `rights` (such as `SELECT`) on the tables there are now.

        Returns:
            Its URL and its password.
        """
        account = Account(f"r_{secrets.token_hex(6)}", secrets.token_hex(12))
        self._accounts.append(account.user)
        self._grant(account, ", ".join(rights))
        return self.url_for(account.user), account.password

    def files(self) -> list[Path]:
        return self.server.files()

    @abstractmethod
    def _create(self) -> None: ...

    @abstractmethod
    def _grant(self, account: Account, rights: str) -> None: ...


class MariaDBDatabase(ServerDatabase):
    """A database at MariaDB."""

    kind = "mariadb"
    scheme = "mysql"

    def settle(self) -> None:
        self.execute("FLUSH TABLES")
        self.execute("FLUSH LOGS")

    def _connect(self) -> mariadb.Connection:
        return mariadb.connect(self.server, self.server.administrator, self.name)

    def _create(self) -> None:
        with mariadb.connect(self.server, self.server.administrator) as connection:
            connection.cursor().execute(f'CREATE DATABASE "{self.name}"')

    def _grant(self, account: Account, rights: str) -> None:
        user = f"'{account.user}'@'{self.server.host}'"
        self.execute(f"CREATE USER {user} IDENTIFIED BY '{account.password}'")
        self.execute(f'GRANT {rights} ON "{self.name}".* TO {user}')

    def _drop(self) -> None:
        import pymysql

        with mariadb.connect(self.server, self.server.administrator) as connection:
            cursor = connection.cursor()
            # Whoever is still connected holds a lock that DROP would wait for.
            cursor.execute(
                "SELECT id FROM information_schema.processlist WHERE db = %s", (self.name,)
            )
            for (left,) in cursor.fetchall():
                with contextlib.suppress(pymysql.err.OperationalError):  # it left by itself
                    cursor.execute("KILL SOFT CONNECTION %s", (left,))
            cursor.execute(f'DROP DATABASE "{self.name}"')
            for user in self._accounts:
                cursor.execute(f"DROP USER '{user}'@'{self.server.host}'")


class PostgreSQLDatabase(ServerDatabase):
    """A database at PostgreSQL: a new one, or one that was emptied after a test of this process.

    To make one takes several times as long as to empty one.
    """

    kind = "postgresql"
    scheme = "postgresql"
    _emptied: ClassVar[dict[tuple[int, int], list[str]]] = {}

    def settle(self) -> None:
        self.execute("CHECKPOINT")

    def _connect(self) -> postgresql.Connection:
        return postgresql.connect(self.server, self.server.administrator, self.name)

    def _create(self) -> None:
        owner = self.server.ordinary.user
        self._spare = self._emptied.setdefault((os.getpid(), self.server.port), [])
        if self._spare:
            self.name = self._spare.pop()
            self.url = self.url_for(owner)
        else:
            self._at_server(f"CREATE DATABASE {self.name} OWNER {owner} TEMPLATE template0")

    def _grant(self, account: Account, rights: str) -> None:
        self.execute(f"CREATE ROLE {account.user} LOGIN PASSWORD '{account.password}'")
        self.execute(f"GRANT {rights} ON ALL TABLES IN SCHEMA public TO {account.user}")

    def _drop(self) -> None:
        if not self._accounts and postgresql.emptied(self.server, self.name):
            self._spare.append(self.name)
            return
        self._at_server(f"DROP DATABASE {self.name} WITH (FORCE)")
        for user in self._accounts:
            self._at_server(f"DROP ROLE {user}")

    def _at_server(self, sql: str) -> None:
        with postgresql.connect(self.server, self.server.administrator) as connection:
            connection.execute(sql.encode())


SERVER_DATABASES: dict[str, type[ServerDatabase]] = {
    "mariadb": MariaDBDatabase,
    "postgresql": PostgreSQLDatabase,
}
