"""Every change to a record that is not a whole older one of itself: seen, named, never opened."""

from __future__ import annotations

from functools import partial

import pytest

import strongroom
from tests.room.edits import EDITS, during, people
from tests.room.refusal import reopen
from tests.room.thief import Straight, Thief, bits, only, refused


def test_every_edit_is_seen(room: strongroom.Strongroom, thief: Thief) -> None:
    scene = people(room, thief)
    only(room, {"people": []})
    good = scene.now
    assert len(EDITS) == 36
    for name, edit in EDITS.items():
        with during(name):
            edit(scene)
            assert scene.now != good  # the database took it
            only(room, {"people": [2]})
            scene.put(**good)
    only(room, {"people": []})


def test_every_bit_of_a_seal(room: strongroom.Strongroom, thief: Thief) -> None:
    table = people(room, thief).table
    straight = Straight(room, table)
    seal = thief.row(table, 2)["record_seal"]
    tried = 0
    for changed in bits(seal):
        assert not straight.opens(straight.rows[1]._replace(seal=changed))
        tried += 1
    assert tried == 336
    for place in range(42):
        thief.put(
            table, 2, record_seal=seal[:place] + bytes([seal[place] ^ 0x80]) + seal[place + 1 :]
        )
        refused(table, 2)
    only(room, {"people": [2]})


def test_every_other_length_of_a_seal(room: strongroom.Strongroom, thief: Thief) -> None:
    """On MariaDB the column holds 42 bytes: what is shorter is filled with zeros."""
    table = people(room, thief).table
    seal = thief.row(table, 2)["record_seal"]
    lengths = [*range(42), *(range(43, 50) if thief.database.kind != "mariadb" else ())]
    for length in lengths:
        thief.put(table, 2, record_seal=(seal + bytes(8))[:length])
        refused(table, 2)
    only(room, {"people": [2]})


def test_every_version_but_its_own(room: strongroom.Strongroom, thief: Thief) -> None:
    table = people(room, thief).table
    straight = Straight(room, table)
    own = straight.rows[1].version
    assert own == 5
    for version in [
        *range(-5, 5),
        *range(6, 500),
        *(2**power for power in range(9, 64)),
        2**64 + 5,
    ]:
        assert not straight.opens(straight.rows[1]._replace(version=version))
    for version in (5.0, "5", b"5", True, None):
        assert not straight.opens(straight.rows[1]._replace(version=version))
    assert straight.opens(straight.rows[1])


def test_versions_at_the_end_of_their_range(room: strongroom.Strongroom, thief: Thief) -> None:
    """Their sum fits in no integer of the database: no reason to stop looking."""
    table = people(room, thief).table
    for number in (1, 2):
        thief.put(table, number, record_version=2**63 - 1)
    only(room, {"people": [1, 2]})
    [status] = room.status().tables
    assert status.records == 3


def test_an_id_counter_that_was_put_back(
    room: strongroom.Strongroom, thief: Thief, key: str
) -> None:
    """It would give an id twice, and let a deleted record return under it."""
    table = people(room, thief).table
    for number in (3, 1):
        thief.sql("UPDATE strongroom_counters SET next_id = ?", number)
        only(room, {"people": []}, ["people"])
        with reopen(thief, key) as again, pytest.raises(strongroom.StorageError):
            again.table("people").add(name="new", age=1, member=True)
    assert [row["id"] for row in thief.rows(table)] == [1, 2, 3]


def test_an_id_counter_that_never_was(room: strongroom.Strongroom, thief: Thief) -> None:
    """No id below 1 is given out, whatever stands there."""
    table = room.create_table("people", {"name": strongroom.Text()})
    for number in (0, -1, -4, -1_000):
        for add in (partial(table.add, name="new"), partial(table.add_many, [{"name": "new"}] * 5)):
            with during(str(number)):
                thief.sql("UPDATE strongroom_counters SET next_id = ?", number)
                with pytest.raises(strongroom.IntegrityError) as caught:
                    add()
                assert str(caught.value) == (
                    "a table's id counter is gone or not as strongroom wrote it"
                )
                assert thief.rows(table) == []


