"""Suite 1: AEAD_AES_256_CBC_HMAC_SHA_512 (RFC 7518, 5.2.5).

    IV[16] ‖ CT ‖ T[32]
    CT = AES-256-CBC(encryption key, IV, PKCS#7(plaintext))
    T  = HMAC-SHA-512(MAC key, A ‖ IV ‖ CT ‖ u64 bit length of A)[:32]

The 64 key bytes are MAC key[32] ‖ encryption key[32], in the RFC's order. No caller gives an IV:
it is drawn inside the call, used once and kept by nobody. Checking and decrypting are two steps,
and the second can only be reached with the proof that the first one held.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NoReturn, final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from strongroom.crypto.lockstep import BLOCK_BYTES, decrypt_all, encrypt_all
from strongroom.crypto.mac import TAG_BYTES, Mac
from strongroom.errors import DecryptionError

IV_BYTES: Final = 16
SMALLEST: Final = IV_BYTES + BLOCK_BYTES + TAG_BYTES
_KEY_BYTES: Final = 64
_PADDING = PKCS7(BLOCK_BYTES * 8)


@final
class AeadKey:
    """A derived key of suite 1: the MAC state keyed once, the AES key, and no way to see either."""

    __slots__ = ("_aes", "_mac")

    def __init__(self, key: bytes) -> None:
        """Take MAC key[32] ‖ encryption key[32].

        Raises:
            ValueError: not 64 bytes.
        """
        if len(key) != _KEY_BYTES:
            raise ValueError("a suite 1 key must be exactly 64 bytes")
        self._mac = Mac(key[:32])
        self._aes = algorithms.AES(key[32:])

    def encrypt(self, plaintext: bytes, associated: bytes) -> bytes:
        """Encrypt and authenticate.

        Args:
            plaintext: any length, 0 included.
            associated: bound into the tag, not stored.

        Returns:
            IV[16] ‖ CT ‖ T[32], `64 + 16·⌊len/16⌋` bytes.
        """
        padder = _PADDING.padder()
        padded = padder.update(plaintext) + padder.finalize()
        iv = os.urandom(IV_BYTES)
        encryptor = Cipher(self._aes, modes.CBC(iv)).encryptor()
        body = iv + encryptor.update(padded) + encryptor.finalize()
        return body + self._mac.tag(_authenticated(body, associated))

    def verify(self, sealed: bytes, associated: bytes) -> Verified:
        """Check the tag in constant time; touch no cipher.

        Args:
            sealed: IV[16] ‖ CT ‖ T[32].
            associated: what `encrypt` was given.

        Returns:
            The proof that `decrypt` asks for.

        Raises:
            DecryptionError: the length is impossible or the tag is another one.
        """
        if type(sealed) is not bytes or len(sealed) < SMALLEST or len(sealed) % BLOCK_BYTES:
            raise DecryptionError
        body, tag = sealed[:-TAG_BYTES], sealed[-TAG_BYTES:]
        self._mac.check(_authenticated(body, associated), tag)
        return Verified(self._aes, body)

    def encrypt_all(
        self, plaintexts: Sequence[bytes], start: bytes, associated: Sequence[bytes]
    ) -> tuple[list[bytes], list[bytes]]:
        """Encrypt and authenticate many at a time; the bytes are those of `encrypt`.

        Args:
            plaintexts: each of any length.
            start: what is bound into every tag first.
            associated: as many as plaintexts, each bound into its tag then.

        Returns:
            IV[16] ‖ CT of each in order, and T[32] of each.
        """
        bodies = encrypt_all(self._aes, plaintexts)
        return bodies, self._mac.tags(_messages(bodies, start, associated), start)

    def verify_all(
        self,
        bodies: Sequence[bytes],
        tags: Sequence[bytes],
        start: bytes,
        associated: Sequence[bytes],
    ) -> VerifiedAll:
        """Check many tags in constant time; touch no cipher.

        Args:
            bodies: IV[16] ‖ CT of each, of a length that is possible.
            tags: T[32] of each.
            start: what `encrypt_all` was given.
            associated: likewise.

        Raises:
            DecryptionError: with the position of the first tag that is another one.
        """
        self._mac.check_all(_messages(bodies, start, associated), tags, start)
        return VerifiedAll(self._aes, bodies)

    def __repr__(self) -> str:
        return "<suite 1 key>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key cannot be pickled or copied")


def _authenticated(body: bytes, associated: bytes) -> bytes:
    """Return A ‖ IV ‖ CT ‖ u64 bit length of A: the MAC's input."""
    return associated + body + _bits(len(associated))


def _messages(bodies: Sequence[bytes], start: bytes, associated: Sequence[bytes]) -> list[bytes]:
    """Return the MAC's input of each, behind the start that all have."""
    bits = {length: _bits(len(start) + length) for length in set(map(len, associated))}
    both = zip(associated, bodies, strict=True)
    return [one + body + bits[len(one)] for one, body in both]


@lru_cache(maxsize=64)
def _bits(count: int) -> bytes:
    return struct.pack(">Q", count * 8)


@final
class Verified:
    """A ciphertext whose tag was checked: the only thing that can be decrypted."""

    __slots__ = ("_aes", "_body")

    def __init__(self, aes: algorithms.AES, body: bytes) -> None:
        self._aes = aes
        self._body = body

    def decrypt(self) -> bytes:
        """Return the plaintext.

        Raises:
            DecryptionError: the padding is wrong, which only the holder of the key can cause.
        """
        decryptor = Cipher(self._aes, modes.CBC(self._body[:IV_BYTES])).decryptor()
        padded = decryptor.update(self._body[IV_BYTES:]) + decryptor.finalize()
        unpadder = _PADDING.unpadder()
        try:
            return unpadder.update(padded) + unpadder.finalize()
        except ValueError:
            pass  # raised below, with no context
        raise DecryptionError

    def __reduce__(self) -> NoReturn:
        raise TypeError("a verified ciphertext holds a key and cannot be pickled or copied")


@final
class VerifiedAll:
    """Ciphertexts whose tags were all checked."""

    __slots__ = ("_aes", "_bodies")

    def __init__(self, aes: algorithms.AES, bodies: Sequence[bytes]) -> None:
        self._aes = aes
        self._bodies = bodies

    def decrypt(self) -> list[bytes]:
        """Return the plaintexts in order.

        Raises:
            DecryptionError: with the position of the first one whose padding is wrong.
        """
        plaintexts = []
        for position, plaintext in enumerate(decrypt_all(self._aes, self._bodies)):
            if plaintext is None:
                raise DecryptionError(position)
            plaintexts.append(plaintext)
        return plaintexts

    def __reduce__(self) -> NoReturn:
        raise TypeError("verified ciphertexts hold a key and cannot be pickled or copied")
