"""Fixtures that every test may use: databases and the servers behind them.

    database      a fresh empty database; the test runs on SQLite, MariaDB and PostgreSQL
    sqlite_database, mariadb_database, postgresql_database
                  the same on one kind
    mariadb, postgresql
                  the running server
    server        ask for a server by kind and certificate: `server("mariadb", "wrong-name")`;
                  `good`, `wrong-ca`, `wrong-name`, `expired`, or `none` for one without TLS

Servers start at their first use, once for all workers. What is missing skips the test with a line
that names it, or fails it where skips are refused (`tests/servers/required.py`).
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import hypothesis
import pytest

from tests.servers.database import (
    KINDS,
    Database,
    MariaDBDatabase,
    PostgreSQLDatabase,
    ServerDatabase,
    SQLiteDatabase,
)
from tests.servers.keeper import Keeper, ask
from tests.servers.required import RefuseSkips, required, unavailable
from tests.servers.server import MissingError, Server

hypothesis.settings.register_profile(
    "strongroom",
    deadline=None,  # a machine shared with other work is slow now and then; that proves nothing
    print_blob=True,
)
hypothesis.settings.load_profile("strongroom")

MadeAt = TypeVar("MadeAt", bound=ServerDatabase)
KEEPER = pytest.StashKey[Keeper]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin to keep servers, in the one process that is not a worker."""
    if not hasattr(config, "workerinput"):
        config.stash[KEEPER] = Keeper()
        if required():
            config.pluginmanager.register(RefuseSkips())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers: at the end, after an error and on Ctrl-C alike."""
    if KEEPER in config.stash:
        config.stash[KEEPER].close()


def pytest_collection_finish() -> None:
    """Leave what the runner holds out of every later search for garbage: it is looked at often."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def server() -> Callable[..., Server]:
    """Return the way to ask for a server by its kind and its certificate's variant."""

    def find(kind: str, variant: str = "good") -> Server:
        try:
            return ask(kind, variant)
        except MissingError as missing:
            unavailable(str(missing))

    return find


@pytest.fixture(scope="session")
def mariadb(server: Callable[..., Server]) -> Server:
    """Return the running MariaDB with a good certificate."""
    return server("mariadb")


@pytest.fixture(scope="session")
def postgresql(server: Callable[..., Server]) -> Server:
    """Return the running PostgreSQL with a good certificate."""
    return server("postgresql")


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Iterator[SQLiteDatabase]:
    """Give a file that does not exist yet."""
    database = SQLiteDatabase(tmp_path)
    yield database
    database.close()


@pytest.fixture
def mariadb_database(mariadb: Server) -> Iterator[MariaDBDatabase]:
    """Give an empty database at MariaDB."""
    yield from _at(mariadb, MariaDBDatabase)


@pytest.fixture
def postgresql_database(postgresql: Server) -> Iterator[PostgreSQLDatabase]:
    """Give an empty database at PostgreSQL."""
    yield from _at(postgresql, PostgreSQLDatabase)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> Database:
    """Give an empty database; the test runs once on each kind."""
    found = request.getfixturevalue(f"{request.param}_database")
    assert isinstance(found, Database)
    return found


def _at(server: Server, made: type[MadeAt]) -> Iterator[MadeAt]:
    try:
        database = made(server)
    except MissingError as missing:
        unavailable(str(missing))
    yield database
    database.close()
