"""A change of a table's declaration: its columns and its place in the catalogue, as one.

The store is held alone from the first step to the commit: writers in flight are waited for, and
later ones write by the new catalogue. On SQLite and PostgreSQL columns and document are one
transaction. MySQL commits a change of columns by itself, so there it runs on a second connection
while the first holds the store: only a crash leaves columns without their document, and the same
change, asked for again, finds them and goes on.
"""

from __future__ import annotations

from strongroom.errors import InputError
from strongroom.room.document import State
from strongroom.room.store import Store
from strongroom.room.transaction import bound
from strongroom.room.writing import check_writable
from strongroom.schema.alteration import Alteration
from strongroom.schema.table import Table
from strongroom.storage import altering, system


def alter_table(store: Store, name: str, asked: Alteration) -> Table:
    """Change the table called `name` and return it as it is then.

    Raises:
        InputError: it is not allowed, or the caller is inside a transaction.
        NoTableError: there is no such table, or the new name is a foreign one's.
        StorageError: the table is not as strongroom made it.
        BusyError: somebody uses the table.
    """
    if bound(store) is not None:
        raise InputError("a table cannot be changed inside a transaction")
    planned: list[Table] = []

    def alter(state: State) -> State:
        old = state.catalogue.table(name)
        check_writable(state.catalogue, old.id)
        planned[:] = [old, asked.of(state.catalogue, name)]
        return state.next(catalogue=state.catalogue.replacing(old.id, planned[1]))

    with (
        store.database.write() as connection,
        system.first_run_lock(connection, store.dialect),
    ):
        store.change(connection, alter)
        old, new = planned
        if store.dialect.kind == "mysql":
            with store.database.reserve() as beside:
                altering.alter(beside, store.dialect, old, new)
        else:
            altering.alter(connection, store.dialect, old, new)
        connection.commit()
    store.refresh(store.state)
    return new
