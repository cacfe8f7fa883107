"""The keyring: which key may do what, and what each change leaves."""

from __future__ import annotations

import copy
import json
import os
import pickle
import re
import threading
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from strongroom.crypto.cell import CellKey, key_id_of, parse
from strongroom.crypto.secret import Secret
from strongroom.errors import DecryptionError, InputError
from strongroom.keys.keyring import Keyring, KeyState, Purpose
from tests.keys import independent
from tests.keys.independent import STORE, STORE_KEY
from tests.keys.rings import IDENTITY, document, load

# --- a new ring ---------------------------------------------------------------------------------


def test_new_ring_has_one_active_key_of_each_lasting_purpose() -> None:
    ring = Keyring.create(STORE, Secret(STORE_KEY))
    assert sorted(record.purpose for record in ring.records) == [Purpose.DATA, Purpose.INDEX]
    keys = set()
    for record in ring.records:
        assert (record.state, record.suite) == (KeyState.ACTIVE, 1)
        assert record.created == record.changed
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", record.created)
        assert 1 <= record.id <= 0xFFFF_FFFF
        assert ring.active(record.purpose) == record.id
        assert record.wrapped is not None
        keys.add(independent.unwrap(STORE_KEY, record.wrapped, record.id, record.purpose))
    assert len(keys) == 2
    assert not keys & {STORE_KEY, bytes(32)}


def test_new_ids_avoid_zero_and_those_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, drawn = os.urandom, [0, 5, 5, 0, 6, 5, 6, 7]

    def urandom(count: int) -> bytes:
        return drawn.pop(0).to_bytes(4, "big") if count == 4 else plain(count)

    monkeypatch.setattr(os, "urandom", urandom)
    ring = Keyring.create(STORE, Secret(STORE_KEY))
    assert [record.id for record in ring.records] == [5, 6]
    ring = ring.rotated(Purpose.DATA)
    assert ring.active(Purpose.DATA) == 7
    assert drawn == []


# --- which key may do what ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key_id", "opens"),
    [
        (1, True),  # data, retired
        (0x0A0B0C0D, True),  # data, active
        (0x0A0B0C0E, False),  # index
        (0x0A0B0C0F, False),  # legacy
        (0xFFFFFFFF, False),  # data, destroyed
        (0, False),  # the store key's own id
        (2, False),  # unknown
    ],
)
def test_cells_and_seals_take_data_keys_that_are_left(
    key_id: int,
    opens: bool,  # noqa: FBT001 - one column of the table above
) -> None:
    ring = load(document())
    for ask in (lambda: ring.cell_key(key_id, 1, 2), lambda: ring.seal_key(key_id, 1)):
        if opens:
            assert ask().key_id == key_id
        else:
            with pytest.raises(DecryptionError) as caught:
                ask()
            assert str(caught.value) == "the value cannot be opened"
            assert caught.value.__context__ is None


def test_keys_are_derived_once_and_apart() -> None:
    ring = load(document())
    one = ring.cell_key(1, 1, 2)
    assert ring.cell_key(1, 1, 2) is one
    assert ring.cell_key(1, 2, 1) is not one
    assert ring.seal_key(1, 1) is ring.seal_key(1, 1)
    others = [ring.cell_key(1, 2, 1), ring.cell_key(1, 1, 3), ring.cell_key(0x0A0B0C0D, 1, 2)]
    text = one.seal(IDENTITY, b"x")
    assert one.verify(IDENTITY, parse(text)).decrypt() == b"x"
    for other in others:
        with pytest.raises(DecryptionError):
            other.verify(IDENTITY, parse(text))


def test_threads_share_one_key() -> None:
    ring = load(document())
    found: list[CellKey] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        found.extend(ring.cell_key(1, 1, field) for field in range(50))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 400
    assert len({id(key) for key in found}) == 50


# --- changes ------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", [Purpose.DATA, Purpose.INDEX])
def test_rotation_makes_a_new_key_and_keeps_the_former(purpose: Purpose) -> None:
    ring = load(document())
    former = ring.active(purpose)
    rotated = ring.rotated(purpose)
    new = rotated.active(purpose)
    state = {record.id: record.state for record in rotated.records}
    assert new not in {record.id for record in ring.records}
    assert (state[former], state[new]) == (KeyState.RETIRED, KeyState.ACTIVE)
    kept = {record.id: record for record in rotated.records}
    assert all(kept[one.id] == one for one in ring.records if one.id != former)
    was = next(record for record in ring.records if record.id == former)
    assert (kept[former].created, kept[former].wrapped) == (was.created, was.wrapped)
    assert kept[former].changed == kept[new].created == kept[new].changed != was.changed
    assert ring.active(purpose) == former
    assert json.loads(json.dumps(ring.to_document())) == document()
    assert load(rotated.to_document()).records == rotated.records


