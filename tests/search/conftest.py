"""What the tests of search share: a store on each database, and the page of what was compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import strongroom
from tests.search import page
from tests.search.size import LONG, PEOPLE, SEED
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


@pytest.fixture(scope="session")
def equal() -> Iterator[dict[str, Mapping[str, int]]]:
    """Give where each database's counts go; at the end of a long run they are written down."""
    counts: dict[str, Mapping[str, int]] = {}
    yield counts
    if LONG:
        page.write(PEOPLE, SEED, counts)
