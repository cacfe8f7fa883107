"""Cells that must be refused: each is a good one with exactly one fault, which it names."""

from __future__ import annotations

import base64
import hashlib
import hmac
import string
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from tests import oracle
from tests.vectors.setting import CellPlace, Vector, fixed

PLACE: Final = CellPlace()
IV: Final = fixed("iv of faults", 16)
PLAINTEXT: Final = b"\1Augusta Ada King, Countess of Lovelace"
TEXT: Final = oracle.seal_cell(PLACE.derived, PLACE.key_id, PLACE.identity, IV, PLAINTEXT)
RAW: Final = oracle.cell_bytes(TEXT)
SHORT: Final = oracle.seal_cell(PLACE.derived, PLACE.key_id, PLACE.identity, IV, b"\1Ada")
MIDDLE: Final = oracle.seal_cell(PLACE.derived, PLACE.key_id, PLACE.identity, IV, PLAINTEXT[:20])
CT: Final = RAW[22:-32]
A: Final = PLACE.header + PLACE.identity
WHOLE: Final = "the good one behind the refused ones"


ALPHABET: Final = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"


def spellings() -> Iterator[tuple[str, str]]:
    """Other texts for the same bytes, or for nearly the same."""
    body = TEXT[4:]
    # 86 bytes: one "=", and in the character before it two bits that must be zero
    dirty = ALPHABET[ALPHABET.index(MIDDLE[-2]) + 1]
    yield "base64: padding is missing", SHORT.rstrip("=")
    yield "base64: half of the padding is missing", SHORT[:-1]
    yield "base64: too much padding", MIDDLE + "="
    yield "base64: padding where none belongs", TEXT + "===="
    yield "base64: padding in the middle", MIDDLE[:40] + "=" + MIDDLE[40:-1]
    yield (
        "base64: trailing bits are not zero",
        MIDDLE[:-2] + dirty + "=",
    )
    yield "base64: url-safe alphabet", TEXT.replace("+", "-").replace("/", "_")
    yield "base64: a space in front", "sr1. " + body
    yield "base64: a space at the end", TEXT + " "
    yield "base64: a space inside", TEXT[:50] + " " + TEXT[50:]
    yield "base64: a line end at the end", TEXT + "\n"
    yield "base64: a DOS line end at the end", TEXT + "\r\n"
    yield "base64: broken into lines", "sr1." + base64.encodebytes(RAW).decode().rstrip("\n")
    yield "base64: a tab inside", TEXT[:50] + "\t" + TEXT[50:]
    yield "base64: a NUL at the end", TEXT + "\0"
    yield "base64: a character outside ASCII", TEXT[:50] + "\uff21" + TEXT[51:]
    yield "base64: one character more", TEXT + "A"
    yield "hexadecimal instead of base64", "sr1." + RAW.hex()
    yield "prefix: capital letters", "SR1." + body
    yield "prefix: another number", "sr2." + body
    yield "prefix: missing", body
    yield "prefix: without its point", "sr1" + body
    yield "prefix: a space in front", " " + TEXT
    yield "prefix: a byte order mark in front", "\ufeff" + TEXT
    yield "prefix: twice", "sr1." + TEXT
    yield "prefix: nothing behind it", "sr1."
    yield "nothing at all", ""
    yield "a legacy value", oracle.seal_legacy(PLACE.data_key, IV, "Ada")


def lengths() -> Iterator[tuple[str, bytes]]:
    """Bytes cut at each border, or with some too many."""
    for name, end in {
        "version": 1, "suite": 2, "half of the key id": 4, "key id": 6, "half of the IV": 14,
        "IV": 22, "half a block": 30, "the first block": 38, "the second block": 54,
        "the ciphertext": len(RAW) - 32, "4 bytes of the tag": len(RAW) - 28,
        "12 bytes of the tag": len(RAW) - 20, "16 bytes of the tag": len(RAW) - 16,
        "31 bytes of the tag": len(RAW) - 1,
    }.items():  # fmt: skip
        yield f"cut after {name}", RAW[:end]
    yield "cut: the first byte is missing", RAW[1:]
    yield "cut: no IV", RAW[:6] + RAW[22:]
    yield "cut: the first block is missing", RAW[:22] + RAW[38:]
    yield "a byte behind the tag", RAW + b"\0"
    yield "a block behind the tag", RAW + bytes(16)
    yield "a block between ciphertext and tag", RAW[:-32] + bytes(16) + RAW[-32:]
    yield "two blocks exchanged", RAW[:22] + RAW[38:54] + RAW[22:38] + RAW[54:]


def tagged(head: bytes, body: bytes, associated: bytes = A) -> bytes:
    """Return raw bytes whose tag is right for what they are."""
    return head + body + oracle.tag(PLACE.derived, associated, body)


