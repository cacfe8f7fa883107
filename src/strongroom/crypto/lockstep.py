"""CBC (NIST SP 800-38A, 6.2) over many messages at a time: the bytes are those of one at a time.

Within a message each block waits for the one before, but messages do not wait for each other:

    encryption   the j-th blocks of all messages of one length go together, in one ECB call over
                 P_j XOR C_(j-1), where C_0 are the IVs
    decryption   all of them end to end, each IV before its blocks, are one CBC message: every
                 block is XORed with the one before it, as it should be. What an IV itself
                 decrypts to is no plaintext, and is left where it is.

IVs are drawn here, used once and kept by nobody.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK_BYTES: Final = 16
_FEWEST: Final = 4
_MOST_BLOCKS: Final = 64
_WORDS: Final = 2
"""A block is moved as two words of 64 bits, as they stand: nothing is counted with them."""
_PADDING: Final = tuple(bytes((BLOCK_BYTES - n,)) * (BLOCK_BYTES - n) for n in range(BLOCK_BYTES))
"""PKCS#7 (RFC 5652, 6.3): what follows a message that ends so many bytes into a block."""


def encrypt_all(aes: algorithms.AES, plaintexts: Sequence[bytes]) -> list[bytes]:
    """Return IV ‖ CT of each plaintext, in order.

    Args:
        aes: the key.
        plaintexts: each of any length, 0 included.
    """
    drawn = os.urandom(BLOCK_BYTES * len(plaintexts))
    sizes = {length // BLOCK_BYTES + 1 for length in set(map(len, plaintexts))}
    if len(sizes) == 1 and _pays(len(plaintexts), min(sizes)):
        return list(_together(aes, drawn, map(_padded, plaintexts), min(sizes)))
    by_blocks: dict[int, list[int]] = defaultdict(list)
    for place, plaintext in enumerate(plaintexts):
        by_blocks[len(plaintext) // BLOCK_BYTES + 1].append(place)
    bodies = [b""] * len(plaintexts)
    for blocks, places in by_blocks.items():
        starts = [drawn[BLOCK_BYTES * place :][:BLOCK_BYTES] for place in places]
        group = [_padded(plaintexts[place]) for place in places]
        if _pays(len(places), blocks):
            made = _together(aes, b"".join(starts), group, blocks)
        else:
            made = map(_alone, [aes] * len(places), starts, group)
        for place, body in zip(places, made, strict=True):
            bodies[place] = body
    return bodies


def decrypt_all(aes: algorithms.AES, bodies: Sequence[bytes]) -> Iterator[bytes | None]:
    """Give the plaintext of each IV ‖ CT, in order, or None where the padding is wrong.

    Args:
        aes: the key.
        bodies: each of two or more whole blocks, all of them authenticated before.
    """
    decryptor = Cipher(aes, modes.CBC(bytes(BLOCK_BYTES))).decryptor()
    opened = decryptor.update(b"".join(bodies)) + decryptor.finalize()
    end = 0
    for body in bodies:
        start = end + BLOCK_BYTES
        end += len(body)
        padding = opened[end - 1]
        text_end = end - padding
        if 1 <= padding <= BLOCK_BYTES and opened[text_end:end] == _PADDING[-padding]:
            yield opened[start:text_end]
        else:
            yield None


def _padded(plaintext: bytes) -> bytes:
    return plaintext + _PADDING[len(plaintext) % BLOCK_BYTES]


def _pays(messages: int, blocks: int) -> bool:
    """Say whether lockstep is faster than one at a time, as measured: a step costs as a message."""
    return messages >= max(_FEWEST, blocks) and blocks <= _MOST_BLOCKS


def _alone(aes: algorithms.AES, start: bytes, padded: bytes) -> bytes:
    """Return the body of one message, chained to `start`."""
    encryptor = Cipher(aes, modes.CBC(start)).encryptor()
    return start + encryptor.update(padded) + encryptor.finalize()


def _together(
    aes: algorithms.AES, starts: bytes, padded: Iterable[bytes], blocks: int
) -> Iterator[bytes]:
    """Give the bodies of messages that all have so many blocks, each chained to its own start."""
    source = memoryview(b"".join(padded)).cast("Q")
    size = len(starts)
    whole = bytearray(size * (blocks + 1))
    words, step = memoryview(whole).cast("Q"), _WORDS * (blocks + 1)
    ecb = Cipher(aes, modes.ECB()).encryptor()  # noqa: S305  # each block is XORed before: CBC
    column = bytearray(size)
    column_words = memoryview(column).cast("Q")
    before = starts
    for block in range(blocks + 1):
        if block:
            for word in range(_WORDS):
                column_words[word::_WORDS] = source[_WORDS * (block - 1) + word :: _WORDS * blocks]
            mixed = int.from_bytes(column, "little") ^ int.from_bytes(before, "little")
            before = ecb.update(mixed.to_bytes(size, "little"))
        chained = memoryview(before).cast("Q")
        for word in range(_WORDS):
            words[_WORDS * block + word :: step] = chained[word::_WORDS]
    made, length = bytes(whole), BLOCK_BYTES * (blocks + 1)
    return (made[at : at + length] for at in range(0, len(made), length))
