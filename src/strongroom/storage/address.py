"""Where a store lives: a database URL taken apart, and everything unsafe in it refused.

Nothing is opened, read or resolved here. A URL is the one place where a password is written next
to free text, so no message of this module repeats any part of it but the names of options.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from urllib.parse import unquote

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from strongroom.errors import InputError

Kind = Literal["sqlite", "mysql", "postgresql"]
Tls = Literal["default", "verify", "insecure"]

SUPPORTED: Final = "sqlite:///FILE, mysql://, mariadb:// and postgresql://"
_HINT: Final = "write it like sqlite:///people.db or mysql://user@host/database"
_DRIVERS: Final[Mapping[str, tuple[Kind, str]]] = {
    "sqlite": ("sqlite", "sqlite+pysqlite"),
    "sqlite+pysqlite": ("sqlite", "sqlite+pysqlite"),
    "mysql": ("mysql", "mysql+pymysql"),
    "mysql+pymysql": ("mysql", "mysql+pymysql"),
    "mariadb": ("mysql", "mariadb+pymysql"),
    "mariadb+pymysql": ("mysql", "mariadb+pymysql"),
    "postgres": ("postgresql", "postgresql+psycopg"),
    "postgresql": ("postgresql", "postgresql+psycopg"),
    "postgresql+psycopg": ("postgresql", "postgresql+psycopg"),
}
_OURS: Final = frozenset({"tls", "tls_ca", "tls_cert", "tls_key"})
# Only these reach a driver. What is left out is left out on purpose: local_infile, init_command,
# client_flag, sql_mode, ssl*, hostaddr, options and the like could undo what is set later.
_PASSED: Final[Mapping[Kind, frozenset[str]]] = {
    "sqlite": frozenset(),
    "mysql": frozenset({"unix_socket", "read_default_file", "read_default_group"})
    | {"connect_timeout", "read_timeout", "write_timeout", "charset"},
    "postgresql": frozenset({"host", "service", "passfile", "application_name"})
    | {"connect_timeout"},
}
_SECONDS: Final = frozenset({"connect_timeout", "read_timeout", "write_timeout"})
_LONGEST_SECONDS: Final = 3600
_LOOPBACK: Final = ipaddress.ip_network("127.0.0.0/8")


@dataclass(frozen=True, repr=False)
class Address:
    """A database URL, checked. Its repr masks the password.

    Attributes:
        kind: the family of the database; MariaDB is ``mysql``.
        url: what the driver gets, password included: never show it, show ``shown``.
        shown: the URL as it was given, with the password masked.
        path: the SQLite file, or None.
        tls: ``verify`` and ``insecure`` are the user's words; ``default`` decides by ``is_local``.
        tls_ca: file of the authorities to trust (PEM), or None for the system's.
        tls_cert: file of our own certificate (PEM), for servers that ask for one, or None.
        tls_key: file of its private key (PEM, without a passphrase), or None.
        is_local: whether the URL itself proves that nothing leaves this machine: a socket, no
            host, 127.0.0.0/8, ::1 or localhost. No name is looked up.
    """

    kind: Kind
    url: sqlalchemy.URL
    shown: str
    path: Path | None
    tls: Tls
    tls_ca: Path | None
    tls_cert: Path | None
    tls_key: Path | None
    is_local: bool

    def __repr__(self) -> str:
        return f"<Address {self.shown}>"

    @property
    def has_password(self) -> bool:
        """Whether a password is written in the URL."""
        return bool(self.url.password)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Take a database URL apart.

        Args:
            text: ``sqlite:///people.db``, ``mysql://user@host:3306/database?tls_ca=ca.pem``, ...

        Raises:
            InputError: the URL is malformed, names no supported database, or carries an option
                that is unknown or unsafe. The message repeats no value of the URL.
        """
        url = _split(text)
        known = _DRIVERS.get(url.drivername)
        if known is None:
            raise InputError(_no_such_scheme(url.drivername), hint=f"supported: {SUPPORTED}")
        kind, driver = known
        options = _options(kind, url)
        checked = url.set(
            drivername=driver,
            query={name: value for name, value in options.items() if name not in _OURS},
        )
        ca, cert, key = (_file(options, name) for name in ("tls_ca", "tls_cert", "tls_key"))
        if key is not None and cert is None:
            raise InputError("tls_key is given without tls_cert")
        return cls(
            kind=kind,
            url=checked,
            shown=url.render_as_string(hide_password=True) if url.password else text,
            path=_sqlite_path(checked) if kind == "sqlite" else None,
            tls=_tls(options),
            tls_ca=ca,
            tls_cert=cert,
            tls_key=key,
            is_local=_is_local(kind, checked, options),
        )


def _split(text: str) -> sqlalchemy.URL:
    """Split a URL, refusing every form whose parts could be taken for one another."""
    if not text.isprintable():
        raise InputError("the database URL holds a control character")
    if "://" not in text:
        raise InputError("the database is not given as a URL", hint=_HINT)
    # A raw '@', '/' or '?' in a password would move part of it into the host, the database or an
    # option, from where it would be shown and sent elsewhere.
    if text.count("@") > 1 and not text.startswith("sqlite"):
        raise InputError(
            "the database URL holds more than one '@'",
            hint="write '@' as %40, ':' as %3A and '/' as %2F inside a user name or password",
        )
    parsed: sqlalchemy.URL | None = None
    try:
        parsed = sqlalchemy.make_url(text)
    except (SQLAlchemyError, ValueError, TypeError):
        # Leave the handler first: the parser's own error quotes what it could not read.
        parsed = None
    if parsed is None:
        raise InputError("the database URL is malformed", hint=_HINT)
    if parsed.database and not _unquotes_databases():
        parsed = parsed.set(database=unquote(parsed.database))
    if not all(part.isprintable() for part in (parsed.username or "", parsed.database or "")):
        raise InputError("the database URL holds a control character")
    return parsed


