"""A change of a table that was interrupted between any two of its steps, and asked for again.

On SQLite and PostgreSQL nothing of it is there. MySQL keeps each step: until it is asked for
again the catalogue names columns that are gone, and nothing is lost or taken for another.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

import strongroom
from strongroom import Date, Integer, Text
from strongroom.storage import altering
from tests.room.edits import during
from tests.room.thief import Thief, only
from tests.servers.database import Database

FIELDS = {
    "name": Text(),
    "email": Text(320, plain=True, unique=True),
    "age": Integer(0, 150, plain=True),
    "badge": Integer(plain=True, optional=True, unique=True),
}
ADDED = {
    "born": Date(optional=True),
    "code": Integer(plain=True, optional=True, unique=True),
}
RECORD = {"name": "n0", "email": "e0", "age": 30, "badge": 7}
NEW_RECORD = {
    "id": 1, "name": "n0", "mail": "e0", "years": 30, "badge": 7, "born": None, "code": None,
}  # fmt: skip


class Crash(BaseException):
    """The process ends here."""


def change(room: strongroom.Strongroom, table: str) -> strongroom.Table:
    return room.alter_table(
        table,
        rename={"email": "mail", "age": "years"},
        change={"age": Integer(0, 200, plain=True, optional=True)},
        add=ADDED,
        rename_to=f"new_{table}",
    )


def steps(monkeypatch: pytest.MonkeyPatch, most: int) -> list[str]:
    """Have the process end after so many statements; return those that were run."""
    whole, done = altering._statements, list[str]()

    def some(*args: Any) -> Iterator[str]:
        for statement in whole(*args):
            if len(done) == most:
                raise Crash
            done.append(statement)
            yield statement
        if len(done) == most:
            raise Crash  # after the last one, before the document

    monkeypatch.setattr(altering, "_statements", some)
    return done


def test_it_goes_on_where_it_stopped(
    room: strongroom.Strongroom, database: Database, thief: Thief, key: str
) -> None:
    room.create_table("t", FIELDS).add(**RECORD)
    change(room, "t")
    for most in range(40):
        name = f"t{most}"
        table = room.create_table(name, FIELDS)
        table.add(**RECORD)
        before, store = thief.rows(table), thief.store()
        with during(f"a crash after {most} statements"), pytest.MonkeyPatch.context() as patch:
            done = steps(patch, most)
            try:
                change(room, name)
            except Crash:
                ended = False
            else:
                ended = True
        assert len(done) <= most
        if ended:
            break
        assert thief.store() == store
        with (
            during(f"again after {done}"),
            strongroom.open(database.url, key, password=database.password) as again,
        ):
            if database.kind != "mariadb":
                assert thief.rows(table) == before
            new = change(again, name)
            assert dict(new.get(1)) == NEW_RECORD
            for field in ("mail", "badge", "code"):
                new.update(1, code=5)
                record = {"name": "x", "mail": "m", "badge": 1, "code": 1} | {
                    field: {"mail": "e0", "badge": 7, "code": 5}[field]
                }
                with pytest.raises(strongroom.DuplicateError, match=rf"^new_{name}\.{field} must"):
                    new.add(**record)
            new.update(1, years=None)
            only(again, {one: [] for one in again.tables})
    else:
        pytest.fail("it never came to its end")
    # As many as there are steps, each once; MySQL takes all of them in one statement.
    assert most == {"sqlite": 11, "mariadb": 2, "postgresql": 9}[database.kind]


def test_until_then_mysql_says_what_is_wrong_and_gives_nothing_else(
    room: strongroom.Strongroom, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = room.create_table("t", FIELDS)
    table.add(**RECORD)
    with monkeypatch.context() as patch:
        steps(patch, 1)
        with pytest.raises(Crash):
            room.alter_table("t", rename={"name": "full_name"})
    if database.kind == "mariadb":
        for use in (lambda: table.get(1), lambda: list(table.all()), lambda: table.add(**RECORD)):
            with pytest.raises(strongroom.StorageError) as caught:
                use()
            assert str(caught.value) == "a table or column is missing (mysql 1054)"
        with pytest.raises(strongroom.InputError, match="nothing of t was given to change"):
            room.alter_table("t")
        with pytest.raises(strongroom.StorageError, match="column name is missing"):
            room.alter_table("t", rename={"name": "other"})
    else:
        assert table.get(1).name == "n0"
    room.alter_table("t", rename={"name": "full_name"})
    assert table.get(1).full_name == "n0"


def test_a_table_renamed_without_its_document_is_not_made_anew(
    room: strongroom.Strongroom, database: Database, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    room.table("users").add(name="Ada", age=36)
    with monkeypatch.context() as patch:
        steps(patch, 1)
        with pytest.raises(Crash):
            room.alter_table("users", rename_to="people")
    with strongroom.open(database.url, key, password=database.password) as again:
        if database.kind == "mariadb":
            with pytest.raises(strongroom.StorageError, match="it is gone"):
                again.table("users")
        assert again.alter_table("users", rename_to="people").get(1).name == "Ada"


@pytest.mark.parametrize("way", ["get", "all", "table"])
def test_who_reads_between_the_columns_and_the_document(
    room: strongroom.Strongroom,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
    way: str,
) -> None:
    """They wait for the change, or read what was before it; they do not fail."""
    room.create_table("t", FIELDS).add(**RECORD)
    found: list[Any] = []

    def read(other: strongroom.Strongroom, table: strongroom.Table) -> None:
        try:
            if way == "table":
                found.append(dict(other.table("t").get(1)))
            else:
                found.append(dict(table.get(1) if way == "get" else table.all().one()))
        except BaseException as error:  # noqa: BLE001  # shown by the comparison below
            found.append(error)

    with (
        strongroom.open(database.url, key, password=database.password) as other,
        strongroom.open(database.url, key, password=database.password) as third,
    ):
        table = other.table("t")
        opened = third if way == "table" else other
        reader = threading.Thread(target=read, args=(opened, table))
        whole = altering.alter

        def paused(*args: Any) -> None:
            whole(*args)
            reader.start()
            reader.join(0.5)

        monkeypatch.setattr(altering, "alter", paused)
        room.alter_table("t", rename={"name": "full_name"})
        reader.join(30)
    [values] = found
    old = database.kind == "sqlite"
    assert values == {"id": 1, ("name" if old else "full_name"): "n0"} | {
        name: value for name, value in RECORD.items() if name != "name"
    }
