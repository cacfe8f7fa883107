"""Wraps, seals, documents and legacy values to be refused, each for the one fault it names."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, Final

from tests import oracle
from tests.vectors.faults_in_cells import IV, PLACE, TEXT, mac
from tests.vectors.setting import Vector, fixed, seal_place, slot, slot_bytes

PARENT: Final = fixed("parent", 32)
STORE: Final = fixed("store", 16)
SECRET: Final = fixed("wrapped", 32)
DOCUMENT_KEY: Final = fixed("document key", 32)
DOCUMENT: Final = b'{"format":1}'
LEGACY_KEY: Final = fixed("legacy key", 32)
LEGACY_TEXT: Final = "Ada Lovelace"
SLOTS: Final = (
    slot(1, "null"),
    slot(2, "cell", TEXT),
    slot(3, "plain", "0224"),
    slot(4, "token", "a0b1"),
)


def wraps_refused() -> Iterator[Vector]:
    parent, store, secret = PARENT, STORE, SECRET
    good = oracle.wrap(parent, store, (9, 1), IV, secret)
    key, name = oracle.derive(parent, store, "wrap"), oracle.wrap_name(store, 9, 1)
    base: Vector = {"parent": parent.hex(), "store": store.hex(), "key_id": 9, "purpose": 1}
    for part, value in {
        "parent": bytes(32).hex(), "store": bytes(16).hex(), "key_id": 8, "purpose": 2,
    }.items():  # fmt: skip
        yield {"name": f"another {part}", **base, part: value, "wrapped": good.hex()}
    for fault, wrapped in {
        "empty": b"", "cut after the IV": good[:16], "no tag": good[:-32],
        "tag of 16 bytes": good[:-16], "tag of 31 bytes": good[:-1], "a byte more": good + b"\0",
        "a block more": good + bytes(16), "tag of zeros": good[:-32] + bytes(32),
        "IV changed": bytes([good[0] ^ 1]) + good[1:],
        "31 bytes under a right tag": oracle.protect(key, IV, oracle.pad(secret[:31]), name),
        "33 bytes under a right tag": oracle.protect(key, IV, oracle.pad(secret + b"\0"), name),
        "nothing under a right tag": oracle.protect(key, IV, oracle.pad(b""), name),
        "wrong padding under a right tag": oracle.protect(key, IV, secret + bytes(16), name),
        "no padding under a right tag": oracle.protect(key, IV, secret, name),
        "A with another suite": oracle.protect(key, IV, oracle.pad(secret), name[:-1] + b"\2"),
        "A without the zero byte": oracle.protect(
            key, IV, oracle.pad(secret), name.replace(b"wrap\0", b"wrap", 1)
        ),
        "A without the store": oracle.protect(key, IV, oracle.pad(secret), name[:18] + name[34:]),
        "under the parent as it is": oracle.protect(parent * 2, IV, oracle.pad(secret), name),
    }.items():  # fmt: skip
        yield {"name": fault, **base, "wrapped": wrapped.hex()}


def seals_refused() -> Iterator[Vector]:
    other = oracle.seal_cell(PLACE.derived, PLACE.key_id, PLACE.identity, bytes(16), b"\1Ada")
    slots = null, encrypted, plain, token = SLOTS
    place = seal_place(list(slots))
    for fault, changed in {
        "two slots exchanged": (null, encrypted, token, plain),
        "a slot is missing": slots[:3],
        "a slot too many": (*slots, slot(5, "null")),
        "another slot id": (slot(9, "null"), encrypted, plain, token),
        "a cell made NULL": (null, slot(2, "null"), plain, token),
        "NULL made a plain text": (slot(1, "plain", "01"), encrypted, plain, token),
        "another cell": (null, slot(2, "cell", other), plain, token),
        "another plain value": (null, encrypted, slot(3, "plain", "0225"), token),
        "another type of a plain value": (null, encrypted, slot(3, "plain", "0124"), token),
        "plain made a token": (null, encrypted, slot(3, "token", "0224"), token),
        "another token": (null, encrypted, plain, slot(4, "token", "a0b2")),
        "a shorter token": (null, encrypted, plain, slot(4, "token", "a0")),
        "no slots": (),
    }.items():
        yield place.sealed(fault, slots=changed)
    values: dict[str, Any] = {
        "data_key": bytes(32), "store": bytes(16), "key_id": 1, "table": 2, "layout": 6,
        "identity": oracle.identity(8), "version": 2,
    }  # fmt: skip
    for part, value in values.items():
        # `layout` is said by the seal itself, so the seal is changed there
        seal = place.seal[:6] + oracle.be(6, 4) + place.seal[10:] if part == "layout" else None
        yield place.sealed(f"another {part}", seal, **{part: value})
    good, joined = place.seal, b"".join(slot_bytes(one) for one in slots)
    head, name = good[:10], place.identity
    one = oracle.be(1, 8)
    for fault, seal in {
        "empty": b"", "R alone": good[:10], "a byte less": good[:-1], "a byte more": good + b"\0",
        "S of zeros": good[:10] + bytes(32), "version 2": b"\2" + good[1:],
        "suite 2": b"\1\2" + good[2:], "last bit flipped": good[:-1] + bytes([good[-1] ^ 1]),
        "identity without its length": head + mac(head + name + one + joined, place.derived)[:32],
        "record version of 32 bits": head
        + mac(head + oracle.sized(name) + one[4:] + joined, place.derived)[:32],
        "R not covered": head + mac(oracle.sized(name) + one + joined, place.derived)[:32],
        "second half of HMAC": head
        + mac(head + oracle.sized(name) + one + joined, place.derived)[32:],
    }.items():  # fmt: skip
        yield place.sealed(fault, seal)


def documents_refused() -> Iterator[Vector]:
    key, store, document = DOCUMENT_KEY, STORE, DOCUMENT
    good = oracle.document_mac(key, store, document)
    base: Vector = {"store_key": key.hex(), "store": store.hex(), "document": document.hex()}
    for part, value in {
        "store_key": bytes(32), "store": bytes(16), "document": document + b" ",
    }.items():  # fmt: skip
        yield {"name": f"another {part}", **base, part: value.hex(), "mac": good.hex()}
    derived = oracle.derive(key, store, "document")
    for fault, tag in {
        "empty": b"", "31 bytes": good[:31], "zeros": bytes(32), "64 bytes": mac(document, derived),
        "second half of HMAC": mac(document, derived)[32:],
        "under the store key itself": mac(document, key)[:32],
    }.items():  # fmt: skip
        yield {"name": fault, **base, "mac": tag.hex()}


def legacy_refused() -> Iterator[Vector]:
    key = LEGACY_KEY
    good = oracle.seal_legacy(key, IV, LEGACY_TEXT)
    raw = base64.b64decode(good)

    def padded(content: bytes) -> str:
        return base64.b64encode(oracle.protect(bytes(32) + key, IV, content, b"")[:-32]).decode()

    for fault, value in {
        "empty": "", "the IV alone": base64.b64encode(raw[:16]).decode(),
        "half a block": base64.b64encode(raw[:24]).decode(),
        "a byte more": base64.b64encode(raw + b"\0").decode(),
        "a character outside base64": good[:8] + "*" + good[9:],
        "url-safe alphabet": good[:8] + "-" + good[9:], "padding is missing": good.rstrip("="),
        "a space inside": good[:8] + " " + good[8:], "not ASCII": good[:8] + "é" + good[9:],
        "a cell": TEXT, "padding: a zero": padded(b"Ada" + bytes(13)),
        "padding: 17": padded(b"\x11" * 16), "padding: none": padded(b"Ada Lovelace!!!!"),
        "not UTF-8": padded(oracle.pad(b"Ada\xff")),
        "half a surrogate pair": padded(oracle.pad(b"\xed\xa0\x80")),
        "overlong UTF-8": padded(oracle.pad(b"\xc0\x80")), "plain text": "Ada Lovelace",
    }.items():  # fmt: skip
        yield {"name": fault, "key": key.hex(), "value": value}
