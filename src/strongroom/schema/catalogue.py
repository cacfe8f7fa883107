"""The catalogue: every table of the store, as it stands in the store document.

Ids of tables, fields and layouts are random and never used twice: keys are derived from them, so an
id that came back would let old cells open in a new field. Counted ids do come back, when a database
is restored from before a table was made.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from strongroom.errors import InputError, IntegrityError, NoTableError
from strongroom.schema.identity import KeyType
from strongroom.schema.names import check_field_name, check_table_name
from strongroom.schema.pending import Kind, Pending, Phase
from strongroom.schema.search.index import index_from_document, index_to_document
from strongroom.schema.table import (
    KEY_COLUMN,
    MOST_FIELDS,
    Field,
    KeyColumn,
    KeyForm,
    Layout,
    Table,
)
from strongroom.schema.types import FieldType, Integer, Text, field_type_from_document

_ID_BYTES: Final = 4
DEFAULT_TABLE: Final = "users"
DEFAULT_FIELDS: Final[Mapping[str, FieldType]] = {
    "name": Text(),
    "age": Integer(plain=True, minimum=0, maximum=150),
}


@dataclass(frozen=True)
class Catalogue:
    """All tables, and those that are being rewritten."""

    tables: tuple[Table, ...] = ()
    pending: tuple[Pending, ...] = ()

    def table(self, name: str) -> Table:
        """Return the table called `name`.

        Raises:
            NoTableError: strongroom does not know it.
        """
        for table in self.tables:
            if table.name == name:
                return table
        known = ", ".join(table.name for table in self.tables) or "none yet"
        raise NoTableError("the store has no such table", hint=f"its tables: {known}")

    def by_id(self, table_id: int) -> Table:
        """Return the table with that id, whatever it is called now.

        Raises:
            NoTableError: it is gone.
        """
        for table in self.tables:
            if table.id == table_id:
                return table
        raise NoTableError("the table is no longer part of the store")

    def knows(self, name: str) -> bool:
        """Say whether there is a table called `name`."""
        return any(table.name == name for table in self.tables)

    def rewriting(self, name: str) -> Pending | None:
        """Return the rewriting of the table called `name`, or None where there is none."""
        return next((one for one in self.pending if one.table.name == name), None)

    def with_pending(self, pending: Pending) -> Catalogue:
        """Return a catalogue in which this is how the rewriting of its table stands."""
        others = tuple(one for one in self.pending if one.table.id != pending.table.id)
        return replace(self, pending=(*others, pending))

    def without_pending(self, table_id: int) -> Catalogue:
        """Return a catalogue in which the table is not being rewritten."""
        return replace(self, pending=tuple(one for one in self.pending if one.table.id != table_id))

    def replacing(self, table_id: int, table: Table | None) -> Catalogue:
        """Return a catalogue with `table` in the place of the one of that id, or without it.

        What is still to be cleaned up of the table is to be found under its new names.
        """
        by_id = {one.id: one for one in self.tables}
        if table is None:
            del by_id[table_id]
            return replace(self, tables=tuple(by_id.values()))
        by_id[table_id] = table
        pending = tuple(
            one.of(table) if one.table.id == table_id and one.phase is Phase.CLEANING else one
            for one in self.pending
        )
        return replace(self, tables=tuple(by_id.values()), pending=pending)

    def with_table(self, name: str, fields: Mapping[str, FieldType]) -> Catalogue:
        """Return a catalogue that has one more table, with an integer primary key `id`.

        Raises:
            InputError: a name is not allowed or taken, or there is no field.
        """
        check_table_name(name)
        if self.knows(name) or self.rewriting(name) is not None:
            raise InputError(f"there is a table {name} already")
        if not 1 <= len(fields) <= MOST_FIELDS:
            raise InputError(f"a table has 1 to {MOST_FIELDS} fields")
        for field_name, declared in fields.items():
            if check_field_name(field_name) == KEY_COLUMN:
                raise InputError(f"{KEY_COLUMN} is the primary key and needs no declaration")
            if not isinstance(declared, FieldType):
                raise InputError(
                    f"{name}.{field_name} needs a type", hint="for example strongroom.Text()"
                )
        table_id, layout_id, *field_ids = self.new_ids(2 + len(fields))
        made = tuple(
            Field(field_id, field_name, declared)
            for field_id, (field_name, declared) in zip(field_ids, fields.items(), strict=True)
        )
        layout = Layout(layout_id, tuple(field.id for field in made))
        table = Table(table_id, name, (KeyColumn(KEY_COLUMN, KeyType.INTEGER),), made, (layout,))
        return replace(self, tables=(*self.tables, table))

    def new_ids(self, count: int) -> list[int]:
        """Return ids that nothing in the catalogue has: random, 32 bits, never 0."""
        used = {0, *_ids(self.tables), *_ids(one.table for one in self.pending)}
        made: list[int] = []
        while len(made) < count:
            drawn = int.from_bytes(os.urandom(_ID_BYTES))
            if drawn not in used:
                used.add(drawn)
                made.append(drawn)
        return made

    def to_document(self) -> dict[str, Any]:
        """Return the catalogue as JSON values."""
        pending = [_pending_out(one) for one in self.pending]
        # What older versions do not know is written only where it says something.
        return {"tables": [_table_out(table) for table in self.tables]} | (
            {"pending": pending} if pending else {}
        )

    @classmethod
    def from_document(cls, document: Any) -> Catalogue:  # noqa: ANN401  # JSON, whatever it is
        """Read what `to_document` gave.

        Raises:
            IntegrityError: it is not that.
        """
        try:
            catalogue = cls(
                tuple(_table_in(table) for table in document["tables"]),
                tuple(_pending_in(one) for one in document.get("pending", ())),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            raise IntegrityError("the catalogue is not readable") from None
        known = [table.id for table in catalogue.tables]
        coming = [one.table for one in catalogue.pending if one.table.id not in known]
        ids = list(_ids((*catalogue.tables, *coming)))
        if catalogue.to_document() != document or not _distinct(ids):
            raise IntegrityError("the catalogue is not readable")
        return catalogue


def _ids(tables: Iterable[Table]) -> Iterator[int]:
    """Give every id of these tables: all kinds share one space."""
    for table in tables:
        yield table.id
        yield from (field.id for field in table.fields)
        yield from (layout.id for layout in table.layouts)
        yield from (index.id for index in table.indexes)


def _distinct(ids: list[int]) -> bool:
    """Say whether every id is a u32, not 0, and none is there twice. The list may hold anything."""
    fits = all(type(one) is int and 0 < one < 1 << 8 * _ID_BYTES for one in ids)
    return fits and len(set(ids)) == len(ids)


def _table_out(table: Table) -> dict[str, Any]:
    # What older versions do not know is written only where it says something.
    later: dict[str, Any] = {"adopted": True} if table.adopted else {}
    if table.indexes:
        later["indexes"] = [index_to_document(one) for one in table.indexes]
    return later | {
        "id": table.id,
        "name": table.name,
        "key": [_key_out(column) for column in table.key],
        "fields": [
            {"id": field.id, "name": field.name, "type": field.type.to_document()}
            for field in table.fields
        ],
        "layouts": [{"id": one.id, "slots": list(one.slots)} for one in table.layouts],
    }


def _key_out(column: KeyColumn) -> dict[str, str]:
    form = {} if column.form is KeyForm.PLAIN else {"form": str(column.form)}
    return {"name": column.name, "type": column.type.name.lower()} | form


def _table_in(document: Any) -> Table:  # noqa: ANN401
    return Table(
        id=document["id"],
        name=check_table_name(document["name"]),
        key=tuple(
            KeyColumn(
                column["name"],
                KeyType[column["type"].upper()],
                KeyForm(column.get("form", KeyForm.PLAIN)),
            )
            for column in document["key"]
        ),
        fields=tuple(
            Field(
                field["id"],
                check_field_name(field["name"]),
                field_type_from_document(field["type"]),
            )
            for field in document["fields"]
        ),
        layouts=tuple(Layout(one["id"], tuple(one["slots"])) for one in document["layouts"]),
        adopted=document.get("adopted", False),
        indexes=tuple(index_from_document(one) for one in document.get("indexes", ())),
    )


def _pending_out(one: Pending) -> dict[str, Any]:
    return {
        "kind": str(one.kind),
        "phase": str(one.phase),
        "table": _table_out(one.table),
        "scheme": one.scheme,
        "legacy_keys": list(one.legacy_keys),
        "offline": one.offline,
        "accepted": list(one.accepted),
        "replaced": list(one.replaced),
    }


def _pending_in(document: Any) -> Pending:  # noqa: ANN401
    return Pending(
        kind=Kind(document["kind"]),
        phase=Phase(document["phase"]),
        table=_table_in(document["table"]),
        scheme=document["scheme"],
        legacy_keys=tuple(document["legacy_keys"]),
        offline=document["offline"],
        accepted=tuple(document["accepted"]),
        replaced=tuple(document["replaced"]),
    )
