"""Give a table's fields another form, or give the whole table back as plaintext.

Both are the same work: every record is opened, written beside itself in the new form, opened again
and compared; then the new columns take the old ones' places. While that goes on the table can be
read by everyone and written by nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import sqlalchemy as sa

from strongroom.errors import InputError, UnfinishedError
from strongroom.jobs.engine import Pace, carry_out
from strongroom.jobs.passes import Batch, Found, Pass, announce_cleaning
from strongroom.room import rewriting
from strongroom.room.checkpoint import peek
from strongroom.room.conversion import Converter
from strongroom.room.document import State
from strongroom.room.settling import Failure, Key
from strongroom.room.store import Store
from strongroom.room.strongroom import Strongroom
from strongroom.room.transaction import Session
from strongroom.schema.catalogue import Catalogue
from strongroom.schema.pending import Kind, Pending, Phase
from strongroom.schema.table import Field, Layout, Table
from strongroom.schema.types import FieldType
from strongroom.storage import shadows
from strongroom.storage.dialect import Dialect
from strongroom.storage.inspection import Shape, inspect
from strongroom.storage.obstacles import find

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
        table = store.state.catalogue.table(name)
        replaced = tuple(field.name for field in table.fields if field.encrypted)
        pending = Pending(Kind.RELEASE, Phase.FILLING, table, replaced=replaced)
        pending = rewriting.declare(store, pending)
    return _carry_through(store, pending, Kind.RELEASE, pace, found, rebuild=rebuild)


def convert(  # noqa: PLR0913  # one for each thing that a caller may say
    room: Strongroom,
    name: str,
    fields: Mapping[str, FieldType | None] | None = None,
    *,
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
        pending = rewriting.declare(store, _planned(store, name, fields or {}))
    elif pending.kind is Kind.CONVERT:
        _check_same(pending, fields or {})
    return _carry_through(store, pending, Kind.CONVERT, pace, found, rebuild=rebuild)


def other_form(declared: FieldType) -> FieldType:
    """Return the same type, plain if it is encrypted and encrypted if it is plain.

    Raises:
        InputError: a plain field of this type needs to say more, such as its digits.
    """
    if declared.plain:
        return replace(declared, plain=False, unique=False)
    return replace(declared, plain=True, pad=None)


def undo(room: Strongroom, name: str, kind: Kind) -> None:
    """Leave a table that is being released or converted as it was.

    Raises:
        InputError: it is not, or was cut over already.
    """
    pending = rewriting.current(room.store, name)
    if pending is None or pending.kind is not kind:
        raise InputError(f"{name} is not being rewritten so: there is nothing to undo")
    rewriting.undo(room.store, pending)


def _planned(store: Store, name: str, fields: Mapping[str, FieldType | None]) -> Pending:
    catalogue = store.state.catalogue
    old = catalogue.table(name)
    if not fields:
        raise InputError(f"no field of {name} was given to change")
    for field_name, declared in fields.items():
        _check(old, old.field(field_name), declared)
    new = _converted(catalogue, old, fields)
    pending = Pending(Kind.CONVERT, Phase.FILLING, new, replaced=tuple(fields))
    with store.database.read() as connection:
        shape = inspect(connection, store.dialect, name)
        for one in find(connection, shape, replaced=pending.replaced, sealed=()):
            if not (one.dropped and one.acceptable):
                raise InputError(
                    f"{one.name} {one.what}, and changing {name} would break it",
                    hint="SQLite cannot drop it: export the records, import them into a new table"
                    if one.dropped
                    else "remove it first",
                )
    return pending


def _check_same(pending: Pending, fields: Mapping[str, FieldType | None]) -> None:
    """Refuse to go on with another conversion than somebody asks for: none asks for any."""
    declared = {field.name: field.type for field in pending.table.fields}
    if fields and {name: declared.get(name) for name in pending.replaced} != dict(fields):
        name = pending.table.name
        raise InputError(
            f"{name} is being rewritten already, and not so",
            hint=f"finish that with: strongroom alter-table {name}; or add --undo",
        )


def _check(table: Table, field: Field, declared: FieldType | None) -> None:
    where = f"{table.name}.{field.name}"
    if declared is None:
        return
    if type(declared) is not type(field.type):
        raise InputError(
            f"{where} is a {field.type.name} and cannot become a {declared.name}",
            hint="add a new field, fill it, and drop this one",
        )
    if declared.plain is field.type.plain:
        word = "plain" if declared.plain else "encrypted"
        raise InputError(f"{where} is {word} already")


def _converted(catalogue: Catalogue, old: Table, fields: Mapping[str, FieldType | None]) -> Table:
    layout_id, *ids = catalogue.new_ids(1 + len(fields))
    new_ids = dict(zip(fields, ids, strict=True))
    made = []
    for field in old.fields:
        declared = fields.get(field.name, field.type)
        if declared is not None:
            made.append(Field(new_ids.get(field.name, field.id), field.name, declared))
    if not made:
        raise InputError(f"{old.name} must keep at least one field")
    layout = Layout(layout_id, tuple(field.id for field in made))
    # Its columns were renamed into place: they may be looser than those of a table made anew.
    return replace(old, fields=tuple(made), layouts=(layout,), adopted=True)


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
    if shadows.is_swapped(shape, pending):
        return rewriting.cut_over(store, pending, None)
    rewriting.prepare(store, pending)
    with store.database.read() as connection:
        shape = inspect(connection, store.dialect, pending.table.name)
        total = shadows.count(connection, store.dialect, pending)
    done = 0
    for name, prove in zip(rewriting.jobs_of(pending), (False, True), strict=True):
        work = Pass(
            name,
            total,
            _converting(store.dialect, shape, pending, prove=prove),
            found or _ignored,
            prove=prove,
        )
        known = peek(store, name)
        end = carry_out(store, work, pace, afresh=known is not None and known.ended)
        done = end.done
        if end.failed:
            raise _unfinished(pending, end.failed)

    def last_look(connection: sa.Connection, state: State) -> None:
        del state
        left = shadows.count(connection, store.dialect, pending) - done
        if left:
            raise _unfinished(pending, abs(left))

    return rewriting.cut_over(store, pending, last_look)


def _unfinished(pending: Pending, failed: int) -> UnfinishedError:
    records = "1 record" if failed == 1 else f"{failed:,} records"
    return UnfinishedError(
        f"{records} of {pending.table.name} cannot be rewritten: nothing was changed",
        hint="with --undo the table can be written again; repair them, then start again",
    )


def _converting(
    dialect: Dialect, shape: Shape, pending: Pending, *, prove: bool
) -> Callable[[Session, Key | None, int], Batch]:
    def work(session: Session, after: Key | None, size: int) -> Batch:
        converter = Converter(dialect, session.state(), shape, pending)
        rows = converter.page(session.connection, after, size)
        if prove:
            settled = converter.prove(session.connection, rows, after)
        else:
            settled = converter.convert(session.connection, rows)
        behind = rows[-1].key if rows else after
        return Batch(rows, settled, behind, last=len(rows) < size)

    return work


def _ignored(failure: Failure) -> None:
    del failure
