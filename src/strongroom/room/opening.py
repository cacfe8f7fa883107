"""Opening a store, and making one where there is none: key, then tables, then the document.

The root key is proved before anything else is believed. A first run may be interrupted anywhere
and may happen in many processes at once: every step can be repeated, and the store exists from
the moment its row does.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any, Final

from strongroom.crypto.derive import STORE_ID_BYTES
from strongroom.crypto.secret import Secret
from strongroom.errors import DecryptionError, IntegrityError, NoStoreError
from strongroom.keys.keyring import Keyring
from strongroom.keys.provider import Envelope, Provider
from strongroom.room.document import State, read_document, write_document
from strongroom.room.store import Unlocked
from strongroom.schema.catalogue import Catalogue
from strongroom.schema.values import canonical_json, parse_json
from strongroom.storage import system
from strongroom.storage.connect import Database
from strongroom.storage.dialect import DIALECTS
from strongroom.storage.system import StoreRow

_MOST_ROOT: Final = 65_536  # characters; it is parsed before anything is authenticated


def open_store(database: Database, provider: Provider) -> Unlocked | None:
    """Open the store that the database holds, or return None where it holds none.

    Raises:
        RootKeyError: the root key is missing, refused or another store's.
        IntegrityError: the store's own row was changed.
    """
    if not database.exists():
        return None
    with database.read() as connection:
        row = system.load(connection)
    return None if row is None else _unlock(row, provider)


def make_store(database: Database, provider: Provider, *, allowed: bool) -> Unlocked:
    """Make a store, or open the one that another process made meanwhile.

    Raises:
        NoStoreError: it is not `allowed`; nothing was made.
        RootKeyError: the root key cannot be made or must not be used.
        StorageError: the account may not make tables (`init --sql` prints what to run).
    """
    if not allowed:
        raise NoStoreError(
            f"there is no store in {database.shown}", hint="make one with: strongroom init"
        )
    dialect = DIALECTS[database.kind]
    database.check_folder()
    row, made = _new_store(provider)
    database.create_file()
    with database.write() as connection, system.first_run_lock(connection, dialect):
        found = system.load(connection)
        if found is None:
            system.create_tables(connection, dialect)
            system.insert(connection, row)
        connection.commit()
    return made if found is None else _unlock(found, provider)


def _new_store(provider: Provider) -> tuple[StoreRow, Unlocked]:
    """Return a new store and its row. The root key is made here if the provider makes one."""
    store_id, store_key = os.urandom(STORE_ID_BYTES), Secret.generate()
    envelope = provider.create(store_id, store_key)
    keyring = Keyring.create(store_id, store_key)
    state = State(store_id, 1, Catalogue(), keyring, _root(envelope))
    document, mac = write_document(state, store_key)
    root = canonical_json(envelope.to_document())
    row = StoreRow(store_id, root.decode("utf-8"), state.generation, document, mac)
    return row, Unlocked(replace(state, mac=mac), store_key, envelope)


def _unlock(row: StoreRow, provider: Provider) -> Unlocked:
    if len(row.root) > _MOST_ROOT:
        raise IntegrityError("the store's own row is not as strongroom wrote it")
    try:
        envelope = Envelope.from_document(parse_json(row.root.encode("utf-8")))
    except (DecryptionError, UnicodeEncodeError):
        raise IntegrityError("the store's own row is not as strongroom wrote it") from None
    if len(row.store_id) != STORE_ID_BYTES:
        raise IntegrityError("the store's own row is not as strongroom wrote it")
    store_key = provider.unwrap(row.store_id, envelope)
    state = read_document(row.store_id, store_key, row.document, row.mac)
    if state.generation != row.generation or state.root != _root(envelope):
        raise IntegrityError("the store's own row is not as strongroom wrote it")
    return Unlocked(state, store_key, envelope)


def _root(envelope: Envelope) -> dict[str, Any]:
    """Return what the document repeats of the envelope, which stands outside of its MAC."""
    document = envelope.to_document()
    return {name: document[name] for name in ("provider", "parameters")}
