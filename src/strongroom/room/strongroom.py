"""The opened store: what `strongroom.open` returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import TracebackType
from typing import Final, Self

import sqlalchemy as sa

from strongroom.errors import InputError, NoTableError, StorageError
from strongroom.keys.provider import Provider, open_provider
from strongroom.room.altering import alter_table
from strongroom.room.document import State
from strongroom.room.ids import IdBlocks
from strongroom.room.mending import mend
from strongroom.room.opening import make_store, open_store
from strongroom.room.session import Session
from strongroom.room.status import Status, check_counter, read_status
from strongroom.room.store import Store
from strongroom.room.table import Table
from strongroom.room.transaction import begin, bind, bound
from strongroom.schema.alteration import Alteration
from strongroom.schema.catalogue import DEFAULT_FIELDS, DEFAULT_TABLE
from strongroom.schema.names import check_table_name
from strongroom.schema.types import FieldType
from strongroom.storage import system, tables
from strongroom.storage.connect import Database

DEFAULT_URL: Final = "sqlite:///strongroom.db"
DEFAULT_KEY: Final = "file:aes_key.bin"


class Strongroom:
    """An opened store: a database, its catalogue and its keyring.

    Safe to use from many threads, and after `fork`. Close it, or use it as a context manager.

    Attributes:
        made_store: whether this `open` made the store.
        made_key: whether this `open` made the root key: it needs a backup.
    """

    def __init__(self, store: Store, *, create: bool, made_store: bool, made_key: bool) -> None:
        self._store = store
        store.mend = partial(mend, store)
        self._create = create
        self._ids = IdBlocks(store.database)
        self._shown = store.database.shown
        self._checked: set[int] = set()
        self.made_store = made_store
        self.made_key = made_key

    def table(self, name: str) -> Table:
        """Return a table of the store.

        The default table, ``users(name: encrypted text, age: plain integer)``, is made when
        neither the store nor the database knows a table of that name, unless the strongroom was
        opened with ``create=False``.

        Raises:
            NoTableError: the store has no such table, or the database has one that strongroom
                does not manage: it is left alone.
            StorageError: the table's columns are not as strongroom made them.
        """
        database, state = self._store.database, self._store.state
        if not state.catalogue.knows(name):
            state = self._reload()
        if not state.catalogue.knows(name):
            if name != DEFAULT_TABLE or not self._create or state.catalogue.rewriting(name):
                self._refuse_unknown(name)
            state = self._make(name, DEFAULT_FIELDS, may_exist=True)
        table = state.catalogue.table(name)
        if table.id not in self._checked:
            try:
                with database.read() as connection:
                    tables.check(connection, self._store.dialect, table)
            except StorageError as error:
                # It may have been altered since the catalogue was read.
                if not self._store.recovers(state, error):
                    raise
                return self.table(name)
            self._checked.add(table.id)
        return Table(self._store, self._ids, table)

    def create_table(self, name: str, fields: Mapping[str, FieldType]) -> Table:
        """Make a table with an integer primary key `id` and these fields.

        Args:
            name: `a-z`, `0-9` and `_`, at most 48 characters; ``schema.table`` on servers.
            fields: names and types; a field is encrypted unless its type says ``plain=True``.

        Raises:
            InputError: a name or a type is not allowed, or the store has such a table.
            NoTableError: the database has one that strongroom does not manage.
        """
        self._make(name, fields, may_exist=False)
        return self.table(name)

    def alter_table(
        self,
        name: str,
        *,
        add: Mapping[str, FieldType] | None = None,
        rename: Mapping[str, str] | None = None,
        change: Mapping[str, FieldType] | None = None,
        rename_to: str | None = None,
    ) -> Table:
        """Change a table's declaration; no cell is touched. If interrupted, call it again.

        Args:
            name: the table's.
            add: new fields and their types, which are optional.
            rename: fields and their new names.
            change: fields and new types of them: optional, or with other limits.
            rename_to: the table's new name.

        Raises:
            InputError: it is not allowed, or needs a look at the records.
            NoTableError: there is no such table, or the new name is a foreign one's.
            StorageError: the table is not as strongroom made it.
            BusyError: somebody uses the table.
        """
        asked = Alteration(add or {}, rename or {}, change or {}, rename_to)
        return Table(self._store, self._ids, alter_table(self._store, name, asked))

    @property
    def store(self) -> Store:
        """The store behind it: what jobs work on. Its methods may change with any release."""
        return self._store

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of the store's tables."""
        return tuple(table.name for table in self._reload().catalogue.tables)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything in the block one transaction: all of it is stored, or nothing.

        It is bound to the current context and thread; a transaction inside joins the outer one.
        A retryable error (`BusyError`, `ConflictError`) leaves the decision to run it again to
        the caller.
        """
        if bound(self._store) is not None:
            yield
            return
        with begin(self._store) as session, bind(session):
            yield

    @contextmanager
    def using(self, connection: sa.Connection) -> Iterator[None]:
        """Make everything in the block part of the caller's own transaction.

        Nothing is committed or rolled back here. `connection` must reach this store's database.

        Raises:
            StorageError: a setting of the connection would not give back what is stored.
        """
        self._store.database.adopt_connection(connection)
        with bind(Session(self._store, connection, joined=True)):
            yield

    def status(self) -> Status:
        """Return what the store says of itself: keys, tables, counts; nothing secret."""
        self._reload()
        with self._store.database.read() as connection:
            return read_status(self._store, connection)

    def check_counter(self, name: str) -> None:
        """Check that the ids of a table still come after those of its records.

        Raises:
            IntegrityError: the counter was changed outside strongroom.
        """
        with self._store.database.read() as connection:
            check_counter(self._store, connection, self._store.state.catalogue.table(name))

    def close(self) -> None:
        """Close the connections. Every later use raises `ClosedError`."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<strongroom {self._shown}>"

    def _reload(self) -> State:
        """Return the state as it is in the database now."""
        self._store.refresh(self._store.state)
        return self._store.state

    def _refuse_unknown(self, name: str) -> None:
        check_table_name(name)
        if self._store.state.catalogue.rewriting(name) is not None:
            raise NoTableError(
                f"{name} is being adopted, and not strongroom's until that is finished",
                hint=f"finish it with: strongroom adopt {name}; or add --undo",
            )
        with self._store.database.read() as connection:
            if tables.exists(connection, name):
                raise tables.not_managed(name)
        made_by = "add users" if name == DEFAULT_TABLE else f"create-table {name} FIELD:TYPE…"
        known = ", ".join(one.name for one in self._store.state.catalogue.tables)
        raise NoTableError(
            f"the store has no table {name}",
            hint=f"{f'its tables: {known}; ' if known else ''}make it with: strongroom {made_by}",
        )

    def _make(self, name: str, fields: Mapping[str, FieldType], *, may_exist: bool) -> State:
        """Make a table: its columns first, then its place in the catalogue, then a commit.

        Whatever is interrupted before the commit is found again by its shape, and taken.
        """
        store = self._store
        if bound(store) is not None:
            raise InputError("a table cannot be made inside a transaction")
        with (
            store.database.write() as connection,
            system.first_run_lock(connection, store.dialect),
        ):
            system.hold(connection, exclusive=True)
            store.refresh(store.state)
            if may_exist and store.state.catalogue.knows(name):
                return store.state
            planned = store.state.catalogue.with_table(name, fields).table(name)
            tables.create(connection, store.dialect, planned)
            changed = store.change(
                connection,
                lambda state: state.next(catalogue=state.catalogue.with_table(name, fields)),
            )
            system.add_counter(connection, changed.catalogue.table(name).id, 1)
            connection.commit()
        return self._reload()


