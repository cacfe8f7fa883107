"""Databases of the tests, opened through the module under test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from strongroom.storage.connect import Database
from tests.servers.database import Database as Place
from tests.servers.database import ServerDatabase
from tests.storage.counter import Opener, opened_with_counter


@pytest.fixture
def opened() -> Iterator[Opener]:
    """Open databases that are closed at the end."""
    with ExitStack() as stack:

        def open_it(target: Any, **given: Any) -> Database:
            database = Database.open(target, **given)
            stack.callback(database.close)
            return database

        yield open_it


@pytest.fixture
def db(database: Place, opened: Opener) -> Database:
    """Open the place of the test, with a table of one counter at 0."""
    return opened_with_counter(opened, database)


@pytest.fixture(params=["mariadb", "postgresql"])
def place(request: pytest.FixtureRequest) -> ServerDatabase:
    """Give an empty database; the test runs once at each server."""
    found = request.getfixturevalue(f"{request.param}_database")
    assert isinstance(found, ServerDatabase)
    return found
