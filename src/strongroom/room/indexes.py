"""The steps of an index's life: what becomes of the catalogue and of the database, each as one.

    begun       column or table of tokens made; every later write keeps it
    finished    every record is in it: queries ask it, and the one that it replaces is gone
    left        no query asks it any more, and no later seal covers it
    removed     gone from the database and from the catalogue

The store is held alone in each step: writers in flight are waited for, and later ones write by the
new catalogue. A reader who does not know of the step yet finds an index that is still kept, or
one that is gone: then it loads the catalogue again. So no query misses a record at any moment.
MySQL commits a change of columns by itself; there it runs on a second connection meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import sqlalchemy as sa

from strongroom.errors import InputError
from strongroom.keys.keyring import Purpose
from strongroom.room.checkpoint import forget
from strongroom.room.document import State
from strongroom.room.store import Store
from strongroom.room.transaction import bound
from strongroom.room.writing import check_writable
from strongroom.schema.search import making
from strongroom.schema.search.declaration import Index
from strongroom.schema.search.index import BlindIndex, Phase
from strongroom.schema.table import Table
from strongroom.storage import altering, indexes, system
from strongroom.storage.rows import Rows

_Alter = Callable[[State, Table], Table]
_Ddl = Callable[[sa.Connection, Table], None]
"""What is done to the database, given the table as it was before."""


def job_of(table: Table, index: BlindIndex, phase: Phase | None = None) -> str:
    """Return the name of the pass that brings a table's records to an index's phase."""
    return f"index {table.id:08x} {index.id:08x} {phase or index.phase}"


def begin(store: Store, name: str, declared: Index) -> BlindIndex:
    """Make an index that every write keeps from now on, and no query asks yet.

    Raises:
        NoTableError: there is no such table.
        InputError: the index is not allowed.
        BusyError: the table is being rewritten.
    """
    rows = _count(store, name)

    def make(state: State, table: Table, index_id: int) -> BlindIndex:
        key_id = state.keyring.active(Purpose.INDEX)
        return making.blind_index(table, declared, index_id=index_id, key_id=key_id, rows=rows)

    return _begin(store, name, make)


def begin_anew(
    store: Store, name: str, index_name: str, *, bits: int | None, partitions: int | None
) -> BlindIndex:
    """Make an index that is to replace another, with other bits or partitions, or a new key.

    Raises:
        InputError: there is no such index, it is not built, or the numbers are not allowed.
        BusyError: the table is being rewritten.
    """
    rows = _count(store, name)

    def make(state: State, table: Table, index_id: int) -> BlindIndex:
        old = table.index(index_name)
        if old.phase is not Phase.ACTIVE:
            raise InputError(f"the index {old.name} of {table.name} is {old.phase}: finish that")
        made = replace(
            old,
            id=index_id,
            key_id=state.keyring.active(Purpose.INDEX),
            partitions=old.partitions if partitions is None else partitions,
            phase=Phase.BUILDING,
            replaces=old.id,
        )
        making.check_cover(made)
        wanted = making.usual_bits(made, rows) if bits is None else bits
        Index(  # whose rules on bits, partitions and uniqueness hold for this one too
            made.kind,
            tuple(str(part.field) for part in made.parts),
            bits=wanted,
            partitions=made.partitions,
            unique=made.unique,
        )
        return replace(made, bits=wanted)

    return _begin(store, name, make)


def accept(store: Store, name: str, index_id: int, reason: str) -> None:
    """Write down why what an index gives away is acceptable."""

    def noted(state: State, table: Table) -> Table:
        del state
        changed = (
            replace(one, accepted=reason) if one.id == index_id else one for one in table.indexes
        )
        return replace(table, indexes=tuple(changed))

    _change(store, name, noted, _nothing)


def finish(store: Store, name: str, index: BlindIndex) -> None:
    """Let queries ask an index that has every record, and drop the one that it replaces."""

    def after(state: State, table: Table) -> Table:
        del state
        return making.activated(table, index.id)

    def ddl(connection: sa.Connection, old: Table) -> None:
        for one in old.indexes:
            if one.id == index.replaces:
                indexes.drop(connection, store.dialect, old, one)

    _change(store, name, after, ddl, job=index)


def leave(store: Store, name: str, index_name: str) -> BlindIndex:
    """Let no query ask an index any more; it is kept until it is removed.

    Raises:
        InputError: there is no such index.
    """
    found: list[BlindIndex] = []

    def after(state: State, table: Table) -> Table:
        found[:] = [table.index(index_name)]
        if found[0].phase is not Phase.LEAVING:
            layout_id = state.catalogue.new_ids(1)[0]
            table = making.leaving(table, found[0].id, layout_id)
        found[:] = [making.index_of(table, found[0].id)]
        return table

    _change(store, name, after, _nothing)
    return found[0]


def remove(store: Store, name: str, index: BlindIndex) -> None:
    """Drop an index that no seal covers any more."""

    def after(state: State, table: Table) -> Table:
        del state
        return making.dropped(table, index.id)

    def ddl(connection: sa.Connection, old: Table) -> None:
        indexes.drop(connection, store.dialect, old, index)

    _change(store, name, after, ddl, job=index)


def _begin(store: Store, name: str, make: Callable[[State, Table, int], BlindIndex]) -> BlindIndex:
    made: list[BlindIndex] = []

    def after(state: State, table: Table) -> Table:
        index_id, layout_id = state.catalogue.new_ids(2)
        made[:] = [make(state, table, index_id)]
        return making.added(table, made[0], layout_id)

    def ddl(connection: sa.Connection, old: Table) -> None:
        indexes.tidy(connection, store.dialect, old, {one.place for one in old.columns})
        indexes.add(connection, store.dialect, old, made[0])

    _change(store, name, after, ddl)
    return made[0]


def _nothing(connection: sa.Connection, old: Table) -> None:
    """Change nothing in the database."""


def _change(
    store: Store, name: str, after: _Alter, ddl: _Ddl, *, job: BlindIndex | None = None
) -> None:
    """Change one table's indexes in the catalogue and in the database, as one step."""
    if bound(store) is not None:
        raise InputError("an index cannot be changed inside a transaction")
    before: list[Table] = []

    def alter(state: State) -> State:
        old = state.catalogue.table(name)
        check_writable(state.catalogue, old.id)
        before[:] = [old]
        return state.next(catalogue=state.catalogue.replacing(old.id, after(state, old)))

    with (
        store.database.write() as connection,
        system.first_run_lock(connection, store.dialect),
    ):
        store.change(connection, alter)
        [old] = before
        if store.dialect.kind == "mysql":
            with store.database.reserve() as beside, altering.patience(beside, store.dialect):
                ddl(beside, old)
        else:
            ddl(connection, old)
        if job is not None:
            for phase in (Phase.BUILDING, Phase.LEAVING):
                forget(connection, job_of(old, job, phase))
        connection.commit()
    store.refresh(store.state)


def _count(store: Store, name: str) -> int:
    store.refresh(store.state)
    table = store.state.catalogue.table(name)
    with store.database.read() as connection:
        return Rows(store.dialect, table).count(connection)
