"""Settings of server connections: ours are set and checked, a lie is found and named."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from strongroom.errors import (
    StorageError,
)
from strongroom.storage import settings
from strongroom.storage.connect import Database
from tests.servers.database import ServerDatabase
from tests.storage.counter import Opener


def test_our_connections_to_mariadb(mariadb_database: ServerDatabase, opened: Opener) -> None:
    database = opened(mariadb_database.url, password=mariadb_database.password)
    sessions = (database.read, database.write, database.reserve)
    for session in sessions:
        with session() as connection:
            row = connection.exec_driver_sql(
                "SELECT @@sql_mode, @@time_zone, @@character_set_client,"
                " @@character_set_connection, @@character_set_results, @@tx_isolation,"
                " @@autocommit"
            ).one()
        assert set(row[0].split(",")) == {
            "STRICT_TRANS_TABLES",
            "STRICT_ALL_TABLES",
            "ERROR_FOR_DIVISION_BY_ZERO",
            "NO_ENGINE_SUBSTITUTION",
            "NO_AUTO_VALUE_ON_ZERO",
        }
        assert tuple(row[1:]) == ("+00:00", "utf8mb4", "utf8mb4", "utf8mb4", "READ-COMMITTED", 0)


def test_our_connections_to_postgresql(
    postgresql_database: ServerDatabase, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGTZ", "Asia/Kathmandu")
    monkeypatch.setenv("PGDATESTYLE", "German")
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    monkeypatch.setenv(
        "PGOPTIONS",
        "-c standard_conforming_strings=off -c default_transaction_isolation=serializable",
    )
    database = opened(postgresql_database.url, password=postgresql_database.password)
    names = ("client_encoding", "TimeZone", "standard_conforming_strings", "DateStyle")
    query = ", ".join(f"current_setting('{name}')" for name in (*names, "transaction_isolation"))
    for session in (database.read, database.write, database.reserve):
        with session() as connection:
            row = connection.exec_driver_sql(f"SELECT {query}").one()
            emoji = connection.execute(sa.text("SELECT CAST(:e AS TEXT)"), {"e": "é😀"}).scalar()
        assert tuple(row) == ("UTF8", "UTC", "on", "ISO, YMD", "read committed")
        assert emoji == "é😀"


def test_a_long_statement_outlives_the_time_to_connect(place: ServerDatabase) -> None:
    url = place.url_for(
        place.server.ordinary.user, options=f"tls_ca={place.server.ca}&connect_timeout=2"
    )
    database = Database.open(url, password=place.password)
    sleep = {"mysql": "SELECT SLEEP(2.5)", "postgresql": "SELECT pg_sleep(2.5)"}[database.kind]
    with database.read() as connection:
        connection.exec_driver_sql(sleep)
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
    database.close()


@pytest.mark.parametrize(
    "setting", ["sql_mode", "time_zone", "character_set_results", "autocommit"]
)
def test_a_setting_that_mariadb_did_not_take_is_named(setting: str) -> None:
    with pytest.raises(StorageError, match=f"setting {setting} is not safe"):
        settings.prepare_mysql(_Mysql({setting: "something else"}))


def test_a_mariadb_that_took_everything_is_accepted() -> None:
    settings.prepare_mysql(_Mysql({}))


def test_repeatable_read_is_named() -> None:
    with pytest.raises(StorageError, match="setting transaction_isolation is not safe"):
        settings.prepare_mysql(_Mysql({"tx_isolation": "REPEATABLE-READ"}))


@pytest.mark.parametrize("setting", ["client_encoding", "TimeZone", "DateStyle"])
def test_a_setting_that_postgresql_did_not_take_is_named(setting: str) -> None:
    with pytest.raises(StorageError, match=f"setting {setting} is not safe"):
        settings.prepare_postgresql(_Postgresql(setting))


class _Driver:
    """A driver's connection that answers as it is told."""

    def __init__(self, rows: list[tuple[str, ...]]) -> None:
        self._rows = rows

    def cursor(self) -> _Driver:
        return self

    def execute(self, operation: str, /) -> None:
        pass

    def fetchall(self) -> list[tuple[str, ...]]:
        return self._rows

    def close(self) -> None:
        pass

    def commit(self) -> None:
        pass


class _Mysql(_Driver):
    def __init__(self, changed: dict[str, str]) -> None:
        told = {
            "sql_mode": "STRICT_ALL_TABLES,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,"
            "NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO",
            "time_zone": "+00:00",
            "autocommit": "OFF",
            "tx_isolation": "READ-COMMITTED",
            "character_set_client": "utf8mb4",
            "character_set_connection": "utf8mb4",
            "character_set_results": "utf8mb4",
        }
        super().__init__(list({**told, **changed}.items()))


class _Postgresql(_Driver):
    def __init__(self, changed: str) -> None:
        told = {**settings._POSTGRESQL, changed: "something else"}
        super().__init__([tuple(told.values())])
