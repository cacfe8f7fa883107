"""Servers that misbehave: nothing is said to the wrong one, and no file is handed over."""

from __future__ import annotations

import datetime as dt
import ssl
import time
import warnings
from pathlib import Path

import pymysql
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from strongroom.errors import StorageError
from strongroom.storage.connect import Database
from tests.storage import rogue
from tests.storage.refused import KINDS, PASSWORD, refused

USER, NAME = "ada-of-london", "people-of-london"
CREDENTIALS = [text.encode() for text in (USER, PASSWORD, NAME)]


def said_nothing(running: rogue.Rogue) -> None:
    """Check that a client came, and told no name and no password."""
    assert running.connections >= 1
    for secret in CREDENTIALS:
        assert secret not in running.received


@pytest.fixture(scope="module")
def self_signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for 127.0.0.1 and localhost that nobody signed; key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certificates") / "self-signed.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def serving(path: Path) -> ssl.SSLContext:
    """Make a server's context that shows the certificate in `path`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_mysql_without_tls_hears_nothing() -> None:
    with rogue.rogue(rogue.mysql_without_tls) as running:
        error = refused(f"mysql://{USER}@127.0.0.1:{running.port}/{NAME}?tls=verify")
    assert str(error) == ("no verified TLS with the server, so nothing was sent to it (mysql 2026)")
    assert running.connections == 1
    assert bytes(running.received) == b""


def test_mysql_that_strips_tls_hears_no_credential() -> None:
    with rogue.rogue(rogue.mysql_that_strips_tls) as running:
        error = refused(f"mysql://{USER}@127.0.0.1:{running.port}/{NAME}?tls=verify")
    assert str(error).startswith("no verified TLS with the server")
    said_nothing(running)


def test_postgresql_without_tls_hears_only_the_question() -> None:
    with rogue.rogue(rogue.postgresql_without_tls) as running:
        error = refused(f"postgresql://{USER}@127.0.0.1:{running.port}/{NAME}?tls=verify")
    assert str(error) == (
        "no verified TLS with the server, so nothing was sent to it (the server has no TLS)"
    )
    assert bytes(running.received) == b"\x00\x00\x00\x08\x04\xd2\x16\x2f" * running.connections


@pytest.mark.parametrize("kind", KINDS)
def test_a_self_signed_certificate_hears_nothing(kind: str, self_signed: Path) -> None:
    behaviour = {"mysql": rogue.mysql_with, "postgresql": rogue.postgresql_with}[kind]
    with rogue.rogue(behaviour(serving(self_signed))) as running:
        error = refused(f"{kind}://{USER}@localhost:{running.port}/{NAME}?tls=verify")
    reason = {"mysql": "self-signed", "postgresql": "not verified"}[kind]
    assert str(error) == f"the server's certificate was refused ({reason})"
    said_nothing(running)


@pytest.mark.parametrize("kind", KINDS)
def test_tls_1_1_hears_nothing(kind: str, self_signed: Path) -> None:
    context = serving(self_signed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    behaviour = {"mysql": rogue.mysql_with, "postgresql": rogue.postgresql_with}[kind]
    with rogue.rogue(behaviour(context)) as running:
        url = f"{kind}://{USER}@localhost:{running.port}/{NAME}?tls_ca={self_signed}"
        error = refused(url)
    assert str(error) == "no verified TLS with the server, so nothing was sent to it (TLS failed)"
    said_nothing(running)


@pytest.mark.parametrize(
    ("kind", "behaviour"),
    [("mysql", rogue.mysql_without_tls), ("postgresql", rogue.postgresql_without_tls)],
)
def test_any_other_host_is_verified_without_being_told(
    kind: str, behaviour: rogue.Behaviour
) -> None:
    # 127.1 reaches this machine, but nothing in the text proves it.
    with rogue.rogue(behaviour) as running:
        error = refused(f"{kind}://{USER}@127.1:{running.port}/{NAME}")
    assert str(error).startswith("no verified TLS with the server")
    said_nothing(running)


@pytest.mark.parametrize("name", ["PGHOSTADDR", "PGSERVICE"])
def test_libpq_cannot_be_sent_elsewhere_without_tls(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    """The environment makes `localhost` another machine."""
    services = tmp_path / "services"
    services.write_text("[other]\nhostaddr=127.0.0.1\n")
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    monkeypatch.setenv(name, {"PGHOSTADDR": "127.0.0.1", "PGSERVICE": "other"}[name])
    with rogue.rogue(rogue.postgresql_without_tls) as running:
        error = refused(f"postgresql://{USER}@localhost:{running.port}/{NAME}")
    assert str(error).startswith("no verified TLS with the server")
    said_nothing(running)


def test_a_host_from_the_environment_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    with rogue.rogue(rogue.postgresql_without_tls) as running:
        monkeypatch.setenv("PGHOST", "127.1")
        monkeypatch.setenv("PGPORT", str(running.port))
        error = refused(f"postgresql://{USER}@/{NAME}")
    assert str(error).startswith("no verified TLS with the server")
    said_nothing(running)


@pytest.mark.parametrize(
    ("plugin", "prompt"),
    [(b"mysql_clear_password", b""), (b"dialog", b"\x04Password: ")],
)
def test_mysql_that_asks_for_clear_text_hears_no_password(plugin: bytes, prompt: bytes) -> None:
    with rogue.rogue(rogue.mysql_that_wants_clear_text(plugin, prompt)) as running:
        error = refused(f"mysql://{USER}@127.0.0.1:{running.port}/{NAME}")
    assert str(error) == (
        "the server asks for the password in clear text over a connection that is not verified"
    )
    assert USER.encode() in running.received  # the login was under way
    assert PASSWORD.encode() not in running.received


def test_the_danger_of_a_file_is_real(tmp_path: Path) -> None:
    """A driver that was allowed to sends whatever file the server names."""
    path = tmp_path / "aes_key.bin"
    path.write_bytes(bytes(range(32)))
    with rogue.rogue(rogue.mysql_that_wants_a_file(path, 2)) as running:
        connection = pymysql.connect(
            host="127.0.0.1", port=running.port, user=USER, password="", local_infile=True
        )
        with pytest.raises(pymysql.err.Error):
            connection.cursor().execute("SELECT 1")
    assert bytes(range(32)) in running.received


@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_mysql_that_asks_for_a_file_gets_none_of_it(tmp_path: Path, after: int) -> None:
    path = tmp_path / "aes_key.bin"
    path.write_bytes(bytes(range(32)))
    with rogue.rogue(rogue.mysql_that_wants_a_file(path, after)) as running:
        database = Database.open(
            f"mysql://{USER}@127.0.0.1:{running.port}/{NAME}", password=PASSWORD
        )
        with pytest.raises(StorageError) as caught, database.read():
            pass
        database.close()
    assert str(path) not in str(caught.value)
    assert running.connections == 1
    assert b"SET" in running.received  # it asked in answer to a statement
    for start in range(29):
        assert path.read_bytes()[start : start + 4] not in running.received


@pytest.mark.parametrize("kind", KINDS)
def test_a_server_that_says_nothing_is_given_up(kind: str) -> None:
    with rogue.rogue(rogue.silent) as running:
        start = time.monotonic()
        error = refused(f"{kind}://{USER}@127.0.0.1:{running.port}/{NAME}?connect_timeout=2")
        assert 1 < time.monotonic() - start < 3
    reason = {"mysql": "mysql 2013", "postgresql": "timed out"}[kind]
    assert str(error) == f"the database server cannot be reached ({reason})"
