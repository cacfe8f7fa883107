"""Finishing what MySQL left half done: an index that is gone from the database, not the catalogue.

MySQL commits a change of columns by itself. A process that ends between that and the commit of the
catalogue leaves every statement naming what is no longer there. The last step had begun then, so
all that is left of it is to write it down, which needs no rights but those of every writer.
"""

from __future__ import annotations

import sqlalchemy as sa

from strongroom.errors import StorageError
from strongroom.room.checkpoint import forget
from strongroom.room.indexes import job_of
from strongroom.room.store import Store
from strongroom.room.transaction import bound
from strongroom.schema.search import making
from strongroom.schema.search.index import Phase
from strongroom.schema.table import Table
from strongroom.storage import indexes, system
from strongroom.storage.dialect import Dialect


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
            done = _finished(connection, store.dialect, table)
            if done is not table:
                after = after.replacing(table.id, done)
                for index in table.indexes:
                    forget(connection, job_of(table, index))
        if after is before:
            return False
        store.change(connection, lambda state: state.next(catalogue=after))
        connection.commit()
    store.refresh(store.state)
    return True


def _finished(connection: sa.Connection, dialect: Dialect, table: Table) -> Table:
    """Return a table without the indexes whose last step took them from the database."""
    done = table
    successors = {one.replaces: one for one in table.indexes if one.phase is Phase.BUILDING}
    for index in table.indexes:
        leaving, successor = index.phase is Phase.LEAVING, successors.get(index.id)
        if not (leaving or successor) or indexes.is_there(connection, dialect, table, index):
            continue
        if successor is not None:
            done = making.activated(done, successor.id)
        else:
            done = making.dropped(done, index.id)
    return done
