"""A table that is being rewritten: adopted, released, or converted to other fields.

It is filled beside the columns that it has, in *shadow* columns, which the database's programs do
not know. Until the cut-over the columns as they were are what counts, and dropping the shadows
undoes all of it. The record here is part of the catalogue, so that an interrupted rewriting is
authenticated and goes on where it stopped, wherever that was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from strongroom.errors import InputError
from strongroom.schema.sized_types import MOST_BYTES
from strongroom.schema.table import SEAL_COLUMN, VERSION_COLUMN, Field, Table
from strongroom.schema.types import FieldType, Text, ZonedDateTime

PLAINTEXT: Final = "plaintext"
FOUND_COLUMN: Final = "record_found"
_SHADOW: Final = "strongroom_"


class Kind(StrEnum):
    """What is done to the table."""

    ADOPT = "adopt"  # someone else's table becomes strongroom's
    RELEASE = "release"  # strongroom's table becomes an ordinary one, in plaintext
    CONVERT = "convert"  # fields become encrypted, plain or are dropped


class Phase(StrEnum):
    """How far it is."""

    FILLING = "filling"  # the columns as they were are what counts
    CLEANING = "cleaning"  # cut over: what was replaced is still in the files


@dataclass(frozen=True, slots=True)
class Pending:
    """One table's rewriting.

    Attributes:
        kind: what is done.
        phase: how far it is.
        table: adopt and convert: the table as it will be. Release: as it is.
        scheme: adopt: what the old values of the encrypted fields are, a scheme's name.
        legacy_keys: adopt: the ids of the keys that open them, in order.
        offline: adopt: whether somebody promised that nobody else writes meanwhile.
        accepted: adopt: the names of indexes and triggers that may be dropped or left running.
        replaced: which columns the cut-over drops, in the order of the table's fields.
    """

    kind: Kind
    phase: Phase
    table: Table
    scheme: str = PLAINTEXT
    legacy_keys: tuple[int, ...] = ()
    offline: bool = False
    accepted: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()

    @property
    def command(self) -> str:
        """The command that goes on with it, or undoes it."""
        word = "alter-table" if self.kind is Kind.CONVERT else self.kind
        return f"strongroom {word} {self.table.name}"

    @property
    def filled(self) -> tuple[Field, ...]:
        """The fields whose columns are filled beside the old ones, as they will be."""
        found = (field for field in self.table.fields if field.name in self.replaced)
        if self.kind is Kind.RELEASE:
            return tuple(Field(one.id, one.name, in_plaintext(one.type)) for one in found)
        return tuple(found)

    @property
    def shadows(self) -> dict[str, str]:
        """The final name of every column that is filled, and the name it has until the cut-over."""
        names = [field.name for field in self.filled]
        if self.kind is not Kind.RELEASE:
            names += [VERSION_COLUMN, SEAL_COLUMN]
        return {name: shadow(name) for name in names}

    @property
    def writes_plaintext(self) -> bool:
        """Whether the shadows hold in plaintext what is encrypted in the table."""
        return any(not field.encrypted for field in self.filled)

    def of(self, table: Table) -> Pending:
        """Return the rewriting of the same table, altered since it was cut over."""
        now = {field.id: field.name for field in table.fields}
        names = {field.name: now.get(field.id) for field in self.table.fields}
        followed = tuple(name for one in self.replaced if (name := names.get(one)) is not None)
        return replace(self, table=table, replaced=followed)


def in_plaintext(declared: FieldType) -> FieldType:
    """Return how the values of an encrypted field are kept once they are released.

    As the type's own plain column where that holds all of them exactly, otherwise as the text that
    the type spells.
    """
    if not isinstance(declared, ZonedDateTime):  # a plain one forgets the offset
        try:
            return replace(declared, plain=True, pad=None)
        except InputError:
            pass
    return Text(plain=True, optional=declared.optional, max_bytes=MOST_BYTES)


def shadow(name: str) -> str:
    """Return what the column `name` is called until the cut-over. No field can be called so."""
    return _SHADOW + name
