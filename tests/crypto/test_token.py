"""Index tokens: the exact input of the MAC, how they are cut, and that no two indexes share one."""

from __future__ import annotations

import hashlib
import hmac
import struct

import pytest
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from strongroom.crypto.secret import Secret
from strongroom.crypto.token import IndexKey

STORE = bytes(range(16))
ROOT = bytes(range(32))
INDEX = 0x01020304


def digest(index_id: int, message: bytes) -> bytes:
    """Make the whole MAC with the standard library, from the format's words alone."""
    info = b"strongroom/1/index" + struct.pack(">BBI", 0, 1, index_id)
    key = HKDF(SHA512(), 32, salt=STORE, info=info).derive(ROOT)
    return hmac.digest(key, message, hashlib.sha512)


def key(index_id: int = INDEX) -> IndexKey:
    return IndexKey(Secret(ROOT), STORE, index_id)


def test_a_token_is_the_mac_over_kind_normaliser_partition_and_parts() -> None:
    message = b"\x02" + b"\x00\x05" + b"\x03" + b"\x02" + b"\x00\x00\x00\x01a\x00\x00\x00\x02bc"
    assert key().token(2, 5, 3, (b"a", b"bc"), 256) == digest(INDEX, message)[:32]
    assert key().token(2, 5, 3, (b"a", b"bc"), 64) == digest(INDEX, message)[:8]


@pytest.mark.parametrize("bits", range(1, 257))
def test_the_unused_low_bits_are_zero(bits: int) -> None:
    whole = int.from_bytes(key().token(1, 0, 0, (b"x",), 256))
    token = key().token(1, 0, 0, (b"x",), bits)
    assert len(token) == (bits + 7) // 8
    assert int.from_bytes(token) >> (len(token) * 8 - bits) == whole >> (256 - bits)
    assert int.from_bytes(token) % (1 << (len(token) * 8 - bits)) == 0


@pytest.mark.parametrize("bits", [0, -1, 257])
def test_other_lengths_are_refused(bits: int) -> None:
    with pytest.raises(ValueError, match="1 to 256 bits"):
        key().token(1, 0, 0, (b"x",), bits)


def test_whatever_differs_gives_another_token() -> None:
    tokens = {
        key().token(1, 0, 0, (b"ab",), 128),
        key(INDEX + 1).token(1, 0, 0, (b"ab",), 128),
        key().token(2, 0, 0, (b"ab",), 128),
        key().token(1, 1, 0, (b"ab",), 128),
        key().token(1, 0, 1, (b"ab",), 128),
        key().token(1, 0, 0, (b"a", b"b"), 128),
        key().token(1, 0, 0, (b"ab", b""), 128),
        key().token(1, 0, 0, (b"", b"ab"), 128),
        key().filler(b"ab", 0, 128),
        key().filler(b"ab", 1, 128),
        key().filler(b"ac", 0, 128),
    }
    assert len(tokens) == 11


def test_fillers_and_partitions_have_kinds_of_their_own() -> None:
    filler = b"\xf1\x00\x00\x00\x02" + b"\x00\x00\x00\x02id" + b"\x00\x00\x00\x04\x00\x00\x00\x07"
    assert key().filler(b"id", 7, 128) == digest(INDEX, filler)[:16]
    drawn = b"\xf0\x00\x00\x00\x01" + b"\x00\x00\x00\x02id"
    for partitions in (2, 7, 64):
        expected = int.from_bytes(digest(INDEX, drawn)[:8]) % partitions
        assert key().partition(b"id", partitions) == expected
    assert key().partition(b"id", 1) == 0


def test_records_spread_evenly_over_partitions() -> None:
    drawn = [key().partition(struct.pack(">Q", n), 4) for n in range(8_000)]
    for partition in range(4):
        assert 1_800 < drawn.count(partition) < 2_200


def test_the_key_shows_nothing_of_itself() -> None:
    assert repr(key()) == "<index key 01020304>"
