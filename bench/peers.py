"""What seals and opens cells, strongroom and its peers: each the way its own users would call it.

A peer that cannot be had on this platform is in the list too, with the reason.
"""

from __future__ import annotations

import base64
import importlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.hmac import HMAC

from bench.floor import Floor, Joined
from strongroom.crypto.cell import CellKey, parse
from strongroom.crypto.column import parse_column, seal_column, verify_column
from strongroom.crypto.derive import Label, derive
from strongroom.crypto.secret import Secret
from strongroom.room.batches import MOST_RECORDS
from strongroom.schema.identity import KeyType, encode_identities

OURS: Final = "strongroom"
FLOOR: Final = "C loop over OpenSSL"
MAC: Final = "HMAC-SHA-512 of the plaintexts, nothing else"
TINK: Final = "Tink AES256_GCM, base64"
FERNET: Final = "Fernet (cryptography)"
MONGO: Final = "MongoDB explicit encryption (pymongocrypt)"
LEGACY: Final = "legacy script (pycryptodome)"
ENGINES: Final = tuple(
    f"SQLAlchemy-Utils {one}" for one in ("AesEngine", "AesGcmEngine", "FernetEngine")
)


@dataclass(frozen=True)
class Peer:
    """One way to seal and open a column.

    Attributes:
        seal: what is timed; it returns what `open` takes.
        open: what is timed; it returns what `values` takes.
        take: what makes a column of these plaintexts ready for `seal`, untimed.
        ready: what makes the sealed column ready for `open`, untimed.
        values: what gives the plaintexts back for comparison, untimed.
    """

    name: str
    seal: Callable[[Any], Any]
    open: Callable[[Any], Any]
    take: Callable[[Sequence[bytes]], Any] = list
    ready: Callable[[Any], Any] = lambda sealed: sealed
    values: Callable[[Any], list[bytes]] = lambda opened: [
        one.encode() if isinstance(one, str) else bytes(one) for one in opened
    ]


class Column:
    """Strongroom's own ways over one column, and the key that the C loop shares.

    Attributes:
        openssl: what the C loop was linked with, if there is one.
    """

    def __init__(self, count: int) -> None:
        secret, store = Secret.generate(), os.urandom(16)
        self.key = CellKey(secret, store, 7, 1, 2)
        self.raw = derive(secret, store, Label.CELL, 1, 2)
        self.openssl = ""
        keys = [(number + 1,) for number in range(count)]
        self.identities = encode_identities((KeyType.INTEGER,), keys)

    def seal(self, plaintexts: Sequence[bytes]) -> list[str]:
        """Seal in batches of the size that a room writes."""
        texts: list[str] = []
        for at in range(0, len(plaintexts), MOST_RECORDS):
            part = slice(at, at + MOST_RECORDS)
            texts += seal_column(self.key, self.identities[part], plaintexts[part]).texts
        return texts

    def open(self, texts: Sequence[str]) -> list[bytes]:
        """Check and open in batches."""
        plaintexts: list[bytes] = []
        for at in range(0, len(texts), MOST_RECORDS):
            part = slice(at, at + MOST_RECORDS)
            cells = parse_column(texts[part])
            plaintexts += verify_column(self.key, self.identities[part], cells).decrypt()
        return plaintexts

    def peers(self) -> Iterator[Peer]:
        """Give the column door and the door for one cell."""
        yield Peer(OURS, self.seal, self.open)
        seal, verify, identities = self.key.seal, self.key.verify, self.identities
        yield Peer(
            "strongroom, cell by cell",
            lambda column: [seal(one, text) for one, text in zip(identities, column, strict=True)],
            lambda cells: [
                verify(one, parse(text)).decrypt()
                for one, text in zip(identities, cells, strict=True)
            ],
        )

    def floor(self) -> Iterator[Peer]:
        """Give the C loop, which must write what strongroom reads and read what it writes."""
        loop = Floor(self.raw, self.key.header, self.identities)
        self.openssl = loop.openssl

        def seal(given: tuple[Joined, Joined]) -> tuple[Joined, Joined]:
            loop.seal(*given)
            return given

        def ready(sealed: tuple[Joined, Joined]) -> tuple[Joined, Joined]:
            plain, cells = sealed
            texts = [one.decode("ascii") for one in cells.values()]
            assert self.open(texts) == plain.values(), "strongroom reads what the C loop wrote"
            return Joined.of([one.encode() for one in self.seal(plain.values())]), plain

        def opened(given: tuple[Joined, Joined]) -> Joined:
            loop.open(*given)
            return given[1]

        yield Peer(FLOOR, seal, opened, loop.prepare, ready, Joined.values)


