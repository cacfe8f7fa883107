"""One table: its primary key, its fields, and the layouts that its seals were made under."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

from strongroom.errors import InputError
from strongroom.schema.identity import KeyType, encode_identities, encode_identity
from strongroom.schema.search.index import BlindIndex
from strongroom.schema.types import FieldType
from strongroom.schema.values import Tag, Value

VERSION_COLUMN: Final = "record_version"
SEAL_COLUMN: Final = "record_seal"
KEY_COLUMN: Final = "id"
MOST_FIELDS: Final = 200


@dataclass(frozen=True, slots=True)
class Field:
    """A column under strongroom's care: encrypted, or plain and sealed."""

    id: int
    name: str
    type: FieldType

    @property
    def encrypted(self) -> bool:
        """Whether the database sees only cells of this field."""
        return not self.type.plain


class KeyForm(StrEnum):
    """How a column of the primary key keeps its values, where that is not as their type says.

    Adopted tables keep the key that they have: SQLAlchemy and Django keep UUIDs as text or bytes.
    """

    PLAIN = "plain"  # integers, text in binary order, UUIDs of a native type, bytes
    COLLATED = "collated"  # text in an order of the database's own: pages follow that one
    DATE = "date"  # a day, whose identity is its ISO text
    UUID_TEXT = "uuid-text"  # 36 characters
    UUID_HEX = "uuid-hex"  # 32 hex digits
    UUID_BYTES = "uuid-bytes"  # 16 bytes


@dataclass(frozen=True, slots=True)
class KeyColumn:
    """A column of the primary key. Its type is frozen when the table is created or adopted."""

    name: str
    type: KeyType
    form: KeyForm = KeyForm.PLAIN


@dataclass(frozen=True, slots=True)
class Layout:
    """Which fields and index columns a seal covers, and in which order. Never changed."""

    id: int
    slots: tuple[int, ...]


@dataclass(frozen=True)
class Table:
    """A table as the catalogue knows it.

    An adopted one was made by someone else: its columns may have other types than strongroom
    would have chosen, as long as they give back what is stored in them.
    """

    id: int
    name: str
    key: tuple[KeyColumn, ...]
    fields: tuple[Field, ...]
    layouts: tuple[Layout, ...]
    adopted: bool = False
    indexes: tuple[BlindIndex, ...] = ()

    @cached_property
    def counted(self) -> bool:
        """Whether new primary keys come from strongroom's counter; otherwise callers give them."""
        return len(self.key) == 1 and self.key[0].type is KeyType.INTEGER

    @property
    def layout(self) -> Layout:
        """The layout of seals that are made now."""
        return self.layouts[-1]

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The fields by name."""
        return {field.name: field for field in self.fields}

    @cached_property
    def mutable(self) -> tuple[Field, ...]:
        """The fields whose values a caller could change after having given them: those of JSON."""
        return tuple(field for field in self.fields if field.type.tag is Tag.JSON)

    @cached_property
    def layouts_by_id(self) -> Mapping[int, Layout]:
        """Every layout that a seal of this table may name."""
        return {layout.id: layout for layout in self.layouts}

    @cached_property
    def columns(self) -> tuple[BlindIndex, ...]:
        """The indexes whose tokens stand in a column of the table, one for each record."""
        return tuple(index for index in self.indexes if not index.kind.beside)

    @cached_property
    def beside(self) -> tuple[BlindIndex, ...]:
        """The indexes whose tokens stand in a table beside it."""
        return tuple(index for index in self.indexes if index.kind.beside)

    def fields_of(self, index: BlindIndex) -> list[Field]:
        """Return the fields of an index, in its order."""
        by_id = {field.id: field for field in self.fields}
        return [by_id[part.field] for part in index.parts]

    def index(self, name: object) -> BlindIndex:
        """Return the index called `name`; of two, the one that replaces the other.

        Raises:
            InputError: there is none.
        """
        found = [index for index in self.indexes if index.name == name]
        if not found:
            known = ", ".join(dict.fromkeys(index.name for index in self.indexes)) or "none yet"
            raise InputError(f"{self.name} has no such index", hint=f"its indexes: {known}")
        return found[-1]

    @cached_property
    def _key_types(self) -> tuple[KeyType, ...]:
        return tuple(column.type for column in self.key)

    @cached_property
    def key_names(self) -> tuple[str, ...]:
        """The names of the primary key's columns."""
        return tuple(column.name for column in self.key)

    def identity(self, key: tuple[object, ...]) -> bytes:
        """Return the bytes that bind a record's cells and seal to its primary key.

        Raises:
            InputError: a part of the key has another type or is out of range.
        """
        return encode_identity(self._key_types, key)

    def identities(self, keys: Sequence[tuple[object, ...]]) -> list[bytes]:
        """Return the identity of each of many records.

        Raises:
            InputError: as `identity`.
        """
        return encode_identities(self._key_types, keys)

    def field(self, name: object) -> Field:
        """Return the field called `name`.

        Raises:
            InputError: there is none. The name is not repeated: it may be a misplaced value.
        """
        found = self.by_name.get(name) if type(name) is str else None
        if found is None:
            known = ", ".join(self.by_name)
            raise InputError(f"{self.name} has no such field", hint=f"its fields are: {known}")
        return found

    def split(
        self, values: Mapping[str, object]
    ) -> tuple[tuple[object, ...], Mapping[str, object]]:
        """Return the primary key that a new record's values hold, and its fields.

        For tables whose keys are not counted: where they are, no value may name one.

        Raises:
            InputError: a part of the key is missing or cannot be one.
        """
        rest = dict(values)
        key = tuple(rest.pop(name, None) for name in self.key_names)
        for name, part in zip(self.key_names, key, strict=True):
            if part is None:
                raise InputError(f"{self.name}.{name} must be given: it is the primary key")
        self.identity(key)
        return key, rest

    def check_all(self, records: Sequence[Mapping[str, object]]) -> list[tuple[Value | None, ...]]:
        """Return the values of whole records as they will be stored, in the order of the fields.

        Raises:
            InputError: an unknown field, a missing one, or a value that breaks its field's rule.
        """
        known = self.by_name.keys()
        for record in records:
            if not record.keys() <= known:
                self._check_names(record)
        columns = [
            one.type.check_all([record.get(one.name) for record in records], self.where(one))
            for one in self.fields
        ]
        return list(zip(*columns, strict=True))

    def where(self, field: Field) -> str:
        """Return how an error calls a field of this table."""
        return f"{self.name}.{field.name}"

    def check_changes(self, changes: Mapping[str, object]) -> dict[str, Value]:
        """Return the values of some fields as they will be stored.

        Raises:
            InputError: no field at all, an unknown one, or a value that breaks its field's rule.
        """
        if not changes:
            raise InputError(f"no field of {self.name} was given to change")
        self._check_names(changes)
        return {
            name: self.by_name[name].type.check(value, f"{self.name}.{name}")
            for name, value in changes.items()
        }

    def _check_names(self, names: Iterable[object]) -> None:
        for name in names:
            self.field(name)
