"""Opening the store for one command, and saying on stderr what was made on the way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import strongroom
from strongroom.cli.settings import PASSWORD_HINT, PASSWORD_VARIABLE, Options
from strongroom.cli.terminal import notice, secret
from strongroom.cli.text import visible
from strongroom.errors import InputError

if TYPE_CHECKING:
    from strongroom.keys.provider import Provider
    from strongroom.storage.address import Address


@dataclass(frozen=True)
class Target:
    """The database and the key that a command is about; neither was touched yet."""

    url: str
    address: Address
    provider: Provider

    @property
    def shown(self) -> str:
        """What to call the database: its file, or its URL without the password."""
        path = self.address.path
        return visible(self.address.shown if path is None else str(path))

    def password(self) -> str:
        """Ask for the database's password without echo.

        Raises:
            InputError: there is no terminal.
        """
        return secret(f"password for {self.shown}: ", PASSWORD_HINT)


def target(options: Options) -> Target:
    """Return the database and the key that are meant.

    Raises:
        InputError: they are not spelled right, or a password stands where others could read it.
    """
    # Imported here: they bring the database library and the ciphers with them.
    from strongroom.keys.provider import open_provider  # noqa: PLC0415
    from strongroom.room.strongroom import DEFAULT_KEY, DEFAULT_URL  # noqa: PLC0415
    from strongroom.storage.address import Address  # noqa: PLC0415

    place = options.place(DEFAULT_URL, DEFAULT_KEY)
    address = Address.parse(place.url)
    if address.has_password and not place.url_is_private:
        raise InputError("the database URL holds a password", hint=PASSWORD_HINT)
    return Target(place.url, address, open_provider(place.key))


@contextmanager
def opened(options: Options, *, create: bool = False) -> Iterator[strongroom.Strongroom]:
    """Open the store that the options name.

    Args:
        options: of the command line.
        create: whether to make a store where there is none, and announce it.

    Raises:
        StrongroomError: as `strongroom.open`; a password where others could read it.
    """
    chosen = target(options)
    password = os.environ.get(PASSWORD_VARIABLE)
    room = strongroom.open(
        chosen.url,
        chosen.provider,
        password=chosen.password if password is None else password,
        create=create,
    )
    with room:
        if room.made_store:
            announce(chosen)
        yield room


def announce(chosen: Target) -> None:
    """Say what was made, and what it needs."""
    notice(f"made a new store: {chosen.shown}")
    if chosen.provider.made:
        notice(f"made a new key: {chosen.provider.describe().removeprefix('file:')}")
    notice("back the key up now, and keep the copy apart from the database: without the key")
    notice("nobody can read what is encrypted, and with both anybody can")
