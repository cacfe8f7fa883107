"""The keys of a store under attack: destroyed, exchanged, or another store's."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import strongroom
from strongroom.keys.keyring import KeyState, Purpose
from strongroom.room.document import State, write_document
from tests.room.refusal import does_not_open, reopen
from tests.room.thief import Thief, only


@pytest.fixture
def users(room: strongroom.Strongroom) -> strongroom.Table:
    table = room.table("users")
    table.add_many([{"name": "Ada Lovelace", "age": 36}, {"name": "Grace Hopper", "age": 85}])
    return table


def change(room: strongroom.Strongroom, alter: Callable[[State], State]) -> None:
    with room._store.database.write() as connection:
        room._store.change(connection, alter)
        connection.commit()


def test_a_destroyed_key_opens_nothing(
    room: strongroom.Strongroom, thief: Thief, users: strongroom.Table, key: str
) -> None:
    first = room._store.state.keyring.active(Purpose.DATA)
    change(room, lambda state: state.next(keyring=state.keyring.rotated(Purpose.DATA)))
    new = users.add(name="new", age=1)
    change(room, lambda state: state.next(keyring=state.keyring.destroyed(first)))
    with reopen(thief, key) as again:
        only(again, {"users": [1, 2]})
        assert again.table("users").get(new).name == "new"
        states = {one.id: one.state for one in again.status().keys}
        assert states[first] is KeyState.DESTROYED
    with pytest.raises(strongroom.IntegrityError):
        users.update(1, age=37)


def test_wraps_swapped_between_keys_by_who_can_authenticate(
    room: strongroom.Strongroom, thief: Thief, users: strongroom.Table, key: str
) -> None:
    """Every wrap is bound to its key's id and purpose, under the document's MAC as well."""
    ring, state = room._store.state.keyring, room._store.state
    one, two = ring.records
    for records in (
        (replace(one, wrapped=two.wrapped), replace(two, wrapped=one.wrapped)),
        (replace(one, wrapped=two.wrapped), two),
        (replace(one, purpose=two.purpose), replace(two, purpose=one.purpose)),
    ):
        forged = type(ring)(state.store_id, ring._wrap, records, {})
        document, mac = write_document(replace(state, keyring=forged), room._store._store_key)
        thief.put_store(document=document, mac=mac)
        assert "of the keyring does not open" in str(does_not_open(thief, key))
    assert users.get(1).name == "Ada Lovelace"  # who runs already goes on by what was checked


def test_a_key_from_another_file(thief: Thief, users: strongroom.Table, tmp_path: Path) -> None:
    path = tmp_path / "other.bin"
    path.write_bytes(os.urandom(32))
    path.chmod(0o600)
    error = does_not_open(thief, f"file:{path}", strongroom.WrongKeyError)
    stored = json.loads(thief.store()["root"])["fingerprint"]
    told = str(error)
    assert stored in told
    assert [word.rstrip(",") for word in told.split() if len(word.rstrip(",")) == 16] != [stored]
    assert users.get(1).name == "Ada Lovelace"
