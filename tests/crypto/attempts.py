"""What the tests of the cipher layer share: a fixed setting, and what a refusal must look like."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Final

import pytest

from strongroom.crypto.cell import PREFIX, CellKey, parse
from strongroom.crypto.column import Cells, seal_column, verify_column
from strongroom.crypto.secret import Secret
from strongroom.errors import DecryptionError

TEXT: Final = "the value cannot be opened"
DATA_KEY: Final = bytes(range(0x20, 0x40))
STORE: Final = bytes(range(0xA0, 0xB0))
KEY_ID: Final = 0x01020304
IDENTITY: Final = bytes.fromhex("0101000000080000000000000007")


def cell_key(
    data_key: bytes = DATA_KEY,
    store: bytes = STORE,
    key_id: int = KEY_ID,
    table: int = 1,
    field: int = 2,
) -> CellKey:
    return CellKey(Secret(data_key), store, key_id, table, field)


def refusal(attempt: Callable[..., object], *arguments: object) -> DecryptionError:
    """Make an attempt that must be refused, and hold the error to its one shape."""
    with pytest.raises(DecryptionError) as caught:
        attempt(*arguments)
    error = caught.value
    assert type(error) is DecryptionError
    assert error.args == (TEXT,)
    assert str(error) == TEXT
    assert error.hint is None
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__
    return error


def open_cell(text: str, key: CellKey | None = None, identity: bytes = IDENTITY) -> bytes:
    """Open by the reference door."""
    return (key or cell_key()).verify(identity, parse(text)).decrypt()


def open_in_column(text: str, key: CellKey | None = None, identity: bytes = IDENTITY) -> bytes:
    """Open by the column door, between two cells that are good."""
    key = key or cell_key()
    first, last = seal_column(key, [identity, identity], [b"first", b"last"]).texts
    cells = [parse(first), parse(text), parse(last)]
    return verify_column(key, [identity] * 3, Cells.of(cells)).decrypt()[1]


def spell(raw: bytes) -> str:
    """Spell raw bytes as a cell, whether or not they are one."""
    return PREFIX + base64.b64encode(raw).decode("ascii")


def raw_bytes(text: str) -> bytes:
    return base64.b64decode(text.removeprefix(PREFIX), validate=True)


class FixedRandom:
    """A random source whose bytes are known: one stream, however it is cut into calls."""

    def __init__(self, seed: bytes = b"") -> None:
        self._stream = hashlib.shake_256(b"strongroom tests" + seed).digest(1 << 18)
        self.used = 0

    def __call__(self, count: int) -> bytes:
        piece = self._stream[self.used : self.used + count]
        assert len(piece) == count, "the fixed stream is used up"
        self.used += count
        return piece
