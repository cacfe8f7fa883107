"""A long-lived process never writes by an old document.

The interleavings that let a cached keyring write under a key that another process had just
destroyed, and a cached catalogue read or write a table that had just changed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

import strongroom
from strongroom.crypto.cell import key_id_of, parse
from strongroom.crypto.seal import parse_seal
from strongroom.keys.keyring import KeyState, Purpose
from strongroom.room.document import State
from tests.room.engines import engine_of
from tests.servers.database import Database

Opener = Callable[[], strongroom.Strongroom]


@pytest.fixture
def open_again(database: Database, tmp_path: Path) -> Iterator[Opener]:
    """Open the same store as another process would: nothing is shared in memory."""
    opened = []

    def open_again() -> strongroom.Strongroom:
        key = f"file:{tmp_path / 'aes_key.bin'}"
        opened.append(strongroom.open(database.url, key, password=database.password))
        return opened[-1]

    yield open_again
    for one in opened:
        one.close()


def change(room: strongroom.Strongroom, alter: Callable[[State], State]) -> State:
    with room._store.database.write() as connection:
        return room._store.change(connection, alter)


def replace_data_key(room: strongroom.Strongroom) -> int:
    """Make a new data key and destroy the former one; return the destroyed key's id."""
    former = room._store.state.keyring.active(Purpose.DATA)
    change(
        room,
        lambda state: state.next(keyring=state.keyring.rotated(Purpose.DATA).destroyed(former)),
    )
    return former


def keys_used(database: Database) -> set[int]:
    return {
        key_id
        for name, seal in database.execute("SELECT name, record_seal FROM users")
        for key_id in (key_id_of(parse(name)), parse_seal(bytes(seal)).key_id)
    }


def test_a_cached_keyring_does_not_write_under_a_destroyed_key(
    open_again: Opener, database: Database
) -> None:
    old, other = open_again(), open_again()
    users = old.table("users")
    former = replace_data_key(other)
    assert old._store.state.keyring.active(Purpose.DATA) == former  # still cached
    number = users.add(name="Ada Lovelace", age=36)
    assert former not in keys_used(database)
    assert other.table("users").get(number).name == "Ada Lovelace"


def test_every_writing_operation_sees_a_rotation(open_again: Opener, database: Database) -> None:
    old, other = open_again(), open_again()
    users = old.table("users")
    first, second, third = users.add_many({"name": f"n{n}", "age": n} for n in range(3))
    for write in (
        lambda: users.update(first, name="changed"),
        lambda: users.update(users.get(second), age=50),
        lambda: users.add_many([{"name": "new", "age": 1}]),
        lambda: users.add(name="newer", age=2),
    ):
        former = old._store.state.keyring.active(Purpose.DATA)
        change(other, lambda state: state.next(keyring=state.keyring.rotated(Purpose.DATA)))
        write()
        active = old._store.state.keyring.active(Purpose.DATA)
        assert active != former
        assert active in keys_used(database)
    users.delete(third)
    assert [one.name for one in other.table("users").all()] == ["changed", "n1", "new", "newer"]


def test_a_writer_in_flight_is_waited_for(open_again: Opener) -> None:
    """A key cannot be destroyed while a transaction that writes under it is open."""
    writer, rotator = open_again(), open_again()
    users = writer.table("users")
    events = []

    def rotate() -> None:
        change(rotator, lambda state: state.next(keyring=state.keyring.rotated(Purpose.DATA)))
        events.append("rotated")

    with writer.transaction():
        users.add(name="Ada Lovelace", age=36)
        thread = threading.Thread(target=rotate)
        thread.start()
        thread.join(0.4)
        assert thread.is_alive(), "the change of keys did not wait for the writer"
        users.add(name="Grace Hopper", age=85)
        events.append("committed")
    thread.join(30)
    assert events == ["committed", "rotated"]
    assert [one.name for one in users.all()] == ["Ada Lovelace", "Grace Hopper"]


def test_a_writer_that_begins_during_a_change_writes_by_the_new_document(
    open_again: Opener, database: Database
) -> None:
    writer, rotator = open_again(), open_again()
    users = writer.table("users")
    former = writer._store.state.keyring.active(Purpose.DATA)
    with rotator._store.database.write() as connection:
        rotator._store.change(
            connection,
            lambda state: state.next(keyring=state.keyring.rotated(Purpose.DATA).destroyed(former)),
        )
        thread = threading.Thread(target=lambda: users.add(name="Ada Lovelace", age=36))
        thread.start()
        thread.join(0.4)
        assert thread.is_alive(), "the writer did not wait for the change of keys"
    thread.join(30)
    assert former not in keys_used(database)
    assert users.get(1).name == "Ada Lovelace"


def test_a_reader_loads_the_document_again_for_an_unknown_key(open_again: Opener) -> None:
    reader, other = open_again(), open_again()
    users = reader.table("users")
    change(other, lambda state: state.next(keyring=state.keyring.rotated(Purpose.DATA)))
    number = other.table("users").add(name="Ada Lovelace", age=36)
    assert users.get(number).name == "Ada Lovelace"
    change(other, lambda state: state.next(keyring=state.keyring.rotated(Purpose.DATA)))
    other.table("users").add(name="Grace Hopper", age=85)
    assert [one.name for one in users.all()] == ["Ada Lovelace", "Grace Hopper"]


def test_a_table_made_by_another_process_is_found(open_again: Opener) -> None:
    old, other = open_again(), open_again()
    other.create_table("patients", {"name": strongroom.Text()}).add(name="Ada Lovelace")
    assert old.table("patients").get(1).name == "Ada Lovelace"


def test_a_lost_race_of_two_changes_keeps_both(open_again: Opener) -> None:
    first, second = open_again(), open_again()
    threads = [
        threading.Thread(
            target=lambda room=room: change(
                room, lambda state: state.next(keyring=state.keyring.rotated(Purpose.DATA))
            )
        )
        for room in (first, second)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    third = open_again()
    states = [
        one.state for one in third._store.state.keyring.records if one.purpose is Purpose.DATA
    ]
    assert sorted(states) == [KeyState.ACTIVE, KeyState.RETIRED, KeyState.RETIRED]
    assert third._store.state.generation == 3


def test_a_callers_long_transaction_does_not_write_by_its_old_snapshot(
    open_again: Opener, database: Database
) -> None:
    room, other = open_again(), open_again()
    users = room.table("users")
    former = room._store.state.keyring.active(Purpose.DATA)
    engine = engine_of(database)
    with engine.connect() as connection:
        if database.kind != "sqlite":  # where a reader keeps nobody from writing, and no snapshot
            connection.execute(sa.text("SELECT generation FROM strongroom_store")).all()
        replace_data_key(other)
        with room.using(connection):
            users.add(name="Ada Lovelace", age=36)
        connection.commit()
    engine.dispose()
    assert former not in keys_used(database)
    assert users.get(1).name == "Ada Lovelace"


def test_cells_of_several_keys_in_records_of_one_are_opened(open_again: Opener) -> None:
    """A cell that is kept while its record is sealed anew stays under the key that it had."""
    room = open_again()
    users = room.table("users")
    keys = users.add_many([{"name": f"n{at}", "age": at} for at in range(6)])
    change(room, lambda state: state.next(keyring=state.keyring.rotated(Purpose.DATA)))
    for key in keys:
        users.update(key, **({"age": 100} if key % 2 else {"name": f"new {key}"}))
    expected = [f"n{key - 1}" if key % 2 else f"new {key}" for key in keys]
    assert [one.name for one in users.all()] == expected
    assert strongroom.verify(room).intact
