"""Key bytes that do not show themselves.

The guarantee is narrow: `repr`, `str`, formatting, pickling and copying never give the bytes.
Python cannot wipe memory, so a core dump or a debugger still finds them.
"""

from __future__ import annotations

import os
from typing import NoReturn

KEY_BYTES = 32


class Secret:
    """A 32-byte key that has to be asked for its bytes by name."""

    __slots__ = ("_bytes",)

    def __init__(self, key: bytes) -> None:
        """Hold `key`.

        Args:
            key: exactly 32 bytes.

        Raises:
            ValueError: the length is another one. The bytes are not in the message.
        """
        if type(key) is not bytes or len(key) != KEY_BYTES:
            raise ValueError("a key must be exactly 32 bytes")
        self._bytes = key

    @classmethod
    def generate(cls) -> Secret:
        """Draw 32 bytes from the operating system's generator."""
        return cls(os.urandom(KEY_BYTES))

    def reveal(self) -> bytes:
        """Return the 32 key bytes: every caller of this is a place to review."""
        return self._bytes

    def __repr__(self) -> str:
        return "<secret key>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret key cannot be pickled or copied")
