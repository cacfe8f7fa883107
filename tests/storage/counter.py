"""A table of one counter: what opens it, reads it, and adds to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from strongroom.storage.connect import Database
from strongroom.storage.failure import mapped
from tests.servers.database import Database as Place

Opener = Callable[..., Database]


def opened_with_counter(opened: Opener, place: Place) -> Database:
    """Open an empty database, and make its table of one counter at 0."""
    made = opened(place.url, password=place.password)
    made.create_file()
    with made.write() as connection:
        connection.exec_driver_sql("CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER)")
        connection.exec_driver_sql("INSERT INTO counter VALUES (1, 0)")
    return made


def caller_engine(database: Place, **options: Any) -> sa.Engine:
    """Make an engine as an application would, without strongroom."""
    server = database.server
    if server is None:
        return sa.create_engine(database.url, **options)
    drivers = {"mariadb": "mysql+pymysql", "postgresql": "postgresql+psycopg"}
    url = sa.URL.create(
        drivers[database.kind],
        server.ordinary.user,
        server.ordinary.password,
        server.host,
        server.port,
        database.name,
    )
    args = {"ssl_ca": str(server.ca)} if database.kind == "mariadb" else {}
    extra = options.pop("connect_args", {})
    return sa.create_engine(url, connect_args={**args, **extra}, **options)


def count(database: Database) -> int:
    """Read the counter in a transaction of its own."""
    with database.read() as connection:
        return int(connection.exec_driver_sql("SELECT n FROM counter").scalar_one())


def add_one(database: Database) -> None:
    """Read, then update: the transaction that loses updates or locks up when begun wrongly."""
    with database.write() as connection:
        lock = "" if database.kind == "sqlite" else " FOR UPDATE"
        n = connection.exec_driver_sql(f"SELECT n FROM counter{lock}").scalar_one()
        with mapped():
            connection.execute(sa.text("UPDATE counter SET n = :n"), {"n": n + 1})


def people_in(folder: Path) -> Path:
    path = folder / "people.db"
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("PRAGMA journal_mode = WAL")
    raw.execute("CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER)")
    raw.execute("INSERT INTO counter VALUES (1, 7)")
    raw.close()
    return path
