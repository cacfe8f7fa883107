"""What drivers and SQLAlchemy raise, turned into strongroom's errors without any of its text.

A driver's message may quote a row's values (MariaDB's error 1366 does), and psycopg's connection
errors carry the password in an attribute. So the new error keeps a code and our own words, and
holds no reference to the old one: no cause, no context, no frame in which it lived.
"""

from __future__ import annotations

import re
import ssl
from types import TracebackType
from typing import Final, NoReturn

from sqlalchemy import exc

from strongroom.errors import StorageError, StrongroomError
from strongroom.storage import faults
from strongroom.storage.faults import Fault

_SQLSTATE: Final = re.compile(r"[0-9A-Z]{5}")
# X509_V_ERR_* of OpenSSL: why a certificate chain was refused.
_REASONS: Final = {
    9: "not valid yet",
    10: "expired",
    18: "self-signed",
    19: "self-signed",
    20: "signed by an unknown authority",
    21: "signed by an unknown authority",
    62: "made out to another host",
    64: "made out to another address",
}
# libpq reports a failed connection in words alone. They are matched, never shown.
_LIBPQ_CONNECT: Final = (
    ("does not match host name", faults.CERTIFICATE, "made out to another host"),
    ("certificate verify failed", faults.CERTIFICATE, "not verified"),
    ("root certificate file", faults.CERTIFICATE, "no file of authorities"),
    ("does not support SSL", faults.NO_TLS, "the server has no TLS"),
    ("SSL", faults.NO_TLS, "TLS failed"),
    ("no password supplied", faults.LOGIN, "a password is needed"),
    ("authentication failed", faults.LOGIN, "28P01"),
    ("no pg_hba.conf entry", faults.LOGIN, "28000"),
    ("role ", faults.LOGIN, "28000"),
    ("too many", faults.CROWDED, "53300"),
    ("remaining connection slots", faults.CROWDED, "53300"),
    ("starting up", faults.UNREACHABLE, "57P03"),
    ("FATAL:  database", faults.NO_DATABASE, "3D000"),
    ("server closed the connection", faults.UNREACHABLE, "closed by the server"),
    ("timeout expired", faults.UNREACHABLE, "timed out"),
    ("refused", faults.UNREACHABLE, "connection refused"),
    ("translate host name", faults.UNREACHABLE, "unknown host"),
)


class mapped:  # noqa: N801  # used as a statement, like contextlib.suppress
    """Run one piece of database work, and turn whatever fails into a `StorageError`.

    Errors of strongroom pass as they are, and so do KeyboardInterrupt and its like. Anything else
    is replaced: `str`, cause, context and traceback of what is raised hold no text of the driver.
    Put only our own statements inside, never a caller's code.
    """

    __slots__ = ()

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, Exception) and not isinstance(error, StrongroomError):
            throw(translate(error))


def throw(failure: StrongroomError) -> NoReturn:
    """Raise an error that remembers nothing of the one being handled."""
    try:
        raise failure from None
    finally:
        # `from None` only hides the context; error reporters that walk it would still find it.
        failure.__context__ = None


def was_lost(error: BaseException) -> bool:
    """Tell whether the connection broke, so that the fate of a commit is not known."""
    return isinstance(error, StorageError) and error.lost


def translate(error: Exception, *, connecting: bool = False) -> StorageError:
    """Build the error to raise in place of one from SQLAlchemy or a driver.

    Args:
        error: what was raised.
        connecting: whether there was no connection yet that could be lost.
    """
    fault, code = recognise(error)
    if getattr(error, "connection_invalidated", False) and fault.error is StorageError:
        fault = faults.LOST
    if connecting and fault is faults.LOST:
        fault = faults.UNREACHABLE
    failure = fault.error(f"{fault.text} ({code})", hint=fault.hint)
    if fault.lost:
        failure.lost = True
    if fault in faults.OF_A_ROW:
        failure.of_a_row = True
    return failure


