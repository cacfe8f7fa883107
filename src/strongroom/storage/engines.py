"""Our own SQLAlchemy engines: safe connection arguments, and the password when it is asked for.

Settings are made inside the act of connecting, before SQLAlchemy looks at the connection: it
learns from the first one how to quote, and would learn it from the server's own sql_mode.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import sqlalchemy
from sqlalchemy import event, pool

from strongroom.errors import InputError, StorageError, UnreachableError
from strongroom.storage import direct, liveness, settings, sqlite_file, tls
from strongroom.storage.address import Address

CONNECT_SECONDS: Final = 10
# PyMySQL before 1.2 goes on without TLS, password included, if a server says that it has none.
_PYMYSQL_KEEPS_TLS: Final = (1, 2)


class Login:
    """A password that may have to be asked for: once, and only when a server wants one."""

    def __init__(self, password: str | Callable[[], str] | None) -> None:
        self._ask = password if callable(password) else None
        self._value = None if callable(password) else password
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return "<Login ***>"

    @property
    def value(self) -> str | None:
        """The password to connect with now, or None."""
        return self._value

    def answer(self, refused: str | None) -> bool:
        """Get another password than the refused one; say whether there is one to try.

        Args:
            refused: the password that the server did not accept, or None if none was sent.
        """
        with self._lock:
            if self._value != refused:
                return True  # another thread asked meanwhile
            if self._ask is None:
                return False
            if refused is not None:
                # A wrong answer is not kept: the next attempt to connect asks again.
                self._value = None
                return False
            self._value = self._ask()
            return True

    def after_fork(self) -> None:
        """Replace the lock, which a thread of the parent may have held."""
        self._lock = threading.Lock()


class _NoClearText:
    """Stands in for PyMySQL's plugins that send the password as it is.

    MySQL's own client refuses them too unless told otherwise. Over verified TLS or a socket they
    are left alone.
    """

    def __init__(self, connection: object) -> None:
        del connection

    def authenticate(self, packet: object) -> None:
        """Refuse.

        Raises:
            UnreachableError: always.
        """
        del packet
        raise UnreachableError(
            "the server asks for the password in clear text over a connection that is not verified",
            hint="turn TLS on at the server and connect with tls=verify",
        )


def sqlite_engine(url: sqlalchemy.URL, path: Path) -> sqlalchemy.Engine:
    """Make an engine on an SQLite file. The file is opened only when it is used."""
    return sqlalchemy.create_engine(
        url,
        creator=lambda: sqlite_file.connect(path),
        poolclass=pool.QueuePool,
        pool_use_lifo=True,
        hide_parameters=True,
        execution_options=direct.OURS,
    )


def server_engine(address: Address, login: Login, *, single: bool = False) -> sqlalchemy.Engine:
    """Make an engine on a server, at READ COMMITTED. It connects only when it is used.

    Args:
        address: a MySQL, MariaDB or PostgreSQL address.
        login: where the password comes from if the URL has none.
        single: whether its pool holds exactly one connection.

    Raises:
        InputError: the driver is not installed or too old, or a TLS file cannot be used.
    """
    size = {"pool_size": 1, "max_overflow": 0} if single else {}
    try:
        engine = sqlalchemy.create_engine(
            address.url,
            connect_args=_arguments(address),
            isolation_level="READ COMMITTED",
            pool_reset_on_return=None,
            pool_use_lifo=True,  # the one used last need not be asked whether it stands
            hide_parameters=True,
            execution_options=direct.OURS,
            **size,
        )
    except ImportError:
        raise InputError(
            f"the driver for {address.kind} is not installed",
            hint=f"install strongroom with its extra {address.kind}, or pip install "
            + {"mysql": "'PyMySQL>=1.2'", "postgresql": "'psycopg[binary]'"}[address.kind],
        ) from None
    if address.kind == "mysql":
        _check_pymysql(engine, address)
    event.listen(engine, "do_connect", _connector(address, login))
    liveness.watch(engine)
    return engine


def _arguments(address: Address) -> dict[str, Any]:
    given = address.url.query
    arguments = tls.driver_arguments(address)
    if "connect_timeout" not in given:
        arguments["connect_timeout"] = CONNECT_SECONDS
    if address.kind == "postgresql":
        arguments["fallback_application_name"] = "strongroom"
        return arguments
    arguments.update(charset="utf8mb4", local_infile=False, autocommit=False)
    arguments["program_name"] = "strongroom"
    if "read_timeout" not in given:
        # PyMySQL's connect_timeout ends with the TCP connection: a server that then stays silent
        # would hold the handshake for ever. Lifted once connected.
        arguments["read_timeout"] = int(str(given.get("connect_timeout", CONNECT_SECONDS)))
    if "ssl" not in arguments and "unix_socket" not in given:
        arguments["auth_plugin_map"] = dict.fromkeys(
            ("mysql_clear_password", "dialog"), _NoClearText
        )
    return arguments


def _check_pymysql(engine: sqlalchemy.Engine, address: Address) -> None:
    version = getattr(engine.dialect.dbapi, "VERSION", (0, 0))
    if tls.is_verified(address) and tuple(version[:2]) < _PYMYSQL_KEEPS_TLS:
        raise InputError(
            "this PyMySQL gives up TLS when a server asks it to",
            hint="pip install --upgrade 'PyMySQL>=1.2'",
        )


def _connector(address: Address, login: Login) -> Callable[..., Any]:
    lift = address.kind == "mysql" and "read_timeout" not in address.url.query

    def connect(
        dialect: sqlalchemy.Dialect, record: object, cargs: list[Any], cparams: dict[str, Any]
    ) -> Any:  # noqa: ANN401  # the driver's own connection
        del record
        password = login.value
        arguments = cparams if password is None else {**cparams, "password": password}
        connection: Any = dialect.connect(*cargs, **arguments)
        try:
            settings.PREPARE[address.kind](connection)
            if lift:
                connection._read_timeout = None  # noqa: SLF001  # PyMySQL has no other way
        except BaseException:
            connection.close()
            raise
        return connection

    return connect


def borrowed(engine: sqlalchemy.Engine, *, single: bool = False) -> sqlalchemy.Engine:
    """Make an engine like the caller's, at READ COMMITTED, that changes nothing in the caller's.

    Args:
        engine: the caller's.
        single: whether it must not share the caller's pool, which threads may have emptied.
    """
    if single:
        engine = sqlalchemy.Engine(
            engine.pool.recreate(), engine.dialect, engine.url, hide_parameters=True
        )
    return engine.execution_options(isolation_level="READ COMMITTED")


def check_this_process(pid: int) -> None:
    """Refuse a transaction that was begun before a fork.

    Raises:
        StorageError: this is another process than the one with that id.
    """
    if os.getpid() != pid:
        raise StorageError(
            "the transaction was begun by another process before a fork",
            hint="begin transactions in the process that ends them",
        )
