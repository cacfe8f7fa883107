"""A table of someone else's becomes strongroom's, whole, and nothing of it is lost."""

from __future__ import annotations

import os

import pytest

import strongroom
from strongroom.crypto.decrepit.schemes import SCHEMES
from strongroom.errors import UnfinishedError
from strongroom.jobs.rewriting.adopt import adopt
from strongroom.jobs.rewriting.adoption_plan import Adoption
from strongroom.room.settling import Failure
from tests.jobs.someone import fill, legacy, make_users, people, unopenable
from tests.servers.database import Database

USERS = Adoption("users", encrypt={"name": None}, seal={"age": None})
LEGACY = Adoption("users", encrypt={"name": None}, seal={"age": None}, scheme="legacy")


def test_a_plaintext_table_is_adopted(database: Database, room: strongroom.Strongroom) -> None:
    make_users(database)
    crowd = people(1_203)
    fill(database, crowd)
    before = database.execute("SELECT id, age FROM users ORDER BY id")

    done = adopt(room, USERS)

    assert (done.table, done.records, done.outside, done.leftovers) == ("users", 1_203, (), ())
    users = room.table("users")
    assert [(one.name, one.age) for one in users.all()] == crowd
    assert database.execute("SELECT id, age FROM users ORDER BY id") == before
    cells = [cell for (cell,) in database.execute("SELECT name FROM users")]
    assert all(cell.startswith("sr1.") for cell in cells)
    assert strongroom.verify(room).intact
    assert users.add(name="Grace Hopper", age=85) == 1_204
    assert room.status().tables[0].outside == ()


def test_a_legacy_table_with_a_value_that_does_not_open(
    database: Database, room: strongroom.Strongroom
) -> None:
    make_users(database)
    old = os.urandom(32)
    crowd = people(600)
    fill(database, [(legacy(old, name), age) for name, age in crowd])
    good = database.execute("SELECT name FROM users WHERE id = 417")[0][0]
    database.execute("UPDATE users SET name = ? WHERE id = 417", (unopenable(old),))
    keys = SCHEMES["legacy"].derive(old)

    found: list[Failure] = []
    with pytest.raises(UnfinishedError, match=r"^1 row of users cannot be taken over: nothing was"):
        adopt(room, LEGACY, keys=keys, found=found.append)
    assert found == [Failure((417,), "name does not open under the scheme legacy")]
    stored = database.execute("SELECT name FROM users")
    assert not any(name.startswith("sr1.") for (name,) in stored)
    with pytest.raises(strongroom.NoTableError, match="users is being adopted"):
        room.table("users")

    database.execute("UPDATE users SET name = ? WHERE id = 417", (good,))
    done = adopt(room, LEGACY)  # the old key is kept until the cut-over
    assert done.records == 600
    assert [(one.name, one.age) for one in room.table("users").all()] == crowd
    assert strongroom.verify(room).intact
    states = [(key.purpose.name, str(key.state)) for key in room.status().keys]
    assert ("LEGACY", "destroyed") in states
