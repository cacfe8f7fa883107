"""Fresh databases to measure on, at private servers that end with the run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.database import SERVER_DATABASES, Database, SQLiteDatabase
from tests.servers.keeper import Keeper, ask

NAMES = {"sqlite": "SQLite", "mariadb": "MariaDB", "postgresql": "PostgreSQL"}


@contextmanager
def servers() -> Iterator[None]:
    """Keep the servers that are asked for until the block ends."""
    keeper = Keeper()
    try:
        yield
    finally:
        keeper.close()


@contextmanager
def place(kind: str) -> Iterator[tuple[Database, Path]]:
    """Give an empty database, and a folder for files beside it."""
    with tempfile.TemporaryDirectory(prefix="strongroom-bench-") as name:
        folder = Path(name)
        if kind == "sqlite":
            database: Database = SQLiteDatabase(folder)
        else:
            database = SERVER_DATABASES[kind](ask(kind))
        try:
            yield database, folder
        finally:
            database.close()
