"""Edits that a thief or an administrator makes to one record, as tests share them.

Every edit changes record 2 of the table `people` that `people()` makes, whose three records were
all written twice; `old` is what stood in record 2 before its second write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import strongroom
from strongroom import Boolean, Integer, Text
from strongroom.schema.types import FieldType
from tests.room.thief import Thief

FIELDS: Final[Mapping[str, FieldType]] = {
    "name": Text(),
    "note": Text(optional=True),
    "phone": Text(optional=True),
    "age": Integer(plain=True, minimum=0, maximum=150),
    "city": Text(plain=True, optional=True),
    "floor": Integer(plain=True, optional=True),
    "member": Boolean(plain=True),
}


@dataclass(frozen=True)
class Scene:
    """A table with three records, and what the thief has of it."""

    table: strongroom.Table
    thief: Thief
    old: dict[str, Any]

    def put(self, **columns: object) -> None:
        self.thief.put(self.table, 2, **columns)

    @property
    def now(self) -> dict[str, Any]:
        return self.thief.row(self.table, 2)

    def back(self, *columns: str) -> None:
        """Put older values of some columns back."""
        self.put(**{name: self.old[name] for name in columns})

    def swap(self, one: str, two: str) -> None:
        now = self.now
        self.put(**{one: now[two], two: now[one]})

    def take(self, *columns: str) -> None:
        """Put values of record 1 into record 2."""
        other = self.thief.row(self.table, 1)
        self.put(**{name: other[name] for name in columns})


def people(room: strongroom.Strongroom, thief: Thief) -> Scene:
    table = room.create_table("people", FIELDS)
    for number in range(3):
        table.add(name=f"name {number}", note="note", age=30, city="Turin", member=True)
    old = thief.row(table, 2)
    for number in range(1, 4):
        table.update(number, name=f"name {number}", note="note", age=36, city="Rome", phone="1")
    table.update(2, phone=None)
    table.update(2, phone=None, note=None)
    table.update(2, note="note 2")
    return Scene(table, thief, old)


def _flip(scene: Scene, column: str, place: int) -> None:
    value = bytearray(scene.now[column])
    value[place] ^= 1
    scene.put(**{column: bytes(value)})


@contextmanager
def during(edit: str) -> Iterator[None]:
    """Say which edit it was when a test fails in the middle of many."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"the edit: {edit}")
        raise


Edit = Callable[[Scene], None]

EDITS: Final[Mapping[str, Edit]] = {
    "age": lambda scene: scene.put(age=37),
    "age out of its range": lambda scene: scene.put(age=-1),
    "old age": lambda scene: scene.back("age"),
    "old name": lambda scene: scene.back("name"),
    "old note": lambda scene: scene.back("note"),
    "old cells": lambda scene: scene.back("name", "note"),
    "old values under the new seal": lambda scene: scene.back(*FIELDS),
    "old seal": lambda scene: scene.back("record_seal"),
    "old seal and version": lambda scene: scene.back("record_seal", "record_version"),
    "old name, seal and version": lambda scene: scene.back("name", "record_seal", "record_version"),
    "all old but the age": lambda scene: scene.back(
        *(name for name in scene.old if name not in ("id", "age"))
    ),
    "all old but the note": lambda scene: scene.back(
        *(name for name in scene.old if name not in ("id", "note"))
    ),
    "version": lambda scene: scene.put(record_version=scene.now["record_version"] + 1),
    "version back": lambda scene: scene.put(record_version=1),
    "version 0": lambda scene: scene.put(record_version=0),
    "version below 0": lambda scene: scene.put(record_version=-1),
    "version near the end": lambda scene: scene.put(record_version=2**62),
    "seal of zeros": lambda scene: scene.put(record_seal=bytes(42)),
    "seal's last byte": lambda scene: _flip(scene, "record_seal", 41),
    "seal's key": lambda scene: _flip(scene, "record_seal", 5),
    "seal's layout": lambda scene: _flip(scene, "record_seal", 9),
    "seal of another record": lambda scene: scene.take("record_seal"),
    "optional cell emptied": lambda scene: scene.put(note=None),
    "cell where there was none": lambda scene: scene.put(phone=scene.now["note"]),
    "optional plain value emptied": lambda scene: scene.put(city=None),
    "plain value where there was none": lambda scene: scene.put(floor=0),
    "empty text where there was one": lambda scene: scene.put(city=""),
    "trailing space": lambda scene: scene.put(city="Rome "),
    "other case": lambda scene: scene.put(city="rome"),
    "boolean": lambda scene: scene.put(member=0),
    "boolean 2": lambda scene: scene.put(member=2),
    "another's name": lambda scene: scene.take("name"),
    "another's everything": lambda scene: scene.take(*FIELDS, "record_version", "record_seal"),
    "cells swapped": lambda scene: scene.swap("name", "note"),
    "plaintext": lambda scene: scene.put(name="name 2"),
    "empty cell": lambda scene: scene.put(note=""),
}
