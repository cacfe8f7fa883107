"""Add, rebuild and drop an index while other processes write and query.

From the first step on every write keeps the index; then every record from before is brought in,
batch by batch; only then do queries ask it. Interrupted anywhere, the same call goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from strongroom.errors import InputError, UnfinishedError
from strongroom.jobs.engine import Pace, Step, carry_out
from strongroom.jobs.indexing.skew import check_skew
from strongroom.jobs.rewriting.passes import Found, ignored
from strongroom.room import indexes
from strongroom.room.checkpoint import peek
from strongroom.room.paging import FIRST_PAGE, next_size, next_start
from strongroom.room.reindexing import Reindexer
from strongroom.room.session import Session
from strongroom.room.settling import Failure
from strongroom.room.store import Store
from strongroom.room.strongroom import Strongroom
from strongroom.schema.conditions import BY_KEY
from strongroom.schema.search.declaration import Index
from strongroom.schema.search.index import BlindIndex, Phase
from strongroom.schema.search.making import index_of, is_same
from strongroom.schema.table import Table
from strongroom.storage import key_values
from strongroom.storage.rows import Rows

_AS_FAST_AS_IT_GOES: Final = Pace()


@dataclass(frozen=True, slots=True)
class Indexed:
    """What was done.

    Attributes:
        table: its name.
        index: the index's name.
        records: how many records were looked at.
        bits: how many bits its tokens have.
    """

    table: str
    index: str
    records: int
    bits: int


def add_index(
    room: Strongroom,
    name: str,
    declared: Index,
    *,
    pace: Pace = _AS_FAST_AS_IT_GOES,
    found: Found | None = None,
) -> Indexed:
    """Add an index to a table in use, or go on where that was interrupted.

    Args:
        room: the opened store.
        name: of the table.
        declared: the index that is wanted.
        pace: how fast, and who watches.
        found: called with each record that cannot be indexed, as it is found.

    Raises:
        InputError: the index is not allowed, or there is another of that name.
        UnfinishedError: a record is not as strongroom wrote it or has a value that must be
            unique, or one value is so common that the index would give it away. Writes keep the
            index; call it again, or drop it.
        BusyError: the table is being rewritten.
    """
    if not isinstance(declared, Index):
        raise InputError(
            "an index is declared by strongroom.Index", hint='for example Index.words("name")'
        )
    store = room.store
    store.refresh(store.state)
    table = store.state.catalogue.table(name)
    begun = [one for one in table.indexes if one.name == declared.called]
    if begun and begun[-1].phase is Phase.BUILDING and not begun[-1].replaces:
        index = begun[-1]
        _check_same(table, index, declared)
        if declared.accept is not None:
            indexes.accept(store, name, index.id, declared.accept)
    else:
        index = indexes.begin(store, name, declared)
    return _build(store, name, index.id, pace, found)


def rebuild_index(  # noqa: PLR0913  # one for each thing that a caller may say
    room: Strongroom,
    name: str,
    index_name: str,
    *,
    bits: int | None = None,
    partitions: int | None = None,
    pace: Pace = _AS_FAST_AS_IT_GOES,
    found: Found | None = None,
) -> Indexed:
    """Build an index anew, with other bits or partitions, under the active index key.

    Queries ask the old one until the new one has every record. Interrupted, call it again.

    Args:
        room: the opened store.
        name: of the table.
        index_name: of the index, which keeps it.
        bits: of its tokens from then on; None: as many as suit the table as it is now.
        partitions: likewise; None: as many as it has.
        pace: how fast, and who watches.
        found: called with each record that cannot be indexed, as it is found.

    Raises:
        InputError: there is no such index, or the numbers are not allowed.
        UnfinishedError: as for `add_index`; the old index is in use until then.
    """
    store = room.store
    store.refresh(store.state)
    index = store.state.catalogue.table(name).index(index_name)
    if index.phase is not Phase.BUILDING or not index.replaces:
        index = indexes.begin_anew(store, name, index_name, bits=bits, partitions=partitions)
    elif (bits or index.bits) != index.bits or (partitions or index.partitions) != index.partitions:
        raise InputError(
            f"the index {index_name} of {name} is being rebuilt, and not as it is asked now",
            hint=f"finish that first with: strongroom rebuild-index {name} {index_name}",
        )
    return _build(store, name, index.id, pace, found)


def drop_index(
    room: Strongroom,
    name: str,
    index_name: str,
    *,
    pace: Pace = _AS_FAST_AS_IT_GOES,
    found: Found | None = None,
) -> Indexed:
    """Drop an index, or undo one that is not finished. Interrupted, call it again.

    Args:
        room: the opened store.
        name: of the table.
        index_name: of the index; of one that is being rebuilt, the new one goes.
        pace: how fast, and who watches.
        found: called with each record that cannot be sealed anew, as it is found.

    Raises:
        InputError: there is no such index.
        UnfinishedError: a record is not as strongroom wrote it: the index's column stays.
    """
    store = room.store
    store.refresh(store.state)
    before = store.state.catalogue.table(name).index(index_name)
    if store.mend():
        if all(one.name != index_name for one in store.state.catalogue.table(name).indexes):
            return Indexed(name, index_name, 0, before.bits)
        raise InputError(
            "an index was finished or gone: only writing that down was interrupted",
            hint="that is done now: look at what there is, then decide",
        )
    index = indexes.leave(store, name, index_name)
    done = 0 if index.kind.beside else _pass(store, name, index, pace, found or ignored)
    indexes.remove(store, name, index)
    return Indexed(name, index.name, done, index.bits)


def _check_same(table: Table, index: BlindIndex, declared: Index) -> None:
    if not is_same(table, index, declared, tokens=True):
        raise InputError(
            f"the index {index.name} of {table.name} is being built, and not as it is asked now",
            hint=f"finish it as it was asked, or: strongroom drop-index {table.name} {index.name}",
        )


def _build(store: Store, name: str, index_id: int, pace: Pace, found: Found | None) -> Indexed:
    index = index_of(store.state.catalogue.table(name), index_id)
    done = _pass(store, name, index, pace, found or ignored)
    table = store.state.catalogue.table(name)
    index = index_of(table, index_id)
    check_skew(store, table, index)
    indexes.finish(store, name, index)
    return Indexed(name, index.name, done, index.bits)


def _pass(store: Store, name: str, index: BlindIndex, pace: Pace, found: Found) -> int:
    """Bring every record to an index's phase; return how many there were.

    Raises:
        UnfinishedError: some could not be.
    """
    table = store.state.catalogue.table(name)
    with store.database.read() as connection:
        total = Rows(store.dialect, table).count(connection)
    work = _Reindex(indexes.job_of(table, index), table.id, index.id, total, found)
    known = peek(store, work.name)
    end = carry_out(store, work, pace, afresh=known is not None and known.failed > 0)
    if end.failed:
        dropping = f"strongroom drop-index {name} {index.name}"
        verb = "indexed" if index.phase is Phase.BUILDING else "sealed anew without the index"
        raise UnfinishedError(
            f"{end.failed:,} record{'s'[: end.failed != 1]} of {name} cannot be {verb}",
            hint="repair or delete them, then run the same command again"
            + (f"; or: {dropping}" if index.phase is Phase.BUILDING else ""),
        )
    return end.done


class _Reindex:
    """One pass over a table, as the engine runs it."""

    stage = "indexing"

    def __init__(self, name: str, table_id: int, index_id: int, total: int, found: Found) -> None:
        self.name = name
        self.total: int | None = total
        self._table_id = table_id
        self._index_id = index_id
        self._found = found
        self._size = FIRST_PAGE
        self._failures: list[Failure] = []

    def batch(self, session: Session, at: Any) -> Step:  # noqa: ANN401  # JSON values
        """Do the next records."""
        table = session.state().catalogue.by_id(self._table_id)
        reindexer = Reindexer(session, table, index_of(table, self._index_id))
        after = None if at is None else key_values.from_json(at)
        rows = reindexer.page(after, self._size)
        last = len(rows) < self._size
        settled = reindexer.settle(rows)
        self._failures = settled.failures
        if rows and not last:
            self._size = next_size([row.values for row in rows])
            behind, _ = next_start(table, BY_KEY, rows, set())
            at = key_values.to_json(behind)
        return Step(at, settled.done, len(settled.failures), last=last)

    def committed(self) -> None:
        """Report what could not be done."""
        for failure in self._failures:
            self._found(failure)
        self._failures = []
