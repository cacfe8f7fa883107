"""Somebody else's tables: made and filled by plain SQL, as programs without strongroom do."""

from __future__ import annotations

import base64
import os

from Crypto.Cipher import AES

from tests.oracle import seal_legacy
from tests.servers.database import Database

OWNED = {
    "sqlite": "CREATE TABLE {table} (id INTEGER PRIMARY KEY AUTOINCREMENT, name {text} NOT NULL, "
    "age INTEGER NOT NULL)",
    "mariadb": "CREATE TABLE {table} (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, "
    "name {text} NOT NULL, age INT NOT NULL) ENGINE=InnoDB",
    "postgresql": "CREATE TABLE {table} (id SERIAL PRIMARY KEY, name {text} NOT NULL, "
    "age INT NOT NULL)",
}


def make_users(database: Database, text: str = "TEXT", table: str = "users") -> None:
    """Make the table that the legacy scheme's program has."""
    database.execute(OWNED[database.kind].format(text=text, table=table))
    grant(database, table)


def grant(database: Database, table: str) -> None:
    """Make the table the ordinary account's, which strongroom connects as."""
    if database.kind == "postgresql":
        assert database.server is not None
        database.execute(f"ALTER TABLE {table} OWNER TO {database.server.ordinary.user}")


def fill(database: Database, people: list[tuple[str, int]], table: str = "users") -> None:
    """Insert people as the table's own program would."""
    for start in range(0, len(people), 500):
        some = people[start : start + 500]
        values = ", ".join(["(?, ?)"] * len(some))
        flat = [value for person in some for value in person]
        database.execute(f"INSERT INTO {table} (name, age) VALUES {values}", flat)


def legacy(key: bytes, text: str) -> str:
    """Encrypt a text as the legacy scheme does, by another AES library."""
    return seal_legacy(key, os.urandom(16), text)


def unopenable(key: bytes) -> str:
    """Return a value that looks like the scheme's, but whose padding is wrong."""
    iv = os.urandom(16)
    body = AES.new(key, AES.MODE_CBC, iv=iv).encrypt(b"no padding here!")
    return base64.b64encode(iv + body).decode()


def people(count: int) -> list[tuple[str, int]]:
    """Return people whose names are told apart and easy to look for."""
    return [(f"Ada Löwe {number:06d}", number % 90) for number in range(count)]