def test_another_primary_key(room: strongroom.Strongroom, thief: Thief) -> None:
    table = people(room, thief).table
    for number in (7, 0, -2, 2**63 - 1, -(2**63)):
        thief.sql("UPDATE people SET id = ? WHERE id = 2", number)
        only(room, {"people": [number]}, ["people"] if number > 3 else [])
        with pytest.raises(strongroom.NotFoundError) as missing:
            table.get(2)
        assert str(missing.value) == "people has no record 2"
        thief.sql("UPDATE people SET id = 2 WHERE id = ?", number)
        only(room, {"people": []})


def test_two_records_that_changed_places(room: strongroom.Strongroom, thief: Thief) -> None:
    people(room, thief)
    for old, new in ((1, 100), (2, 1), (100, 2)):
        thief.sql("UPDATE people SET id = ? WHERE id = ?", new, old)
    only(room, {"people": [1, 2]})


def test_a_copy_under_a_new_key(room: strongroom.Strongroom, thief: Thief) -> None:
    scene = people(room, thief)
    for number in (4, 1_000):
        thief.insert(scene.table, scene.now | {"id": number})
    only(room, {"people": [4, 1_000]}, ["people"])
    assert scene.table.get(2).name == "name 2"


def test_a_whole_older_record_opens(room: strongroom.Strongroom, thief: Thief) -> None:
    """The documented limit: one record alone does not say whether it is the newest."""
    scene = people(room, thief)
    newest = scene.now
    scene.back(*(name for name in scene.old if name != "id"))
    record = scene.table.get(2)
    assert (record.name, record.age, record.record_version) == ("name 1", 30, 1)
    only(room, {"people": []})
    thief.sql("DELETE FROM people WHERE id = 2")  # nor whether it was deleted
    only(room, {"people": []})
    thief.insert(scene.table, newest)  # and then put back
    assert scene.table.get(2).name == "name 2"
    only(room, {"people": []})


def test_a_whole_older_record_is_seen_by_who_holds_the_newer(
    room: strongroom.Strongroom, thief: Thief
) -> None:
    scene = people(room, thief)
    held = scene.table.get(2)
    scene.back(*(name for name in scene.old if name != "id"))
    for attempt in (lambda: scene.table.update(held, age=50), lambda: scene.table.delete(held)):
        with pytest.raises(strongroom.ConflictError) as caught:
            attempt()
        assert str(caught.value) == "record 2 of people was changed meanwhile"
    assert scene.now == scene.old


def test_a_query_gives_no_changed_record_as_an_answer(
    room: strongroom.Strongroom, thief: Thief
) -> None:
    """What a condition meets is checked on the opened record, whatever the database answers."""
    scene = people(room, thief)
    scene.put(age=99)
    with pytest.raises(strongroom.IntegrityError):
        scene.table.find(age=99).one()
    assert [record.id for record in scene.table.find(age=36)] == [1, 3]
    with pytest.raises(strongroom.IntegrityError):
        scene.table.find(name="name 2").scan().count()
    assert scene.table.find(name="name 1").scan().first().id == 1  # type: ignore[union-attr]
    for asked in (scene.table.find(age=99).exists, scene.table.find(age=99).first):
        with pytest.raises(strongroom.IntegrityError):
            asked()


def test_a_changed_record_can_be_deleted_by_its_key(
    room: strongroom.Strongroom, thief: Thief
) -> None:
    scene = people(room, thief)
    for edit in ("age", "seal of zeros", "plaintext", "version 0"):
        good = scene.now
        EDITS[edit](scene)
        scene.table.delete(2)
        assert [row["id"] for row in thief.rows(scene.table)] == [1, 3]
        thief.insert(scene.table, good)
    only(room, {"people": []})
