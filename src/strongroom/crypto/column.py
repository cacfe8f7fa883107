"""A whole column of cells at a time: the door that every record goes through.

A column is many short messages under one key, so this is where speed comes from: nothing is done
for each cell that can be done once for all. The bytes are those of `cell`, one by one. A cell
that fails is named by its position in the batch.
"""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple, cast

from strongroom.crypto.aead import VerifiedAll
from strongroom.crypto.cell import (
    HEADER_BYTES,
    KNOWN,
    MOST_BYTES,
    MOST_CHARACTERS,
    PREFIX,
    Cell,
    CellKey,
    parse,
    possible,
)
from strongroom.crypto.mac import TAG_BYTES
from strongroom.errors import DecryptionError

_LINE_START: Final = PREFIX.encode("ascii")


class Sealed(NamedTuple):
    """New cells: their texts, and what the record seal covers of each, in order."""

    texts: list[str]
    slots: list[bytes]


class Cells(NamedTuple):
    """Cells whose structure was checked, and nothing else: untrusted, taken apart, in order."""

    heads: list[bytes]
    """H of each."""
    bodies: list[bytes]
    """IV ‖ CT of each."""
    tags: list[bytes]
    """T of each."""

    @classmethod
    def of(cls, cells: Sequence[Cell]) -> Cells:
        """Take cells apart."""
        heads = [cell[:HEADER_BYTES] for cell in cells]
        bodies = [cell[HEADER_BYTES:-TAG_BYTES] for cell in cells]
        return cls(heads, bodies, [cell[-TAG_BYTES:] for cell in cells])

    def some(self, places: Sequence[int]) -> Cells:
        """Return those at some places."""
        return Cells(*([part[place] for place in places] for part in self))

    def slots(self) -> list[bytes]:
        """Return H ‖ T of each: what the record seal covers of a cell."""
        return [head + tag for head, tag in zip(self.heads, self.tags, strict=True)]


def seal_column(key: CellKey, identities: Sequence[bytes], plaintexts: Sequence[bytes]) -> Sealed:
    """Return one new cell for each plaintext, in order.

    Args:
        key: the field's key under the active data key.
        identities: the identity of each record.
        plaintexts: as many values, encoded, each at most 32 MiB.

    Raises:
        ValueError: a plaintext is longer, or there are not as many of both.
    """
    if max(map(len, plaintexts), default=0) > MOST_BYTES:
        raise ValueError("a cell holds at most 32 MiB")
    header = key.header
    bodies, tags = key.aead.encrypt_all(plaintexts, header, identities)
    lines = _lines([header + body + tag for body, tag in zip(bodies, tags, strict=True)])
    return Sealed(lines.split("\n")[:-1], [header + tag for tag in tags])


def _lines(cells: Iterable[bytes]) -> str:
    """Return the text of each cell, each as a line with its end."""
    return _LINE_START.join([b"", *map(binascii.b2a_base64, cells)]).decode("ascii")


def parse_column(texts: Sequence[Any]) -> Cells:
    """Take the texts of a column's cells apart without believing any of it.

    Raises:
        DecryptionError: with the position of the first text that is no cell, as `cell.parse`.
    """
    cells = _parsed(texts)
    if cells is not None:
        return cells
    for position, text in enumerate(texts):
        try:
            parse(text)
        except DecryptionError:
            raise DecryptionError(position) from None
    raise AssertionError("unreachable")


def _parsed(texts: Sequence[Any]) -> Cells | None:
    """Return the cells, or None if one of the texts is none."""
    if not set(map(type, texts)) <= {str} or max(map(len, texts), default=0) > MOST_CHARACTERS:
        return None
    start = len(PREFIX)
    try:
        raws = [binascii.a2b_base64(text[start:]) for text in texts]
    except ValueError:
        return None
    # The decoder skips much, so each is held to the one spelling that its bytes have. Both sides
    # have the same number of line ends only if no text holds one.
    if _lines(raws) != "\n".join([*texts, ""]):
        return None
    if not all(map(possible, set(map(len, raws)))):
        return None
    cells = Cells.of(cast("list[Cell]", raws))
    return cells if all(head.startswith(KNOWN) for head in set(cells.heads)) else None


def verify_column(key: CellKey, identities: Sequence[bytes], cells: Cells) -> VerifiedAll:
    """Check every cell's tag before any decryptor exists.

    Raises:
        DecryptionError: with the position of the first cell that does not belong there.
        ValueError: there are not as many identities as cells.
    """
    header = key.header
    if not set(cells.heads) <= {header}:
        position = next(n for n, head in enumerate(cells.heads) if head != header)
        verify_column(key, identities[:position], cells.some(range(position)))
        raise DecryptionError(position)
    return key.aead.verify_all(cells.bodies, cells.tags, header, identities)
