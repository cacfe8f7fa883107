"""The dialogue at every kind of database, with the password from the environment or typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import Terminal, strongroom
from tests.servers.database import Database, ServerDatabase

PEOPLE = b"Ada Zwergelstern\n36\nGrace Hopper\n85\nexit\n"
EVERYONE = b"id\tname\tage\n1\tAda Zwergelstern\t36\n2\tGrace Hopper\t85\n"


@pytest.fixture
def secret(database: Database) -> dict[str, str]:
    """Give the database's password as a variable, where it has one."""
    return {} if database.password is None else {"STRONGROOM_PASSWORD": database.password}


def test_the_dialogue(database: Database, secret: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    first = strongroom("--url", database.url, folder=folder, stdin=PEOPLE, extra=secret)
    assert (first.returncode, first.stdout) == (0, EVERYONE)
    assert first.stderr.startswith(b"made a new store: ")
    assert b"made a new key: aes_key.bin\nback the key up" in first.stderr
    again = strongroom("--url", database.url, folder=folder, stdin=b"exit\n", extra=secret)
    assert (again.returncode, again.stdout, again.stderr) == (0, EVERYONE, b"")
    rows = database.execute('select id, name, age from "users" order by id')
    assert [(key, age) for key, _, age in rows] == [(1, 36), (2, 85)]
    assert all(cell.startswith("sr1.") for _, cell, _ in rows)
    database.settle()
    assert database.files_with(b"Zwergelstern") == []


def test_a_changed_age(database: Database, secret: dict[str, str], tmp_path: Path) -> None:
    url = ("--url", database.url)
    assert strongroom(*url, folder=tmp_path, stdin=PEOPLE, extra=secret).returncode == 0
    database.execute('update "users" set age = 95 where id = 2')
    got = strongroom("get", "users", "2", *url, folder=tmp_path, extra=secret)
    assert (got.returncode, got.stdout) == (3, b"")
    verified = strongroom("verify", *url, folder=tmp_path, extra=secret)
    assert verified.returncode == 3
    assert verified.stdout == b"2 records in 1 table: 1 broken\n"
    assert verified.stderr.startswith(b"error: record 2 of users was changed outside strongroom\n")


@pytest.fixture(params=["mariadb", "postgresql"])
def server_database(request: pytest.FixtureRequest) -> ServerDatabase:
    """Give an empty database at each server."""
    found = request.getfixturevalue(f"{request.param}_database")
    assert isinstance(found, ServerDatabase)
    return found


def test_the_password_is_typed_without_echo(
    server_database: ServerDatabase, tmp_path: Path
) -> None:
    password = server_database.password
    assert password is not None
    with Terminal("init", "--url", server_database.url, folder=tmp_path) as terminal:
        terminal.answer("password for ", password)
        terminal.expect("made a new key: aes_key.bin")
        assert terminal.end() == 0
        assert password not in terminal.screen


def test_a_wrong_password_makes_nothing(server_database: ServerDatabase, tmp_path: Path) -> None:
    url = ("--url", server_database.url)
    wrong = {"STRONGROOM_PASSWORD": "wrong-7c1e"}
    done = strongroom(*url, folder=tmp_path, stdin=PEOPLE, extra=wrong)
    assert (done.returncode, done.stdout) == (7, b"")
    assert b"wrong-7c1e" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_password_that_nobody_can_type(server_database: ServerDatabase, tmp_path: Path) -> None:
    done = strongroom("--url", server_database.url, folder=tmp_path, stdin=PEOPLE)
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"error: a password is needed, and there is no terminal\nhint: ")
    assert list(tmp_path.iterdir()) == []
