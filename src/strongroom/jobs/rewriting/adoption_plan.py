"""What an adoption would do, found out before anything is done: columns, types, obstacles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from strongroom.errors import InputError, NoTableError
from strongroom.room.rewriting import in_the_way
from strongroom.room.store import Store
from strongroom.schema.catalogue import Catalogue
from strongroom.schema.names import check_field_name, check_table_name
from strongroom.schema.pending import PLAINTEXT, Kind, Pending, Phase
from strongroom.schema.table import Field, KeyColumn, Layout, Table
from strongroom.schema.types import FieldType
from strongroom.storage.inspection import Shape, inspect
from strongroom.storage.rewriting import shadows
from strongroom.storage.rewriting.foreign import keeps, key_column, readable, sealable
from strongroom.storage.rewriting.obstacles import Obstacle, blocking, check

Columns = Mapping[str, FieldType | None] | Sequence[str]


@dataclass(frozen=True, slots=True)
class Adoption:
    """What is asked of an adoption.

    Attributes:
        table: its name in the database.
        encrypt: the columns to encrypt: their names, or names and types, where None stands for
            what follows from the column's own type.
        seal: the columns to keep plain and seal, likewise; all others stay outside.
        scheme: what the values of the encrypted columns are now.
        uuids: columns of the primary key that hold UUIDs as text or bytes.
        accept: names of obstacles that may be dropped or left as they are.
        offline: a promise that nobody else writes until it is done: no triggers are needed.
    """

    table: str
    encrypt: Columns = ()
    seal: Columns = ()
    scheme: str = PLAINTEXT
    uuids: frozenset[str] = frozenset()
    accept: frozenset[str] = frozenset()
    offline: bool = False

    def __post_init__(self) -> None:
        for columns in (self.encrypt, self.seal, self.uuids, self.accept):
            if isinstance(columns, str):  # a sequence of names too, each of one letter
                raise InputError("names are given as a list", hint='for example: ["name"]')


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done.

    Attributes:
        pending: as the catalogue would hold it.
        shape: of the table as it stands.
        outside: the columns that strongroom will neither write nor return.
        unfilled: those of them without which no row can be added.
        obstacles: what is in the way, accepted or not.
    """

    pending: Pending
    shape: Shape
    outside: tuple[str, ...]
    unfilled: tuple[str, ...]
    obstacles: tuple[Obstacle, ...]

    @property
    def blocking(self) -> Iterator[Obstacle]:
        """What nobody accepted, or nobody can."""
        yield from blocking(self.obstacles, self.pending.accepted)

    def check(self) -> None:
        """Refuse to go on against an obstacle.

        Raises:
            InputError: with the first one; or something was accepted that is not there.
        """
        names = {one.name for one in self.obstacles}
        if not names.issuperset(self.pending.accepted):
            raise InputError(
                "a name was accepted that nothing in the way has",
                hint=f"in the way: {', '.join(sorted(names)) or 'nothing'}",
            )
        check(self.obstacles, self.pending.accepted, self.pending.table.name)


def make_plan(store: Store, wanted: Adoption) -> Plan:
    """Look at a table and say how it would be adopted.

    Raises:
        NoTableError: the database has no such table.
        InputError: it has no primary key, or a column cannot be taken over as asked.
    """
    check_table_name(wanted.table)
    catalogue = store.state.catalogue
    if catalogue.knows(wanted.table):
        raise InputError(
            f"{wanted.table} is a table of the store already",
            hint="to take over more of its columns, release it and adopt it again with all of them",
        )
    with store.database.read() as connection:
        shape = inspect(connection, store.dialect, wanted.table)
        if not shape.columns:
            raise NoTableError(f"the database has no table {wanted.table}")
        pending = _pending(catalogue, shape, wanted)
        shadows.check_free(shape, pending)
        return _plan(connection, store, shape, pending)


