"""The main job on every database: people stored, read, found, changed and deleted."""

from __future__ import annotations

import pytest

import strongroom
from tests.servers.database import Database


def test_the_library_as_the_readme_shows_it(room: strongroom.Strongroom) -> None:
    users = room.table("users")
    ada = users.add(name="Ada Lovelace", age=36)
    ids = users.add_many([{"name": "Grace Hopper", "age": 85}])
    assert ada == 1
    assert list(ids) == [2]
    assert (users.get(ada).name, users.get(ada).age) == ("Ada Lovelace", 36)
    assert [(one.id, one.name, one.age) for one in users.all()] == [
        (1, "Ada Lovelace", 36),
        (2, "Grace Hopper", 85),
    ]
    assert [one.id for one in users.find(age=36)] == [1]
    changed = users.update(ada, age=37)
    assert (changed.name, changed.age, changed.record_version) == ("Ada Lovelace", 37, 2)
    users.delete(ada)
    with pytest.raises(LookupError) as missing:
        users.get(ada)
    assert isinstance(missing.value, strongroom.NotFoundError)
    assert str(missing.value) == "users has no record 1"


def test_the_database_sees_cells_and_plain_ages(
    room: strongroom.Strongroom, database: Database
) -> None:
    room.table("users").add(name="Ada Lovelace", age=36)
    [(number, name, age, version, seal)] = database.execute("SELECT * FROM users")
    assert (number, age, version) == (1, 36, 1)
    assert name.startswith("sr1.")
    assert len(bytes(seal)) == 42


def test_a_second_process_finds_the_same_people(
    room: strongroom.Strongroom, database: Database, key: str
) -> None:
    room.table("users").add(name="Ada Lovelace", age=36)
    with strongroom.open(database.url, key, password=database.password) as again:
        assert not again.made_store
        assert not again.made_key
        assert again.table("users").get(1).name == "Ada Lovelace"


def test_cells_are_counted_against_a_soft_limit(
    room: strongroom.Strongroom, database: Database
) -> None:
    users = room.table("users")
    users.add_many({"name": f"n{number}", "age": number} for number in range(3))
    users.update(1, age=40)
    users.delete(3)
    [status] = room.status().tables
    assert (status.records, status.cells, status.many_cells) == (2, 4, False)
    database.execute(f"UPDATE users SET record_version = {2**40} WHERE id = 1")
    [status] = room.status().tables
    assert status.many_cells