def wants_password(error: Exception) -> bool:
    """Tell whether a connection failed for want of the right password."""
    driver = driver_error(error)
    needed = getattr(getattr(driver, "pgconn", None), "needs_password", False)
    return needed is True or recognise(error)[1] in {"mysql 1045", "mysql 1698", "28P01"}


def driver_error(error: BaseException) -> BaseException:
    """Return what the driver raised, without SQLAlchemy's wrapping."""
    original = error.orig if isinstance(error, exc.StatementError) else None
    return original if original is not None else error


def recognise(error: Exception) -> tuple[Fault, str]:
    """Find the fault, and the code to show, which is never text from outside."""
    if isinstance(error, exc.TimeoutError):
        return faults.BUSY, "all connections of the pool are in use"
    driver = driver_error(error)
    for look in (_sqlite, _tls, _postgresql, _mysql):
        found = look(driver)
        if found is not None:
            return found
    return _plain(driver), type(driver).__name__


def _sqlite(error: BaseException) -> tuple[Fault, str] | None:
    name = getattr(error, "sqlite_errorname", None)
    if not isinstance(name, str):
        return None
    primary = "_".join(name.split("_")[:2])
    found = faults.SQLITE.get(name) or faults.SQLITE.get(primary, faults.OTHER)
    # SQLite has one code for every bad statement; only its words tell a missing table.
    if found is faults.STATEMENT and str(error).startswith(("no such table", "no such column")):
        found = faults.NO_TABLE
    return found, name


def _tls(error: BaseException) -> tuple[Fault, str] | None:
    # PyMySQL keeps the socket's own error in an attribute.
    cause = getattr(error, "original_exception", error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        reason = _REASONS.get(cause.verify_code, f"code {cause.verify_code:d}")
        return faults.CERTIFICATE, reason
    return (faults.NO_TLS, "TLS failed") if isinstance(cause, ssl.SSLError) else None


def _postgresql(error: BaseException) -> tuple[Fault, str] | None:
    if not type(error).__module__.startswith("psycopg"):
        return None
    state = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    if isinstance(state, str) and _SQLSTATE.fullmatch(state):
        known = faults.POSTGRESQL
        return known.get(state) or known.get(state[:2], faults.OTHER), f"sqlstate {state}"
    return _libpq(error, str(error))


def _libpq(error: BaseException, text: str) -> tuple[Fault, str]:
    """Recognise what did not come from the server: a connection that failed or broke."""
    name = type(error).__name__
    # What a connection attempt raises holds the attempt; later errors do not.
    if getattr(error, "pgconn", None) is not None or text.startswith("connection "):
        for words, fault, reason in _LIBPQ_CONNECT:
            if words in text:
                return fault, reason
        return faults.UNREACHABLE, name
    if "connection" in text and ("closed" in text or "lost" in text):
        return faults.LOST, name
    bad = name in {"DataError", "NotSupportedError"}
    return (faults.BAD_VALUE if bad else faults.OTHER), name


def _mysql(error: BaseException) -> tuple[Fault, str] | None:
    number = error.args[0] if error.args else None
    if not type(error).__module__.startswith(("pymysql", "MySQLdb", "mysql")):
        return None
    if not isinstance(number, int):
        return faults.OTHER, type(error).__name__
    if number == 0:
        # PyMySQL's way of saying that the socket is already closed.
        return faults.LOST, "mysql connection closed"
    return faults.MYSQL.get(str(number), faults.OTHER), f"mysql {number:d}"


def _plain(error: BaseException) -> Fault:
    """Recognise what has no code: SQLAlchemy's own refusals, and what a driver did not foresee."""
    if isinstance(error, OSError):
        return faults.UNREACHABLE
    if isinstance(error, (exc.NoSuchTableError, exc.NoSuchColumnError)):
        return faults.NO_TABLE
    if isinstance(error, (ValueError, OverflowError)):
        return faults.BAD_VALUE
    return faults.OTHER
