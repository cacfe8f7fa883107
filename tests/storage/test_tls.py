"""The way to a server: verified or refused, and nothing said to the wrong one."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymysql
import pytest

from strongroom.errors import InputError
from strongroom.storage import engines, tls
from strongroom.storage.address import Address
from strongroom.storage.connect import Database
from tests.servers.server import Server
from tests.storage.refused import KINDS, refused


def url_of(server: Server, kind: str, options: str, host: str = "127.0.0.1") -> str:
    """Write the URL of a database that every such server has."""
    name = {"mysql": "information_schema", "postgresql": "postgres"}[kind]
    return f"{kind}://{server.administrator.user}@{host}:{server.port}/{name}?{options}"


# --- real servers --------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_good_certificate_is_accepted_and_the_line_is_encrypted(
    server: Callable[..., Server], kind: str, host: str
) -> None:
    good = server(KINDS[kind])
    database = Database.open(
        url_of(good, kind, f"tls_ca={good.ca}", host), password=good.administrator.password
    )
    query = {
        "mysql": "SHOW SESSION STATUS LIKE 'Ssl_version'",
        "postgresql": "SELECT 'v', version FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    }[kind]
    with database.read() as connection:
        assert connection.exec_driver_sql(query).one()[1] in {"TLSv1.2", "TLSv1.3"}
    database.close()


@pytest.mark.parametrize(
    ("variant", "message"),
    [
        ("wrong-ca", "the server's certificate was refused"),
        ("wrong-name", "the server's certificate was refused"),
        ("expired", "the server's certificate was refused"),
        ("none", "no verified TLS with the server, so nothing was sent to it"),
    ],
)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_bad_certificate_is_refused(
    server: Callable[..., Server], kind: str, host: str, variant: str, message: str
) -> None:
    bad = server(KINDS[kind], variant)
    url = url_of(bad, kind, f"tls_ca={bad.ca}", host)
    # With the right password: only the certificate can be what is refused.
    assert str(refused(url, password=bad.administrator.password)).startswith(message)


@pytest.mark.parametrize("kind", KINDS)
def test_a_good_certificate_is_refused_without_its_authority(
    server: Callable[..., Server], kind: str
) -> None:
    good = server(KINDS[kind])
    for options in (f"tls_ca={good.wrong_ca}", "tls=verify"):
        error = refused(url_of(good, kind, options), password=good.administrator.password)
        assert str(error).startswith("the server's certificate was refused")


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_without_tls_is_used_on_this_machine_or_when_told_so(
    server: Callable[..., Server], kind: str
) -> None:
    plain = server(KINDS[kind], "none")
    for options, host in (("", "127.0.0.1"), ("", "localhost"), ("tls=insecure", "127.1")):
        database = Database.open(
            url_of(plain, kind, options, host), password=plain.administrator.password
        )
        with database.read() as connection:
            assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
        database.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_socket_needs_no_tls(server: Callable[..., Server], kind: str) -> None:
    good = server(KINDS[kind])
    name, path = {
        "mysql": ("unix_socket", good.socket),
        "postgresql": ("host", good.socket.parent),
    }[kind]
    port = f":{good.port}" if kind == "postgresql" else ""
    database = "information_schema" if kind == "mysql" else "postgres"
    url = f"{kind}://{good.administrator.user}@{port}/{database}?{name}={path}"
    opened = Database.open(url, password=good.administrator.password)
    with opened.read() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
    opened.close()


# --- what the drivers are told -------------------------------------------------------------------


def test_psycopg_is_told_to_verify_everything(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.touch()
    arguments = tls.driver_arguments(
        Address.parse(f"postgresql://u@db.example.com/d?tls_ca={authority}")
    )
    assert arguments == {
        "sslmode": "verify-full",
        "sslrootcert": str(authority),
        "ssl_min_protocol_version": "TLSv1.2",
        "gssencmode": "disable",
    }


def test_psycopg_is_told_of_the_systems_authorities() -> None:
    arguments = tls.driver_arguments(Address.parse("postgresql://u@db.example.com/d"))
    assert arguments["sslrootcert"] == ssl.get_default_verify_paths().cafile


def test_the_context_for_pymysql_verifies_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", "/dev/null")
    context = tls.driver_arguments(Address.parse("mysql://u@db.example.com/d"))["ssl"]
    assert context.check_hostname is True
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.keylog_filename is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["tls_ca", "tls_cert"])
def test_a_tls_file_that_is_missing_is_named(kind: str, name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"the file named by {name} cannot be read"):
        Database.open(f"{kind}://u@db.example.com/d?{name}={tmp_path}/none.pem")


def test_a_tls_file_that_holds_no_certificate_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(InputError, match="the file named by tls_ca cannot be read or is not"):
        Database.open(f"mysql://u@db.example.com/d?tls_ca={tmp_path}/ca.pem")


def test_a_pymysql_that_gives_up_tls_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pymysql, "VERSION", (1, 1, 3, "final", 1))
    with pytest.raises(InputError, match="gives up TLS"):
        Database.open("mysql://u@db.example.com/d")
    Database.open("mysql://u@localhost/d").close()


def test_mysql_arguments_never_allow_local_files() -> None:
    arguments: dict[str, Any] = engines._arguments(Address.parse("mysql://u@localhost/d"))
    assert arguments["local_infile"] is False
    assert arguments["charset"] == "utf8mb4"
