"""Verified TLS to a database server: the arguments that make each driver insist on it.

No driver verifies by default. Wherever the address does not prove that the server is this
machine, the certificate is checked against the authorities and against the host as the URL
writes it, TLS is 1.2 or newer, and a server without TLS is refused before any credential is sent.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from strongroom.errors import InputError
from strongroom.storage.address import Address, is_loopback

# Each of these can send libpq to another server than the one that the URL names.
_LIBPQ_REDIRECTS: Final = ("PGHOSTADDR", "PGSERVICE")


def is_verified(address: Address) -> bool:
    """Tell whether a connection to this address must be encrypted to a verified server."""
    if address.tls == "insecure" or address.kind == "sqlite":
        return False
    if address.tls == "verify" or address.tls_ca is not None or address.tls_cert is not None:
        return True
    return not address.is_local


def driver_arguments(address: Address) -> dict[str, Any]:
    """Return the driver's own arguments for TLS to this address.

    Raises:
        InputError: a file that the address names cannot be read, or is not what it should be.
    """
    if address.kind == "mysql":
        return {"ssl": context(address)} if is_verified(address) else {}
    if address.kind == "postgresql":
        return _libpq(address, os.environ)
    return {}


def context(address: Address) -> ssl.SSLContext:
    """Build a context that accepts only TLS 1.2 or newer, a known authority and the right host.

    Raises:
        InputError: a file that the address names cannot be read or holds no certificate.
    """
    # Not create_default_context: it would write session keys to the file named by SSLKEYLOGFILE.
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.check_hostname = True
    made.verify_mode = ssl.CERT_REQUIRED
    _load(made, address)
    return made


def _load(made: ssl.SSLContext, address: Address) -> None:
    failed = "tls_ca"
    try:
        if address.tls_ca is None:
            made.load_default_certs(ssl.Purpose.SERVER_AUTH)
        else:
            made.load_verify_locations(cafile=address.tls_ca)
        failed = "tls_cert"
        if address.tls_cert is not None:
            # The empty password keeps OpenSSL from asking for one on the terminal.
            made.load_cert_chain(address.tls_cert, address.tls_key, password="")
    except (OSError, ValueError):
        # ssl.SSLError is an OSError.
        pass
    else:
        return
    raise InputError(
        f"the file named by {failed} cannot be read or is not what it should be",
        hint="it must be a PEM file that this user can read",
    )


def _libpq(address: Address, environment: Mapping[str, str]) -> dict[str, Any]:
    if address.tls == "insecure":
        return {}
    if not (is_verified(address) or _may_leave(address, environment)):
        return {}
    arguments: dict[str, Any] = {
        # Over a socket libpq ignores sslmode, so this is right where the host is not known yet.
        "sslmode": "verify-full",
        "sslrootcert": str(_readable(address.tls_ca, "tls_ca") or _system_authorities()),
        "ssl_min_protocol_version": "TLSv1.2",
        # Otherwise a Kerberos ticket would make libpq skip TLS, and with it the certificate.
        "gssencmode": "disable",
    }
    if address.tls_cert is not None:
        arguments["sslcert"] = str(_readable(address.tls_cert, "tls_cert"))
        arguments["sslkey"] = str(_readable(address.tls_key or address.tls_cert, "tls_key"))
    return arguments


def _may_leave(address: Address, environment: Mapping[str, str]) -> bool:
    """Tell whether libpq could connect elsewhere than the URL's own words say."""
    if any(environment.get(name) for name in _LIBPQ_REDIRECTS):
        return True
    if "host" in address.url.query:
        return False
    return address.url.host is None or not is_loopback(address.url.host)


def _readable(path: Path | None, name: str) -> Path | None:
    # libpq takes a missing file of our own certificate for "none given".
    if path is not None and not os.access(path, os.R_OK):
        raise InputError(f"the file named by {name} cannot be read")
    return path


def _system_authorities() -> str:
    found = ssl.get_default_verify_paths().cafile
    if found is None:
        raise InputError(
            "no file of trusted authorities is known on this system",
            hint="name one with tls_ca=FILE in the database URL",
        )
    return found
