"""strongroom's own tables: the store's one row, the id counters, and the locks that guard them.

    strongroom_store(id = 1, store_id, root, generation, document, mac)
    strongroom_counters(table_id, next_id)
    strongroom_jobs(job, document, mac)          see `checkpoints`

The store's row is the commit point of a first run: a store exists when the row does. Nothing in
these tables is believed here; `room` authenticates what this module reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from strongroom.errors import BusyError, IntegrityError, StorageError
from strongroom.storage.dialect import Dialect
from strongroom.storage.direct import Direct
from strongroom.storage.failure import mapped

STORE_TABLE: Final = "strongroom_store"
COUNTERS_TABLE: Final = "strongroom_counters"
JOBS_TABLE: Final = "strongroom_jobs"
LAST_ID: Final = (1 << 63) - 1
_LOCK_SECONDS: Final = 60
_LOCK_NAME: Final = "strongroom first run"

_store = sa.table(
    STORE_TABLE,
    *(sa.column(name) for name in ("id", "store_id", "root", "generation", "document", "mac")),
)
_counters = sa.table(COUNTERS_TABLE, sa.column("table_id"), sa.column("next_id"))

# Made once: making a statement costs more than running it.
_generation = sa.select(_store.c.store_id, _store.c.generation, _store.c.mac).where(
    _store.c.id == 1
)
_held = {
    False: Direct(_generation.with_for_update(read=True)),
    True: Direct(_generation.with_for_update()),
}
_document = sa.select(_store).where(_store.c.id == 1)
_whole = {False: Direct(_document), True: Direct(_document.with_for_update(read=True))}
_mine = _counters.c.table_id == sa.bindparam("mine", type_=sa.BigInteger())
_next = sa.select(_counters.c.next_id).where(_mine)
_taking = (
    sa.update(_counters)
    .where(_mine)
    .values(next_id=_counters.c.next_id + sa.bindparam("count", type_=sa.BigInteger()))
)
_taken = Direct(_taking)
_taken_and_told = Direct(_taking.returning(_counters.c.next_id))


@dataclass(frozen=True, slots=True)
class StoreRow:
    """The store's row as the database gave it: nothing in it was checked yet."""

    store_id: bytes
    root: str
    generation: int
    document: str
    mac: bytes


def ddl(dialect: Dialect) -> list[str]:
    """Return the statements that make strongroom's own tables."""
    cell, number = dialect.cell.ddl, dialect.integer.ddl
    fixed = {"mysql": "BINARY({})", "postgresql": "BYTEA", "sqlite": "BLOB"}[dialect.kind]
    return [
        (
            f"CREATE TABLE {STORE_TABLE} (id {number} NOT NULL PRIMARY KEY, "
            f"store_id {fixed.format(16)} NOT NULL, root {cell} NOT NULL, "
            f"generation {number} NOT NULL, document {cell} NOT NULL, "
            f"mac {fixed.format(32)} NOT NULL){dialect.table_options}"
        ),
        (
            f"CREATE TABLE {COUNTERS_TABLE} (table_id {number} NOT NULL PRIMARY KEY, "
            f"next_id {number} NOT NULL){dialect.table_options}"
        ),
        (
            f"CREATE TABLE {JOBS_TABLE} (job {number} NOT NULL PRIMARY KEY, "
            f"document {cell} NOT NULL, mac {fixed.format(32)} NOT NULL){dialect.table_options}"
        ),
    ]


def create_tables(connection: sa.Connection, dialect: Dialect) -> None:
    """Make those of our own tables that are missing. Call it under `first_run_lock`."""
    with mapped():
        inspector = sa.inspect(connection)
        names = (STORE_TABLE, COUNTERS_TABLE, JOBS_TABLE)
        for name, statement in zip(names, ddl(dialect), strict=True):
            if not inspector.has_table(name):
                connection.exec_driver_sql(statement)


def load(connection: sa.Connection) -> StoreRow | None:
    """Return the store's row, or None where there is no store.

    Raises:
        IntegrityError: a column holds another type than strongroom writes, or the row is gone
            from a store that had tables: a new one would bury what is left of it.
    """
    with mapped():
        inspector = sa.inspect(connection)
        names = [name for name in (STORE_TABLE, COUNTERS_TABLE) if inspector.has_table(name)]
        row = reload(connection) if STORE_TABLE in names else None
        if row is None and COUNTERS_TABLE in names:
            orphan = connection.execute(sa.select(_counters.c.table_id).limit(1)).first()
            if orphan is not None:
                raise IntegrityError(
                    "the store's own row is gone, but it had tables",
                    hint="restore the table strongroom_store from a backup",
                )
    return row


def reload(connection: sa.Connection, *, lock: bool = False) -> StoreRow | None:
    """Return the store's row where its table is known to be there.

    Args:
        connection: inside a transaction.
        lock: hold the row shared, and see it as it is now, not as the transaction's snapshot
            had it: what a writer needs.
    """
    with mapped():
        found = _whole[lock].all(connection, {})
    if not found:
        return None
    [row] = found
    types = (type(value) for value in row[1:])
    if tuple(types) != (bytes, str, int, str, bytes):
        raise IntegrityError("the store's own row is not as strongroom wrote it")
    return StoreRow(*row[1:])


