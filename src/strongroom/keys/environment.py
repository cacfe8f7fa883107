"""The provider `env:NAME`: the root key as text in an environment variable.

Other processes of the same user can read the environment of this one, and every child inherits
it: where a file or a command is possible, it is the better place.
"""

from __future__ import annotations

import os
import re
from typing import Final, final

from strongroom.crypto.secret import Secret
from strongroom.errors import InputError, KeyMissingError, KeyRefusedError
from strongroom.keys.envelope import Envelope, open_store_key, seal_store_key
from strongroom.keys.material import Fault, from_text, looks_like_key

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_KEY_CHARACTERS: Final = 43


@final
class EnvironmentKey:
    """The provider `env:NAME`: base64 of 32 bytes, or 64 hex digits, made by someone else."""

    scheme = "env"

    def __init__(self, name: str) -> None:
        """Name the variable; it is read at each use.

        Raises:
            InputError: this cannot be the name of a variable, or looks like the key itself.
        """
        self._name = checked_name(name, self.scheme)
        self.made = False

    def describe(self) -> str:
        """Return the provider's name, which is safe to show."""
        return f"env:{self._name}"

    def create(self, store_id: bytes, store_key: Secret) -> Envelope:
        """Wrap the store key under the key in the variable.

        Raises:
            KeyMissingError: there is no such variable.
            KeyRefusedError: it does not hold exactly a key.
        """
        return seal_store_key(self._root(), self.scheme, {}, store_id, store_key)

    def unwrap(self, store_id: bytes, envelope: Envelope) -> Secret:
        """Open the store key with the key in the variable.

        Raises:
            RootKeyError: it is missing, refused, or another store's.
            IntegrityError: the envelope was changed.
        """
        return open_store_key(self._root(), store_id, envelope)

    def _root(self) -> Secret:
        name = self._name
        if name not in os.environ:
            raise KeyMissingError(
                f"the environment variable {name} is not set",
                hint="set it to the store's key: base64 of 32 bytes, or 64 hex digits",
            )
        # The text of the key is given on at once: in no local name, so in no traceback.
        outcome = from_text(os.environb.get(name.encode("ascii"), b""))
        if isinstance(outcome, Fault):
            raise KeyRefusedError(
                f"the environment variable {name} {outcome.reason}", hint=outcome.hint
            )
        return outcome

    def __repr__(self) -> str:
        return f"<key provider {self.describe()}>"


def checked_name(name: str, scheme: str) -> str:
    """Return `name` if it can be a variable's and cannot be a key that was given by mistake.

    Raises:
        InputError: the name is not repeated, because it may be the secret.
    """
    bare_key = len(name) == _KEY_CHARACTERS and "_" not in name  # base64 without its =
    if not _NAME.fullmatch(name) or bare_key or looks_like_key(name):
        raise InputError(
            f"{scheme}: needs the name of an environment variable, not a value",
            hint="put the secret into a variable such as STRONGROOM_ROOT, and name that",
        )
    return name
