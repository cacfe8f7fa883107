"""SQLite files: made for the owner, never by accident, read where they cannot be written."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path

import pytest
import sqlalchemy as sa

from strongroom.errors import (
    BusyError,
    StorageError,
    UnreachableError,
)
from strongroom.storage import sqlite_file
from strongroom.storage.connect import Database
from tests.servers.database import SQLiteDatabase
from tests.storage.counter import Opener, add_one, count, people_in
from tests.storage.elsewhere import as_nobody, in_children, open_folder, wait_for


def test_opening_and_reading_never_make_a_file(tmp_path: Path, opened: Opener) -> None:
    path = tmp_path / "people.db"
    database = opened(f"sqlite:///{path}")
    assert not database.exists()
    for session in (database.read, database.write):
        with pytest.raises(UnreachableError, match="the database file does not exist"), session():
            pass
    assert list(tmp_path.iterdir()) == []


def test_the_file_and_its_companions_are_the_owners_alone(tmp_path: Path, opened: Opener) -> None:
    path = tmp_path / "people.db"
    database = opened(f"sqlite:///{path}")
    mask = os.umask(0)
    try:
        database.create_file()
        with database.write() as connection:
            connection.exec_driver_sql("CREATE TABLE t (n INTEGER)")
        assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {
            "people.db": 0o600,
            "people.db-wal": 0o600,
            "people.db-shm": 0o600,
        }
    finally:
        os.umask(mask)


def test_making_an_existing_file_changes_nothing(tmp_path: Path, opened: Opener) -> None:
    path = tmp_path / "people.db"
    with sqlite3.connect(path) as raw:
        raw.execute("CREATE TABLE t (n INTEGER)")
    raw.close()
    path.chmod(0o640)
    before = path.read_bytes()
    opened(f"sqlite:///{path}").create_file()
    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_to_nothing_is_not_followed(tmp_path: Path, opened: Opener) -> None:
    path = tmp_path / "people.db"
    path.symlink_to(tmp_path / "elsewhere.db")
    with pytest.raises(StorageError, match="a link to nothing"):
        opened(f"sqlite:///{path}").create_file()
    assert not (tmp_path / "elsewhere.db").exists()


def test_a_missing_folder_is_named_as_the_reason(tmp_path: Path, opened: Opener) -> None:
    with pytest.raises(StorageError, match=r"cannot be made \(FileNotFoundError\)"):
        opened(f"sqlite:///{tmp_path}/missing/people.db").create_file()


def test_a_file_of_another_kind_is_refused_and_kept(tmp_path: Path, opened: Opener) -> None:
    path = tmp_path / "letter.txt"
    path.write_bytes(b"Dear Ada, " * 500)
    database = opened(f"sqlite:///{path}")
    for session in (database.read, database.write):
        with pytest.raises(StorageError, match="not an SQLite database") as caught, session():
            pass
        assert "Ada" not in str(caught.value)
    assert path.read_bytes() == b"Dear Ada, " * 500


def test_a_folder_or_a_pipe_is_refused(tmp_path: Path, opened: Opener) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with (
            pytest.raises(StorageError, match="not a regular file"),
            opened(f"sqlite:///{path}").read(),
        ):
            pass


def test_a_relative_path_survives_a_change_of_folder(
    tmp_path: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    database = opened("sqlite:///people.db")
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")
    database.create_file()
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n INTEGER)")
    assert (tmp_path / "people.db").stat().st_size > 0
    assert list((tmp_path / "away").iterdir()) == []


def test_a_name_full_of_url_signs_is_one_file(tmp_path: Path, opened: Opener) -> None:
    name = "a%3Fmode=memory%23 b@c%25.db"
    database = opened(f"sqlite:///{tmp_path}/{name}")
    database.create_file()
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE t (n INTEGER)")
    assert "a?mode=memory# b@c%.db" in {file.name for file in tmp_path.iterdir()}


def test_sqlite_settings(sqlite_database: SQLiteDatabase, opened: Opener) -> None:
    database = opened(sqlite_database.url)
    database.create_file()
    with database.read() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in (
                "journal_mode",
                "synchronous",
                "foreign_keys",
                "secure_delete",
                "trusted_schema",
                "busy_timeout",
            )
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "trusted_schema": 0,
        "busy_timeout": 30_000,
    }


def test_eight_processes_open_a_new_file_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/people.db"

    def begin(number: int) -> str:
        database = Database.open(url)
        database.create_file()
        with database.write() as connection:
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS t (n INTEGER)")
            connection.execute(sa.text("INSERT INTO t VALUES (:n)"), {"n": number})
        return "done"

    assert in_children(8, begin) == ["done"] * 8
    with sqlite3.connect(tmp_path / "people.db") as raw:
        assert sorted(raw.execute("SELECT n FROM t").fetchall()) == [(n,) for n in range(8)]
    raw.close()


def test_a_read_only_folder_can_be_read_and_not_written() -> None:
    with open_folder() as folder:
        path = people_in(folder)
        path.chmod(0o444)
        folder.chmod(0o555)

        def use() -> list[str]:
            database = Database.open(f"sqlite:///{path}")
            told = [str(count(database)), str(count(database))]
            try:
                add_one(database)
            except StorageError as error:
                told.append(str(error))
            return told

        assert as_nobody(use) == [
            "7",
            "7",
            "the database is read-only (SQLITE_READONLY)",
        ]
        assert [file.name for file in folder.iterdir()] == ["people.db"]


def test_changes_that_wait_beside_a_read_only_file_are_not_passed_over() -> None:
    with open_folder() as folder:
        path = people_in(folder)
        raw = sqlite3.connect(path, isolation_level=None)
        raw.execute("UPDATE counter SET n = 8")
        copies = {name: (folder / name).read_bytes() for name in ("people.db", "people.db-wal")}
        raw.close()
        for name, content in copies.items():
            (folder / name).write_bytes(content)
            (folder / name).chmod(0o444)
        folder.chmod(0o555)

        def use() -> str:
            try:
                return str(count(Database.open(f"sqlite:///{path}")))
            except StorageError as error:
                return str(error)

        assert as_nobody(use) == (
            "the database has changes waiting beside it that cannot be read here"
        )


def test_a_change_during_a_read_without_locks_is_noticed(
    tmp_path: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = people_in(tmp_path)
    monkeypatch.setattr(sqlite_file, "is_writable", lambda _: False)
    database = opened(f"sqlite:///{path}")
    assert count(database) == 7

    def read_while_it_changes() -> None:
        with database.read():
            raw = sqlite3.connect(path, isolation_level=None)
            raw.execute("UPDATE counter SET n = 8")
            raw.close()

    with pytest.raises(BusyError, match="changed while it was read"):
        read_while_it_changes()
    assert count(database) == 8


def test_whoever_only_reads_stays_known_to_those_who_close(
    tmp_path: Path, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing any descriptor of the file gives up this process's locks on it."""
    path, signs = people_in(tmp_path), tmp_path / "signs"
    signs.mkdir()

    def write(_: int) -> list[str]:
        raw = sqlite3.connect(path, isolation_level=None)
        raw.execute("UPDATE counter SET n = 8")
        (signs / "written").touch()
        wait_for(signs / "read")
        raw.close()
        return sorted(one.name for one in tmp_path.glob("people*"))

    def read() -> None:
        wait_for(signs / "written")
        monkeypatch.setattr(sqlite_file, "is_writable", lambda _: False)
        database = opened(f"sqlite:///{path}")
        assert [count(database) for _ in range(3)] == [8, 8, 8]
        (signs / "read").touch()

    # The writer is not the last one: it may not put the log away under a reader.
    names = ["people.db", "people.db-shm", "people.db-wal"]
    assert in_children(1, write, meanwhile=read) == [names]
