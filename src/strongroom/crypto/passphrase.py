"""A passphrase into a root key: Argon2id, version 1.3 (RFC 9106).

    root key = Argon2id(passphrase, salt[16], m = memory in KiB, t = iterations, p = lanes)[:32]

The cost and the salt stand in the database, so whoever holds the database could weaken them: a
cost outside 19 MiB, t = 2 to 1 GiB, t = 10 is refused before any passphrase is asked for.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from strongroom.crypto.secret import KEY_BYTES, Secret
from strongroom.errors import KeyRefusedError, RootKeyError

SALT_BYTES: Final = 16
LEAST_MEMORY: Final = 19 * 1024
MOST_MEMORY: Final = 1024 * 1024
LEAST_ITERATIONS: Final = 2
MOST_ITERATIONS: Final = 10
LEAST_LANES: Final = 1
MOST_LANES: Final = 16


@dataclass(frozen=True, slots=True)
class Stretch:
    """The salt and the cost of one passphrase: none of it is secret.

    The defaults are the second choice that RFC 9106, section 4, recommends: 64 MiB, t = 3, p = 4.

    Attributes:
        salt: 16 bytes, drawn once for a store.
        memory: in KiB, 19,456 (19 MiB) to 1,048,576 (1 GiB).
        iterations: 2 to 10.
        lanes: 1 to 16.

    Raises:
        KeyRefusedError: one of them is outside its limits.
    """

    salt: bytes
    memory: int = 64 * 1024
    iterations: int = 3
    lanes: int = 4

    def __post_init__(self) -> None:
        if type(self.salt) is not bytes or len(self.salt) != SALT_BYTES:
            raise KeyRefusedError(f"the salt of a passphrase must be exactly {SALT_BYTES} bytes")
        _within("memory in KiB", self.memory, LEAST_MEMORY, MOST_MEMORY)
        _within("iterations", self.iterations, LEAST_ITERATIONS, MOST_ITERATIONS)
        _within("lanes", self.lanes, LEAST_LANES, MOST_LANES)

    @classmethod
    def generate(cls) -> Stretch:
        """Draw a salt from the operating system's generator; take the default cost."""
        return cls(os.urandom(SALT_BYTES))

    def root_key(self, passphrase: bytes) -> Secret:
        """Return the 32 bytes that the passphrase stands for.

        Args:
            passphrase: any length; its encoding and normal form are the caller's.

        Raises:
            RootKeyError: there is not enough memory, or this OpenSSL is older than 3.2.
        """
        try:
            kdf = Argon2id(
                salt=self.salt,
                length=KEY_BYTES,
                iterations=self.iterations,
                lanes=self.lanes,
                memory_cost=self.memory,
            )
            return Secret(kdf.derive(passphrase))
        except MemoryError:
            del passphrase
            failure = f"argon2id needs {self.memory // 1024} MiB of memory, which are not free"
        except UnsupportedAlgorithm:
            del passphrase
            failure = "this build of cryptography has no argon2id"
        # Raised after the handlers, so that no cause keeps a frame that holds the passphrase.
        raise RootKeyError(failure)


def _within(name: str, value: int, least: int, most: int) -> None:
    if type(value) is not int or not least <= value <= most:
        raise KeyRefusedError(
            f"the argon2id parameter {name} must be from {least} to {most}",
            hint="the store's record of its key was changed, or written by another program",
        )
