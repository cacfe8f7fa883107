"""What was filled is proved before it counts: what was put in meanwhile is found."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

import strongroom
from strongroom.crypto.decrepit.schemes import old_keys
from strongroom.errors import InputError, UnfinishedError
from strongroom.jobs.rewriting.adopt import adopt
from strongroom.jobs.rewriting.adoption_plan import Adoption
from strongroom.jobs.rewriting.convert import convert, release
from strongroom.room.settling import Failure
from tests.jobs.moments import before
from tests.jobs.someone import fill, legacy, make_users, people
from tests.servers.database import Database

FIELDS = {
    "name": strongroom.Text(),
    "age": strongroom.Integer(plain=True),
}
LEGACY = Adoption("users", encrypt=["name"], seal=["age"], scheme="legacy", offline=True)


def test_an_old_value_is_pinned_as_it_was_found(
    database: Database, room: strongroom.Strongroom
) -> None:
    old = os.urandom(32)
    make_users(database)
    fill(database, [(legacy(old, name), age) for name, age in people(40)])
    again = legacy(old, people(40)[6][0])  # says the same, and is not what was read

    def put_in() -> None:
        database.execute("UPDATE users SET name = ? WHERE id = 7", (again,))

    found: list[Failure] = []
    with before("cut_over", put_in), pytest.raises(UnfinishedError):
        adopt(room, LEGACY, keys=old_keys("legacy", [old]), found=found.append)
    assert [one.key for one in found] == [(7,)]
    assert found[0].reason.startswith("changed since it was read")


def filled(room: strongroom.Strongroom) -> None:
    table = room.create_table("users", FIELDS)
    table.add_many({"name": name, "age": age} for name, age in people(40))


def test_a_converted_record_is_opened_before_it_counts(
    database: Database, room: strongroom.Strongroom
) -> None:
    filled(room)

    def put_in() -> None:
        [(cell,)] = database.execute("SELECT strongroom_age FROM users WHERE id = 8")
        database.execute("UPDATE users SET strongroom_age = ? WHERE id = 7", (cell,))

    found: list[Failure] = []
    with before("carry_out", put_in, call=2), pytest.raises(UnfinishedError):
        convert(room, "users", {"age": replace(FIELDS["age"], plain=False)}, found=found.append)
    assert [one.key for one in found] == [(7,)]
    assert [(one.name, one.age) for one in room.table("users").all()] == people(40)


def test_a_released_value_is_compared_before_it_counts(
    database: Database, room: strongroom.Strongroom
) -> None:
    filled(room)

    def put_in() -> None:
        database.execute("UPDATE users SET strongroom_name = 'Mallory' WHERE id = 7")

    found: list[Failure] = []
    with before("carry_out", put_in, call=2), pytest.raises(UnfinishedError):
        release(room, "users", found=found.append)
    assert found == [Failure((7,), "what was written does not read back")]
    assert [(one.name, one.age) for one in room.table("users").all()] == people(40)


def insert(database: Database, number: int) -> None:
    """Put a row in as a program does that knows nothing of strongroom."""
    database.execute(
        "INSERT INTO users (id, name, age, record_version, record_seal) VALUES (?, 'x', 1, 1, ?)",
        (number, b"x" * 42),
    )


def test_a_row_that_came_after_the_proof_stops_a_release(
    database: Database, room: strongroom.Strongroom
) -> None:
    filled(room)
    with (
        before("cut_over", lambda: insert(database, 1000)),
        pytest.raises(UnfinishedError, match=r"^1 record of users cannot be rewritten"),
    ):
        release(room, "users")
    assert room.table("users").get(40).name == people(40)[39][0]


def test_a_row_in_the_place_of_another_stops_a_conversion(
    database: Database, room: strongroom.Strongroom
) -> None:
    filled(room)

    def put_in() -> None:
        database.execute("DELETE FROM users WHERE id = 7")
        insert(database, 1000)

    with before("cut_over", put_in), pytest.raises(UnfinishedError, match=r"^1 record of users"):
        convert(room, "users", {"age": replace(FIELDS["age"], plain=False)})
    assert room.table("users").get(40).age == 39


def test_an_index_goes_with_its_field_only_when_it_was_named(
    database: Database, room: strongroom.Strongroom
) -> None:
    filled(room)
    database.execute("CREATE INDEX users_age ON users (age)")
    encrypted = {"age": replace(FIELDS["age"], plain=False)}
    with pytest.raises(InputError, match=r"^users_age is an index over age, and rewriting") as told:
        convert(room, "users", encrypted)
    assert told.value.hint == "if that may be: --accept users_age"
    assert room.table("users").update(1, age=5).age == 5  # nothing was begun
    convert(room, "users", encrypted, accept=["users_age"])
    assert [one.name for one in room.table("users").all()] == [name for name, _ in people(40)]