def _mac() -> Iterator[Peer]:
    """Give what any cipher that authenticates by HMAC pays at least, from a state keyed once."""
    keyed = HMAC(os.urandom(64), SHA512())

    def authenticate(column: list[bytes]) -> list[bytes]:
        for one in column:
            state = keyed.copy()
            state.update(one)
            state.finalize()
        return column

    yield Peer(MAC, authenticate, authenticate)


def _fernet() -> Iterator[Peer]:
    fernet = Fernet(Fernet.generate_key())
    yield Peer(
        FERNET,
        lambda column: [fernet.encrypt(one).decode("ascii") for one in column],
        lambda tokens: [fernet.decrypt(one) for one in tokens],
    )


def _one_by_one(name: str, seal: Callable[[str], Any], opened: Callable[[Any], str]) -> Peer:
    """Give a peer that takes one text at a time."""
    return Peer(
        name,
        lambda column: [seal(one) for one in column],
        lambda values: [opened(one) for one in values],
        lambda plaintexts: [one.decode() for one in plaintexts],
    )


def _legacy() -> Iterator[Peer]:
    """Give the script that strongroom takes over from, on the library that it used."""
    aes = importlib.import_module("Crypto.Cipher.AES")
    padding = importlib.import_module("Crypto.Util.Padding")
    key = os.urandom(32)

    def seal(text: str) -> str:
        cipher = aes.new(key, aes.MODE_CBC)
        body = cipher.encrypt(padding.pad(text.encode(), aes.block_size))
        return base64.b64encode(cipher.iv + body).decode()

    def opened(value: str) -> str:
        raw = base64.b64decode(value)
        cipher = aes.new(key, aes.MODE_CBC, raw[: aes.block_size])
        body = cipher.decrypt(raw[aes.block_size :])
        return str(padding.unpad(body, aes.block_size).decode())

    yield _one_by_one(LEGACY, seal, opened)


def _tink() -> Iterator[Peer]:
    tink = importlib.import_module("tink")
    aead = importlib.import_module("tink.aead")
    aead.register()
    handle = tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM)
    primitive = handle.primitive(aead.Aead)
    yield Peer(
        TINK,
        lambda column: [
            base64.b64encode(primitive.encrypt(one, b"users.name")).decode("ascii")
            for one in column
        ],
        lambda values: [primitive.decrypt(base64.b64decode(one), b"users.name") for one in values],
    )


def _sqlalchemy_utils() -> Iterator[Peer]:
    module = importlib.import_module("sqlalchemy_utils.types.encrypted.encrypted_type")
    for name in ("AesEngine", "AesGcmEngine", "FernetEngine"):
        engine = getattr(module, name)()
        engine._update_key(os.urandom(32))  # noqa: SLF001  # as its column type does
        if name == "AesEngine":
            engine._set_padding_mechanism("pkcs5")  # noqa: SLF001  # likewise
        yield _one_by_one(f"SQLAlchemy-Utils {name}", engine.encrypt, engine.decrypt)


def _mongo() -> Iterator[Peer]:
    explicit = importlib.import_module("bench.mongo").Explicit()
    yield _one_by_one(MONGO, explicit.encrypt, explicit.decrypt)


def peers(column: Column) -> tuple[list[Peer], dict[str, str]]:
    """Return who takes part, strongroom first, and why the others do not.

    Args:
        column: strongroom's side.
    """
    present, missing = list(column.peers()), {}
    others: dict[str, Callable[[], Iterator[Peer]]] = {
        TINK: _tink,
        FERNET: _fernet,
        "SQLAlchemy-Utils engines": _sqlalchemy_utils,
        MONGO: _mongo,
        LEGACY: _legacy,
        MAC: _mac,
        FLOOR: column.floor,
    }
    for name, make in others.items():
        try:
            present += make()
        except (ImportError, OSError) as error:
            missing[name] = str(error)
    return present, missing