def test_former_key_opens_what_it_sealed_after_rotation() -> None:
    ring = load(document())
    text = ring.cell_key(ring.active(Purpose.DATA), 1, 2).seal(IDENTITY, b"x")
    later = load(ring.rotated(Purpose.DATA).to_document())
    cell = parse(text)
    assert later.cell_key(key_id_of(cell), 1, 2).verify(IDENTITY, cell).decrypt() == b"x"


def test_destroyed_key_is_gone_and_its_id_stays() -> None:
    ring = load(document())
    ring.cell_key(1, 1, 2)
    ring.seal_key(1, 1)
    after = ring.destroyed(1)
    record = after.records[0]
    assert (record.id, record.state, record.wrapped) == (1, KeyState.DESTROYED, None)
    assert record.created == "2026-01-02T03:04:05Z" < record.changed
    assert after.to_document()[0]["wrapped"] is None
    assert 1 not in after._keys
    for again in (after, load(after.to_document())):
        with pytest.raises(DecryptionError):
            again.cell_key(1, 1, 2)
        with pytest.raises(DecryptionError):
            again.seal_key(1, 1)
    assert ring.cell_key(1, 1, 2).key_id == 1  # a ring never changes


def test_key_that_was_destroyed_is_not_destroyed_again() -> None:
    ring = load(document())
    assert ring.destroyed(0xFFFFFFFF) is ring


@pytest.mark.parametrize("key_id", [0x0A0B0C0D, 0x0A0B0C0E])
def test_active_key_is_not_destroyed(key_id: int) -> None:
    with pytest.raises(InputError) as caught:
        load(document()).destroyed(key_id)
    assert str(caught.value) == f"key {key_id:08x} is active and cannot be destroyed"
    assert caught.value.hint == "rotate it first"


def test_legacy_key_is_destroyed_at_its_cut_over() -> None:
    after = load(document()).destroyed(0x0A0B0C0F)
    assert after.records[3].state is KeyState.DESTROYED
    assert after.records[3].wrapped is None


def test_unknown_key_is_not_destroyed() -> None:
    with pytest.raises(InputError, match="no key with this id"):
        load(document()).destroyed(2)


def test_legacy_key_is_not_rotated() -> None:
    with pytest.raises(InputError, match=r"^a legacy key is not rotated, but destroyed$"):
        load(document()).rotated(Purpose.LEGACY)


def test_no_active_legacy_key() -> None:
    with pytest.raises(InputError, match=r"^the keyring has 0 active legacy keys$"):
        Keyring.create(STORE, Secret(STORE_KEY)).active(Purpose.LEGACY)


class Changes(RuleBasedStateMachine):
    """Any sequence of changes, beside a plain dict of what must be left."""

    def __init__(self) -> None:
        super().__init__()
        self.ring = Keyring.create(STORE, Secret(STORE_KEY))
        self.cells: dict[int, str] = {}
        self.gone: set[int] = set()
        self.seal()

    def seal(self) -> None:
        key_id = self.ring.active(Purpose.DATA)
        self.cells[key_id] = self.ring.cell_key(key_id, 1, 2).seal(IDENTITY, b"x")

    @rule(purpose=st.sampled_from([Purpose.DATA, Purpose.INDEX]))
    def rotate(self, purpose: Purpose) -> None:
        self.ring = self.ring.rotated(purpose)
        self.seal()

    @precondition(lambda self: len(self.cells) > 1)
    @rule(choice=st.randoms(use_true_random=False))
    def destroy(self, choice: Any) -> None:
        key_id = choice.choice(sorted(set(self.cells) - {self.ring.active(Purpose.DATA)}))
        self.ring = self.ring.destroyed(key_id)
        self.gone.add(key_id)

    @rule()
    def reload(self) -> None:
        self.ring = load(json.loads(json.dumps(self.ring.to_document())))

    @invariant()
    def opens_exactly_what_was_not_destroyed(self) -> None:
        for key_id, text in self.cells.items():
            if key_id in self.gone:
                with pytest.raises(DecryptionError):
                    self.ring.cell_key(key_id, 1, 2)
            else:
                opened = self.ring.cell_key(key_id, 1, 2).verify(IDENTITY, parse(text)).decrypt()
                assert opened == b"x"
        assert {one.id for one in self.ring.records} >= set(self.cells)


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=30, stateful_step_count=15, deadline=None)


# --- what it shows ------------------------------------------------------------------------------


def test_ring_shows_a_count_and_cannot_be_copied_out() -> None:
    ring = load(document())
    assert repr(ring) == str(ring) == f"{ring}" == "<keyring of 5 keys>"
    for act in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            act(ring)


def test_record_shows_all_but_its_bytes() -> None:
    shown = repr(load(document()).records[0])
    assert "id=1" in shown and "retired" in shown
    assert "wrapped" not in shown
