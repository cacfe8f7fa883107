"""After the rebuild no old value is left in the table's files; without it they are, and it is said.

The table's files are those that a backup of the table takes. Logs of the server and the redo log
are another matter: docs/limitations.md.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Final

import pytest

import strongroom
from strongroom.crypto.decrepit.schemes import SCHEMES
from strongroom.jobs.adopt import adopt
from strongroom.jobs.plan import Adoption
from tests.jobs.someone import fill, legacy, make_users
from tests.servers.database import Database, ServerDatabase, SQLiteDatabase

OLD_KEY: Final = secrets.token_bytes(32)
_RELATIONS: Final = (
    "SELECT pg_relation_filepath(oid) FROM pg_class WHERE oid = 'users'::regclass "
    "UNION SELECT pg_relation_filepath(reltoastrelid) FROM pg_class "
    "WHERE oid = 'users'::regclass AND reltoastrelid <> 0 "
    "UNION SELECT pg_relation_filepath(indexrelid) FROM pg_index WHERE indrelid = 'users'::regclass"
)


def files_of_the_table(database: Database) -> list[Path]:
    """Return the files that hold the table: on SQLite all, its write-ahead log among them."""
    if isinstance(database, SQLiteDatabase):
        return database.files()
    assert isinstance(database, ServerDatabase)
    assert database.server is not None
    data = database.server.data
    if database.kind == "mariadb":
        return [data / database.name / "users.ibd"]
    paths = [data / path for (path,) in database.execute(_RELATIONS)]
    return [one for path in paths for one in path.parent.glob(f"{path.name}*")]


def holding(database: Database, marks: list[bytes]) -> int:
    """Return how many of the marks stand in the table's files, once everything is written there."""
    if database.kind == "mariadb":
        database.execute("FLUSH TABLES users FOR EXPORT")
        database.execute("UNLOCK TABLES")
    database.settle()
    found = files_of_the_table(database)
    assert found
    data = b"".join(path.read_bytes() for path in found)
    return sum(mark in data for mark in marks)


@pytest.mark.parametrize("scheme", ["plaintext", "legacy"])
@pytest.mark.parametrize("rebuild", [True, False])
def test_no_old_value_is_left_in_the_files(
    database: Database, key: str, scheme: str, *, rebuild: bool
) -> None:
    names = [f"{secrets.token_hex(12)} lived here" for _ in range(300)]
    names += [secrets.token_urlsafe(9_100) for _ in range(4)]  # too long for a row, on PostgreSQL
    texts = [legacy(OLD_KEY, name) for name in names] if scheme == "legacy" else names
    marks = [text[-40:].encode() for text in texts]
    make_users(database)
    fill(database, [(text, number) for number, text in enumerate(texts)])
    assert holding(database, marks) == len(marks)

    keys = SCHEMES["legacy"].derive(OLD_KEY) if scheme == "legacy" else ()
    wanted = Adoption("users", encrypt={"name": None}, scheme=scheme)
    with strongroom.open(database.url, key, password=database.password) as room:
        done = adopt(room, wanted, keys=keys, rebuild=rebuild)
        if not rebuild:
            assert holding(database, marks) > len(marks) // 2
            assert done.leftovers
            for statement in done.leftovers:
                database.execute(statement)
        else:
            assert done.leftovers == ()
        assert [one.name for one in room.table("users").all()] == names
    assert holding(database, marks) == 0
