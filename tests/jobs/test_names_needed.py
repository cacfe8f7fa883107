"""Somebody's column by a name that a rewriting needs is neither filled nor dropped."""

from __future__ import annotations

from functools import partial

import pytest

import strongroom
from strongroom.errors import InputError
from strongroom.jobs.rewriting.adopt import adopt
from strongroom.jobs.rewriting.adoption_plan import Adoption
from strongroom.jobs.rewriting.convert import convert, release
from tests.jobs.someone import fill, make_users, people
from tests.jobs.whole import shape_and_rows
from tests.servers.database import Database

USERS = Adoption("users", encrypt=("name",))


@pytest.mark.parametrize(
    "name", ["record_found", "record_version", "record_seal", "strongroom_name", "Record_Found"]
)
def test_a_table_that_has_such_a_column_is_not_adopted(
    database: Database, room: strongroom.Strongroom, name: str
) -> None:
    make_users(database)
    database.execute(f'ALTER TABLE users ADD COLUMN "{name}" VARCHAR(20)')
    fill(database, people(3))
    database.execute(f'UPDATE users SET "{name}" = ?', ["precious"])
    table = shape_and_rows(database, "users")
    with pytest.raises(InputError, match=rf"^the table users has a column {name}, a name that"):
        adopt(room, USERS)
    assert room.store.state.catalogue.pending == ()
    assert shape_and_rows(database, "users") == table


def test_one_that_came_after_the_adoption_is_safe_too(
    database: Database, room: strongroom.Strongroom
) -> None:
    make_users(database)
    fill(database, people(3))
    adopt(room, USERS)
    database.execute("ALTER TABLE users ADD COLUMN strongroom_name VARCHAR(20)")
    database.execute("UPDATE users SET strongroom_name = 'precious'")
    plain = {"name": strongroom.Text(plain=True)}
    for work in (release, partial(convert, fields=plain)):
        with pytest.raises(InputError, match=r"^the table users has a column strongroom_name, a"):
            work(room, "users")
    assert database.execute("SELECT strongroom_name FROM users WHERE id = 1") == [("precious",)]


def test_names_that_drivers_and_sql_could_take_for_something_else(
    database: Database, room: strongroom.Strongroom
) -> None:
    make_users(database, "VARCHAR(50)")
    odd = 'd%s:x.""`%(a)s%%'
    database.execute(f'ALTER TABLE users ADD COLUMN "{odd}" VARCHAR(20)')
    if database.kind == "mariadb":
        stamp = "TIMESTAMP(6) DEFAULT NOW(6) ON UPDATE NOW(6)"
        database.execute(f'ALTER TABLE users ADD COLUMN "2{odd}" {stamp}')
    database.execute(f'CREATE INDEX "{odd}" ON users (name)')
    fill(database, people(3))
    accepted = frozenset({odd.replace('""', '"')})
    adopt(room, Adoption("users", encrypt=("name",), accept=accepted))
    assert [one.name for one in room.table("users").all()] == [name for name, _ in people(3)]
    assert strongroom.verify(room).intact


@pytest.mark.parametrize("database", ["sqlite", "mariadb"], indirect=True)
def test_a_trigger_of_somebody_else_is_named_whatever_it_is_called(
    database: Database, room: strongroom.Strongroom
) -> None:
    make_users(database)
    database.execute("CREATE TABLE spied (name VARCHAR(50))")
    step = "INSERT INTO spied VALUES ('x')"
    body = f"BEGIN {step}; END" if database.kind == "sqlite" else f"FOR EACH ROW {step}"
    name = "strongroom_insert_0000000a"
    database.execute(f"CREATE TRIGGER {name} AFTER INSERT ON users {body}")
    with pytest.raises(InputError, match=f"^{name} is a trigger on the table"):
        adopt(room, USERS)
