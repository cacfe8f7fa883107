"""What the tests of bulk work share: an opened strongroom, and a table of somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import strongroom
from tests.jobs.shared_imports import Import, importer
from tests.servers.database import Database


@pytest.fixture
def key(tmp_path: Path) -> str:
    """Say where the root key is."""
    return f"file:{tmp_path / 'aes_key.bin'}"


@pytest.fixture
def room(database: Database, key: str) -> Iterator[strongroom.Strongroom]:
    """Give a new store; the test runs on SQLite, MariaDB and PostgreSQL."""
    with strongroom.open(database.url, key, password=database.password) as opened:
        yield opened


@pytest.fixture
def imported(database: Database, room: strongroom.Strongroom, key: str, tmp_path: Path) -> Import:
    """Give what imports a file into the table of users, by the command."""
    room.table("users")
    return importer(database, key, tmp_path)
