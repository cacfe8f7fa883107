"""The fixtures themselves: what other tests build on must really be there."""

from __future__ import annotations

import ssl
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.servers import mariadb as maria
from tests.servers import postgresql as postgres
from tests.servers.database import (
    Database,
    MariaDBDatabase,
    PostgreSQLDatabase,
    ServerDatabase,
    SQLiteDatabase,
)
from tests.servers.server import HOST, Account, Server

LISTENING = "0A"
SEEN_BY_PYMYSQL = {
    "wrong-ca": "certificate verify failed",
    "wrong-name": "IP address mismatch",
    "expired": "certificate has expired",
    "none": "SSL is required but the server doesn't support it",
}
SEEN_BY_LIBPQ = {
    "wrong-ca": "certificate verify failed",
    "wrong-name": r'server certificate for "database\.invalid" .*does not match host name',
    "expired": "certificate verify failed",
    "none": "server does not support SSL",
}


def listening(port: int) -> set[str]:
    """Return the addresses, in the kernel's spelling, at which somebody listens on `port`."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            address, _, number = local.partition(":")
            if int(number, 16) == port and state == LISTENING:
                found.add(address)
    return found


def test_mariadb_speaks_tls_only_and_checks_passwords(mariadb: Server) -> None:
    pymysql = pytest.importorskip("pymysql")
    with maria.connect(mariadb, mariadb.ordinary) as connection:
        cursor = connection.cursor()
        cursor.execute("SHOW STATUS LIKE 'Ssl_cipher'")
        ((_, cipher),) = cursor.fetchall()
        assert cipher.startswith("TLS_")
    plain: dict[str, Any] = {"ssl": None, "ssl_disabled": True}
    with pytest.raises(pymysql.err.OperationalError) as refused:
        maria.connect(mariadb, mariadb.ordinary, **plain)
    # ER_ACCESS_DENIED_ERROR up to MariaDB 10.11, later ER_SECURE_TRANSPORT_REQUIRED. It is the way
    # that is refused, not the password: the same one is let in through the local socket.
    assert refused.value.args[0] in (1045, 3159)
    maria.connect(mariadb, mariadb.ordinary, unix_socket=str(mariadb.socket), **plain).close()
    for user in (mariadb.administrator.user, mariadb.ordinary.user, "", "nobody"):
        with pytest.raises(pymysql.err.OperationalError) as refused:
            maria.connect(mariadb, Account(user, ""))
        assert refused.value.args[0] in (1045, 1698)  # ER_ACCESS_DENIED (NO_PASSWORD)


def test_postgresql_speaks_tls_only_and_checks_passwords(postgresql: Server) -> None:
    psycopg = pytest.importorskip("psycopg")
    with postgres.connect(postgresql, postgresql.ordinary) as connection:
        row = connection.execute(
            "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        ).fetchone()
        assert row == (True, "TLSv1.3")
    with pytest.raises(psycopg.OperationalError, match=r"pg_hba\.conf rejects connection"):
        postgres.connect(postgresql, postgresql.ordinary, sslmode="disable")
    for user in (postgresql.administrator.user, postgresql.ordinary.user):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            postgres.connect(postgresql, Account(user, "wrong"))


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="optional: only Linux has /proc")
@pytest.mark.parametrize("kind", ["mariadb", "postgresql"])
def test_a_server_listens_on_loopback_alone_and_never_as_root(
    kind: str, server: Callable[..., Server]
) -> None:
    running = server(kind)
    assert listening(running.port) == {"0100007F"}
    assert Path(f"/proc/{running.pid}").stat().st_uid != 0
    assert stat.S_ISSOCK(running.socket.stat().st_mode)


@pytest.mark.parametrize("variant", ["wrong-ca", "wrong-name", "expired", "none"])
def test_an_imposter_is_seen_through_by_a_client_that_verifies(
    variant: str, server: Callable[..., Server]
) -> None:
    pymysql = pytest.importorskip("pymysql")
    psycopg = pytest.importorskip("psycopg")
    imposter = server("mariadb", variant)
    with pytest.raises(pymysql.err.OperationalError, match=SEEN_BY_PYMYSQL[variant]):
        maria.connect(imposter, imposter.ordinary)
    imposter = server("postgresql", variant)
    with pytest.raises(psycopg.OperationalError, match=SEEN_BY_LIBPQ[variant]):
        postgres.connect(imposter, imposter.ordinary)


@pytest.mark.parametrize("variant", ["wrong-ca", "wrong-name", "expired", "none"])
def test_an_imposter_lets_in_a_client_that_does_not_verify(
    variant: str, server: Callable[..., Server]
) -> None:
    blind = ssl.create_default_context()
    blind.check_hostname, blind.verify_mode = False, ssl.CERT_NONE
    plain = variant == "none"
    imposter = server("mariadb", variant)
    options: dict[str, Any] = {"ssl": None, "ssl_disabled": True} if plain else {"ssl": blind}
    with maria.connect(imposter, imposter.ordinary, **options) as connection:
        assert connection.cursor().execute("SELECT 1") == 1
    imposter = server("postgresql", variant)
    mode: dict[str, Any] = {"sslmode": "disable" if plain else "require", "sslrootcert": None}
    with postgres.connect(imposter, imposter.ordinary, **mode) as other:
        assert other.execute("SELECT 1").fetchone() == (1,)


def test_a_database_is_empty_and_takes_the_same_statements_on_every_kind(
    database: Database,
) -> None:
    database.execute('CREATE TABLE "people" (id INTEGER PRIMARY KEY, name VARCHAR(40))')
    database.execute("INSERT INTO people VALUES (?, ?)", (1, "100 % Ada?"))
    database.execute("INSERT INTO people VALUES (2, '50 % Grace')")
    assert database.execute("SELECT * FROM people WHERE name LIKE '%Ada_' AND id = ?", (1,)) == [
        (1, "100 % Ada?")
    ]
    other = database.connect()
    cursor = other.cursor()
    cursor.execute("SELECT count(*) FROM people")
    assert cursor.fetchone()[0] == 2
    other.close()


def test_the_ordinary_account_owns_its_database_and_reaches_no_other(
    mariadb_database: MariaDBDatabase, postgresql_database: PostgreSQLDatabase
) -> None:
    pymysql, psycopg = pytest.importorskip("pymysql"), pytest.importorskip("psycopg")
    at_maria, at_postgres = mariadb_database.server, postgresql_database.server
    with maria.connect(at_maria, at_maria.ordinary, mariadb_database.name) as connection:
        connection.cursor().execute("CREATE TABLE people (id INT)")
        with pytest.raises(pymysql.err.OperationalError, match="denied"):
            connection.cursor().execute("SELECT * FROM mysql.global_priv")
    with postgres.connect(at_postgres, at_postgres.ordinary, postgresql_database.name) as other:
        other.execute("CREATE TABLE people (id INT)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            other.execute("SELECT * FROM pg_authid")


@pytest.mark.parametrize("kind", ["mariadb", "postgresql"])
def test_a_made_account_has_the_rights_it_was_given_only(
    kind: str, request: pytest.FixtureRequest
) -> None:
    database: ServerDatabase = request.getfixturevalue(f"{kind}_database")
    database.execute("CREATE TABLE people (id INTEGER PRIMARY KEY)")
    url, password = database.account("SELECT")
    assert password not in url
    user = url.split("//")[1].split("@")[0]
    module: Any = maria if kind == "mariadb" else postgres
    account = Account(user, password)
    with module.connect(database.server, account, database.name) as connection:
        connection.cursor().execute("SELECT * FROM people")
        with pytest.raises(Exception, match=r"denied") as refused:
            connection.cursor().execute("INSERT INTO people VALUES (1)")
    assert type(refused.value).__name__ in ("OperationalError", "InsufficientPrivilege")


def test_what_is_written_can_be_found_in_the_files_and_logs(database: Database) -> None:
    # The positive control of every canary test: a search that finds nothing must be able to find.
    database.execute("CREATE TABLE people (name VARCHAR(40))")
    database.execute("INSERT INTO people VALUES ('canary-7f3a-value')")
    database.settle()
    holding = database.files_with(b"canary-7f3a-value")
    assert database.files_with(b"canary-8b1c-value") == []
    if isinstance(database, SQLiteDatabase):
        assert holding == [database.path]
        return
    assert database.server is not None
    assert database.server.logs[0] in holding
    assert any(database.server.data in path.parents for path in holding)


def test_a_url_names_the_ordinary_account_and_no_password(
    mariadb_database: MariaDBDatabase, postgresql_database: PostgreSQLDatabase
) -> None:
    for database, scheme in ((mariadb_database, "mysql"), (postgresql_database, "postgresql")):
        server = database.server
        assert database.url == (
            f"{scheme}://strongroom@{HOST}:{server.port}/{database.name}?tls_ca={server.ca}"
        )
        assert server.ca.read_text(encoding="ascii").startswith("-----BEGIN CERTIFICATE-----")
