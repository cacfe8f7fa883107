"""Finishing what MySQL left half done: an index that is gone from the database, not the catalogue.

MySQL commits a change of columns by itself. A process that ends between that and the commit of the
catalogue leaves every statement naming what is no longer there. All that is left then is to write
the step down, which needs no rights but those of every writer. That the last step had begun is told
by the checkpoint of the pass before it, which is authenticated: of a column that somebody dropped
by hand in the middle of a pass nothing is believed.
"""

from __future__ import annotations

import sqlalchemy as sa

from strongroom.errors import StorageError
from strongroom.room.checkpoint import forget, peek
from strongroom.room.indexes import job_of
from strongroom.room.store import Store
from strongroom.room.transaction import bound
from strongroom.schema.search import making
from strongroom.schema.search.index import BlindIndex, Phase
from strongroom.schema.table import Table
from strongroom.storage import indexes, system


def mend(store: Store) -> bool:
    """Write down the last steps that were interrupted; say whether there were any."""
    if store.dialect.kind != "mysql" or bound(store) is not None:
        return False
    try:
        return _mend(store)
    except StorageError:
        return False  # an account that only reads: what led here is the error to be told


def _mend(store: Store) -> bool:
    with (
        store.database.write() as connection,
        system.first_run_lock(connection, store.dialect),
    ):
        before = store.state_held_alone(connection).catalogue
        after = before
        for table in before.tables:
            done = _finished(connection, store, table)
            if done is not table:
                after = after.replacing(table.id, done)
                for index in table.indexes:
                    if index not in done.indexes:
                        forget(connection, job_of(table, index))
        if after is before:
            return False
        store.change(connection, lambda state: state.next(catalogue=after))
        connection.commit()
    store.refresh(store.state)
    return True


def _finished(connection: sa.Connection, store: Store, table: Table) -> Table:
    """Return a table without the indexes whose last step took them from the database."""
    done = table
    successors = {one.replaces: one for one in table.indexes if one.phase is Phase.BUILDING}
    for index in table.indexes:
        successor = successors.get(index.id)
        led = successor or (index if index.phase is Phase.LEAVING else None)
        if led is None or indexes.is_there(connection, store.dialect, table, index):
            continue
        if not _is_through(store, table, led):
            continue
        if successor is not None:
            done = making.activated(done, successor.id)
        else:
            done = making.dropped(done, index.id)
    return done


def _is_through(store: Store, table: Table, index: BlindIndex) -> bool:
    """Say whether every record was brought to an index's phase; a table goes without that."""
    if index.phase is Phase.LEAVING and index.kind.beside:
        return True
    proof = peek(store, job_of(table, index))
    return proof is not None and proof.ended and not proof.failed