def mac(message: bytes, key: bytes = PLACE.derived[:32]) -> bytes:
    return oracle.sha512_mac(key, message)


def tags() -> Iterator[tuple[str, bytes]]:
    """Tags that are not this one, computed nearly right."""
    body, bits = RAW[6:-32], oracle.be(8 * len(A), 8)
    whole = mac(A + body + bits)
    enc_mac = PLACE.derived[32:] + PLACE.derived[:32]
    for name, tag in {
        "zeros": bytes(32),
        "ones": b"\xff" * 32,
        "last bit flipped": RAW[-32:-1] + bytes([RAW[-1] ^ 1]),
        "first bit flipped": bytes([RAW[-32] ^ 128]) + RAW[-31:],
        "second half of HMAC": whole[32:],
        "HMAC-SHA-256": hmac.new(PLACE.derived[:32], A + body + bits, hashlib.sha256).digest(),
        "length in bytes": mac(A + body + oracle.be(len(A), 8))[:32],
        "length of everything": mac(A + body + oracle.be(8 * len(A + body), 8))[:32],
        "length little-endian": mac(A + body + bits[::-1])[:32],
        "length of 32 bits": mac(A + body + bits[4:])[:32],
        "length missing": mac(A + body)[:32],
        "length in front": mac(bits + A + body)[:32],
        "A at the end": mac(body + A + bits)[:32],
        "IV not covered": mac(A + CT + bits)[:32],
        "A without header": oracle.tag(PLACE.derived, PLACE.identity, body),
        "A without identity": oracle.tag(PLACE.derived, PLACE.header, body),
        "key halves exchanged": oracle.tag(enc_mac, A, body),
        "keyed with all 64 bytes": mac(A + body + bits, PLACE.derived)[:32],
        "keyed with the data key": mac(A + body + bits, PLACE.data_key)[:32],
        "over the plaintext": mac(A + PLAINTEXT + bits)[:32],
    }.items():
        yield f"tag: {name}", RAW[:-32] + tag
    yield "tag: all 64 bytes of HMAC", RAW[:-32] + whole


def rightly_tagged() -> Iterator[tuple[str, bytes]]:
    """What only a holder of the key can make: the tag is right, something else is not."""
    for name, head in {
        "version 0": b"\0\1", "version 2": b"\2\1", "suite 0": b"\1\0", "suite 2": b"\1\2",
    }.items():  # fmt: skip
        header = head + PLACE.header[2:]
        yield f"{name}, rightly tagged", tagged(header, RAW[6:-32], header + PLACE.identity)
    other = PLACE.header[:5] + b"\5"
    yield "another key id, rightly tagged", tagged(other, RAW[6:-32], other + PLACE.identity)
    yield "no ciphertext, rightly tagged", tagged(RAW[:6], IV)
    yield "neither IV nor ciphertext, rightly tagged", tagged(RAW[:6], b"")
    yield "half a block too much, rightly tagged", tagged(RAW[:6], RAW[6:-32] + bytes(8))
    for name, padded in {
        "a zero": b"\1Ada" + bytes(12),
        "17": b"\1Ada".ljust(15, b"\x11") + b"\x11",
        "255": b"\1Ada" + b"\xff" * 12,
        "one byte differs": b"\1Ada" + b"\x0c" * 5 + b"\x0d" + b"\x0c" * 6,
        "first byte differs": b"\1Ada" + b"\x0b" + b"\x0c" * 11,
        "zeros before the count": b"\1Ada" + bytes(11) + b"\x0c",
        "one more than there are": b"\1Ada" + b"\x0d" * 12,
        "none": b"\1Ada Lovelace!!!",
        "more than the last block": b"\x20" * 32,
    }.items():
        sealed = oracle.protect(PLACE.derived, IV, padded, A)
        yield f"padding: {name}, rightly tagged", RAW[:6] + sealed


def cells_refused() -> Iterator[Vector]:
    for name, text in spellings():
        yield {"name": name, **PLACE.shown(), "text": text}
    for maker in (lengths, tags, rightly_tagged):
        for name, raw in maker():
            yield {"name": name, **PLACE.shown(), "text": oracle.spell(raw)}
    changed: dict[str, Any] = {
        "data_key": fixed("another data key", 32), "store": fixed("another store", 16),
        "key_id": 0x01020305, "table": 2, "field": 1, "identity": oracle.identity(8),
    }  # fmt: skip
    for part, value in changed.items():
        yield {
            "name": f"moved: another {part}",
            **replace(PLACE, **{part: value}).shown(),
            "text": TEXT,
        }
    exchanged = replace(PLACE, table=2, field=1)
    yield {"name": "moved: table and field exchanged", **exchanged.shown(), "text": TEXT}
    longer = replace(PLACE, identity=oracle.identity("\0\0\0\0\0\0\0\7"))
    yield {"name": "moved: a record of another key type", **longer.shown(), "text": TEXT}
