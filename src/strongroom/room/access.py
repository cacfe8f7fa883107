"""What reading a table needs, made once for each state of the store and kept until the next one."""

from __future__ import annotations

from dataclasses import dataclass

from strongroom.room.document import State
from strongroom.room.sealing import Sealer
from strongroom.room.store import Store
from strongroom.room.tokens import TokenMaker
from strongroom.schema.table import Table
from strongroom.storage.rows import Rows


@dataclass(frozen=True, slots=True)
class Access:
    """The ways into one table under one state. Safe to share: none of them changes."""

    state: State
    table: Table
    rows: Rows
    sealer: Sealer
    tokens: TokenMaker


def access(store: Store, state: State, table_id: int) -> Access:
    """Return the ways into a table.

    Raises:
        NoTableError: it is gone.
    """
    kept = store.kept.get(table_id)
    if isinstance(kept, Access) and kept.state is state:
        return kept
    table = state.catalogue.by_id(table_id)
    made = Access(
        state, table, Rows(store.dialect, table), Sealer(state, table), TokenMaker(state, table)
    )
    store.kept[table_id] = made
    return made
