"""Rewriting a table: what becomes of the catalogue, the keyring and the columns, step by step.

    declared    the catalogue says that the table is being adopted, released or converted
    prepared    shadow columns and triggers are there; the columns as they were are what counts
    cut over    what was filled stands under the fields' names
    cleaned     what was replaced is gone from the files, and the catalogue forgets the rewriting

Each step finds out what is done already and does the rest, so each can be repeated after a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import sqlalchemy as sa

from strongroom.crypto.secret import Secret
from strongroom.errors import BusyError, InputError
from strongroom.keys.keyring import Keyring
from strongroom.room.checkpoint import forget, peek
from strongroom.room.document import State
from strongroom.room.store import Store
from strongroom.room.transaction import bound
from strongroom.schema.pending import Kind, Pending, Phase
from strongroom.storage import system
from strongroom.storage.inspection import Shape, inspect
from strongroom.storage.rewriting import obstacles, shadows
from strongroom.storage.rewriting.alone import alone
from strongroom.storage.rewriting.capture import Capture
from strongroom.storage.rewriting.obstacles import Obstacle
from strongroom.storage.rows import Rows


def jobs_of(pending: Pending) -> tuple[str, str]:
    """Return the names of the two passes over a table's rows: filling, and proving."""
    # With the layout: a checkpoint of an earlier conversion says nothing of this one.
    name = f"{pending.kind} {pending.table.id:08x} {pending.table.layout.id:08x}"
    return f"{name} fill", f"{name} prove"


def current(store: Store, name: str) -> Pending | None:
    """Return the rewriting of a table that was begun and is not finished, as it is now."""
    store.refresh(store.state)
    return store.state.catalogue.rewriting(name)


def is_swapped(store: Store, shape: Shape, pending: Pending) -> bool:
    """Say whether a cut-over was interrupted behind the swap: what is left is to write it down."""
    if not shadows.is_swapped(shape, pending):
        return False
    if pending.kind is not Kind.CONVERT:
        return True
    proof = peek(store, jobs_of(pending)[1])
    return proof is not None and proof.ended and not proof.failed


def _check_current(state: State, pending: Pending) -> None:
    """Refuse a step of a rewriting that another process has undone, or brought further.

    Raises:
        BusyError: one did.
    """
    if pending not in state.catalogue.pending:
        failure = BusyError(
            f"another process has finished or undone the rewriting of {pending.table.name}",
            hint="see what became of the table, then decide",
        )
        failure.retryable = False
        raise failure


@contextmanager
def changing(store: Store) -> Iterator[tuple[sa.Connection, State]]:
    """Open a transaction in which tables are changed, by one process at a time.

    Raises:
        InputError: inside a transaction of the caller.
    """
    if bound(store) is not None:
        raise InputError("a table cannot be changed inside a transaction")
    with (
        store.database.write() as connection,
        system.first_run_lock(connection, store.dialect),
    ):
        yield connection, store.state_held_alone(connection)
        connection.commit()
    store.refresh(store.state)


def declare(store: Store, pending: Pending, keys: Sequence[Secret] = ()) -> Pending:
    """Write into the catalogue that a table is being rewritten, and keep another scheme's keys.

    Raises:
        InputError: it is being rewritten already, or is to be adopted and is the store's already.
    """
    with changing(store) as (connection, now):
        catalogue, name = now.catalogue, pending.table.name
        if catalogue.rewriting(name) is not None:
            raise InputError(f"{name} is being rewritten already")
        if catalogue.knows(name) is (pending.kind is Kind.ADOPT):
            raise InputError(f"the tables of the store have changed: look at {name} again")
        keyring, ids = now.keyring.with_legacy(keys)
        declared = replace(pending, legacy_keys=ids)
        changed = catalogue.with_pending(declared)
        store.change(connection, lambda state: state.next(catalogue=changed, keyring=keyring))
    return declared


def prepare(store: Store, pending: Pending) -> bool:
    """Add the shadow columns and, unless somebody promised quiet, the triggers.

    Returns:
        Whether the triggers had to be made: what was done before is to be done again then.
    """
    with changing(store) as (connection, now):
        _check_current(now, pending)
        shadows.check_version(connection, store.dialect)
        shadows.add(connection, store.dialect, pending)
        if pending.kind is Kind.ADOPT and not pending.offline:
            return Capture(store.dialect, pending).start(connection)
    return False


def cut_over(
    store: Store, pending: Pending, last_look: Callable[[sa.Connection, State], None] | None
) -> Pending:
    """Put what was filled in the place of what was there.

    Args:
        store: whose table it is.
        pending: its rewriting.
        last_look: called when nobody else can write any more, before anything is swapped; raises
            if something is left to do. None: a run before this one came as far as the swap.
    """
    dialect, capture = store.dialect, Capture(store.dialect, pending)
    with (
        store.database.write() as connection,
        system.first_run_lock(connection, dialect),
        alone(connection, dialect, [pending.table.name, *capture.tables(connection)]),
    ):
        state = store.state_held_alone(connection)
        _check_current(state, pending)
        if last_look is not None:
            last_look(connection, state)
            _swap(connection, store, pending)
        if pending.kind is Kind.ADOPT:
            capture.stop(connection)
        cut = _record(connection, store, pending)
        connection.commit()
    store.refresh(store.state)
    return cut


