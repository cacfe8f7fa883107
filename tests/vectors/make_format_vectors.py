"""Make `format-1.json`: everything in the format with fixed keys, and every fault on its own.

Run by hand from the project's root: ``python -m tests.vectors.make_format_vectors``. The same
bytes come out every time. The oracle computes them, strongroom is not asked; what values look
like is written out by hand.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from tests import oracle
from tests.vectors.faults_elsewhere import (
    DOCUMENT,
    DOCUMENT_KEY,
    LEGACY_KEY,
    LEGACY_TEXT,
    PARENT,
    SECRET,
    SLOTS,
    STORE,
    documents_refused,
    legacy_refused,
    seals_refused,
    wraps_refused,
)
from tests.vectors.faults_in_cells import IV, PLAINTEXT, WHOLE, cells_refused
from tests.vectors.setting import ROOT, Vector, cell_place, fixed, seal_place, slot
from tests.vectors.tokens import fillers, partitions, records_indexed, tokens

FILE: Final = Path(__file__).with_name("format-1.json")
LENGTHS: Final = (0, 1, 2, 14, 15, 16, 17, 30, 31, 32, 33, 47, 48, 49, 63, 64, 255, 256, 257, 4_999)
IDENTITIES: Final[dict[str, tuple[int | str | UUID | bytes, ...]]] = {
    "integer 1": (1,),
    "integer 0": (0,),
    "integer -1": (-1,),
    "the largest integer": ((1 << 63) - 1,),
    "the smallest integer": (-(1 << 63),),
    "text": ("Ada",),
    "empty text": ("",),
    "text beyond ASCII": ("Ãda 🔑",),
    "UUID": (UUID("00112233-4455-6677-8899-aabbccddeeff"),),
    "bytes": (b"\x00\xff",),
    "two columns": (1, "Ada"),
    "three columns": ("a", b"b", -2),
}


_MOMENT: Final = dt.datetime(2024, 2, 29, 12, 0, 0, 123456, dt.timezone(dt.timedelta(hours=2)))
FOUND: Final[dict[str, oracle.Found]] = {
    "NULL": None,
    "empty text": "",
    "text": "Ada Löwe 🔑",
    "a text like a cell": "sr1.AQEAAAAB",
    "no bytes": b"",
    "bytes": b"\x00\xff",
    "integer": -36,
    "the text of an integer": "-36",
    "decimal": Decimal("-12.340"),
    "float": 0.1,
    "truth": True,
    "date": dt.date(1815, 12, 10),
    "datetime": _MOMENT.replace(tzinfo=None),
    "datetime with zone": _MOMENT,
    "UUID": UUID("00112233-4455-6677-8899-aabbccddeeff"),
}


def derivations() -> Iterator[Vector]:
    counts = {
        "cell": 2,
        "seal": 1,
        "index": 1,
        "wrap": 0,
        "document": 0,
        "adopt": 2,
        "job": 0,
        "parcel": 0,
    }
    for label, count in counts.items():
        for number, ids in enumerate(((1, 2), (2, 1), (0, 0xFFFF_FFFF))):
            key, store = fixed(f"{label} key {number}", 32), fixed(f"store {number}", 16)
            out = oracle.derive(key, store, label, *ids[:count]).hex()
            yield {
                "name": f"{label} {number}",
                "key": key.hex(),
                "store": store.hex(),
                "label": f"strongroom/1/{label}",
                "ids": list(ids[:count]),
                "derived": out,
            }


def fingerprints() -> Iterator[Vector]:
    roots = {"zeros": bytes(32), "ones": b"\xff" * 32, "counting": bytes(range(32)), "root": ROOT}
    for name, root in roots.items():
        store = fixed(f"store of {name}", 16)
        found = oracle.derive(root, store, "fingerprint").hex()
        yield {"name": name, "root": root.hex(), "store": store.hex(), "fingerprint": found}


def cell(name: str, plaintext: bytes, **place: Any) -> Vector:
    where = cell_place(**place)
    iv = place.get("iv") or fixed(f"iv of {name}", 16)
    text = oracle.seal_cell(where.derived, where.key_id, where.identity, iv, plaintext)
    return {
        "name": name,
        **where.shown(),
        "iv": iv.hex(),
        "plaintext": plaintext.hex(),
        "text": text,
    }


def cells() -> Iterator[Vector]:
    yield cell("no plaintext at all", b"")
    letters = fixed("letters", 2_500).hex().encode()
    for length in LENGTHS:
        yield cell(f"text of {length} bytes", b"\1" + letters[:length])
    for name, columns in IDENTITIES.items():
        yield cell(f"record with {name}", b"\1Ada", identity=oracle.identity(*columns))
    for number in (1, 0x0100, 0x8000_0000, 0xFFFF_FFFF):
        yield cell(f"table {number}", b"\1Ada", table=number)
        yield cell(f"field {number}", b"\1Ada", field=number)
        yield cell(f"key id {number}", b"\1Ada", key_id=number)
    yield cell("IV of zeros", b"\1Ada", iv=bytes(16))
    yield cell("IV of ones", b"\1Ada", iv=b"\xff" * 16)
    yield cell("another store", b"\1Ada", store=bytes(16))
    yield cell("another data key", b"\1Ada", data_key=bytes(32))
    yield cell("plaintext that looks like padding", b"\x10" * 16)
    yield cell(WHOLE, PLAINTEXT, iv=IV)
    yield cell(f"{WHOLE}, short", b"\1Ada", iv=IV)
    yield cell(f"{WHOLE}, middle", PLAINTEXT[:20], iv=IV)


def wrap(name: str, parent: bytes, store: bytes, ids: tuple[int, int], secret: bytes) -> Vector:
    iv = IV if name == WHOLE else fixed(f"iv of {name}", 16)
    return {
        "name": name,
        "parent": parent.hex(),
        "store": store.hex(),
        "key_id": ids[0],
        "purpose": ids[1],
        "iv": iv.hex(),
        "secret": secret.hex(),
        "wrapped": oracle.wrap(parent, store, ids, iv, secret).hex(),
    }


def wraps() -> Iterator[Vector]:
    names = [(0, 0), (1, 1), (2, 2), (3, 3), (0xFFFF_FFFF, 1), (0x01020304, 2)]
    for number, ids in enumerate(names):
        parent, store = fixed(f"parent {number}", 32), fixed(f"store {number}", 16)
        secret = fixed(f"wrapped {number}", 32)
        yield wrap(f"key id {ids[0]}, purpose {ids[1]}", parent, store, ids, secret)
    yield wrap(WHOLE, PARENT, STORE, (9, 1), SECRET)


def seals() -> Iterator[Vector]:
    text = str(cell("of a seal", b"\1Ada")["text"])
    null, encrypted = slot(1, "null"), slot(2, "cell", text)
    plain, token = slot(3, "plain", "0224"), slot(4, "token", "a0b1c2d3")
    orders: dict[str, list[Vector]] = {
        "no slot": [],
        "NULL": [null],
        "cell": [encrypted],
        "plain": [plain],
        "token": [token],
        "empty plain text": [slot(3, "plain", "01")],
        "empty token": [slot(4, "token", "")],
        "all kinds": [null, encrypted, plain, token],
        "all kinds backwards": [token, plain, encrypted, null],
        "all kinds shuffled": [plain, null, token, encrypted],
        "the largest id": [slot(0xFFFF_FFFF, "null")],
        "a long plain text": [slot(3, "plain", "01" + "61" * 300)],
    }
    for name, slots in orders.items():
        yield seal_place(slots=slots).sealed(name)
    for version in (0, 2, (1 << 63) - 1):
        yield seal_place(slots=[plain], version=version).sealed(f"version {version}")
    yield seal_place(slots=[plain], layout=0xFFFF_FFFF).sealed("the largest layout")
    two = seal_place(slots=[plain], identity=oracle.identity("Ada", 1))
    yield two.sealed("a key of two columns")
    yield seal_place(slots=list(SLOTS)).sealed(WHOLE)


def documents() -> Iterator[Vector]:
    texts = {"empty": b"", "one byte": b"x", "block": b"y" * 128, "long": b"z" * 3_000}
    for name, document in {**texts, WHOLE: DOCUMENT}.items():
        key, store = fixed(f"document {name}", 32), fixed(f"document store {name}", 16)
        key, store = (DOCUMENT_KEY, STORE) if name == WHOLE else (key, store)
        yield {
            "name": name,
            "store_key": key.hex(),
            "store": store.hex(),
            "document": document.hex(),
            "mac": oracle.document_mac(key, store, document).hex(),
        }


def found() -> Iterator[Vector]:
    for number, (name, value) in enumerate(FOUND.items()):
        key, store = fixed(f"found {number}", 32), fixed(f"found store {number}", 16)
        identity = oracle.identity(number, "Ada")
        kind, data = oracle.found_bytes(value)
        yield {
            "name": name,
            "data_key": key.hex(),
            "store": store.hex(),
            "table": 7,
            "field": number + 1,
            "identity": identity.hex(),
            "kind": kind,
            "bytes": data.hex(),
            "mac": oracle.found_mac(key, store, (7, number + 1), identity, value).hex(),
        }


def jobs() -> Iterator[Vector]:
    parts = {"empty document": (1, b""), "document": (1, b'{"at":null}')}
    parts["content"] = (2, hashlib.sha256(b"a file").digest())
    for name, (kind, data) in parts.items():
        key, store = fixed(f"job {name}", 32), fixed(f"job store {name}", 16)
        mac = oracle.job_mac(key, store, kind, data).hex()
        yield {
            "name": name,
            "store_key": key.hex(),
            "store": store.hex(),
            "kind": kind,
            "bytes": data.hex(),
            "mac": mac,
        }


def legacy() -> Iterator[Vector]:
    texts = ["", "A", "Ada Lovelace", *("x" * count for count in (15, 16, 17, 255))]
    texts += ["é", "🔑" * 4, "a\0b", "\n"]
    for number, text in enumerate(texts):
        key, iv = fixed(f"legacy key {number}", 32), fixed(f"legacy iv {number}", 16)
        value = oracle.seal_legacy(key, iv, text)
        yield {"name": f"{number}", "key": key.hex(), "text": text, "value": value}
    value = oracle.seal_legacy(LEGACY_KEY, IV, LEGACY_TEXT)
    yield {"name": WHOLE, "key": LEGACY_KEY.hex(), "text": LEGACY_TEXT, "value": value}


def identities() -> Iterator[Vector]:
    kinds = {int: "integer", str: "text", UUID: "uuid", bytes: "bytes"}
    for name, columns in IDENTITIES.items():
        shown = [
            {"type": kinds[type(one)], "value": one.hex() if isinstance(one, bytes) else str(one)}
            for one in columns
        ]
        yield {"name": name, "columns": shown, "identity": oracle.identity(*columns).hex()}


def vectors() -> dict[str, Any]:
    """Return the whole file's content."""
    opened = (
        derivations,
        fingerprints,
        identities,
        cells,
        wraps,
        seals,
        documents,
        found,
        jobs,
        legacy,
        tokens,
        partitions,
        fillers,
        records_indexed,
    )
    refused = (cells_refused, wraps_refused, seals_refused, documents_refused, legacy_refused)
    good: dict[str, Any] = {maker.__name__: list(maker()) for maker in opened}
    bad = {maker.__name__: list(maker()) for maker in refused}
    return {
        "format": "strongroom 1",
        "opened": sum(len(part) for part in good.values()),
        "refused": sum(len(part) for part in bad.values()),
        **good,
        **bad,
    }


def content() -> str:
    return json.dumps(vectors(), indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    FILE.write_text(content(), encoding="ascii")
    print(hashlib.sha256(FILE.read_bytes()).hexdigest())  # noqa: T201 - to compare by eye
