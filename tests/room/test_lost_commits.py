"""A commit whose answer never arrives, and a server that stays away while we ask what became of it.

Whoever is told "cannot be reached" does it again, and stores a person twice: so the error says
that a commit was lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import pytest
import sqlalchemy as sa

import strongroom
from strongroom.errors import UnreachableError
from strongroom.storage.connect import Database as Connector
from strongroom.storage.failure import was_lost
from tests.room.test_concurrency import lost_answer
from tests.room.thief import Thief

Write = Callable[[strongroom.Table], object]

NEW: Final = {"name": "Grace Hopper", "age": 85}
REPEATED: Final[dict[str, Write]] = {
    "add": lambda users: users.add(**NEW),
    "update": lambda users: users.update(1, age=37),
    "delete": lambda users: users.delete(1),
}
TRIED_ONCE: Final[dict[str, Write]] = {
    "add_many of a list": lambda users: users.add_many([NEW]),
    "add_many of a stream": lambda users: users.add_many(iter([NEW])),
    "add_many in batches": lambda users: users.add_many([NEW], batch=1),
}
AGES: Final = {"update": [37], "delete": []}


class Outage:
    """Lets the next commit land and loses its answer; then refuses connections."""

    def __init__(self, thief: Thief, patch: pytest.MonkeyPatch) -> None:
        self.armed = False
        self.refusals = 0
        commit, connect = sa.Connection.commit, Connector._connect

        def commit_and_lose(connection: sa.Connection) -> None:
            commit(connection)
            if self.armed and connection.engine is self.engine:
                self.armed = False
                raise sa.exc.OperationalError(
                    "", {}, lost_answer(thief.database), connection_invalidated=True
                )

        def refuse(connector: Connector, engine: sa.Engine) -> sa.Connection:
            if self.refusals and not self.armed:
                self.refusals -= 1
                raise UnreachableError("the database server cannot be reached")
            return connect(connector, engine)

        patch.setattr(sa.Connection, "commit", commit_and_lose)
        patch.setattr(Connector, "_connect", refuse)

    engine: sa.Engine

    def begin(self, room: strongroom.Strongroom, refusals: int) -> None:
        self.engine = room._store.database._main
        self.armed, self.refusals = True, refusals


@pytest.fixture
def outage(thief: Thief, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outage]:
    with monkeypatch.context() as patch:
        yield Outage(thief, patch)


@pytest.fixture
def users(room: strongroom.Strongroom) -> strongroom.Table:
    table = room.table("users")
    table.add(name="Ada Lovelace", age=36)
    return table


def hides_nothing(
    room: strongroom.Strongroom, users: strongroom.Table, outage: Outage, write: Write
) -> None:
    outage.begin(room, refusals=1_000)
    with pytest.raises(strongroom.StorageError) as caught:
        write(users)
    assert not outage.armed
    assert was_lost(caught.value), str(caught.value)
    assert (
        caught.value.hint == "whether the last change was kept is not known until it is read again"
    )
    outage.refusals = 0


@pytest.mark.parametrize("database", ["mariadb", "postgresql"], indirect=True)
@pytest.mark.parametrize("name", TRIED_ONCE)
def test_a_check_that_cannot_connect_does_not_hide_a_lost_commit(
    room: strongroom.Strongroom, users: strongroom.Table, outage: Outage, name: str
) -> None:
    hides_nothing(room, users, outage, TRIED_ONCE[name])
    assert [one.age for one in users.all()] == [36, 85]


@pytest.mark.parametrize("database", ["mariadb", "postgresql"], indirect=True)
@pytest.mark.parametrize("name", REPEATED)
def test_a_next_try_that_cannot_connect_does_not_hide_a_lost_commit(
    room: strongroom.Strongroom, users: strongroom.Table, outage: Outage, name: str
) -> None:
    hides_nothing(room, users, outage, REPEATED[name])
    assert [one.age for one in users.all()] == AGES.get(name, [36, 85])


@pytest.mark.parametrize("database", ["mariadb", "postgresql"], indirect=True)
@pytest.mark.parametrize("name", REPEATED)
def test_a_check_that_cannot_connect_once_is_made_again(
    room: strongroom.Strongroom, users: strongroom.Table, outage: Outage, name: str
) -> None:
    outage.begin(room, refusals=1)
    REPEATED[name](users)
    assert (outage.armed, outage.refusals) == (False, 0)
    assert [one.age for one in users.all()] == AGES.get(name, [36, 85])
