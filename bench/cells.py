"""Cells sealed and opened, a column at a time, beside what others do with the same plaintexts."""

from __future__ import annotations

import importlib.metadata
import random
from collections.abc import Iterator
from typing import Any, Final

from cryptography.hazmat.backends.openssl import backend

from bench.page import NOT, figure, table
from bench.peers import FERNET, FLOOR, LEGACY, MONGO, OURS, TINK, Column, Peer, peers
from bench.plot import draw_cells
from bench.rounds import ROUNDS, Taken, turned

SIZES: Final = (8, 25, 100, 1_000, 100_000)
_JUDGED: Final = 25
_MOST_CELLS: Final = 10_000
_MOST_BYTES: Final = 4_000_000
_BARS: Final = {
    TINK: "≤ 1",
    FERNET: "≤ 0.40 (2.5 times as fast)",
    LEGACY: "≤ 0.25 (4 times)",
    MONGO: "≤ 0.067 (15 times)",
    FLOOR: "≤ 4.5",
}
_PACKAGES: Final = ("cryptography", "tink", "SQLAlchemy-Utils", "pymongocrypt", "pycryptodome")
_WAYS: Final = ("seal", "open")
Ratios = dict[str, dict[int, float]]
"""By who it is beside, and by the bytes of a plaintext."""


def section() -> Iterator[str]:
    """Give the lines of the section, without its heading."""
    found: dict[str, Ratios] = {way: {} for way in _WAYS}
    missing: dict[str, str] = {}
    linked = ""
    for size in SIZES:
        column = Column(min(_MOST_CELLS, _MOST_BYTES // size))
        present, missing = peers(column)
        linked = column.openssl or "OpenSSL"
        taken = _measure(present, size, len(column.identities))
        for way in _WAYS:
            for peer in present[1:]:
                ratio = taken.ratio(f"{way} {OURS}", f"{way} {peer.name}")
                found[way].setdefault(peer.name, {})[size] = ratio
    yield (
        "Strongroom's column door ÷ what each other takes to turn the same plaintexts into "
        f"texts and back, by the bytes of a plaintext; medians of {ROUNDS} rounds in alternation "
        f"over {_MOST_CELLS:,} cells, or {_MOST_BYTES // 1_000_000} MB where that is less. "
        "Strongroom works in batches of 1,000, as when it writes. Below 1 it is the faster one."
    )
    for way in _WAYS:
        yield ""
        yield from _table(way, found[way], missing)
    yield ""
    yield from _remarks(missing, linked)
    yield ""
    yield f"![Strongroom beside its peers, by the size of a plaintext]({draw_cells(found)})"


def _measure(present: list[Peer], size: int, count: int) -> Taken:
    """Let each seal and open in every round, and see once that it gives back what it was given."""
    plaintexts = _plaintexts(size, count)
    taken = Taken()
    for peer in present:
        sealed = peer.seal(peer.take(plaintexts))
        assert peer.values(peer.open(peer.ready(sealed))) == plaintexts, peer.name
    for number in range(ROUNDS):
        for peer in turned(present, number):
            column: Any = peer.take(plaintexts)
            sealed = taken.time(f"seal {peer.name}", lambda: peer.seal(column))  # noqa: B023
            given = peer.ready(sealed)
            taken.time(f"open {peer.name}", lambda: peer.open(given))  # noqa: B023
    return taken


def _plaintexts(size: int, count: int) -> list[bytes]:
    rng = random.Random(size)  # noqa: S311  # the same ones in every run
    letters = b"abcdefghijklmnopqrstuvwxyz ABCDE"
    whole = rng.randbytes(size * count).translate(bytes(letters[n % 32] for n in range(256)))
    return [whole[at : at + size] for at in range(0, len(whole), size)]


def _table(way: str, ratios: Ratios, missing: dict[str, str]) -> Iterator[str]:
    head = [f"{way}: strongroom ÷", *(f"{size:,} B" for size in SIZES), f"asked at {_JUDGED} B"]
    rows = [
        [name, *(figure(by_size[size]) for size in SIZES), _BARS.get(name, NOT)]
        for name, by_size in ratios.items()
    ]
    rows += [[name, *[NOT] * len(SIZES), _BARS.get(name, NOT)] for name in missing]
    return table(head, rows)


def _remarks(missing: dict[str, str], linked: str) -> Iterator[str]:
    versions = [f"{one} {importlib.metadata.version(one)}" for one in _PACKAGES if _has(one)]
    yield (
        f"{', '.join(versions)}; {backend.openssl_version_text()} in cryptography. The C "
        "loop writes and reads this very format (each side's cells were opened by the other), "
        f"over the system's {linked}, with one AES context, copied SHA-512 states and one draw for "
        "all IVs; only its call is timed, on buffers made before. MongoDB's suite is the same, "
        "with its key vault in memory; its values stay binary, all others are texts. None of the "
        "peers binds a value to its record; the legacy script and AesEngine do not authenticate "
        "it at all."
    )
    for name, reason in missing.items():
        yield ""
        yield f"{name} is missing here: {reason}."


def _has(package: str) -> bool:
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
