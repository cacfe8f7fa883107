"""The mission's table, filled by the legacy scheme's program on MariaDB, becomes strongroom's."""

from __future__ import annotations

import os
from pathlib import Path

from tests.cli.program import strongroom
from tests.jobs.someone import fill, legacy, make_users, unopenable
from tests.servers.database import MariaDBDatabase, PostgreSQLDatabase

MANY = 10_000
DAMAGED = 7_777


def test_ten_thousand_legacy_names_with_a_damaged_one(
    mariadb_database: MariaDBDatabase, tmp_path: Path
) -> None:
    database, old = mariadb_database, os.urandom(32)
    names = [f"Ada Löwe {number:05d}" for number in range(1, MANY + 1)]
    make_users(database)
    fill(database, [(legacy(old, name), number % 90) for number, name in enumerate(names)])
    good = database.execute("SELECT name FROM users WHERE id = ?", (DAMAGED,))[0][0]
    database.execute("UPDATE users SET name = ? WHERE id = ?", (unopenable(old), DAMAGED))
    before = database.execute("SELECT id, age FROM users ORDER BY id")
    # The old program's key file becomes the root key too.
    key = tmp_path / "aes_key.bin"
    key.touch(mode=0o600)
    key.write_bytes(old)
    command = ["adopt", "users", "--encrypt", "name", "--seal", "age"]
    command += ["--from", "legacy", "--from-key", "aes_key.bin", "--url", database.url]
    extra = {"STRONGROOM_PASSWORD": database.password or ""}

    refused = strongroom(*command, folder=tmp_path, extra=extra)
    assert refused.returncode == 8, refused.stderr
    assert f"users {DAMAGED}: name does not open under the scheme legacy\n".encode() in (
        refused.stderr
    )
    assert b"error: 1 row of users cannot be taken over: nothing was cut over\n" in refused.stderr
    stored = [name for (name,) in database.execute("SELECT name FROM users")]
    assert not any(name.startswith("sr1.") for name in stored)

    database.execute("UPDATE users SET name = ? WHERE id = ?", (good, DAMAGED))
    done = strongroom(*command, folder=tmp_path, extra=extra)
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith(b"adopted users: 10,000 records\n")
    listed = strongroom("list", "users", "--url", database.url, folder=tmp_path, extra=extra)
    expected = [f"{number}\t{name}\t{(number - 1) % 90}" for number, name in enumerate(names, 1)]
    assert listed.stdout.decode().splitlines() == ["id\tname\tage", *expected]
    stored = [name for (name,) in database.execute("SELECT name FROM users")]
    assert all(name.startswith("sr1.") for name in stored)
    assert database.execute("SELECT id, age FROM users ORDER BY id") == before


def test_a_table_in_another_schema(postgresql_database: PostgreSQLDatabase, tmp_path: Path) -> None:
    database = postgresql_database
    assert database.server is not None
    owner = database.server.ordinary.user
    database.execute(f"CREATE SCHEMA clinic AUTHORIZATION {owner}")
    database.execute("CREATE TABLE clinic.users (id SERIAL PRIMARY KEY, name TEXT NOT NULL)")
    database.execute(f"ALTER TABLE clinic.users OWNER TO {owner}")
    database.execute("INSERT INTO clinic.users (name) VALUES ('Ada Lovelace'), ('Grace Hopper')")
    extra = {"STRONGROOM_PASSWORD": database.password or "", "STRONGROOM_URL": database.url}
    for command in (
        ("adopt", "clinic.users", "--encrypt", "name"),
        ("alter-table", "clinic.users", "--set", "name:text,max_chars=100"),
        ("verify",),
        ("release", "clinic.users", "--yes"),
    ):
        done = strongroom(*command, folder=tmp_path, extra=extra)
        assert done.returncode == 0, done.stderr
    assert database.execute("SELECT name FROM clinic.users ORDER BY id") == [
        ("Ada Lovelace",),
        ("Grace Hopper",),
    ]
    left = database.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'clinic'")
    assert left == [("users",)]
