"""What the tests of the room share: an opened strongroom on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import strongroom
from strongroom.schema.catalogue import Catalogue
from tests.room.thief import Thief
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
def thief(database: Database) -> Thief:
    """Give the one who reaches the same database with SQL alone."""
    return Thief(database)


@pytest.fixture
def counted_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have ids of tables, fields and layouts as they never are: the same in two stores."""

    def counted(catalogue: Catalogue, count: int) -> list[int]:
        used = [0]
        for table in catalogue.tables:
            used += [table.id, *(field.id for field in table.fields)]
            used += [layout.id for layout in table.layouts]
        return list(range(max(used) + 1, max(used) + 1 + count))

    monkeypatch.setattr(Catalogue, "new_ids", counted)
