"""A store put back to an older state under a running process, and changed there by another.

Both then know a document of one generation, but not the same one: the process must not go on
writing under keys that stand in no document. An honest reader that was slow is no such case.
"""

from __future__ import annotations

import threading

import pytest

import strongroom
from strongroom.crypto.seal import parse_seal
from strongroom.keys.keyring import Purpose
from strongroom.room.document import State, read_document
from tests.room.engines import engine_of
from tests.room.refusal import reopen
from tests.room.test_generation import change, keys_used
from tests.room.thief import Thief, only
from tests.servers.database import Database

NOT_LATER = "the store document is not a later one than this process has seen"
RESTORED = "someone restored the database: close this strongroom and open it again"


@pytest.fixture
def users(room: strongroom.Strongroom) -> strongroom.Table:
    table = room.table("users")
    table.add_many([{"name": "Ada Lovelace", "age": 36}, {"name": "Grace Hopper", "age": 85}])
    return table


def forked(room: strongroom.Strongroom, thief: Thief, key: str) -> None:
    """Rotate in `room`, restore what was before, and have another process change that."""
    dump = thief.store()
    change(room, lambda state: state.next(keyring=state.keyring.rotated(Purpose.DATA)))
    assert room.tables == ("users",)
    thief.put_store(**dump)
    with reopen(thief, key) as other:
        other.create_table("notes", {"text": strongroom.Text()})
    mine, now = room._store.state, thief.store()
    assert now["generation"] == mine.generation == dump["generation"] + 1
    assert bytes(now["mac"]) != mine.mac


def test_nothing_is_written_under_a_key_that_is_in_no_document(
    room: strongroom.Strongroom, users: strongroom.Table, thief: Thief, key: str
) -> None:
    forked(room, thief, key)
    lost = room._store.state.keyring.active(Purpose.DATA)
    seen = users.get(1)
    before = thief.rows(users)
    for write in (
        lambda: users.add(name="new", age=1),
        lambda: users.add_many([{"name": "new", "age": 1}]),
        lambda: users.update(1, age=37),
        lambda: users.update(seen, age=37),
        lambda: users.delete(1),
        lambda: room.create_table("more", {"text": strongroom.Text()}),
    ):
        with pytest.raises(strongroom.IntegrityError) as caught:
            write()
        assert (str(caught.value), caught.value.hint) == (NOT_LATER, RESTORED)
    assert thief.rows(users) == before
    with reopen(thief, key) as again:
        assert lost not in {one.id for one in again._store.state.keyring.records}
        added = again.table("users").add(name="Alan Turing", age=41)
        assert again.table("users").get(added).name == "Alan Turing"
        only(again, {"users": [], "notes": []})
    assert lost not in keys_used(thief.database)


def test_a_transaction_of_the_callers_writes_nothing_either(
    room: strongroom.Strongroom,
    users: strongroom.Table,
    thief: Thief,
    key: str,
) -> None:
    forked(room, thief, key)
    before = thief.rows(users)
    engine = engine_of(thief.database)
    with engine.connect() as connection, room.using(connection):
        with pytest.raises(strongroom.IntegrityError) as caught:
            users.add(name="new", age=1)
        assert (str(caught.value), caught.value.hint) == (NOT_LATER, RESTORED)
        connection.commit()
    engine.dispose()
    assert thief.rows(users) == before


def test_what_asks_for_the_newest_document_says_so_too(
    room: strongroom.Strongroom, users: strongroom.Table, thief: Thief, key: str
) -> None:
    forked(room, thief, key)
    for ask in (lambda: room.tables, room.status, lambda: room.table("notes")):
        with pytest.raises(strongroom.IntegrityError) as caught:
            ask()
        assert (str(caught.value), caught.value.hint) == (NOT_LATER, RESTORED)
    assert [one.age for one in users.all()] == [36, 85]  # what was read and sealed before is intact


def test_a_rotation_by_another_process_is_no_restore(
    users: strongroom.Table, thief: Thief, key: str
) -> None:
    with reopen(thief, key) as other:
        change(other, lambda state: state.next(keyring=state.keyring.rotated(Purpose.DATA)))
        active = other._reload().keyring.active(Purpose.DATA)
    added = users.add(name="Alan Turing", age=41)
    assert parse_seal(bytes(thief.row(users, added)["record_seal"])).key_id == active


def test_a_slow_reader_raises_nothing(
    room: strongroom.Strongroom, thief: Thief, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has read a document; before it has authenticated it, another thread knows a newer."""
    came, go = threading.Event(), threading.Event()

    def slow(store_id: bytes, *rest: object) -> State:
        state = read_document(store_id, *rest)  # type: ignore[arg-type]
        if threading.current_thread().name == "slow":
            came.set()
            assert go.wait(30)
        return state

    found: list[object] = []

    def read() -> None:
        try:
            found.append(room.tables)
        except strongroom.StrongroomError as error:
            found.append(error)

    monkeypatch.setattr("strongroom.room.store.read_document", slow)
    reader = threading.Thread(target=read, name="slow")
    with reopen(thief, key) as other:
        other.create_table("first", {"text": strongroom.Text()})
        reader.start()
        try:
            assert came.wait(30)
            other.create_table("second", {"text": strongroom.Text()})
            assert room.tables == ("first", "second")
        finally:
            go.set()
            reader.join(30)
    assert found == [("first", "second")]
    assert room._store.state.generation == 3


@pytest.mark.parametrize("database", ["mariadb"], indirect=True)
def test_a_connection_that_reads_what_is_not_committed_is_refused(
    room: strongroom.Strongroom, users: strongroom.Table, database: Database, key: str
) -> None:
    """It would load a document that is rolled back afterwards."""
    generation = room._store.state.generation
    engine = engine_of(database).execution_options(isolation_level="READ UNCOMMITTED")
    wanted = "the connection's setting transaction_isolation is not safe for strongroom"
    with engine.connect() as connection:
        with pytest.raises(strongroom.StorageError) as caught, room.using(connection):
            users.get(1)
        assert str(caught.value) == wanted
        assert caught.value.hint == "use READ COMMITTED or stricter"
    with pytest.raises(strongroom.StorageError) as caught:
        strongroom.open(engine, key).close()
    assert str(caught.value) == wanted
    engine.dispose()
    assert room._store.state.generation == generation
    for level in ("READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"):
        accepted = engine_of(database).execution_options(isolation_level=level)
        with accepted.connect() as connection, room.using(connection):
            assert users.get(1).age == 36
        accepted.dispose()
