"""The whole format a second time: from its description alone, on another AES library.

Nothing of strongroom is imported: HKDF by hand, the standard library's HMAC, pycryptodome's AES.
What does not open raises ValueError.
"""

import base64
import datetime as dt
import hashlib
import hmac
from decimal import Decimal
from typing import Final
from uuid import UUID

from Crypto.Cipher import AES

# The other labels give 32 bytes.
LENGTHS: Final = {"cell": 64, "wrap": 64, "parcel": 64, "fingerprint": 8}


def require(fact: object) -> None:
    if not fact:
        raise ValueError("refused")


def be(number: int, count: int) -> bytes:
    return number.to_bytes(count, "big")


def sha512_mac(key: bytes, message: bytes) -> bytes:
    return hmac.new(key, message, hashlib.sha512).digest()


def hkdf(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    pseudorandom, block, out = sha512_mac(salt, key), b"", b""
    for counter in range(1, -(-length // 64) + 1):
        block = sha512_mac(pseudorandom, block + info + be(counter, 1))
        out += block
    return out[:length]


def derive(key: bytes, store: bytes, label: str, *ids: int) -> bytes:
    info = f"strongroom/1/{label}".encode() + b"\0\x01" + b"".join(be(one, 4) for one in ids)
    return hkdf(key, store, info, LENGTHS.get(label, 32))


def tag(key: bytes, associated: bytes, body: bytes) -> bytes:
    return sha512_mac(key[:32], associated + body + be(8 * len(associated), 8))[:32]


def pad(plaintext: bytes) -> bytes:
    fill = 16 - len(plaintext) % 16
    return plaintext + bytes([fill]) * fill


def unpad(padded: bytes) -> bytes:
    fill = padded[-1]
    require(1 <= fill <= 16 and padded.endswith(bytes([fill]) * fill))
    return padded[:-fill]


def protect(key: bytes, iv: bytes, padded: bytes, associated: bytes) -> bytes:
    """Suite 1. Padding is the caller's, so that a test can have it wrong under a right tag."""
    body = iv + (AES.new(key[32:], AES.MODE_CBC, iv=iv).encrypt(padded) if padded else b"")
    return body + tag(key, associated, body)


def expose(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    require(len(sealed) >= 64 and len(sealed) % 16 == 0)
    require(hmac.compare_digest(tag(key, associated, sealed[:-32]), sealed[-32:]))
    return unpad(AES.new(key[32:], AES.MODE_CBC, iv=sealed[:16]).decrypt(sealed[16:-32]))


def spell(raw: bytes) -> str:
    return "sr1." + base64.b64encode(raw).decode()


def seal_cell(key: bytes, key_id: int, identity: bytes, iv: bytes, plaintext: bytes) -> str:
    head = b"\1\1" + be(key_id, 4)
    return spell(head + protect(key, iv, pad(plaintext), head + identity))


def cell_bytes(text: str) -> bytes:
    raw = base64.b64decode(text[4:], validate=True)
    require(spell(raw) == text and len(raw) >= 70 and len(raw) % 16 == 6)
    return raw


def open_cell(key: bytes, key_id: int, identity: bytes, text: str) -> bytes:
    raw = cell_bytes(text)
    require(raw[:6] == b"\1\1" + be(key_id, 4))
    return expose(key, raw[6:], raw[:6] + identity)


def wrap_name(store: bytes, key_id: int, purpose: int) -> bytes:
    return b"strongroom/1/wrap\0" + store + be(key_id, 4) + be(purpose, 1) + b"\x01"


def wrap(parent: bytes, store: bytes, name: tuple[int, int], iv: bytes, secret: bytes) -> bytes:
    return protect(derive(parent, store, "wrap"), iv, pad(secret), wrap_name(store, *name))


def unwrap(parent: bytes, store: bytes, name: tuple[int, int], wrapped: bytes) -> bytes:
    secret = expose(derive(parent, store, "wrap"), wrapped, wrap_name(store, *name))
    require(len(secret) == 32)
    return secret


def sized(content: bytes) -> bytes:
    return be(len(content), 4) + content


def identity(*columns: int | str | UUID | bytes) -> bytes:
    out = be(len(columns), 1)
    for one in columns:
        if isinstance(one, int):
            out += b"\x01" + sized(one.to_bytes(8, "big", signed=True))
        elif isinstance(one, str):
            out += b"\x02" + sized(one.encode())
        else:
            out += b"\x03" + sized(one.bytes) if isinstance(one, UUID) else b"\x04" + sized(one)
    return out


def slot(slot_id: int, kind: str, content: str | bytes = b"") -> bytes:
    """Return one slot; `content` is a cell's text, type tag ‖ canonical bytes, or a token."""
    lead = be(slot_id, 4) + be(("null", "cell", "plain", "token").index(kind), 1)
    if isinstance(content, str):
        raw = cell_bytes(content)
        return lead + raw[:6] + raw[-32:]
    if kind == "plain":
        return lead + content[:1] + sized(content[1:])
    return lead + (sized(content) if kind == "token" else b"")


def record_seal(key: bytes, ids: tuple[int, int], name: bytes, version: int, slots: bytes) -> bytes:
    """Return R ‖ S; `ids` are key id and layout, `name` is the identity, slots are joined."""
    head = b"\1\1" + be(ids[0], 4) + be(ids[1], 4)
    return head + sha512_mac(key, head + sized(name) + be(version, 8) + slots)[:32]


def document_mac(store_key: bytes, store: bytes, document: bytes) -> bytes:
    return sha512_mac(derive(store_key, store, "document"), document)[:32]


def chunk_place(parcel: bytes, header: bytes, number: int, last: int) -> bytes:
    bound = b"strongroom/1/parcel\0" + parcel + hashlib.sha512(header).digest()
    return bound + be(number, 8) + be(last, 1)


def parcel(key: bytes, name: bytes, header: bytes, chunks: list[tuple[bytes, bytes]]) -> bytes:
    """Return a whole parcel; `name` is its id, a chunk is its IV and its plaintext."""
    derived = derive(key, name, "parcel")
    lines = [header]
    for number, (iv, chunk) in enumerate(chunks, start=1):
        place = chunk_place(name, header, number, int(number == len(chunks)))
        lines.append(base64.b64encode(protect(derived, iv, pad(chunk), place)))
    return b"".join(line + b"\n" for line in lines)


def open_parcel(key: bytes, name: bytes, text: bytes) -> bytes:
    """Return the chunks of a parcel, joined."""
    require(text.endswith(b"\n"))
    header, *lines = text[:-1].split(b"\n")
    derived, found = derive(key, name, "parcel"), b""
    require(lines)
    for number, line in enumerate(lines, start=1):
        sealed = base64.b64decode(line, validate=True)
        require(base64.b64encode(sealed) == line)
        place = chunk_place(name, header, number, int(number == len(lines)))
        found += expose(derived, sealed, place)
    return found


Found = None | str | bytes | int | float | Decimal | dt.date | UUID


def found_bytes(value: Found) -> tuple[int, bytes]:
    """Return the kind of an old value and its bytes: by its type, spelled by hand."""
    if value is None:
        return 0, b""
    if isinstance(value, str):
        return 1, value.encode()
    if isinstance(value, bytes):
        return 2, value
    if isinstance(value, dt.datetime):
        zone = "" if value.tzinfo is None else "+02:00"
        return 3, value.strftime("%Y-%m-%dT%H:%M:%S.%f").encode() + zone.encode()
    if isinstance(value, dt.date):
        return 3, value.strftime("%Y-%m-%d").encode()
    return 3, f"{value}".encode()


def found_mac(
    data_key: bytes, store: bytes, place: tuple[int, int], name: bytes, value: Found
) -> bytes:
    kind, data = found_bytes(value)
    key = derive(data_key, store, "adopt", *place)
    return sha512_mac(key, sized(name) + be(kind, 1) + data)[:32]


def job_mac(store_key: bytes, store: bytes, kind: int, data: bytes) -> bytes:
    return sha512_mac(derive(store_key, store, "job"), be(kind, 1) + data)[:32]


def token(key: bytes, head: tuple[int, int, int], parts: list[bytes], bits: int) -> bytes:
    """Return an index token; `key` is the index's own, `head` kind, normaliser and partition."""
    message = be(head[0], 1) + be(head[1], 2) + be(head[2], 1) + be(len(parts), 1)
    mac = sha512_mac(key, message + b"".join(sized(one) for one in parts))
    return be(int.from_bytes(mac, "big") >> (512 - bits) << -bits % 8, -(-bits // 8))


def partition(key: bytes, name: bytes, partitions: int) -> int:
    """Return in which partition the record of an identity falls."""
    drawn = token(key, (0xF0, 0, 0), [name], 64)
    return int.from_bytes(drawn, "big") % partitions


def filler(key: bytes, name: bytes, number: int, bits: int) -> bytes:
    return token(key, (0xF1, 0, 0), [name, be(number, 4)], bits)


def seal_legacy(key: bytes, iv: bytes, text: str) -> str:
    encrypted = AES.new(key, AES.MODE_CBC, iv=iv).encrypt(pad(text.encode()))
    return base64.b64encode(iv + encrypted).decode()


def open_legacy(key: bytes, value: str) -> str:
    raw = base64.b64decode(value, validate=True)
    return unpad(AES.new(key, AES.MODE_CBC, iv=raw[:16]).decrypt(raw[16:])).decode()
