"""Unique fields: a duplicate is refused by the database and named by table and field, no value.

The values that are tried look like the sentences in which servers quote them.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import traceback
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

import strongroom
from strongroom.schema.types import FieldType
from strongroom.storage.unique import constraint_name
from tests.room.engines import engine_of
from tests.room.thief import Thief, only
from tests.servers.database import Database

EMAIL = strongroom.Text(320, plain=True, unique=True)
BADGE = strongroom.Integer(plain=True, optional=True, unique=True)
CANARY = "Zq7Kanary"
LURES = (
    CANARY,
    f"{CANARY}' for key 'PRIMARY'",
    f"{CANARY}' for key '{constraint_name('staff', 'badge')}'",
    f"UNIQUE constraint failed: staff.badge {CANARY}",
    f"{CANARY}\n for key '{constraint_name('staff', 'badge')}'",
)
TAKEN = "staff.email must be unique: another record has this value"


@pytest.fixture
def staff(room: strongroom.Strongroom) -> strongroom.Table:
    """Give a table with a unique text and an optional unique number."""
    return room.create_table("staff", {"name": strongroom.Text(), "email": EMAIL, "badge": BADGE})


def same_error(error: strongroom.StrongroomError, text: str = TAKEN) -> None:
    assert type(error) is strongroom.DuplicateError
    assert str(error) == text and error.hint is None and not error.retryable
    assert error.__cause__ is None and error.__context__ is None
    assert CANARY not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("email", LURES)
def test_a_duplicate_is_refused_by_name(staff: strongroom.Table, thief: Thief, email: str) -> None:
    staff.add(name="Ada", email=email, badge=1)
    grace = staff.add(name="Grace", email="grace", badge=2)
    before = thief.rows(staff)
    writes: list[Callable[[], object]] = [
        lambda: staff.add(name="x", email=email, badge=3),
        lambda: staff.add_many([{"name": "x", "email": "new"}, {"name": "x", "email": email}]),
        lambda: staff.update(grace, email=email),
        lambda: staff.update(staff.get(grace), email=email),
    ]
    for write in writes:
        with pytest.raises(strongroom.DuplicateError) as caught:
            write()
        same_error(caught.value)
        assert thief.rows(staff) == before
    with pytest.raises(strongroom.DuplicateError) as caught:
        staff.update(grace, badge=1)
    same_error(caught.value, "staff.badge must be unique: another record has this value")


def test_a_record_may_keep_its_value_and_give_it_up(
    room: strongroom.Strongroom, staff: strongroom.Table
) -> None:
    ada = staff.add(name="Ada", email="a", badge=1)
    staff.update(ada, email="a", name="Ada L.")
    staff.update(ada, email="A", badge=None)
    staff.add(name="x", email="a", badge=1)
    staff.delete(ada)
    staff.add(name="y", email="A")
    staff.add(name="z", email="\u00e1")
    assert [one.email for one in staff.all()] == ["a", "A", "\u00e1"]
    assert [one.badge for one in staff.all()] == [1, None, None]
    only(room, {"staff": []})


def test_after_a_duplicate_a_transaction_can_only_be_undone(
    room: strongroom.Strongroom, staff: strongroom.Table, database: Database
) -> None:
    """PostgreSQL has ended it; SQLite may have kept the first half of a batch."""
    staff.add(name="Ada", email="a")
    batch = [{"name": "x", "email": "b"}, {"name": "x", "email": "a"}]
    with pytest.raises(strongroom.ClosedError), room.transaction():
        with pytest.raises(strongroom.DuplicateError):
            staff.add_many(batch)
        staff.add(name="y", email="c")
    assert [one.email for one in staff.all()] == ["a"]
    engine = engine_of(database)
    with engine.connect() as connection, pytest.raises(strongroom.ClosedError):
        with room.using(connection):
            with pytest.raises(strongroom.DuplicateError):
                staff.add_many(batch)
            staff.add(name="y", email="c")
        connection.commit()
    engine.dispose()
    assert [one.email for one in staff.all()] == ["a"]


def test_texts_that_differ_in_spaces_at_the_end(
    staff: strongroom.Table, database: Database
) -> None:
    """On MySQL and MariaDB they are the same to an index; what is stored is what was given."""
    staff.add(name="Ada", email="a ")
    assert staff.get(1).email == "a "
    if database.kind == "mariadb":
        with pytest.raises(strongroom.DuplicateError) as caught:
            staff.add(name="x", email="a")
        same_error(caught.value)
    else:
        staff.add(name="x", email="a")


UNIQUE: dict[str, tuple[FieldType, Any, Any]] = {
    "text": (
        strongroom.Text(768, plain=True, unique=True), "\U0001f600" * 192, "\U0001f600" * 191,
    ),
    "bytes": (strongroom.Bytes(768, plain=True, unique=True), b"\xff" * 768, b"\xff" * 767),
    "boolean": (strongroom.Boolean(plain=True, unique=True), True, False),
    "float": (strongroom.Float(plain=True, unique=True), 0.1, 0.10000000000000002),
    "decimal": (
        strongroom.Decimal(38, 30, plain=True, unique=True), Decimal("0.1"), Decimal("1E-30"),
    ),
    "date": (
        strongroom.Date(plain=True, unique=True), dt.date(2024, 2, 29), dt.date(2024, 2, 28),
    ),
    "datetime": (
        strongroom.DateTime(plain=True, unique=True),
        dt.datetime(2024, 2, 29),  # noqa: DTZ001  # a local time
        dt.datetime(2024, 2, 29, 0, 0, 0, 1),  # noqa: DTZ001
    ),
    "zoned": (
        strongroom.ZonedDateTime(plain=True, unique=True),
        dt.datetime(2024, 2, 29, tzinfo=dt.UTC),
        dt.datetime(2024, 2, 29, 0, 0, 0, 1, tzinfo=dt.UTC),
    ),
}  # fmt: skip


def test_every_type_that_can_be_unique(room: strongroom.Strongroom) -> None:
    for name, (declared, value, other) in UNIQUE.items():
        table = room.create_table(f"t_{name}", {"field": declared})
        table.add(field=value)
        table.add(field=other)
        for one in (value, other):
            with pytest.raises(strongroom.DuplicateError, match=rf"^t_{name}\.field must be uniq"):
                table.add(field=one)
        assert [one.field for one in table.all()] == [value, other]


def test_names_of_any_length(room: strongroom.Strongroom) -> None:
    number = strongroom.Integer(plain=True, unique=True)
    fields = {f"{'f' * 47}{n}": number for n in range(3)}
    table = room.create_table("t" * 48, fields)
    room.create_table(f"{'t' * 47}u", fields)
    table.add(**dict.fromkeys(fields, 1))
    with pytest.raises(strongroom.DuplicateError) as caught:
        table.add(**dict.fromkeys(fields, 2) | {f"{'f' * 47}2": 1})
    assert str(caught.value).startswith(f"{'t' * 48}.{'f' * 47}2 must be unique: ")


def drop(kind: str, column: str) -> str:
    name = constraint_name("staff", column)
    if kind == "mariadb":
        return f"ALTER TABLE staff DROP INDEX {name}"
    return f"ALTER TABLE staff DROP CONSTRAINT {name}"


def test_a_table_that_lost_a_unique_index_is_refused(
    staff: strongroom.Table, thief: Thief, database: Database, key: str
) -> None:
    staff.add(name="Ada", email="a")
    if database.kind == "sqlite":  # which keeps a constraint for as long as the table
        thief.sql("ALTER TABLE staff RENAME TO old")
        thief.sql("CREATE TABLE staff AS SELECT * FROM old")
    else:
        thief.sql(drop(database.kind, "email"))
    with (
        strongroom.open(database.url, key, password=database.password) as again,
        pytest.raises(strongroom.StorageError) as caught,
    ):
        again.table("staff")
    wrong = str(caught.value).removeprefix("the table staff is not as strongroom made it: ")
    assert "column email is not unique" in wrong.split(", ")
    assert ("column badge is not unique" in wrong) is (database.kind == "sqlite")


@pytest.mark.usefixtures("staff")
def test_an_index_over_more_than_the_column_is_not_enough(
    thief: Thief, database: Database, key: str
) -> None:
    if database.kind == "sqlite":
        with pytest.raises(sqlite3.OperationalError, match="cannot be dropped"):
            thief.sql("DROP INDEX sqlite_autoindex_staff_1")
        return
    thief.sql(drop(database.kind, "email"))
    thief.sql(f"CREATE UNIQUE INDEX {constraint_name('staff', 'email')} ON staff (email, badge)")
    thief.sql("CREATE UNIQUE INDEX other ON staff (badge)")
    with strongroom.open(database.url, key, password=database.password) as again:
        with pytest.raises(strongroom.StorageError) as caught:
            again.table("staff")
        assert str(caught.value) == (
            "the table staff is not as strongroom made it: column email is not unique"
        )
        thief.sql("CREATE UNIQUE INDEX another ON staff (email)")
        assert again.table("staff").add(name="Ada", email="a") == 1
