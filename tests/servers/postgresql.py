"""A private PostgreSQL: loopback only, TLS required, every statement logged."""

from __future__ import annotations

import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.servers.certificates import Certificates
from tests.servers.server import (
    HOST,
    Account,
    MissingError,
    Place,
    Server,
    free_port,
    launch,
    program,
    run,
    server_user,
    wait_until,
)

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[tuple[Any, ...]]

PACKAGE = "postgresql"
STOP = signal.SIGINT  # "fast": does not wait for clients to leave

# For speed only: what a client sees is the same, what a power cut would take is not.
QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
    "autovacuum": "off",
    "jit": "off",
}

ONLY_TLS = f"""\
local     all all              scram-sha-256
hostssl   all all {HOST}/32 scram-sha-256
hostnossl all all {HOST}/32 reject
"""
NO_TLS = f"host all all {HOST}/32 scram-sha-256\n"


def start(
    folder: Path, certificates: Certificates, variant: str
) -> tuple[Server, subprocess.Popen[bytes]]:
    """Start a server in `folder` that shows the certificate `variant`; `none` is without TLS."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    daemon = program("postgres", PACKAGE, installed)
    place = Place(folder, server_user("postgres", PACKAGE))
    place.own(folder, 0o711)
    administrator = Account("postgres", secrets.token_hex(12))
    data = _new_data(place, administrator, installed)
    ordinary = Account("strongroom", secrets.token_hex(12))
    run(
        [daemon, "--single", "-D", str(data), "postgres"],
        user=place.user,
        given=f"CREATE ROLE {ordinary.user} LOGIN PASSWORD '{ordinary.password}';\n",
    )
    access = place.file("access.conf", NO_TLS if variant == "none" else ONLY_TLS)
    port, log = free_port(), folder / "server.log"
    settings = {
        "listen_addresses": HOST,
        "port": str(port),
        "unix_socket_directories": str(folder),
        "hba_file": str(access),
        "log_statement": "all",
        **_tls(place, certificates, variant),
        **QUICK,
    }
    process = launch(
        [daemon, "-D", str(data), *(f"--{name}={value}" for name, value in settings.items())],
        user=place.user,
        log=log,
        stop=STOP,
    )
    wait_until(lambda: _ready(data), process, log)
    server = Server(
        kind="postgresql",
        port=port,
        pid=process.pid,
        socket=folder / f".s.PGSQL.{port}",
        data=data,
        logs=(log,),
        ca=certificates.ca,
        wrong_ca=certificates.wrong_ca,
        administrator=administrator,
        ordinary=ordinary,
    )
    return server, process


def _new_data(place: Place, administrator: Account, installed: list[Path]) -> Path:
    data = place.folder_for("data")
    password = place.file("password", administrator.password)
    run(
        [
            program("initdb", PACKAGE, installed),
            "--no-sync",
            "--auth=scram-sha-256",
            f"--username={administrator.user}",
            f"--pwfile={password}",
            "--encoding=UTF8",
            "--locale=C",
            f"--pgdata={data}",
        ],
        user=place.user,
    )
    password.unlink()
    return data


def connect(
    server: Server, account: Account, database: str = "postgres", **options: Any
) -> Connection:
    """Connect with the driver, with TLS verified and autocommit on.

    `options` go to `psycopg.connect` and win; `sslmode="disable"` asks for a connection without
    TLS.
    """
    try:
        import psycopg
    except ImportError:
        raise MissingError("no driver psycopg: pip install 'strongroom[postgresql]'") from None
    wanted: dict[str, Any] = {
        "host": server.host,
        "port": server.port,
        "user": account.user,
        "password": account.password,
        "dbname": database,
        "autocommit": True,
        "sslmode": "verify-full",
        "sslrootcert": str(server.ca),
        "connect_timeout": 10,
        "options": "-c lock_timeout=20s",
    }
    return psycopg.connect(**{**wanted, **options})


def _version(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


def _tls(place: Place, certificates: Certificates, variant: str) -> dict[str, str]:
    if variant == "none":
        return {"ssl": "off"}
    certificate, key = certificates.servers[variant]
    own_key = place.own(Path(shutil.copy(key, place.folder / "key.pem")))
    return {"ssl": "on", "ssl_cert_file": str(certificate), "ssl_key_file": str(own_key)}


def _ready(data: Path) -> bool:
    """Tell whether the server says so itself, in the eighth line of its pid file."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"


# First everybody leaves. Then everything that a test can have made goes with its schema.
_EMPTY: Final = """
SET lock_timeout = '10s';
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
DO $$ DECLARE one name; BEGIN
    FOR one IN SELECT nspname FROM pg_namespace
        WHERE nspname = 'public' OR oid >= 16384 AND nspname NOT LIKE 'pg\\_%'
    LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', one);
    END LOOP;
END $$;
CREATE SCHEMA public AUTHORIZATION pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""
# Numbers from 16384 on are given to what did not come with the server.
_LEFT: Final = """
SELECT (SELECT count(*) FROM pg_class WHERE oid >= 16384)
    + (SELECT count(*) FROM pg_proc WHERE oid >= 16384)
    + (SELECT count(*) FROM pg_type WHERE oid >= 16384)
    + (SELECT count(*) FROM pg_extension WHERE oid >= 16384)
    + (SELECT count(*) FROM pg_event_trigger)
    + (SELECT count(*) FROM pg_default_acl)
    + (SELECT count(*) FROM pg_largeobject_metadata)
    + (SELECT count(*) FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase
        WHERE datname = current_database())
"""
_PUBLIC_AS_NEW: Final = 15_00_00
"""The version from which on a new database's schema `public` is as it is made here."""


def emptied(server: Server, database: str) -> bool:
    """Take everything out of a database; say whether it is as a new one then."""
    import psycopg

    with connect(server, server.administrator, database) as connection:
        if connection.info.server_version < _PUBLIC_AS_NEW:
            return False
        try:
            connection.execute(_EMPTY.encode())
        except psycopg.Error:
            return False  # whatever stays there goes with the database
        return connection.execute(_LEFT.encode()).fetchall() == [(0,)]
