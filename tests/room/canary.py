"""Marked values, every form in which they could show, and the search for them."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

NAME: Final = "Canäry Lovelace of Ockham Park"
NOTE: Final = "diagnosis-canary-7319-\U0001f426"
PHONE: Final = 88001234567890177
PHOTO: Final = b"\x89canary photograph\x00\xff\x01"
FILE: Final = {"canary-illness": ["canary-remedy-4711"]}
SECRETS: Final = (
    NAME[:12], NAME[-12:], NOTE[:16], str(PHONE), "canary photograph",
    "canary-illness", "canary-remedy-4711",
)  # fmt: skip


def forms(text: str) -> Iterator[bytes]:
    """Give the bytes under which `text` could stand in a file, a log or a message."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        yield from spellings(text.encode(encoding))
    yield text.encode("latin-1", "replace")
    yield json.dumps(text)[1:-1].encode()
    yield ascii(text)[1:-1].encode()


def spellings(data: bytes) -> Iterator[bytes]:
    """Give `data` raw, in hex of both cases, in base64 at each alignment and as Python shows it."""
    yield data
    yield data.hex().encode()
    yield data.hex().upper().encode()
    yield repr(data)[2:-1].encode()
    for shift in range(3):
        # What depends on the neighbours is cut off on both sides.
        encoded = base64.b64encode(bytes(shift) + data)
        yield encoded[4 if shift else 0 : len(encoded) - 4]


def marks(keys: Iterable[bytes] = ()) -> tuple[bytes, ...]:
    """Return every form of every secret, and of the keys given."""
    found = {form for text in SECRETS for form in forms(text)}
    found |= {form for key in (PHOTO, PHONE.to_bytes(8), *keys) for form in spellings(key)}
    return tuple(sorted(form for form in found if len(form) >= 8))  # shorter ones come by chance


def seen(data: bytes | str, wanted: Sequence[bytes]) -> list[bytes]:
    """Return the marks that are in `data`."""
    raw = data if isinstance(data, bytes) else data.encode("utf-8", "backslashreplace")
    return [mark for mark in wanted if mark in raw]


def in_files(
    files: Iterable[tuple[Path, bytes]], wanted: Sequence[bytes]
) -> tuple[int, list[tuple[str, bytes]]]:
    """Return how many bytes were searched, and which file holds which mark."""
    size, found = 0, []
    for path, data in files:
        size += len(data)
        short = data.replace(bytes(64), b"\0")  # logs and tables are mostly empty room
        found += [(path.name, mark) for mark in seen(short, wanted)]
    return size, found
