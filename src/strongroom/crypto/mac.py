"""HMAC-SHA-512 (RFC 2104, RFC 4231): what cells, seals and the store document are checked by.

The key is set once. Of the 64 bytes the first 32 are kept, as RFC 7518, 5.2.5 does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NoReturn, final

from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.hmac import HMAC

from strongroom.errors import DecryptionError

TAG_BYTES: Final = 32


@final
class Mac:
    """A keyed state: copied for each message, never used up."""

    __slots__ = ("_state",)

    def __init__(self, key: bytes) -> None:
        """Key it with `key`; strongroom's own are always 32 bytes."""
        self._state = HMAC(key, SHA512())

    def digest(self, message: bytes) -> bytes:
        """Return all 64 bytes of the MAC over `message`."""
        state = self._state.copy()
        state.update(message)
        return state.finalize()

    def tag(self, message: bytes) -> bytes:
        """Return the first 32 bytes of the MAC over `message`."""
        return self.digest(message)[:TAG_BYTES]

    def tags(self, messages: Iterable[bytes], start: bytes = b"") -> list[bytes]:
        """Return the first 32 bytes of the MAC over `start` and each message, in order."""
        started = self._state.copy()
        started.update(start)
        copy = started.copy
        made = []
        for message in messages:
            state = copy()
            state.update(message)
            made.append(state.finalize()[:TAG_BYTES])
        return made

    def check_all(
        self, messages: Iterable[bytes], tags: Sequence[bytes], start: bytes = b""
    ) -> None:
        """Compare the tags of many messages in constant time.

        Args:
            messages: what the tags should be over, after `start`.
            tags: as many, each of 32 bytes.
            start: what all messages begin with.

        Raises:
            DecryptionError: with the position of the first tag that is another one.
        """
        expected = self.tags(messages, start)
        # All are of 32 bytes: end to end they are equal only if each is.
        if set(map(len, tags)) <= {TAG_BYTES} and bytes_eq(b"".join(expected), b"".join(tags)):
            return
        for position, (one, tag) in enumerate(zip(expected, tags, strict=True)):
            if not same(tag, one):
                raise DecryptionError(position)

    def check(self, message: bytes, tag: object) -> None:
        """Compare in constant time.

        Raises:
            DecryptionError: `tag` is not the 32 bytes that `tag` gives.
        """
        if type(tag) is not bytes or not bytes_eq(self.tag(message), tag):
            raise DecryptionError

    def __repr__(self) -> str:
        return "<MAC key>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key cannot be pickled or copied")


def same(given: object, expected: bytes) -> bool:
    """Compare bytes in constant time; whatever is no bytes is not the same."""
    return type(given) is bytes and bytes_eq(given, expected)
