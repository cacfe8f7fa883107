"""The fixed keys and places that the format's vectors are made in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any, Final

from tests import oracle

Vector = dict[str, Any]


def fixed(name: str, count: int) -> bytes:
    """Return bytes that look random and are the same every time."""
    return hashlib.shake_256(f"strongroom vectors: {name}".encode()).digest(count)


ROOT: Final = fixed("root", 32)


@dataclass(frozen=True)
class CellPlace:
    """Everything that a cell is bound to."""

    data_key: bytes = fixed("data key", 32)
    store: bytes = fixed("store", 16)
    key_id: int = 0x01020304
    table: int = 1
    field: int = 2
    identity: bytes = oracle.identity(7)

    @property
    def derived(self) -> bytes:
        return oracle.derive(self.data_key, self.store, "cell", self.table, self.field)

    @property
    def header(self) -> bytes:
        return b"\1\1" + oracle.be(self.key_id, 4)

    def shown(self) -> Vector:
        return {
            "data_key": self.data_key.hex(),
            "store": self.store.hex(),
            "key_id": self.key_id,
            "table": self.table,
            "field": self.field,
            "identity": self.identity.hex(),
        }


def cell_place(**changes: Any) -> CellPlace:
    changes.pop("iv", None)
    return CellPlace(**changes)


def slot(slot_id: int, kind: str, content: str = "") -> Vector:
    """Return one slot as the file shows it: a cell's text, else hex."""
    return {"id": slot_id, "kind": kind, "content": content}


def slot_bytes(shown: Vector) -> bytes:
    kind, content = shown["kind"], shown["content"]
    return oracle.slot(shown["id"], kind, content if kind == "cell" else bytes.fromhex(content))


@dataclass(frozen=True)
class SealPlace:
    """Everything that a record seal covers or is bound to."""

    slots: tuple[Vector, ...]
    data_key: bytes = fixed("data key", 32)
    store: bytes = fixed("store", 16)
    key_id: int = 0x01020304
    table: int = 1
    layout: int = 5
    identity: bytes = oracle.identity(7)
    version: int = 1

    @property
    def derived(self) -> bytes:
        return oracle.derive(self.data_key, self.store, "seal", self.table)

    @property
    def seal(self) -> bytes:
        slots = b"".join(slot_bytes(one) for one in self.slots)
        ids = (self.key_id, self.layout)
        return oracle.record_seal(self.derived, ids, self.identity, self.version, slots)

    def sealed(self, name: str, seal: bytes | None = None, **changes: Any) -> Vector:
        """Return a vector: this place's seal, or another, shown beside what `changes` says."""
        where = replace(self, **changes)
        return {
            "name": name,
            "data_key": where.data_key.hex(),
            "store": where.store.hex(),
            "key_id": where.key_id,
            "table": where.table,
            "layout": where.layout,
            "identity": where.identity.hex(),
            "version": where.version,
            "slots": list(where.slots),
            "seal": (self.seal if seal is None else seal).hex(),
        }


def seal_place(slots: list[Vector], **changes: Any) -> SealPlace:
    return SealPlace(tuple(slots), **changes)