def _unquotes_databases() -> bool:
    """Tell whether this SQLAlchemy undoes percent-escapes in names of databases (2.1 does).

    A file whose name holds a '%' must be the same file under every release.
    """
    return sqlalchemy.make_url("sqlite:///%41").database == "A"


def _no_such_scheme(drivername: str) -> str:
    dialect, _, driver = drivername.partition("+")
    if driver and dialect in _DRIVERS:
        return f"this driver for {dialect} is not supported in a URL"
    return "the database URL names a kind of database that is not supported"


def _options(kind: Kind, url: sqlalchemy.URL) -> dict[str, str]:
    allowed = _PASSED[kind] | (_OURS if kind != "sqlite" else frozenset())
    options: dict[str, str] = {}
    for name, value in url.query.items():
        if name not in allowed:
            # An identifier is safe to repeat; anything else may be part of a password.
            named = f" {name}" if re.fullmatch(r"[a-z][a-z_]{0,40}", name) else ""
            raise InputError(
                f"the option{named} is not allowed in a database URL for {kind}",
                hint="allowed: " + (", ".join(sorted(allowed)) or "none"),
            )
        if not isinstance(value, str):
            raise InputError(f"the option {name} is given more than once in the database URL")
        _check_option(name, value)
        options[name] = value
    _check_parts(kind, url, options)
    return options


def _check_option(name: str, value: str) -> None:
    # Text that is not one line is refused again here: percent-escapes are undone by now.
    if not value or not value.isprintable():
        raise InputError(f"the option {name} of the database URL is empty or not plain text")
    if name in _SECONDS and not (
        re.fullmatch(r"[0-9]{1,4}", value) and 1 <= int(value) <= _LONGEST_SECONDS
    ):
        raise InputError(f"the option {name} must be a whole number of seconds, 1 to 3600")
    if name == "charset" and value != "utf8mb4":
        raise InputError("the option charset can only be utf8mb4")
    if name == "host" and not value.startswith(("/", "@")):
        raise InputError(
            "the option host can only name the folder of a socket",
            hint="write a host name before the database: postgresql://user@host/database",
        )


def _check_parts(kind: Kind, url: sqlalchemy.URL, options: Mapping[str, str]) -> None:
    if kind == "sqlite":
        _check_sqlite(url)
        return
    if url.host and "host" in options:
        raise InputError("the database URL names both a host and a socket")
    if kind == "mysql" and not url.database and "read_default_file" not in options:
        raise InputError("the database URL names no database", hint=_HINT)


def _check_sqlite(url: sqlalchemy.URL) -> None:
    if url.host or url.username or url.password or url.port:
        raise InputError(
            "the SQLite URL names a host",
            hint="three slashes for a relative path: sqlite:///people.db; four for an absolute one",
        )
    database = url.database or ""
    if not database or database.startswith((":memory:", "file:")):
        raise InputError(
            "a strongroom in SQLite needs a file: it cannot live in memory",
            hint="name a file: sqlite:///people.db",
        )


def _sqlite_path(url: sqlalchemy.URL) -> Path:
    return Path(url.database or "")


def _file(options: Mapping[str, str], name: str) -> Path | None:
    return Path(options[name]).expanduser() if name in options else None


def _tls(options: Mapping[str, str]) -> Tls:
    word = options.get("tls")
    if word == "insecure":
        if any(name in options for name in ("tls_ca", "tls_cert", "tls_key")):
            raise InputError("tls=insecure contradicts a TLS file in the same database URL")
        return "insecure"
    if word == "verify":
        return "verify"
    if word is None:
        return "default"
    raise InputError("the option tls must be verify or insecure")


def _is_local(kind: Kind, url: sqlalchemy.URL, options: Mapping[str, str]) -> bool:
    if kind == "sqlite" or "unix_socket" in options or "host" in options:
        return True
    if url.host:
        return is_loopback(url.host)
    # Without a host the driver asks the option or service file, which may name any.
    return "read_default_file" not in options and "service" not in options


def is_loopback(host: str) -> bool:
    """Tell whether a host, as written, can only be this machine."""
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address in _LOOPBACK or address == ipaddress.IPv6Address("::1")


def family(dialect_name: str) -> Kind:
    """Name the family that an SQLAlchemy dialect belongs to.

    Raises:
        InputError: strongroom does not know it.
    """
    known = _DRIVERS.get(dialect_name)
    if known is None:
        raise InputError("the engine's kind of database is not supported", hint=f"use {SUPPORTED}")
    return known[0]


def file_of(url: sqlalchemy.URL) -> Path | None:
    """Name the file behind an engine's own SQLite URL, or None where there is no plain one."""
    database = url.database
    if not database or database.startswith((":memory:", "file:")):
        return None
    return Path(database).absolute()
