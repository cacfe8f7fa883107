"""Which database and which key: option, then environment, then `strongroom.toml`, then default.

A key may name a command to run, so the file is believed only if nobody else could have written
it. A password belongs into none of the places that others can read: of the four only the
environment may hold a URL with one.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from strongroom.errors import InputError

FILE: Final = "strongroom.toml"
URL_VARIABLE: Final = "STRONGROOM_URL"
KEY_VARIABLE: Final = "STRONGROOM_KEY"
PASSWORD_VARIABLE: Final = "STRONGROOM_PASSWORD"  # noqa: S105  # the name, not the password
PASSWORD_HINT: Final = (
    f"leave it out and set {PASSWORD_VARIABLE}, or type it when asked, or use the database's own "
    "option file"
)

_VARIABLES: Final = {"url": URL_VARIABLE, "key": KEY_VARIABLE}
_MOST_BYTES: Final = 64 * 1024
_OPEN: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_LINE: Final = re.compile(r"at line ([0-9]+)")


@dataclass(frozen=True)
class Place:
    """A database and a key, as text; `url_from` says whether the URL may hold a password."""

    url: str
    key: str
    url_is_private: bool


@dataclass
class Options:
    """What was given on the command line, before or after the command's name."""

    url: str | None = None
    key: str | None = None
    json: bool = False

    def place(self, default_url: str, default_key: str) -> Place:
        """Settle which database and which key are meant.

        Raises:
            InputError: an empty variable, or a `strongroom.toml` that is not safe or not right.
        """
        given = {"url": self.url, "key": self.key}
        from_environment = {name: _variable(_VARIABLES[name]) for name in given}
        missing = [name for name in given if given[name] is None and from_environment[name] is None]
        from_file = _file() if missing else {}
        defaults = {"url": default_url, "key": default_key}
        found = {
            name: _first(given[name], from_environment[name], from_file.get(name), defaults[name])
            for name in given
        }
        private = self.url is None and from_environment["url"] is not None
        return Place(found["url"], found["key"], private)


def _first(*candidates: str | None) -> str:
    return next(one for one in candidates if one is not None)


def _variable(name: str) -> str | None:
    """Return the variable's value. An empty one must not quietly mean the default."""
    value = os.environ.get(name)
    if value == "":
        raise InputError(f"{name} is set but empty", hint=f"unset {name}, or give it a value")
    return value


def _file() -> Mapping[str, str]:
    """Read `strongroom.toml` of the current folder; nothing where there is none.

    Raises:
        InputError: others could have written it, it is no TOML, or it holds something else.
    """
    raw = _bytes()
    if raw is None:
        return {}
    document = _parsed(raw)
    for name, value in document.items():
        if name not in _VARIABLES:
            raise InputError(f"{FILE} holds something else than url and key")
        if not isinstance(value, str) or not value:
            raise InputError(f"{name} in {FILE} must be a text in quotes")
    return document


def _bytes() -> bytes | None:
    try:
        descriptor = os.open(FILE, _OPEN)
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = errno.errorcode.get(error.errno or 0, "unknown error")
        raise InputError(f"{FILE} cannot be opened ({reason})") from None
    try:
        _check(os.fstat(descriptor))
        raw = os.read(descriptor, _MOST_BYTES + 1)
    except OSError:
        raise InputError(f"{FILE} cannot be read") from None
    finally:
        os.close(descriptor)
    if len(raw) > _MOST_BYTES:
        raise InputError(f"{FILE} is larger than {_MOST_BYTES // 1024} KiB")
    return raw


def _check(found: os.stat_result) -> None:
    """Refuse a file that somebody else could have written: it may name a program to run."""
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"{FILE} is not a file")
    if found.st_uid not in {os.geteuid(), 0}:
        raise InputError(
            f"{FILE} belongs to user {found.st_uid}, and this is user {os.geteuid()}",
            hint="settings can name a program to run: take only your own",
        )
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise InputError(
            f"{FILE} can be written by others (mode {stat.S_IMODE(found.st_mode):04o})",
            hint=f"check what it says, then: chmod go-w {FILE}",
        )


def _parsed(raw: bytes) -> dict[str, Any]:
    import tomllib  # noqa: PLC0415  # only where there is such a file

    line = ""
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    except tomllib.TOMLDecodeError as error:
        # The parser's text may quote the line, and the line may hold a password.
        found = _LINE.search(str(error))
        line = f" (line {found[1]})" if found else ""
    raise InputError(f"{FILE} is not valid TOML{line}", hint='for example: url = "sqlite:///a.db"')
