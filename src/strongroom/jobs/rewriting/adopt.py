"""Take over a table that someone else filled, with the primary key it has, while it is in use.

The columns as they were stay what counts until the cut-over. Beside them the rows are filled, in
batches that can be interrupted anywhere; then every row is opened again and compared with what
stands there; then, while nobody else can write, what changed meanwhile is done and the cells take
the old columns' places. Any value that does not open stops the cut-over.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from strongroom.crypto.secret import Secret
from strongroom.errors import InputError, UnfinishedError
from strongroom.jobs.engine import Pace, Progress, Watch
from strongroom.jobs.rewriting.adoption_plan import Adoption, Plan, make_plan, named
from strongroom.jobs.rewriting.passes import (
    Found,
    Work,
    announce_cleaning,
    catch_up,
    fill_and_prove,
    ignored,
    last_look,
    settling,
)
from strongroom.room import rewriting
from strongroom.room.old_values import check_keys
from strongroom.room.settling import Failure, Settler, in_pages
from strongroom.room.store import Store
from strongroom.room.strongroom import Strongroom
from strongroom.schema.pending import Kind, Pending, Phase
from strongroom.storage import tables
from strongroom.storage.inspection import inspect
from strongroom.storage.rewriting import shadows
from strongroom.storage.rewriting.originals import Originals
from strongroom.storage.rows import Rows

_MOST_NAMED: Final = 200
_AS_FAST_AS_IT_GOES: Final = Pace()


@dataclass(frozen=True, slots=True)
class Adopted:
    """What an adoption did.

    Attributes:
        table: its name.
        records: how many it has.
        outside: its columns that strongroom neither writes nor returns.
        leftovers: the statements that still have to be run to remove old values from the files.
    """

    table: str
    records: int
    outside: tuple[str, ...]
    leftovers: tuple[str, ...]


def adopt(  # noqa: PLR0913  # one for each thing that a caller may say
    room: Strongroom,
    wanted: Adoption,
    *,
    keys: Sequence[Secret] = (),
    rebuild: bool = True,
    pace: Pace = _AS_FAST_AS_IT_GOES,
    found: Found | None = None,
) -> Adopted:
    """Adopt a table, or go on where an adoption of it was interrupted.

    Args:
        room: the opened store.
        wanted: which table, which of its columns, and what their values are.
        keys: what `old_keys` made of the old scheme's key; not needed to go on.
        rebuild: whether to remove the old values from the files too. It writes the table anew.
        pace: how fast, and who watches.
        found: called with each row that cannot be taken over, as it is found.

    Returns:
        What was done.

    Raises:
        InputError: the table cannot be adopted so, or something hangs on its columns.
        UnfinishedError: some rows cannot be taken over: nothing was cut over.
    """
    if not isinstance(wanted, Adoption):
        raise InputError(
            "what is to be adopted is said by an Adoption",
            hint='for example: strongroom.Adoption("users", encrypt=["name"])',
        )
    store = room.store
    pending = rewriting.current(store, wanted.table)
    if pending is None:
        check_keys(wanted.scheme, len(keys))
        plan = make_plan(store, wanted)
        plan.check()
        pending = rewriting.declare(store, plan.pending, keys)
    else:
        check_same(pending, wanted)
    found = found or ignored
    if pending.phase is Phase.FILLING:
        pending = _fill(store, pending, pace, found)
    return _finish(room, pending, found, pace if rebuild else None)


def check_same(pending: Pending, wanted: Adoption) -> None:
    """Refuse to go on with another adoption than somebody asks for. To name the table is enough.

    Raises:
        InputError: it is another one.
    """
    if pending.kind is not Kind.ADOPT:
        raise InputError(f"{wanted.table} is being rewritten already")
    sealed = {one.name for one in pending.table.fields if not one.encrypted}
    begun = (set(pending.replaced), sealed, pending.scheme)
    encrypt, seal = named(wanted.encrypt), named(wanted.seal)
    asked = (set(encrypt), set(seal), wanted.scheme)
    types = {one.name: one.type for one in pending.table.fields}
    same = all(one in (None, types.get(name)) for name, one in (encrypt | seal).items())
    if encrypt and not (asked == begun and same):
        raise InputError(
            f"{wanted.table} is being adopted already, and not as it is asked now",
            hint=f"finish that with: strongroom adopt {wanted.table}; or add --undo",
        )


def look(
    store: Store, plan: Plan, keys: Sequence[Secret], found: Found, watch: Watch | None = None
) -> int:
    """Try every row of a table as an adoption would, and write nothing.

    Args:
        store: where the table is.
        plan: what an adoption of it would be.
        keys: what `old_keys` made of the old scheme's key.
        found: called with each row that cannot be taken over.
        watch: called with the progress, now and then.

    Returns:
        How many rows cannot be taken over.
    """
    check_keys(plan.pending.scheme, len(keys))
    keyring, ids = store.state.keyring.with_legacy(keys)
    pending = replace(plan.pending, legacy_keys=ids)
    originals = Originals(plan.shape, pending, prepared=False)
    settler = Settler(store.dialect, replace(store.state, keyring=keyring), originals)
    done = failed = 0
    began = time.monotonic()
    with store.database.read() as connection:
        total = originals.count(connection)
        for page in in_pages(originals, connection):
            for failure in settler.look(page):
                found(failure)
                failed += 1
            done += len(page)
            if watch is not None:
                seconds = time.monotonic() - began
                watch(Progress(done - failed, failed, total, done, seconds))
    return failed


def undo(room: Strongroom, name: str) -> None:
    """Leave a table that is being adopted as it was.

    Raises:
        InputError: it is not being adopted, or was cut over already.
    """
    pending = rewriting.current(room.store, name)
    if pending is None or pending.kind is not Kind.ADOPT:
        raise InputError(f"{name} is not being adopted: there is nothing to undo")
    rewriting.undo(room.store, pending)


def _fill(store: Store, pending: Pending, pace: Pace, found: Found) -> Pending:
    with store.database.read() as connection:
        shape = inspect(connection, store.dialect, pending.table.name)
    if not shape.columns:
        raise InputError(
            f"the table {pending.table.name} is gone",
            hint=f"forget its adoption with: strongroom adopt {pending.table.name} --undo",
        )
    if rewriting.is_swapped(store, shape, pending):
        return rewriting.cut_over(store, pending, None)
    unseen = rewriting.prepare(store, pending)
    with store.database.read() as connection:
        shape = inspect(connection, store.dialect, pending.table.name)
        originals = Originals(shape, pending)
        total = originals.count(connection)

    def work(prove: bool) -> Work:  # noqa: FBT001  # which of the two passes
        return settling(store.dialect, originals, prove=prove)

    # While nothing watched, any row may have changed.
    fill_and_prove(store, pending, work, total, pace=pace, found=found, afresh=unseen)
    if not pending.offline:
        catch_up(store, originals, found)
    return rewriting.cut_over(store, pending, partial(last_look, store.dialect, originals, found))


def _finish(room: Strongroom, pending: Pending, found: Found, rebuild: Pace | None) -> Adopted:
    store = room.store
    _check_sealed(store, pending, found)
    leftovers = shadows.rebuild(store.dialect, pending)
    rows = Rows(store.dialect, pending.table)
    with store.database.read() as connection:
        outside = tables.outside(connection, store.dialect, pending.table)
        records, _ = rows.figures(connection)
    if rebuild is not None:
        announce_cleaning(rebuild, records)
        rewriting.clean(store, pending)
        leftovers = []
    return Adopted(pending.table.name, records, outside, tuple(leftovers))


def _check_sealed(store: Store, pending: Pending, found: Found) -> None:
    """Name rows that a program which knows nothing of strongroom put in after the cut-over.

    Raises:
        UnfinishedError: there are some. What was to be rewritten would stay in the files for them.
    """
    with store.database.read() as connection:
        unsealed = Rows(store.dialect, pending.table).unsealed(connection, _MOST_NAMED)
    for key in unsealed:
        found(Failure(key, "was put in after the cut-over, and not by strongroom"))
    if unsealed:
        rows = "1 row" if len(unsealed) == 1 else f"{len(unsealed)} rows"
        raise UnfinishedError(
            f"{pending.table.name} is adopted, but {rows} came later, and not through strongroom",
            hint="add them through strongroom, delete them as they are, and run this again",
        )
