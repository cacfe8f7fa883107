"""A store that must not open: whatever is asked, nothing in the database or beside it changes."""

from __future__ import annotations

from pathlib import Path

import pytest

import strongroom
from tests.room.thief import Thief


def reopen(thief: Thief, key: str) -> strongroom.Strongroom:
    return strongroom.open(thief.database.url, key, password=thief.database.password)


def does_not_open(
    thief: Thief, key: str, kind: type[Exception] = strongroom.IntegrityError
) -> strongroom.StrongroomError:
    """Try to open with leave to create; hold the database and the key to what they were."""
    path = Path(key.removeprefix("file:"))
    files = {one.name: one.read_bytes() for one in path.parent.glob("*.bin")}
    tables = ["strongroom_store", "strongroom_counters", "users"]
    before = [thief.sql(f"SELECT * FROM {name}") for name in tables]
    with pytest.raises(kind) as caught:
        reopen(thief, key).close()
    assert type(caught.value) is kind
    assert caught.value.__cause__ is None
    assert [thief.sql(f"SELECT * FROM {name}") for name in tables] == before
    assert {one.name: one.read_bytes() for one in path.parent.glob("*.bin")} == files
    assert isinstance(caught.value, strongroom.StrongroomError)
    return caught.value
