"""The files that hold the table `users`, as a backup of the table takes them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.servers.database import Database, ServerDatabase, SQLiteDatabase

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
