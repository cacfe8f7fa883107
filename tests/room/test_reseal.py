"""The way out after an honest edit by another tool: a person accepts what stands there."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import pytest

import strongroom
from tests.room.edits import EDITS, during, people
from tests.room.thief import Thief, only, refused

PLAIN: Final[dict[str, Any]] = {"age": 36, "city": "Rome", "floor": None, "member": True}
CELLS: Final[dict[str, Any]] = {"name": "name 2", "note": "note 2", "phone": "2"}


@pytest.fixture
def users(room: strongroom.Strongroom) -> strongroom.Table:
    table = room.table("users")
    table.add_many([{"name": "Ada Lovelace", "age": 36}, {"name": "Grace Hopper", "age": 85}])
    return table


def test_an_honest_edit_is_shown_and_accepted(
    room: strongroom.Strongroom, thief: Thief, users: strongroom.Table
) -> None:
    before = thief.rows(users)
    thief.put(users, 1, age=37)
    refused(users, 1)
    assert users.salvage(1) == {"name": "Ada Lovelace", "age": 37}
    assert thief.row(users, 1) == before[0] | {"age": 37}  # looking writes nothing
    record = users.reseal(1, accept={"name": "Ada Lovelace", "age": 37})
    assert (record.name, record.age, record.record_version) == ("Ada Lovelace", 37, 2)
    assert users.get(1) == record
    after = thief.rows(users)
    assert after[0]["name"] == before[0]["name"]  # the cell is kept as it is
    assert after[0]["record_seal"] != before[0]["record_seal"]
    assert after[1] == before[1]
    only(room, {"users": []})
    assert users.update(1, age=38).record_version == 3


def test_only_the_values_that_stand_there_are_accepted(
    room: strongroom.Strongroom, thief: Thief, users: strongroom.Table
) -> None:
    """Exact by type too: True is not 1."""
    thief.put(users, 1, age=1)
    before = thief.rows(users)
    for accept in (
        {"age": 36},
        {"age": 2},
        {"age": None},
        {"age": True},
        {"age": 1.0},
        {"age": "1"},
        {"name": "Ada Lovelace ", "age": 1},
    ):
        with during(str(accept)):
            with pytest.raises((strongroom.ConflictError, strongroom.InputError)) as caught:
                users.reseal(1, accept={"name": "Ada Lovelace", **accept})
            assert str(caught.value) in (
                "the values of the record of users are not the accepted ones",
                "users.age must be an integer between 0 and 150",
                "users.age must be given",
            )
            assert thief.rows(users) == before
    only(room, {"users": [1]})


def test_every_field_has_to_be_accepted(room: strongroom.Strongroom, thief: Thief) -> None:
    scene = people(room, thief)
    scene.table.update(2, phone="2")  # no cell is NULL: nothing but the seal is wrong
    scene.put(age=37)
    before = scene.now
    right = {**PLAIN, **CELLS, "age": 37}
    for accept in ({}, {"age": 37}, {k: v for k, v in right.items() if k != "floor"}, PLAIN):
        with pytest.raises(strongroom.InputError) as caught:
            scene.table.reseal(2, accept=accept)
        assert str(caught.value) == "every field of people has to be accepted by its value"
        assert caught.value.hint is not None
        assert set(caught.value.hint.removeprefix("they are: ").split(", ")) == set(right)
    for name in ("name", "note"):
        with pytest.raises(strongroom.ConflictError):
            scene.table.reseal(2, accept={**right, name: "another"})
    with pytest.raises(strongroom.InputError) as unknown:
        scene.table.reseal(2, accept={**right, "canary": 1})
    assert str(unknown.value) == "people has no such field"
    assert scene.now == before
    assert scene.table.reseal(2, accept=right).age == 37
    only(room, {"people": []})


def test_an_intact_record_is_refused(thief: Thief, users: strongroom.Table) -> None:
    before = thief.rows(users)
    for attempt in (lambda: users.salvage(1), lambda: users.reseal(1, accept={"age": 36})):
        with pytest.raises(strongroom.InputError) as caught:
            attempt()
        assert str(caught.value) == (
            "the record is as strongroom wrote it: there is nothing to reseal"
        )
    for attempt in (lambda: users.salvage(9), lambda: users.reseal(9, accept={"age": 36})):
        with pytest.raises(strongroom.NotFoundError) as missing:
            attempt()
        assert str(missing.value) == "users has no record 9"
    assert thief.rows(users) == before


# A cell that is NULL, moved, or no cell: nobody can say what a person would accept. (An older cell
# of the same field and record opens: `salvage` says so, and shows it.)
NEVER: Final = (
    "optional cell emptied", "cell where there was none", "another's name",
    "another's everything", "cells swapped", "plaintext", "empty cell",
)  # fmt: skip


def test_a_failing_or_emptied_cell_is_never_blessed(
    room: strongroom.Strongroom, thief: Thief
) -> None:
    scene = people(room, thief)
    scene.table.update(2, phone="2")
    good = scene.now
    for name in NEVER:
        with during(name):
            if name == "cell where there was none":
                scene.put(phone=None)
            EDITS[name](scene)
            before = scene.now
            plain = {field: before[field] for field in PLAIN} | {"member": bool(before["member"])}
            plain |= CELLS
            for attempt in (
                lambda: scene.table.salvage(2),
                lambda plain=plain: scene.table.reseal(2, accept=plain),
            ):
                with pytest.raises(strongroom.IntegrityError):
                    attempt()
            assert scene.now == before
            scene.put(**good)
    only(room, {"people": []})


ANEW: Final = (
    "version", "version back", "version 0", "version below 0", "version near the end",
    "seal of zeros", "seal's layout", "old seal", "old note", "seal of another record",
)  # fmt: skip


def test_a_broken_seal_or_version_is_made_anew(room: strongroom.Strongroom, thief: Thief) -> None:
    scene = people(room, thief)
    scene.table.update(2, phone="2")
    good = scene.now
    for edit in ANEW:
        with during(edit):
            EDITS[edit](scene)
            note = "note" if edit == "old note" else "note 2"
            assert scene.table.salvage(2) == {
                "name": "name 2", "note": note, "phone": "2", **PLAIN
            }  # fmt: skip
            stood = scene.now["record_version"]
            record = scene.table.reseal(2, accept={**PLAIN, **CELLS, "note": note})
            assert record.record_version == (stood + 1 if 1 <= stood < 2**62 else 2)
            assert scene.table.get(2) == record
            only(room, {"people": []})
            scene.put(**good)


def test_what_changed_after_it_was_shown_is_a_conflict(
    room: strongroom.Strongroom, thief: Thief, users: strongroom.Table
) -> None:
    thief.put(users, 1, age=37)
    shown = users.salvage(1)
    thief.put(users, 1, age=38)
    with pytest.raises(strongroom.ConflictError) as caught:
        users.reseal(1, accept=shown)
    assert str(caught.value) == "the values of the record of users are not the accepted ones"
    only(room, {"users": [1]})


def test_an_older_cell_put_in_after_it_was_shown_is_a_conflict(
    room: strongroom.Strongroom, thief: Thief, users: strongroom.Table
) -> None:
    older = thief.row(users, 1)["name"]
    users.update(1, name="Augusta Ada King")
    thief.put(users, 1, age=37)
    shown = users.salvage(1)
    assert shown["name"] == "Augusta Ada King"
    thief.put(users, 1, name=older)
    with pytest.raises(strongroom.ConflictError):
        users.reseal(1, accept=shown)
    only(room, {"users": [1]})


def test_a_value_that_the_field_cannot_hold_is_not_accepted(
    room: strongroom.Strongroom, thief: Thief
) -> None:
    """It is an integrity error, as `salvage` says: the caller gave no wrong input."""
    scene = people(room, thief)
    scene.table.update(2, phone="2")
    good = scene.now
    for edit in ("age out of its range", "boolean 2"):
        with during(edit):
            EDITS[edit](scene)
            before = scene.now
            accept = {**PLAIN, **CELLS, "age": before["age"]}
            for attempt in (
                partial(scene.table.salvage, 2),
                partial(scene.table.reseal, 2, accept=accept),
            ):
                with pytest.raises(strongroom.IntegrityError):
                    attempt()
            assert scene.now == before
            scene.put(**good)
