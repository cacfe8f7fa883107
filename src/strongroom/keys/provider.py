"""Key providers by name: the text `file:aes_key.bin` into an object that holds the root key.

A provider does one thing: it wraps and unwraps the 32-byte store key, once per open.

    file:PATH                     32 raw bytes in a private file, made on first run
    file:PATH?mounted             likewise, as container platforms mount it; never made
    env:NAME                      base64 or hex in an environment variable
    command:PROGRAM ARGUMENTS     base64 or hex, printed by a program
    passphrase:                   typed without echo
    passphrase:file=PATH          the content of a private file
    passphrase:env=NAME           the value of an environment variable
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from strongroom.crypto.secret import Secret
from strongroom.errors import InputError
from strongroom.keys.command import CommandKey
from strongroom.keys.envelope import Envelope
from strongroom.keys.environment import EnvironmentKey
from strongroom.keys.keyfile import KeyFile
from strongroom.keys.material import looks_like_key
from strongroom.keys.passphrase import PassphraseKey

__all__ = ["Envelope", "Provider", "open_provider"]

_HINT: Final = "use file:PATH, env:NAME, command:PROGRAM or passphrase:"


class Provider(Protocol):
    """Whatever can wrap the store key: it may hold the root key, or only reach it.

    Attributes:
        scheme: what stands in front of the colon, and in the envelope.
        made: whether `create` made a new root key, which now needs a backup.
    """

    scheme: str
    made: bool

    def describe(self) -> str:
        """Return where the key is, safe to show: never a value, never a command's arguments."""
        ...

    def create(self, store_id: bytes, store_key: Secret) -> Envelope:
        """Take the root key, or make it where that is the provider's way, and wrap `store_key`.

        Args:
            store_id: 16 bytes.
            store_key: of the store that is being made.

        Raises:
            RootKeyError: the root key cannot be used or made.
        """
        ...

    def unwrap(self, store_id: bytes, envelope: Envelope) -> Secret:
        """Return the store key; make nothing.

        Raises:
            RootKeyError: the root key is missing, refused, or another store's (`WrongKeyError`).
            IntegrityError: the envelope was changed.
        """
        ...


def open_provider(text: str) -> Provider:
    """Return the provider that `text` names; touch no file and start nothing yet.

    Args:
        text: as in the list above. It may be the key itself by mistake, so no error repeats it.

    Raises:
        InputError: no provider has such a name.
    """
    outcome = _named(text)
    del text  # and so it is in no frame of the traceback either
    if isinstance(outcome, InputError):
        raise outcome
    return outcome


def _named(text: str) -> Provider | InputError:
    scheme, colon, rest = text.partition(":") if type(text) is str else ("", "", "")
    make = _SCHEMES.get(scheme)
    if make is None or not colon:
        return InputError("this names no key provider", hint=_HINT)
    try:
        return make(rest)
    except InputError as error:
        return InputError(str(error), hint=error.hint)


def _file(rest: str) -> Provider:
    path, mark, option = rest.partition("?")
    if mark and option != "mounted":
        raise InputError("file: has the option ?mounted and no other", hint=_HINT)
    if looks_like_key(path):
        raise InputError("file: needs a path, not a key", hint=_HINT)
    return KeyFile(path, mounted=bool(mark))


_SCHEMES: Final[dict[str, Callable[[str], Provider]]] = {
    "file": _file,
    "env": EnvironmentKey,
    "command": CommandKey,
    "passphrase": PassphraseKey.named,
}
