"""Certificates for the servers: a good one, one of a wrong authority, one for a wrong name."""

from __future__ import annotations

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME = dt.timedelta(days=2)


@dataclass(frozen=True)
class Authority:
    """A certificate authority of the tests' own."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


@dataclass(frozen=True)
class Certificates:
    """Where the files lie, all PEM.

    Attributes:
        ca: the authority that clients are told to trust.
        wrong_ca: one of the same name that they are not, so only its signature gives it away.
        servers: by variant, certificate and key: `good` (localhost and 127.0.0.1, by `ca`),
            `wrong-ca` (the same names, by `wrong_ca`), `wrong-name` (by `ca`, for another host)
            and `expired` (by `ca`, the right names, yesterday's).
    """

    ca: Path
    wrong_ca: Path
    servers: dict[str, tuple[Path, Path]]


def make_certificates(folder: Path) -> Certificates:
    """Make two authorities and every variant of a server's certificate in `folder`."""
    folder.mkdir()
    folder.chmod(0o755)
    right, wrong = _authority(), _authority()
    here: list[x509.GeneralName] = [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    elsewhere: list[x509.GeneralName] = [x509.DNSName("database.invalid")]
    now = dt.datetime.now(dt.UTC)
    variants = {
        "good": (right, here, now + LIFETIME),
        "wrong-ca": (wrong, here, now + LIFETIME),
        "wrong-name": (right, elsewhere, now + LIFETIME),
        "expired": (right, here, now - dt.timedelta(hours=1)),
    }
    servers = {}
    for variant, (authority, names, end) in variants.items():
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _server_certificate(authority, key, names, end)
        servers[variant] = (
            _write(folder / f"{variant}.pem", certificate.public_bytes(_PEM)),
            _write(folder / f"{variant}-key.pem", _private(key), mode=0o600),
        )
    return Certificates(
        ca=_write(folder / "ca.pem", right.certificate.public_bytes(_PEM)),
        wrong_ca=_write(folder / "wrong-ca-root.pem", wrong.certificate.public_bytes(_PEM)),
        servers=servers,
    )


_PEM = serialization.Encoding.PEM


def _write(path: Path, content: bytes, mode: int = 0o644) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    start: dt.datetime,
    end: dt.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _authority() -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = _name("strongroom tests"), dt.datetime.now(dt.UTC)
    certificate = (
        _builder(name, name, key, now - 3 * LIFETIME, now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(authority=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Authority(key, certificate)


def _server_certificate(
    authority: Authority,
    key: ec.EllipticCurvePrivateKey,
    names: list[x509.GeneralName],
    end: dt.datetime,
) -> x509.Certificate:
    issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    return (
        _builder(_name("server"), authority.certificate.subject, key, end - LIFETIME, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(issuer_key, critical=False)
        .add_extension(_key_usage(authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