def open(  # noqa: A001  # the name that the library's users expect: strongroom.open(…)
    url: str | sa.Engine = DEFAULT_URL,
    key: str | Provider = DEFAULT_KEY,
    *,
    password: str | Callable[[], str] | None = None,
    create: bool = True,
) -> Strongroom:
    """Open the store that a database holds; make one on the first run.

    The root key is proved before any record is touched.

    Args:
        url: ``sqlite:///people.db``, ``mysql://user@host/database``,
            ``postgresql://user@host/database``, or an SQLAlchemy engine.
        key: where the root key is: ``file:PATH``, ``env:NAME``, ``passphrase:`` or
            ``command:PROGRAM``.
        password: the database's password, or a function that is asked for it when it is needed.
        create: whether to make a store, and the default table, where there is none.

    Returns:
        The opened store; a context manager that closes it.

    Raises:
        InputError: the URL or the key's spelling is not one that is known.
        RootKeyError: the root key is missing, refused, or another store's. Nothing was made.
        NoStoreError: there is no store, and `create` is false.
        IntegrityError: the store document was changed outside strongroom.
        UnreachableError: no connection, or the server refused it.
    """
    provider = open_provider(key) if isinstance(key, str) else key
    database = Database.open(url, password=password)
    try:
        unlocked = open_store(database, provider)
        made = unlocked is None
        if unlocked is None:
            unlocked = make_store(database, provider, allowed=create)
    except BaseException:
        database.close()
        raise
    store = Store(database, unlocked)
    return Strongroom(store, create=create, made_store=made, made_key=provider.made)
