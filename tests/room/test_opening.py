"""Opening a store: with few rights, without DDL, and never making what nobody asked for."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

import strongroom
from strongroom.room.ddl import system_ddl, table_ddl
from strongroom.schema.catalogue import DEFAULT_FIELDS
from tests.servers.database import Database, ServerDatabase

WRITING = ("SELECT", "INSERT", "UPDATE", "DELETE")


def kind_of(database: Database) -> str:
    return {"mariadb": "mysql"}.get(database.kind, database.kind)


def test_reading_where_there_is_no_store_makes_nothing(
    database: Database, key: str, tmp_path: Path
) -> None:
    with pytest.raises(strongroom.NoStoreError) as none:
        strongroom.open(database.url, key, password=database.password, create=False)
    assert none.value.hint == "make one with: strongroom init"
    assert list(tmp_path.iterdir()) == []
    if database.kind != "sqlite":
        here = "table_schema = ?" if database.kind == "mariadb" else "table_catalog = ?"
        ours = f"table_name LIKE 'strongroom%' AND {here}"
        query = f"SELECT table_name FROM information_schema.tables WHERE {ours}"
        assert database.execute(query, [database.name]) == []


def test_a_missing_key_is_not_replaced_where_there_is_a_store(
    room: strongroom.Strongroom, database: Database, key: str, tmp_path: Path
) -> None:
    room.table("users").add(name="Ada Lovelace", age=36)
    (tmp_path / "aes_key.bin").rename(tmp_path / "elsewhere.bin")
    for create in (True, False):
        with pytest.raises(strongroom.KeyMissingError) as missing:
            strongroom.open(database.url, key, password=database.password, create=create)
        assert missing.value.hint
        assert not (tmp_path / "aes_key.bin").exists()


def test_another_key_is_named_and_changes_nothing(
    room: strongroom.Strongroom, database: Database, tmp_path: Path
) -> None:
    room.table("users").add(name="Ada Lovelace", age=36)
    before = database.execute("SELECT * FROM strongroom_store")
    other = tmp_path / "other.bin"
    other.write_bytes(os.urandom(32))
    other.chmod(0o600)
    with pytest.raises(strongroom.WrongKeyError) as wrong:
        strongroom.open(database.url, f"file:{other}", password=database.password)
    assert str(room.status().fingerprint) in str(wrong.value)
    assert database.execute("SELECT * FROM strongroom_store") == before


def test_an_existing_store_is_opened_without_ddl(
    room: strongroom.Strongroom, database: Database, key: str
) -> None:
    room.table("users").add(name="Ada Lovelace", age=36)
    seen: list[str] = []

    def remember(*arguments: object) -> None:
        seen.append(str(arguments[2]).upper())

    sa.event.listen(sa.Engine, "before_cursor_execute", remember)
    try:
        with strongroom.open(database.url, key, password=database.password) as again:
            assert again.table("users").get(1).name == "Ada Lovelace"
            again.table("users").add(name="Grace Hopper", age=85)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", remember)
    assert any(statement.startswith("SELECT") for statement in seen)
    assert [one for one in seen if one.startswith(("CREATE", "ALTER", "DROP"))] == []


@pytest.mark.parametrize("database", ["mariadb", "postgresql"], indirect=True)
def test_an_account_that_can_only_read_reads(
    room: strongroom.Strongroom, database: Database, key: str
) -> None:
    assert isinstance(database, ServerDatabase)
    room.table("users").add(name="Ada Lovelace", age=36)
    url, password = database.account("SELECT")
    with strongroom.open(url, key, password=password) as reader:
        users = reader.table("users")
        assert [one.name for one in users.find(age=36)] == ["Ada Lovelace"]
        assert strongroom.verify(reader).intact
        with pytest.raises(strongroom.StorageError, match="may not do this"):
            users.add(name="Grace Hopper", age=85)
    assert room.table("users").all().count() == 1


@pytest.mark.parametrize("database", ["mariadb", "postgresql"], indirect=True)
def test_an_account_without_ddl_makes_a_store_in_tables_made_by_hand(
    database: Database, key: str
) -> None:
    assert isinstance(database, ServerDatabase)
    for statement in system_ddl(kind_of(database)):
        database.execute(statement)
    database.execute(table_ddl(kind_of(database), "users", DEFAULT_FIELDS))
    url, password = database.account(*WRITING)
    with strongroom.open(url, key, password=password) as room:
        assert room.made_store
        users = room.table("users")
        ada = users.add(name="Ada Lovelace", age=36)
        users.update(ada, age=37)
        assert users.get(ada).age == 37
        users.delete(ada)
        with pytest.raises(strongroom.StorageError):
            room.create_table("patients", {"name": strongroom.Text()})
        assert room.tables == ("users",)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that another user can reach: pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def test_a_read_only_sqlite_file_is_read_by_another_user(open_folder: Path) -> None:
    """Root may write everything, so the reader is another user, in a folder it cannot write."""
    folder, key = open_folder, open_folder / "aes_key.bin"
    with strongroom.open(f"sqlite:///{folder / 'people.db'}", f"file:{key}") as room:
        room.table("users").add(name="Ada Lovelace", age=36)
    script = """
import os, sys
import strongroom, strongroom.room.strongroom, strongroom.jobs.verify, sqlalchemy.dialects.sqlite
folder = sys.argv[1]
if os.getuid() == 0:
    os.setgid(65534); os.setuid(65534)
with strongroom.open(f"sqlite:///{folder}/people.db", f"file:{folder}/aes_key.bin") as room:
    print(room.table("users").get(1).name)
    try:
        room.table("users").add(name="Grace Hopper", age=85)
    except strongroom.StorageError as error:
        print(error)
"""
    if os.getuid() == 0:
        for path in (folder, folder / "people.db", key):
            os.chown(path, 65534, 65534)
    (folder / "people.db").chmod(0o400)
    folder.chmod(0o500)
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    folder.chmod(0o700)
    assert done.stderr == ""
    name, refusal = done.stdout.splitlines()
    assert name == "Ada Lovelace"
    assert "read" in refusal


def test_a_strongroom_that_may_make_nothing_makes_no_default_table(
    room: strongroom.Strongroom, database: Database, key: str
) -> None:
    assert room.tables == ()
    reader = strongroom.open(database.url, key, password=database.password, create=False)
    with reader, pytest.raises(strongroom.NoTableError) as none:
        reader.table("users")
    assert (str(none.value), none.value.hint) == (
        "the store has no table users",
        "make it with: strongroom add users",
    )
    assert room.status().generation == 1
