"""The table of docs/keys.md, "Backup": what is lost, what is still there, what comes of it."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

import strongroom
from tests.docs.documents import ROOT

ROWS: Final = 9
URL: Final = "sqlite:///people.db"
KEY: Final = "file:aes_key.bin"


@pytest.fixture(autouse=True)
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a store with one person, a backup of the database and one of the key."""
    monkeypatch.chdir(tmp_path)
    with strongroom.open(URL, key=KEY) as room:
        room.table("users").add(name="Ada Lovelace", age=36)
    sql("VACUUM INTO 'backup.db'")
    (tmp_path / "key-backup.bin").write_bytes((tmp_path / "aes_key.bin").read_bytes())
    (tmp_path / "key-backup.bin").chmod(0o600)
    return tmp_path


def sql(statement: str, values: tuple[Any, ...] = (), file: str = "people.db") -> list[Any]:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        return connection.execute(statement, values).fetchall()


def everyone(**options: Any) -> list[str]:
    with strongroom.open(URL, key=KEY, **options) as room:
        return [person.name for person in room.table("users").all()]


def test_the_table_has_the_rows_that_are_tested_here() -> None:
    text = (ROOT / "docs/keys.md").read_text(encoding="utf-8")
    table = text[text.index("| lost |") :].split("\n\n")[0]
    assert len(re.findall(r"^\| (?!lost|---)", table, re.MULTILINE)) == ROWS
    assert "|---|" in table


def test_root_key_from_its_backup(people: Path) -> None:
    (people / "aes_key.bin").unlink()
    (people / "key-backup.bin").rename("aes_key.bin")
    assert everyone() == ["Ada Lovelace"]


def test_root_key_lost_leaves_plain_columns(people: Path) -> None:
    (people / "aes_key.bin").unlink()
    with pytest.raises(strongroom.KeyMissingError):
        everyone()
    assert not (people / "aes_key.bin").exists()
    assert sql("SELECT age FROM users") == [(36,)]


def test_passphrase_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORDS", "four unrelated plain words")
    with strongroom.open("sqlite:///other.db", key="passphrase:env=WORDS") as room:
        room.table("users").add(name="Ada Lovelace", age=36)
    monkeypatch.setenv("WORDS", "four unrelated other words")
    with pytest.raises(strongroom.WrongKeyError):
        strongroom.open("sqlite:///other.db", key="passphrase:env=WORDS")
    assert sql("SELECT age FROM users", file="other.db") == [(36,)]


def test_database_from_its_backup(people: Path) -> None:
    with strongroom.open(URL, key=KEY) as room:
        room.table("users").add(name="Grace Hopper", age=85)
    (people / "people.db").unlink()
    (people / "backup.db").rename("people.db")
    assert everyone() == ["Ada Lovelace"]


def test_database_lost_without_backup(people: Path) -> None:
    (people / "people.db").unlink()
    with pytest.raises(strongroom.NoStoreError):
        everyone(create=False)


def test_both_from_their_backups(people: Path) -> None:
    for lost, backup in (("people.db", "backup.db"), ("aes_key.bin", "key-backup.bin")):
        (people / lost).unlink()
        (people / backup).rename(lost)
    assert everyone() == ["Ada Lovelace"]


def test_store_row_from_a_backup() -> None:
    sql("DELETE FROM strongroom_store")
    with pytest.raises(strongroom.IntegrityError, match="row is gone"):
        everyone()
    [row] = sql("SELECT * FROM strongroom_store", file="backup.db")
    sql("INSERT INTO strongroom_store VALUES (?, ?, ?, ?, ?, ?)", row)
    assert everyone() == ["Ada Lovelace"]


def test_store_row_lost_without_backup_is_not_made_anew() -> None:
    sql("DELETE FROM strongroom_store")
    for _ in range(2):
        with pytest.raises(strongroom.IntegrityError, match="row is gone"):
            everyone()
    assert sql("SELECT count(*) FROM strongroom_store") == [(0,)]


def test_counters_put_back_above_the_highest_id() -> None:
    [(table_id, _)] = sql("SELECT * FROM strongroom_counters")
    sql("DELETE FROM strongroom_counters")
    assert everyone() == ["Ada Lovelace"]
    with strongroom.open(URL, key=KEY) as room:
        with pytest.raises(strongroom.IntegrityError, match="counter is gone"):
            room.table("users").add(name="Grace Hopper", age=85)
        sql("INSERT INTO strongroom_counters VALUES (?, 2)", (table_id,))
        assert room.table("users").add(name="Grace Hopper", age=85) == 2
