"""The provider `passphrase:`: the root key from words that a person knows.

Typed without echo, or read from a private file (`passphrase:file=PATH`) or an environment variable
(`passphrase:env=NAME`). The key is Argon2id (see crypto.passphrase) over the UTF-8 bytes of the
passphrase in Unicode normal form NFC, so that it does not matter how a keyboard composes an
accent; nothing else is changed: no trimming, no change of case. One newline at the end of a file
does not belong to the passphrase.

Created: at least 8 characters, no control characters, none that this Python's Unicode does not
know (its normal form is not settled). Salt and cost stand in the envelope.
"""

from __future__ import annotations

import getpass
import os
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, NoReturn, final

from strongroom.crypto.passphrase import SALT_BYTES, Stretch
from strongroom.crypto.secret import Secret
from strongroom.errors import (
    InputError,
    IntegrityError,
    KeyMissingError,
    KeyRefusedError,
    WrongKeyError,
    shown_path,
)
from strongroom.keys.envelope import Envelope, open_store_key, seal_store_key
from strongroom.keys.environment import checked_name
from strongroom.keys.material import Fault, looks_like_key
from strongroom.keys.private import PrivateFile

LEAST_CHARACTERS: Final = 8
MOST_BYTES: Final = 4096
_TERMINAL: Final = "/dev/tty"
_PARAMETERS: Final = {"kdf", "memory_kib", "iterations", "lanes", "salt"}
_ELSEWHERE: Final = "run it in a terminal, or use passphrase:file=PATH or passphrase:env=NAME"
_MISSING: Final = "write the store's passphrase to it, with mode 0600"


class _Words:
    """A passphrase that does not show itself: what frames hold instead of its bytes."""

    __slots__ = ("_bytes",)

    def __init__(self, given: bytes) -> None:
        self._bytes = given

    def reveal(self) -> bytes:
        """Return the bytes to stretch."""
        return self._bytes

    def __repr__(self) -> str:
        return "<passphrase>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a passphrase cannot be pickled or copied")


class _Source(NamedTuple):
    """Where a passphrase is read from.

    Attributes:
        shown: its name in messages.
        option: what stands behind `passphrase:`, safe to show.
        read: gives the passphrase; called twice for a new one that is typed.
        typed: whether a person types it.
    """

    shown: str
    option: str
    read: Callable[[str], _Words | Fault]
    typed: bool = False


@final
class PassphraseKey:
    """The provider `passphrase:`: asks, or reads, and stretches."""

    scheme = "passphrase"

    def __init__(self, source: _Source) -> None:
        self._source = source
        self.made = False

    @classmethod
    def named(cls, option: str) -> PassphraseKey:
        """Return the provider for what stands behind `passphrase:`.

        Args:
            option: empty, `file=PATH` or `env=NAME`. It may be the passphrase by mistake.

        Raises:
            InputError: it is something else, which is not repeated.
        """
        kind, mark, rest = option.partition("=")
        if not option:
            return cls(_terminal())
        if mark and kind == "env":
            return cls(_variable(checked_name(rest, "passphrase:env")))
        if mark and kind == "file" and not looks_like_key(rest):
            return cls(_private_file(PrivateFile(rest, "passphrase file", _MISSING)))
        raise InputError(
            "passphrase: is followed by nothing, file=PATH or env=NAME, never by the passphrase",
            hint=_ELSEWHERE,
        )

    def describe(self) -> str:
        """Return the provider's name, which is safe to show."""
        return f"passphrase:{self._source.option}"

    def create(self, store_id: bytes, store_key: Secret) -> Envelope:
        """Take a new passphrase and wrap the store key under what it stretches to.

        Raises:
            KeyMissingError: there is no terminal, file or variable to take it from.
            KeyRefusedError: it is too short, or was typed differently the second time.
        """
        words = self._checked(self._source.read("new passphrase: "))
        fault = _too_weak(words)
        if fault is not None:
            raise KeyRefusedError(f"{self._source.shown} {fault.reason}", hint=fault.hint)
        if self._source.typed:
            again = self._checked(self._source.read("the same again: "))
            if again.reveal() != words.reveal():
                raise KeyRefusedError(
                    "the two passphrases are not the same", hint="nothing was made: try again"
                )
        stretch = Stretch.generate()
        root = stretch.root_key(words.reveal())
        self.made = True
        return seal_store_key(root, self.scheme, _written(stretch), store_id, store_key)

    def unwrap(self, store_id: bytes, envelope: Envelope) -> Secret:
        """Ask for the passphrase and open the store key with it.

        Raises:
            KeyMissingError: there is no terminal, file or variable to take it from.
            KeyRefusedError: the cost in the envelope is outside its limits.
            WrongKeyError: it is another passphrase, or the store was made with another provider.
            IntegrityError: the envelope was changed.
        """
        if envelope.provider != self.scheme:
            raise WrongKeyError(
                f"this store was made with a key from {envelope.provider}:, not a passphrase",
                hint=f"name that key, as {envelope.provider}:…",
            )
        stretch = _read_back(envelope.parameters)  # refused before anyone types anything
        root = stretch.root_key(self._checked(self._source.read("passphrase: ")).reveal())
        return open_store_key(root, store_id, envelope)

    def _checked(self, outcome: _Words | Fault) -> _Words:
        if isinstance(outcome, Fault):
            raise KeyRefusedError(f"{self._source.shown} {outcome.reason}", hint=outcome.hint)
        return outcome

    def __repr__(self) -> str:
        return f"<key provider {self.describe()}>"


