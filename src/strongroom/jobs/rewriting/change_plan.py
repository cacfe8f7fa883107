"""What a conversion or a release would do, found out before anything is done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from strongroom.errors import InputError
from strongroom.room.rewriting import in_the_way
from strongroom.room.store import Store
from strongroom.schema.catalogue import Catalogue
from strongroom.schema.pending import Kind, Pending, Phase
from strongroom.schema.search.index import Phase as IndexPhase
from strongroom.schema.table import Field, Layout, Table
from strongroom.schema.types import FieldType
from strongroom.storage.inspection import inspect
from strongroom.storage.rewriting import shadows
from strongroom.storage.rewriting.obstacles import check
from strongroom.storage.unique import constraint_name


def planned_release(store: Store, name: str) -> Pending:
    """Return the release of a table, as the catalogue would hold it.

    Raises:
        NoTableError: there is no such table.
        InputError: something is in the way.
    """
    table = store.state.catalogue.table(name)
    _check_no_indexes(table, [field.name for field in table.fields])
    replaced = tuple(field.name for field in table.fields if field.encrypted)
    pending = Pending(Kind.RELEASE, Phase.FILLING, table, replaced=replaced)
    return _unless_in_the_way(store, pending, ())


def planned_conversion(
    store: Store, name: str, fields: Mapping[str, FieldType | None], accept: Collection[str]
) -> Pending:
    """Return the conversion of a table, as the catalogue would hold it.

    Args:
        store: whose table it is.
        name: of the table.
        fields: how each changed field is declared from then on; None drops it.
        accept: names of indexes that may go, and of triggers that may stay.

    Raises:
        NoTableError: there is no such table.
        InputError: an unknown field, nothing to change, or something is in the way.
    """
    catalogue = store.state.catalogue
    old = catalogue.table(name)
    if not fields:
        raise InputError(f"no field of {name} was given to change")
    for field_name, declared in fields.items():
        _check(old, old.field(field_name), declared)
    _check_no_indexes(old, fields)
    new = _converted(catalogue, old, fields)
    pending = Pending(Kind.CONVERT, Phase.FILLING, new, replaced=tuple(fields))
    return _unless_in_the_way(store, pending, accept)


def _unless_in_the_way(store: Store, pending: Pending, accept: Collection[str]) -> Pending:
    """Refuse what the swap would break, or would fail at when every record is written."""
    name = pending.table.name
    ours = {constraint_name(name, one) for one in pending.replaced}
    with store.database.read() as connection:
        shape = inspect(connection, store.dialect, name)
        shadows.check_free(shape, pending)
        found = in_the_way(connection, store, shape, pending)
    # A released table is its programs' own again: their triggers may run on.
    free = pending.kind is Kind.RELEASE
    accepted = {one.name for one in found if free or one.name in ours or one.name in accept}
    check(found, accepted, name)
    return replace(pending, accepted=tuple(sorted(accepted)))


def check_same(pending: Pending, fields: Mapping[str, FieldType | None]) -> None:
    """Refuse to go on with another conversion than somebody asks for.

    Raises:
        InputError: it is another.
    """
    known = {one.name: one.type for one in pending.table.fields}
    begun = {name: known.get(name) for name in pending.replaced}
    if pending.kind is Kind.CONVERT and dict(fields) != begun:
        name = pending.table.name
        raise InputError(
            f"{name} is being rewritten already, and not as it is asked now",
            hint=f"finish that first with: strongroom alter-table {name}",
        )


def _check_no_indexes(table: Table, names: Collection[str]) -> None:
    """Refuse to rewrite fields that are in an index, or a table whose indexes are changing."""
    there = {field.id for field in table.fields if field.name in names}
    for index in table.indexes:
        if index.phase is not IndexPhase.ACTIVE or any(index.covers(one) for one in there):
            raise InputError(
                f"the index {index.name} of {table.name} is in the way",
                hint=f"drop it first: strongroom drop-index {table.name} {index.name}",
            )


def _check(table: Table, field: Field, declared: FieldType | None) -> None:
    if declared is None:
        return
    where = f"{table.name}.{field.name}"
    if type(declared) is not type(field.type):
        raise InputError(
            f"{where} is a {field.type.name} and cannot become a {declared.name}",
            hint="add a new field, fill it, and drop this one",
        )
    if declared.plain is field.type.plain:
        word = "plain" if declared.plain else "encrypted"
        raise InputError(f"{where} is {word} already")


def _converted(catalogue: Catalogue, old: Table, fields: Mapping[str, FieldType | None]) -> Table:
    layout_id, *ids = catalogue.new_ids(1 + len(fields))
    new_ids = dict(zip(fields, ids, strict=True))
    made = []
    for field in old.fields:
        declared = fields.get(field.name, field.type)
        if declared is not None:
            made.append(Field(new_ids.get(field.name, field.id), field.name, declared))
    if not made:
        raise InputError(f"{old.name} must keep at least one field")
    covered = [index.id for index in old.columns]
    layout = Layout(layout_id, (*(field.id for field in made), *covered))
    # Its columns were renamed into place: they may be looser than those of a table made anew.
    return replace(old, fields=tuple(made), layouts=(layout,), adopted=True)
