"""The worked example of docs/format.md, computed by the second implementation."""

from __future__ import annotations

import base64
from typing import Final

from tests import oracle

ROOT: Final = bytes(range(0x20))
STORE: Final = bytes(range(0xA0, 0xB0))
STORE_KEY: Final = bytes(range(0x20, 0x40))
DATA_KEY: Final = bytes(range(0x40, 0x60))
INDEX_KEY: Final = bytes(range(0xC0, 0xE0))
CELL_IV: Final = bytes(range(0x80, 0x90))
KEY_ID: Final = 0x01020304
INDEX_KEY_ID: Final = 0x02030405
INDEX, BITS, EXACT, FOLDED = 5, 60, 1, 1
PART: Final = b"\1ada lovelace"
TABLE, FIELD, AGE, LAYOUT, RECORD, VERSION = 1, 2, 3, 4, 1, 1
PLAINTEXT: Final = b"\1Ada Lovelace"


def values() -> dict[str, str]:
    """Return every figure of the example by name, bytes in hexadecimal."""
    identity = oracle.identity(RECORD)
    key = oracle.derive(DATA_KEY, STORE, "cell", TABLE, FIELD)
    cell = oracle.seal_cell(key, KEY_ID, identity, CELL_IV, PLAINTEXT)
    raw = oracle.cell_bytes(cell)
    slots = [oracle.slot(FIELD, "cell", cell), oracle.slot(AGE, "plain", b"\2\x24")]
    seal_key = oracle.derive(DATA_KEY, STORE, "seal", TABLE)
    seal = oracle.record_seal(seal_key, (KEY_ID, LAYOUT), identity, VERSION, b"".join(slots))
    root_wrap = oracle.derive(ROOT, STORE, "wrap")
    store_wrap = oracle.derive(STORE_KEY, STORE, "wrap")
    found = {
        "root": ROOT,
        "store": STORE,
        "store_key": STORE_KEY,
        "data_key": DATA_KEY,
        "root_wrap_mac": root_wrap[:32],
        "root_wrap_enc": root_wrap[32:],
        "store_wrap_mac": store_wrap[:32],
        "store_wrap_enc": store_wrap[32:],
        "cell_mac": key[:32],
        "cell_enc": key[32:],
        "seal_key": seal_key,
        "document_key": oracle.derive(STORE_KEY, STORE, "document"),
        "fingerprint": oracle.derive(ROOT, STORE, "fingerprint"),
        "cell_iv": CELL_IV,
        "cell_info": b"strongroom/1/cell\0\1" + oracle.be(TABLE, 4) + oracle.be(FIELD, 4),
        "plaintext": PLAINTEXT,
        "padded": oracle.pad(PLAINTEXT),
        "header": raw[:6],
        "identity": identity,
        "associated": raw[:6] + identity,
        "bits": oracle.be(8 * len(raw[:6] + identity), 8),
        "ct": raw[22:-32],
        "t": raw[-32:],
        "r": seal[:10],
        "slot_2": slots[0],
        "slot_3": slots[1],
        "s": seal[10:],
    }
    found |= tokens(identity)
    wrapped_store = oracle.wrap(ROOT, STORE, (0, 0), bytes(range(0x60, 0x70)), STORE_KEY)
    wrapped_data = oracle.wrap(STORE_KEY, STORE, (KEY_ID, 1), bytes(range(0x70, 0x80)), DATA_KEY)
    return {name: figure.hex() for name, figure in found.items()} | {
        "cell": cell,
        "wrapped_store_key": base64.b64encode(wrapped_store).decode(),
        "wrapped_data_key": base64.b64encode(wrapped_data).decode(),
        "root_octal": "".join(f"\\{one:03o}" for one in ROOT),
    }


def tokens(identity: bytes) -> dict[str, bytes]:
    """Return the figures of the index."""
    key = oracle.derive(INDEX_KEY, STORE, "index", INDEX)
    return {
        "index_key": INDEX_KEY,
        "token_key": key,
        "message": bytes([EXACT, 0, FOLDED, 0, 1]) + oracle.sized(PART),
        "token": oracle.token(key, (EXACT, FOLDED, 0), [PART], BITS),
        "filler_message": b"\xf1\0\0\0\2" + oracle.sized(identity) + oracle.sized(bytes(4)),
        "filler": oracle.filler(key, identity, 0, BITS),
    }
