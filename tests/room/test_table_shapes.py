"""Tables of the database that are not as strongroom would have made them: refused, left alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import product
from typing import Any, Final

import pytest

import strongroom
from tests.room.edits import during
from tests.room.refusal import reopen
from tests.room.thief import Thief, only

KINDS: Final = ("sqlite", "mariadb", "postgresql")
DUMP: Final = {
    "sqlite": "SELECT sql FROM sqlite_master WHERE name = 'users'",
    "mariadb": "SHOW CREATE TABLE users",
    "postgresql": "SELECT column_name, data_type, is_nullable FROM information_schema.columns "
    "WHERE table_name = 'users' ORDER BY ordinal_position",
}
# The legacy scheme's own table, one with another shape, and one that only has our names.
FOREIGN: Final = (
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(255) NOT NULL, age INTEGER NOT NULL)",
    "CREATE TABLE users (email VARCHAR(100))",
    (
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(255), age INTEGER, "
        "record_version INTEGER, record_seal VARCHAR(50))"
    ),
)


def whole(thief: Thief) -> list[tuple[Any, ...]]:
    shape = thief.sql(DUMP[thief.database.kind])
    # Another text for another shape: psycopg prepares a statement that it meets often.
    return shape + thief.sql(f"SELECT * FROM users /* {len(shape)} */")


ROWS: Final = (
    "(id, name, age) VALUES (1, 'canary', 36)",
    "(email) VALUES ('canary')",
    "(id, name, age, record_version, record_seal) VALUES (1, 'canary', 36, 1, 'canary')",
)


def test_a_foreign_users_table_is_left_alone(room: strongroom.Strongroom, thief: Thief) -> None:
    """With people in it or empty: only an empty one of exactly our shape is taken."""
    store = thief.store()
    for (made, row), filled in product(zip(FOREIGN, ROWS, strict=True), (True, False)):
        with during(f"{made} {filled}"):
            thief.sql(made)
            if filled:
                thief.sql(f"INSERT INTO users {row}")
            before = whole(thief)
            assert len(thief.sql("SELECT * FROM users")) == filled
            for ask in (
                partial(room.table, "users"),
                partial(room.create_table, "users", {"name": strongroom.Text()}),
            ):
                with pytest.raises(strongroom.NoTableError) as caught:
                    ask()
                assert str(caught.value) == (
                    "the database has a table users that strongroom does not manage"
                )
                assert caught.value.hint == (
                    "it was left alone; to take it over: strongroom adopt users"
                )
            assert whole(thief) == before
            assert thief.store() == store
            thief.sql("DROP TABLE users")
    assert room.tables == ()


def test_a_view_is_left_alone_too(room: strongroom.Strongroom, thief: Thief) -> None:
    thief.sql("CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(20))")
    thief.sql("CREATE VIEW users AS SELECT id, name FROM people")
    with pytest.raises(strongroom.NoTableError):
        room.table("users")
    assert room.tables == ()


def test_a_table_of_another_name_is_not_ours_either(
    room: strongroom.Strongroom, thief: Thief
) -> None:
    thief.sql("CREATE TABLE patients (id INTEGER PRIMARY KEY)")
    with pytest.raises(strongroom.NoTableError) as caught:
        room.table("patients")
    assert str(caught.value) == "the database has a table patients that strongroom does not manage"
    with pytest.raises(strongroom.NoTableError) as none:
        room.table("nurses")
    assert str(none.value) == "the store has no table nurses"


def test_a_filled_table_of_our_shape_is_not_taken(
    room: strongroom.Strongroom, thief: Thief, key: str
) -> None:
    """Somebody forgot it in the catalogue, or wants it forgotten: its records are not ours."""
    users = room.table("users")
    users.add(name="Ada Lovelace", age=36)
    state = room._store.state
    with room._store.database.write() as connection:
        room._store.change(connection, lambda one: one.next(catalogue=type(one.catalogue)()))
        connection.commit()
    before = whole(thief)
    with reopen(thief, key) as again, pytest.raises(strongroom.NoTableError):
        again.table("users")
    assert whole(thief) == before
    assert state.catalogue.knows("users")


CELL: Final = "column name has another type or collation"
CHANGES: Final[Mapping[str, Mapping[str, str]]] = {
    "mariadb": {
        "MODIFY name VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL": CELL,
        "MODIFY name LONGTEXT CHARACTER SET latin1 NOT NULL": CELL,
        "MODIFY name LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NOT NULL": CELL,
        "MODIFY name LONGTEXT CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL": CELL,
        "MODIFY name LONGTEXT CHARACTER SET ascii COLLATE ascii_bin NULL": CELL,
        "MODIFY age INT NOT NULL": "column age has another type or collation",
        "MODIFY age BIGINT UNSIGNED NOT NULL": "column age has another type or collation",
        "MODIFY record_seal VARBINARY(42) NOT NULL": (
            "column record_seal has another type or collation"
        ),
        "DROP COLUMN age": "column age is missing",
        "DROP COLUMN record_seal": "column record_seal is missing",
        "CHANGE name full_name LONGTEXT CHARACTER SET ascii COLLATE ascii_bin NOT NULL": (
            "column name is missing"
        ),
        "ENGINE = MyISAM": "its engine is not InnoDB",
        "ENGINE = Aria": "its engine is not InnoDB",
        "CONVERT TO CHARACTER SET latin1": CELL,
    },
    "postgresql": {
        "ALTER name TYPE varchar(200)": CELL,
        'ALTER name TYPE text COLLATE "default"': CELL,
        "ALTER name DROP NOT NULL": CELL,
        "ALTER age TYPE integer": "column age has another type or collation",
        "ALTER age TYPE numeric": "column age has another type or collation",
        "ALTER record_seal TYPE text USING encode(record_seal, 'hex')": (
            "column record_seal has another type or collation"
        ),
        "DROP COLUMN age": "column age is missing",
        "DROP COLUMN record_version": "column record_version is missing",
        "RENAME COLUMN name TO full_name": "column name is missing",
    },
    "sqlite": {
        "DROP COLUMN age": "column age is missing",
        "DROP COLUMN record_seal": "column record_seal is missing",
        "RENAME COLUMN name TO full_name": "column name is missing",
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_that_was_altered_is_refused(
    request: pytest.FixtureRequest, key: str, kind: str
) -> None:
    """Before anything is read from it or written to it, with what is wrong with it."""
    database = request.getfixturevalue(f"{kind}_database")
    thief = Thief(database)
    if kind == "mariadb":
        thief.sql("SET SESSION sql_mode = 'ANSI_QUOTES'")  # lax: what is too long is cut
    with strongroom.open(database.url, key, password=database.password) as room:
        for number, (change, reason) in enumerate(CHANGES[kind].items()):
            name = f"people{number}"
            table = room.create_table(
                name, {"name": strongroom.Text(), "age": strongroom.Integer(plain=True)}
            )
            table.add(name="Ada Lovelace", age=36)
            thief.sql(f"ALTER TABLE {name} {change}")
            with during(change), reopen(thief, key) as again:
                with pytest.raises(strongroom.StorageError) as caught:
                    again.table(name)
                assert str(caught.value) == (
                    f"the table {name} is not as strongroom made it: {reason}"
                )
                with pytest.raises(strongroom.StrongroomError):
                    table.get(1) if "is missing" in reason else again.table(name).get(1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_that_was_dropped(request: pytest.FixtureRequest, key: str, kind: str) -> None:
    database = request.getfixturevalue(f"{kind}_database")
    with strongroom.open(database.url, key, password=database.password) as room:
        users = room.table("users")
        users.add(name="Ada Lovelace", age=36)
        database.execute("DROP TABLE users")
        for ask in (lambda: users.get(1), lambda: list(users.all()), lambda: users.delete(1),
                    lambda: users.add(name="x", age=1)):  # fmt: skip
            with pytest.raises(strongroom.StorageError) as caught:
                ask()
            assert str(caught.value).startswith("a table or column is missing (")
        with (
            strongroom.open(database.url, key, password=database.password) as again,
            pytest.raises(strongroom.StorageError),
        ):
            again.table("users")


def test_columns_that_someone_added_are_not_ours(
    room: strongroom.Strongroom, thief: Thief, key: str
) -> None:
    users = room.table("users")
    users.add(name="Ada Lovelace", age=36)
    thief.sql("ALTER TABLE users ADD COLUMN remark VARCHAR(20)")
    thief.sql("UPDATE users SET remark = 'canary'")
    with reopen(thief, key) as again:
        table = again.table("users")
        assert dict(table.get(1)) == {"id": 1, "name": "Ada Lovelace", "age": 36}
        table.update(1, age=37)
        [status] = again.status().tables
        assert status.outside == ("remark",)
        only(again, {"users": []})
    assert thief.sql("SELECT remark FROM users") == [("canary",)]


def test_rebuilt_sqlite_tables(sqlite_database: Any, key: str) -> None:
    """SQLite cannot alter a column's type, but anyone can build the table anew."""
    thief = Thief(sqlite_database)
    shapes = {
        "name VARCHAR(10) NOT NULL, age INTEGER NOT NULL": CELL,
        "name TEXT, age INTEGER NOT NULL": CELL,
        "name TEXT NOT NULL, age TEXT NOT NULL": "column age has another type or collation",
        "name TEXT NOT NULL COLLATE NOCASE, age INTEGER": (
            "column age has another type or collation"
        ),
    }
    for columns, reason in shapes.items():
        with during(columns), strongroom.open(sqlite_database.url, key) as room:
            room.table("users")
            thief.sql("DROP TABLE users")
            thief.sql(f"CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, {columns}, "
                      "record_version INTEGER NOT NULL, record_seal BLOB NOT NULL)")  # fmt: skip
            with reopen(thief, key) as again, pytest.raises(strongroom.StorageError) as caught:
                again.table("users")
            assert str(caught.value) == f"the table users is not as strongroom made it: {reason}"
            thief.sql("DROP TABLE users")
            thief.sql("CREATE TABLE users (id INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, "
                      "age INTEGER NOT NULL, record_version INTEGER NOT NULL, "
                      "record_seal BLOB NOT NULL)")  # fmt: skip
