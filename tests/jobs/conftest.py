"""What the tests of bulk work share: an opened strongroom, and a table of somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import strongroom
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