def insert(connection: sa.Connection, row: StoreRow) -> None:
    """Write the row of a new store: the moment it exists."""
    values = {name: getattr(row, name) for name in StoreRow.__slots__}
    with mapped():
        connection.execute(sa.insert(_store).values(id=1, **values))


def replace_document(
    connection: sa.Connection, expected: int, generation: int, document: str, mac: bytes
) -> None:
    """Replace the store document by compare-and-set on its generation.

    Raises:
        BusyError: the generation is no longer `expected`.
    """
    statement = (
        sa.update(_store)
        .where(_store.c.id == 1, _store.c.generation == expected)
        .values(generation=generation, document=document, mac=mac)
    )
    with mapped():
        changed = connection.execute(statement).rowcount
    if changed != 1:
        raise BusyError("the store's keys or tables were changed by another process")


def hold(connection: sa.Connection, *, exclusive: bool = False) -> tuple[bytes, int, bytes]:
    """Return the store's id, generation and MAC, and hold them until the transaction ends.

    Writers hold them shared; a change of keys or tables holds them alone and so waits for the
    writers. On SQLite every write transaction is alone from its first statement on.

    Raises:
        IntegrityError: the store's row is gone, or a column holds another type.
    """
    with mapped():
        found = _held[exclusive].all(connection, {})
    if len(found) != 1 or tuple(type(value) for value in found[0]) != (bytes, int, bytes):
        raise IntegrityError("the store's own row is gone or not as strongroom wrote it")
    store_id, generation, mac = found[0]
    return store_id, generation, mac


def take_write_lock(connection: sa.Connection) -> None:
    """Become SQLite's one writer inside a transaction that the caller began."""
    with mapped():
        connection.exec_driver_sql(
            f"UPDATE {STORE_TABLE} SET generation = generation WHERE id = 1"  # noqa: S608
        )


@contextmanager
def first_run_lock(connection: sa.Connection, dialect: Dialect) -> Iterator[None]:
    """Let one process at a time make a store or a table in this database.

    On SQLite the write transaction is the lock. MySQL's lock belongs to the session, since its
    DDL ends transactions; PostgreSQL's ends with the transaction.
    """
    if dialect.kind == "mysql":
        with _mysql_lock(connection):
            yield
        return
    if dialect.kind == "postgresql":
        number = int.from_bytes(hashlib.sha256(_LOCK_NAME.encode()).digest()[:8], signed=True)
        with mapped():
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))
    yield


@contextmanager
def _mysql_lock(connection: sa.Connection) -> Iterator[None]:
    with mapped():
        database = str(connection.exec_driver_sql("SELECT DATABASE()").scalar_one())
        # MySQL allows 64 characters, and database names are often shared by a prefix.
        name = "strongroom " + hashlib.sha256(database.encode()).hexdigest()[:32]
        taken = connection.execute(sa.select(sa.func.get_lock(name, _LOCK_SECONDS))).scalar_one()
    if taken != 1:
        raise BusyError("another process is making the store", hint="try again in a minute")
    try:
        yield
    finally:
        try:
            with mapped():
                connection.execute(sa.select(sa.func.release_lock(name)))
        except StorageError:
            # The session's end gives it up. What went wrong before must not be hidden by this.
            connection.invalidate()


def add_counter(connection: sa.Connection, table_id: int, first: int) -> None:
    """Start a table's id counter, unless an interrupted run already did."""
    with mapped():
        known = connection.execute(
            sa.select(_counters.c.next_id).where(_counters.c.table_id == table_id)
        ).one_or_none()
        if known is None:
            connection.execute(sa.insert(_counters).values(table_id=table_id, next_id=first))


def next_id(connection: sa.Connection, table_id: int, *, lock: bool = False) -> int:
    """Return the first id that was never given out; with `lock`, nobody gets it meanwhile.

    Raises:
        IntegrityError: the counter is gone or not a number.
    """
    statement = _next.with_for_update() if lock else _next
    with mapped():
        found = connection.execute(statement, {"mine": table_id}).scalar_one_or_none()
    return _checked(found, 1)


def _checked(found: object, least: int) -> int:
    if type(found) is not int or found < least:
        raise _no_counter()
    return found


def _no_counter() -> IntegrityError:
    return IntegrityError("a table's id counter is gone or not as strongroom wrote it")


def reserve_ids(connection: sa.Connection, table_id: int, count: int) -> int:
    """Take `count` ids that nobody else will get, and return the first.

    The counter never goes back; ids of a transaction that fails later are gaps.
    """
    values = {"mine": table_id, "count": count}
    with mapped():
        if connection.dialect.update_returning:
            told = _taken_and_told.all(connection, values)
            return _checked(told[0][0] if len(told) == 1 else None, count + 1) - count
        _taken.run(connection, values)
    return _checked(next_id(connection, table_id), count + 1) - count


def keep_ahead(connection: sa.Connection, table_id: int, largest: int) -> None:
    """Put the counter behind `largest`, if it is not there yet. It is held until the commit.

    Last before the insert of a key that was not counted: who waits for the counter may hold rows.
    """
    with mapped():
        connection.execute(
            sa.update(_counters)
            .where(_counters.c.table_id == table_id, _counters.c.next_id <= largest)
            .values(next_id=largest + 1)
        )
