"""No writing operation blesses what someone else changed: the edit stays as it is, and seen.

An update reads a whole record and seals it anew. Were the old seal not checked in the same
transaction, changing one field through strongroom would make an edit of another one valid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

import pytest
import sqlalchemy as sa

import strongroom
from strongroom.storage.row import Row
from strongroom.storage.rows import Rows
from tests.room.edits import EDITS, Scene, during, people
from tests.room.thief import Thief, hold, only

ACCEPT: Final[dict[str, object]] = {"age": 36, "city": "Rome", "floor": None, "member": True}
CHANGES: Final[tuple[Mapping[str, object], ...]] = (
    {"name": "new"},
    {"note": "new"},
    {"note": None},
    {"age": 40},
    {"city": None},
    {"floor": 0},
    {"member": False},
    {"name": "new", "note": "new", "phone": "2"},
    {"name": "new", "note": "new", "phone": "2", "age": 40, "city": "Oslo", "floor": 1,
     "member": False},
)  # fmt: skip
# On SQLite nobody else can write between the two: the update holds the only write lock.
at_servers = pytest.mark.parametrize("database", ["mariadb", "postgresql"], indirect=True)


def refuses(write: Callable[[], object]) -> None:
    with pytest.raises(strongroom.IntegrityError) as caught:
        write()
    hold(caught.value, "people", 2)


def in_transaction(room: strongroom.Strongroom, scene: Scene) -> None:
    with room.transaction():
        scene.table.update(1, age=50)
        scene.table.update(2, name="new")


def in_the_callers(room: strongroom.Strongroom, scene: Scene) -> None:
    with room._store.database.write() as connection, room.using(connection):
        scene.table.update(3, age=50)
        scene.table.update(2, floor=4)


def test_no_update_launders_an_edit(room: strongroom.Strongroom, thief: Thief) -> None:
    scene = people(room, thief)
    held, good = scene.table.get(2), scene.now
    for name, edit in EDITS.items():
        with during(name):
            edit(scene)
            before = thief.rows(scene.table)
            for change in CHANGES:
                refuses(partial(scene.table.update, 2, **change))
            refuses(lambda: scene.table.update(held, name="new"))
            refuses(lambda: in_transaction(room, scene))
            refuses(lambda: in_the_callers(room, scene))
            assert thief.rows(scene.table) == before
            scene.put(**good)
    assert scene.table.get(2) == held


def test_writing_to_other_records_leaves_an_edit_as_it_is(
    room: strongroom.Strongroom, thief: Thief
) -> None:
    scene = people(room, thief)
    good = scene.now
    for name, edit in EDITS.items():
        with during(name):
            edit(scene)
            before = scene.now
            new = scene.table.add(name="new", age=1, member=True)
            more = scene.table.add_many([{"name": "more", "age": 2, "member": False}] * 3)
            scene.table.update(1, age=scene.table.get(1).age + 1)
            scene.table.delete(new)
            assert len(list(scene.table.all().outcomes())) == 6
            with room.transaction():
                for number in more:
                    scene.table.delete(number)
            assert scene.now == before
            scene.put(**good)
    only(room, {"people": []})


def test_a_wrong_reseal_leaves_an_edit_as_it_is(room: strongroom.Strongroom, thief: Thief) -> None:
    """Resealing is for plain values that a person read: whatever else is wrong, it refuses."""
    scene = people(room, thief)
    good = scene.now
    wrong: list[dict[str, Any]] = [{}, {"age": 36}, {**ACCEPT, "age": 149}, {**ACCEPT, "name": "x"}]
    for name, edit in EDITS.items():
        with during(name):
            edit(scene)
            before = scene.now
            for accept in wrong:
                with pytest.raises(strongroom.StrongroomError) as caught:
                    scene.table.reseal(2, accept=accept)
                assert isinstance(
                    caught.value,
                    strongroom.IntegrityError | strongroom.InputError | strongroom.ConflictError,
                )
            assert scene.now == before
            scene.put(**good)
    only(room, {"people": []})


def test_reading_never_writes(room: strongroom.Strongroom, thief: Thief) -> None:
    scene = people(room, thief)
    for name in ("age", "plaintext", "old seal", "optional cell emptied"):
        EDITS[name](scene)
        before = thief.rows(scene.table), thief.store()
        only(room, {"people": [2]})
        list(scene.table.find(age=37).outcomes())
        with pytest.raises(strongroom.StrongroomError):
            scene.table.get(2)
        room.status()
        assert (thief.rows(scene.table), thief.store()) == before


@at_servers
def test_an_edit_between_reading_and_writing_does_not_stay(
    room: strongroom.Strongroom, thief: Thief, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every covered column is written by an update, from what was checked: none is left over."""
    scene = people(room, thief)
    edits: dict[str, object] = {
        "age": 99, "name": scene.now["note"], "note": None, "city": "Oslo", "floor": 7, "member": 2,
    }  # fmt: skip
    original, current = Rows.update, ""

    def update(self: Rows, connection: sa.Connection, old: Row, new: Row) -> bool:
        scene.put(**{current: edits[current]})
        assert scene.now[current] == edits[current]
        return original(self, connection, old, new)

    for column, value in edits.items():
        current = column
        with during(column):
            assert scene.now[column] != value
            monkeypatch.setattr(Rows, "update", update)
            scene.table.update(2, phone=column)
            monkeypatch.undo()
            record = dict(scene.table.get(2))
            assert record == {
                "id": 2, "name": "name 2", "note": "note 2", "phone": column, "age": 36,
                "city": "Rome", "floor": None, "member": True,
            }  # fmt: skip
    only(room, {"people": []})


@at_servers
@pytest.mark.parametrize("edit", ["old seal", "version"])
def test_a_seal_changed_between_reading_and_writing_is_a_conflict(
    room: strongroom.Strongroom, thief: Thief, monkeypatch: pytest.MonkeyPatch, edit: str
) -> None:
    scene = people(room, thief)
    held = scene.table.get(2)
    original = Rows.update

    def update(self: Rows, connection: sa.Connection, old: Row, new: Row) -> bool:
        EDITS[edit](scene)
        return original(self, connection, old, new)

    monkeypatch.setattr(Rows, "update", update)
    with pytest.raises(strongroom.ConflictError):
        scene.table.update(held, phone="3")
    monkeypatch.undo()
    assert scene.now["phone"] is None
    only(room, {"people": [2]})
