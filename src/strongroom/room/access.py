"""What a table is reached by, made once for each state of the store and kept until the next one."""

from __future__ import annotations

from dataclasses import dataclass

from strongroom.room.document import State
from strongroom.room.sealing import Sealer
from strongroom.room.session import Session
from strongroom.room.store import Store
from strongroom.room.tokens import TokenMaker
from strongroom.schema.table import Table
from strongroom.storage.postings import Postings
from strongroom.storage.rows import Rows


@dataclass(frozen=True, slots=True)
class Access:
    """The ways into one table under one state. Safe to share: none of them changes."""

    state: State
    table: Table
    rows: Rows
    sealer: Sealer
    tokens: TokenMaker
    postings: tuple[Postings, ...]


def access(store: Store, state: State, table_id: int) -> Access:
    """Return the ways into a table.

    Raises:
        NoTableError: it is gone.
    """
    kept = store.kept.get(table_id)
    if isinstance(kept, Access) and kept.state is state:
        return kept
    made = _made(store, state, state.catalogue.by_id(table_id))
    store.kept[table_id] = made
    return made


def writing_access(session: Session, table: Table) -> Access:
    """Return the ways into a table as it is given, under the state that a session holds."""
    state = session.held()
    if any(one is table for one in state.catalogue.tables):
        return access(session.store, state, table.id)
    return _made(session.store, state, table)


def _made(store: Store, state: State, table: Table) -> Access:
    postings = tuple(Postings(store.dialect, table, index) for index in table.beside)
    rows, tokens = Rows(store.dialect, table), TokenMaker(state, table)
    return Access(state, table, rows, Sealer(state, table), tokens, postings)
