"""A connection that must not come about, and what its error may say."""

from __future__ import annotations

import pytest

from strongroom.errors import StrongroomError, UnreachableError
from strongroom.storage.connect import Database

KINDS = {"mysql": "mariadb", "postgresql": "postgresql"}
PASSWORD = "hunter2secret"


def refused(url: str, *, password: str | None = PASSWORD) -> StrongroomError:
    """Try to read; return why not."""
    database = Database.open(url, password=password)
    with pytest.raises(UnreachableError) as caught, database.read():
        pass
    database.close()
    error = caught.value
    assert PASSWORD not in f"{error!s} {error.hint}"
    assert error.__cause__ is None
    assert error.__context__ is None
    return error