def in_the_way(
    connection: sa.Connection, store: Store, shape: Shape, pending: Pending
) -> list[Obstacle]:
    """Name everything that hangs on the columns which a rewriting replaces or seals."""
    sealed = [one.name for one in pending.table.fields if not one.encrypted]
    return obstacles.find(
        connection,
        shape,
        # A sealed column that somebody else changes is the affair of the one who adopts it.
        sealed=sealed if pending.kind is Kind.ADOPT else (),
        replaced=pending.replaced,
        ours=Capture(store.dialect, pending).triggers,
    )


def _swap(connection: sa.Connection, store: Store, pending: Pending) -> None:
    dialect = store.dialect
    shape = inspect(connection, dialect, pending.table.name)
    found = in_the_way(connection, store, shape, pending)
    # Again: someone may have made an index since, and nobody asked whether it may go.
    obstacles.check(found, pending.accepted, pending.table.name)
    indexes = [one.name for one in found if one.dropped]
    if dialect.kind == "sqlite" and pending.kind is Kind.ADOPT:
        # Its triggers name a column that gets another name; there all of it is one transaction.
        Capture(dialect, pending).stop(connection)
    shadows.swap(connection, dialect, pending, indexes)


def _record(connection: sa.Connection, store: Store, pending: Pending) -> Pending:
    """Write into the catalogue that the table is what it was to become."""
    cut = replace(pending, phase=Phase.CLEANING)

    def after(state: State) -> State:
        table = None if pending.kind is Kind.RELEASE else pending.table
        catalogue = state.catalogue.replacing(pending.table.id, table).with_pending(cut)
        return state.next(catalogue=catalogue, keyring=_without_old_keys(pending, state.keyring))

    store.change(connection, after)
    if pending.kind is Kind.ADOPT:
        rows = Rows(store.dialect, pending.table)
        largest = rows.largest_key(connection) if pending.table.counted else None
        first = min(largest + 1, system.LAST_ID) if type(largest) is int and largest > 0 else 1
        system.add_counter(connection, pending.table.id, first)
    for name in jobs_of(pending):
        forget(connection, name)
    return cut


def clean(store: Store, pending: Pending) -> None:
    """Remove from the files what the cut-over left in them, and forget the rewriting.

    Raises:
        StorageError: the rebuild failed; the table is in use all the same, and it can be tried
            again.
    """
    with store.database.maintenance() as connection:
        shadows.run(connection, shadows.rebuild(store.dialect, pending))
    _forget(store, pending)


def _forget(store: Store, pending: Pending) -> None:
    with changing(store) as (connection, now):
        # It may be another one by now, which another process has begun meanwhile.
        if pending in now.catalogue.pending:
            store.change(connection, partial(_without, pending))


def undo(store: Store, pending: Pending, *, rebuild: bool = True) -> list[str]:
    """Leave a table as it was: drop the triggers and the shadows, forget the old keys.

    Where the shadows held plaintext, the files are rid of it before the rewriting is forgotten.

    Args:
        store: whose table it is.
        pending: its rewriting.
        rebuild: whether to remove that plaintext; it writes the table anew.

    Returns:
        The statements that remove it, if that was not done.

    Raises:
        InputError: it was cut over already.
        StorageError: the rebuild failed; it can be undone again.
    """
    if pending.phase is not Phase.FILLING:
        raise InputError(
            f"{pending.table.name} was cut over already and cannot be undone",
            hint=f"to get it back as plaintext: strongroom release {pending.table.name}",
        )
    with changing(store) as (connection, now):
        _check_current(now, pending)
        shape = inspect(connection, store.dialect, pending.table.name)
        if shape.columns and is_swapped(store, shape, pending):
            raise InputError(
                f"{pending.table.name} was cut over already, and that was interrupted",
                hint="run the same command without --undo to finish it",
            )
        # Before the shadows: MySQL commits in between, and what is gone is no longer proved.
        for name in jobs_of(pending):
            forget(connection, name)
        if pending.kind is Kind.ADOPT:
            Capture(store.dialect, pending).stop(connection)
        if shape.columns:
            shadows.drop(connection, store.dialect, pending)
        traces = pending.writes_plaintext and bool(shape.columns)
        if not traces:
            store.change(connection, partial(_without, pending))
    if not traces:
        return []
    statements = shadows.rebuild(store.dialect, pending, undone=True)
    if rebuild:
        with store.database.maintenance() as connection:
            shadows.run(connection, statements)
    _forget(store, pending)
    return [] if rebuild else statements


def _without(pending: Pending, state: State) -> State:
    """Return the state in which a table is not being rewritten."""
    catalogue = state.catalogue.without_pending(pending.table.id)
    return state.next(catalogue=catalogue, keyring=_without_old_keys(pending, state.keyring))


def _without_old_keys(pending: Pending, keyring: Keyring) -> Keyring:
    for key_id in pending.legacy_keys:
        keyring = keyring.destroyed(key_id)
    return keyring