def _terminal() -> _Source:
    return _Source("the passphrase", "", _typed, typed=True)


def _typed(prompt: str) -> _Words | Fault:
    """Ask on the terminal of this process, never on its input, which may be a pipe that echoes."""
    missing = ""
    try:
        os.close(os.open(_TERMINAL, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        missing = "there is no terminal to type the passphrase on"
    if not missing:
        try:
            return _words(getpass.getpass(prompt).encode("utf-8", "surrogateescape"))
        except EOFError:
            missing = "no passphrase was typed"
        except UnicodeDecodeError:
            return Fault("is not text in the encoding of this terminal", _ELSEWHERE)
    raise KeyMissingError(missing, hint=_ELSEWHERE)


def _variable(name: str) -> _Source:
    def read(_prompt: str) -> _Words | Fault:
        if name not in os.environ:
            raise KeyMissingError(
                f"the environment variable {name} is not set",
                hint="set it to the store's passphrase",
            )
        return _words(os.environb.get(name.encode("ascii"), b""))

    return _Source(f"the passphrase in the environment variable {name}", f"env={name}", read)


def _private_file(file: PrivateFile) -> _Source:
    def read(_prompt: str) -> _Words | Fault:
        with file.folder() as folder, file.opened(folder) as descriptor:
            return _words(_line(file.read(descriptor, MOST_BYTES + 3)))

    return _Source(f"the passphrase in {file.shown}", f"file={shown_path(file.path)}", read)


def _line(content: bytes) -> bytes:
    """Drop one newline at the end, of either kind."""
    return content.removesuffix(b"\n").removesuffix(b"\r") if content[-1:] == b"\n" else content


def _words(given: bytes) -> _Words | Fault:
    """Return what is stretched: the same text in normal form NFC, as UTF-8."""
    if not given:
        return Fault("is empty", "give the store's passphrase")
    if len(given) > MOST_BYTES:
        return Fault(f"has more than {MOST_BYTES} bytes", "is this the right place?")
    try:
        return _Words(unicodedata.normalize("NFC", given.decode("utf-8")).encode("utf-8"))
    except UnicodeDecodeError:
        return Fault("is not text in UTF-8", "write it in UTF-8")


def _too_weak(words: _Words) -> Fault | None:
    text = words.reveal().decode("utf-8")
    if len(text) < LEAST_CHARACTERS:
        return Fault(
            f"has fewer than {LEAST_CHARACTERS} characters",
            "four or more unrelated words are easy to remember and hard to guess",
        )
    if any(unicodedata.category(character) in {"Cc", "Cn"} for character in text):
        return Fault(
            f"has a control character, or one that is not in Unicode {unicodedata.unidata_version}",
            "it could not be typed again everywhere: choose another",
        )
    return None


def _written(stretch: Stretch) -> dict[str, int | str]:
    return {
        "kdf": "argon2id",
        "memory_kib": stretch.memory,
        "iterations": stretch.iterations,
        "lanes": stretch.lanes,
        "salt": stretch.salt.hex(),
    }


def _read_back(parameters: Mapping[str, int | str]) -> Stretch:
    """Return salt and cost; IntegrityError for another form, KeyRefusedError for bad limits."""
    salt = parameters.get("salt")
    numbers = [parameters.get(name) for name in ("memory_kib", "iterations", "lanes")]
    memory, iterations, lanes = (one if type(one) is int else None for one in numbers)
    if (
        set(parameters) != _PARAMETERS
        or parameters["kdf"] != "argon2id"
        or type(salt) is not str
        or not _is_salt(salt)
        or memory is None
        or iterations is None
        or lanes is None
    ):
        raise IntegrityError("the store's record of its passphrase is malformed")
    return Stretch(bytes.fromhex(salt), memory, iterations, lanes)


def _is_salt(text: str) -> bool:
    return len(text) == 2 * SALT_BYTES and set(text) <= set("0123456789abcdef")