def _plan(connection: sa.Connection, store: Store, shape: Shape, pending: Pending) -> Plan:
    ours = {*pending.table.key_names, *pending.table.by_name}
    outside = [column for name, column in shape.columns.items() if name not in ours]
    return Plan(
        pending=pending,
        shape=shape,
        outside=tuple(column.name for column in outside),
        unfilled=tuple(
            column.name for column in outside if not column.nullable and not column.filled
        ),
        obstacles=tuple(in_the_way(connection, store, shape, pending)),
    )


def _pending(catalogue: Catalogue, shape: Shape, wanted: Adoption) -> Pending:
    key = _key(shape, wanted)
    encrypt, seal = named(wanted.encrypt), named(wanted.seal)
    types = {
        **_types(shape, encrypt, encrypted=True),
        **_types(shape, seal, encrypted=False),
    }
    if not encrypt:
        raise InputError("no column was named to encrypt", hint="for example: --encrypt name")
    both = encrypt.keys() & seal.keys()
    if both:
        raise InputError(f"column {min(both)} is to be encrypted and sealed: it can be one of them")
    table_id, layout_id, *field_ids = catalogue.new_ids(2 + len(types))
    ordered = [name for name in shape.columns if name in types]
    fields = tuple(
        Field(field_id, name, types[name])
        for field_id, name in zip(field_ids, ordered, strict=True)
    )
    layout = Layout(layout_id, tuple(one.id for one in fields))
    table = Table(table_id, wanted.table, key, fields, (layout,), adopted=True)
    return Pending(
        Kind.ADOPT,
        Phase.FILLING,
        table,
        scheme=wanted.scheme,
        offline=wanted.offline,
        accepted=tuple(sorted(wanted.accept)),
        replaced=tuple(one.name for one in fields if one.encrypted),
    )


def _key(shape: Shape, wanted: Adoption) -> tuple[KeyColumn, ...]:
    if not shape.key:
        raise InputError(
            f"the table {wanted.table} has no primary key, so no record can be told from another",
            hint="give it one first",
        )
    unknown = wanted.uuids - set(shape.key)
    if unknown:
        raise InputError(f"{min(unknown)} is no column of the primary key")
    for name in shape.key:
        _check_name(name)
    return tuple(
        key_column(shape.dialect, shape.columns[name], uuid=name in wanted.uuids)
        for name in shape.key
    )


def named(columns: Columns) -> dict[str, FieldType | None]:
    """Return the columns of a list or a mapping, and the types that were given with them.

    Raises:
        InputError: it is a text.
    """
    if isinstance(columns, str):
        raise InputError("columns are named in a list", hint='for example: encrypt=["name"]')
    return dict(columns) if isinstance(columns, Mapping) else dict.fromkeys(columns)


def _types(
    shape: Shape, asked: Mapping[str, FieldType | None], *, encrypted: bool
) -> dict[str, FieldType]:
    found = {}
    for name, declared in asked.items():
        _check_name(name)
        column = shape.columns.get(name)
        if column is None:
            known = ", ".join(shape.columns)
            raise InputError(
                f"the table {shape.name} has no column {name}", hint=f"its columns: {known}"
            )
        if name in shape.key:
            raise InputError(f"column {name} is part of the primary key: it stays as it is")
        own = readable(shape.dialect, column) if encrypted else sealable(shape.dialect, column)
        found[name] = own if declared is None else declared
        if found[name].plain is encrypted:
            word = "must not say plain" if encrypted else "must say plain"
            raise InputError(f"the type of column {name} {word}")
        if not encrypted and not keeps(shape.dialect, column, Field(0, name, found[name])):
            raise InputError(
                f"column {name} ({column.type}) cannot be sealed as {found[name].name}: it would "
                "not give back what is stored in it",
                hint=f"it can be sealed as {own.name}, encrypted, or left outside",
            )
    return found


def _check_name(name: str) -> None:
    try:
        check_field_name(name)
    except InputError as error:
        raise InputError(
            f"column {name} cannot become a field by that name", hint=f"rename it: {error.hint}"
        ) from None
