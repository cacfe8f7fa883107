"""Give a table's fields another form, or give the whole table back as plaintext.

Both are the same work: every record is opened, written beside itself in the new form, opened again
and compared; then the new columns take the old ones' places. While that goes on the table can be
read by everyone and written by nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

import sqlalchemy as sa

from strongroom.errors import InputError
from strongroom.jobs.engine import Pace
from strongroom.jobs.rewriting.change_plan import check_same, planned_conversion, planned_release
from strongroom.jobs.rewriting.passes import (
    Batch,
    Found,
    Work,
    announce_cleaning,
    fill_and_prove,
    ignored,
    unfinished,
)
from strongroom.room import rewriting
from strongroom.room.conversion import Converter
from strongroom.room.document import State
from strongroom.room.paging import next_size
from strongroom.room.session import Session
from strongroom.room.settling import Key
from strongroom.room.store import Store
from strongroom.room.strongroom import Strongroom
from strongroom.schema.pending import Kind, Pending, Phase
from strongroom.schema.types import FieldType
from strongroom.storage.dialect import Dialect
from strongroom.storage.inspection import Shape, inspect
from strongroom.storage.rewriting import shadows

_AS_FAST_AS_IT_GOES: Final = Pace()


@dataclass(frozen=True, slots=True)
class Converted:
    """What was done.

    Attributes:
        table: its name.
        records: how many it has.
        leftovers: the statements that still have to be run to remove old values from the files.
    """

    table: str
    records: int
    leftovers: tuple[str, ...]


def release(
    room: Strongroom,
    name: str,
    *,
    rebuild: bool = True,
    pace: Pace = _AS_FAST_AS_IT_GOES,
    found: Found | None = None,
) -> Converted:
    """Give a table back as an ordinary one, in plaintext, or go on where that was interrupted.

    Everyone who reaches the database can read its values from then on.

    Args:
        room: the opened store.
        name: of the table.
        rebuild: whether to write the table anew, so that it is as small as it can be.
        pace: how fast, and who watches.
        found: called with each record that cannot be released, as it is found.

    Raises:
        UnfinishedError: some records cannot be: nothing was changed.
    """
    store = room.store
    pending = rewriting.current(store, name)
    if pending is None:
        pending = rewriting.declare(store, planned_release(store, name))
    return _carry_through(store, pending, Kind.RELEASE, pace, found, rebuild=rebuild)


def convert(  # noqa: PLR0913  # one for each thing that a caller may say
    room: Strongroom,
    name: str,
    fields: Mapping[str, FieldType | None] | None = None,
    *,
    accept: Collection[str] = (),
    rebuild: bool = True,
    pace: Pace = _AS_FAST_AS_IT_GOES,
    found: Found | None = None,
) -> Converted:
    """Encrypt plain fields, make encrypted ones plain, or drop fields.

    Args:
        room: the opened store.
        name: of the table.
        fields: how each changed field is declared from now on; None drops it. Not needed to go
            on where a conversion was interrupted.
        accept: names of indexes that may go with their columns, and of triggers that may stay.
        rebuild: whether to remove what was replaced from the files too.
        pace: how fast, and who watches.
        found: called with each record that cannot be converted, as it is found.

    Raises:
        InputError: an unknown field, nothing to change, a change that is none of these, or another
            one was begun and is not finished.
        UnfinishedError: some records cannot be converted: nothing was changed.
    """
    store = room.store
    pending = rewriting.current(store, name)
    if pending is None:
        pending = rewriting.declare(store, planned_conversion(store, name, fields or {}, accept))
    elif fields:
        check_same(pending, fields)
    return _carry_through(store, pending, Kind.CONVERT, pace, found, rebuild=rebuild)


def other_form(declared: FieldType) -> FieldType:
    """Return the same type, plain if it is encrypted and encrypted if it is plain.

    Raises:
        InputError: a plain field of this type needs to say more, such as its digits.
    """
    if declared.plain:
        return replace(declared, plain=False, unique=False)
    return replace(declared, plain=True, pad=None)


def undo(room: Strongroom, name: str, kind: Kind, *, rebuild: bool = True) -> tuple[str, ...]:
    """Leave a table that is being released or converted as it was.

    Args:
        room: the opened store.
        name: of the table.
        kind: what is being done to it.
        rebuild: whether to remove from the files what was written in plaintext already.

    Returns:
        The statements that still have to be run to remove it.

    Raises:
        InputError: it is not, or was cut over already.
    """
    pending = rewriting.current(room.store, name)
    if pending is None or pending.kind is not kind:
        raise InputError(f"{name} is not being rewritten so: there is nothing to undo")
    return tuple(rewriting.undo(room.store, pending, rebuild=rebuild))


def _carry_through(  # noqa: PLR0913
    store: Store,
    pending: Pending,
    kind: Kind,
    pace: Pace,
    found: Found | None,
    *,
    rebuild: bool,
) -> Converted:
    if pending.kind is not kind:
        raise InputError(f"{pending.table.name} is being rewritten already")
    if pending.phase is Phase.FILLING:
        pending = _fill(store, pending, pace, found)
    leftovers = tuple(shadows.rebuild(store.dialect, pending))
    with store.database.read() as connection:
        records = shadows.count(connection, store.dialect, pending)
    if rebuild:
        announce_cleaning(pace, records)
        rewriting.clean(store, pending)
        leftovers = ()
    return Converted(pending.table.name, records, leftovers)


def _fill(store: Store, pending: Pending, pace: Pace, found: Found | None) -> Pending:
    with store.database.read() as connection:
        shape = inspect(connection, store.dialect, pending.table.name)
    if rewriting.is_swapped(store, shape, pending):
        return rewriting.cut_over(store, pending, None)
    rewriting.prepare(store, pending)
    with store.database.read() as connection:
        shape = inspect(connection, store.dialect, pending.table.name)
        total = shadows.count(connection, store.dialect, pending)

    def work(prove: bool) -> Work:  # noqa: FBT001  # which of the two passes
        return _converting(store.dialect, shape, pending, prove=prove)

    done = fill_and_prove(store, pending, work, total, pace=pace, found=found or ignored)

    def last_look(connection: sa.Connection, state: State) -> None:
        del state
        left = shadows.count(connection, store.dialect, pending) - done
        # Someone may have put one in where another was taken out.
        left = abs(left) or shadows.unsealed(connection, store.dialect, pending)
        if left:
            raise unfinished(pending, left)

    return rewriting.cut_over(store, pending, last_look)


def _converting(dialect: Dialect, shape: Shape, pending: Pending, *, prove: bool) -> Work:
    def work(session: Session, after: Key | None, size: int) -> Batch:
        converter = Converter(dialect, session.state(), shape, pending)
        rows = converter.page(session.connection, after, size)
        if prove:
            settled = converter.prove(session.connection, rows, after)
        else:
            settled = converter.convert(session.connection, rows)
        behind = rows[-1].key if rows else after
        last, following = len(rows) < size, next_size([row.values for row in rows])
        return Batch(settled, behind, last, following)

    return work
