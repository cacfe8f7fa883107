"""Derivation: the labels are closed, and each input moves the key that comes out."""

from __future__ import annotations

import itertools
import struct
from typing import Final

import pytest

from strongroom.crypto.derive import Label, derive, fingerprint
from strongroom.crypto.secret import Secret
from tests import oracle
from tests.crypto.attempts import DATA_KEY, STORE

LABELS: Final = {  # text: (number of ids, length in bytes), all that the format knows
    "strongroom/1/cell": (2, 64),
    "strongroom/1/seal": (1, 32),
    "strongroom/1/index": (1, 32),
    "strongroom/1/wrap": (0, 64),
    "strongroom/1/document": (0, 32),
    "strongroom/1/fingerprint": (0, 8),
    "strongroom/1/adopt": (2, 32),
    "strongroom/1/job": (0, 32),
    "strongroom/1/parcel": (0, 64),
}
IDS: Final = (0, 1, 2, 0x01020304, 0xFFFF_FFFF)


def test_the_labels_are_exactly_those_of_the_format() -> None:
    assert {one.value[0]: (one.ids, one.length) for one in Label} == LABELS
    assert len(Label.__members__) == len(LABELS)  # no alias either


@pytest.mark.parametrize("label", list(Label))
def test_info_is_label_zero_suite_and_ids(label: Label) -> None:
    ids = tuple(range(0x0A0B0C0D, 0x0A0B0C0D + label.ids))
    text = label.value[0].encode("ascii")
    assert label.info(1, ids) == text + b"\x00\x01" + struct.pack(f">{len(ids)}I", *ids)


@pytest.mark.parametrize("label", list(Label))
def test_every_label_derives_what_the_oracle_derives(label: Label) -> None:
    name = label.value[0].removeprefix("strongroom/1/")
    for ids in itertools.product(IDS, repeat=label.ids):
        key = derive(Secret(DATA_KEY), STORE, label, *ids)
        assert key == oracle.derive(DATA_KEY, STORE, name, *ids)
        assert len(key) == LABELS[label.value[0]][1]
    assert fingerprint(Secret(DATA_KEY), STORE) == oracle.derive(DATA_KEY, STORE, "fingerprint")


def test_no_two_derivations_give_the_same_bytes() -> None:
    derived = [
        derive(Secret(key), store, label, *ids)[:8]
        for key in (DATA_KEY, bytes(32))
        for store in (STORE, bytes(16))
        for label in Label
        for ids in itertools.product(IDS, repeat=label.ids)
    ]
    assert len(derived) == 2 * 2 * (2 * 25 + 2 * 5 + 5)
    assert len(set(derived)) == len(derived)


def test_the_suite_is_part_of_the_derivation() -> None:
    assert derive(Secret(DATA_KEY), STORE, Label.SEAL, 1) == derive(
        Secret(DATA_KEY), STORE, Label.SEAL, 1, suite=1
    )
    assert derive(Secret(DATA_KEY), STORE, Label.SEAL, 1) != derive(
        Secret(DATA_KEY), STORE, Label.SEAL, 1, suite=2
    )


@pytest.mark.parametrize("label", list(Label))
def test_another_number_of_ids_is_a_mistake(label: Label) -> None:
    for count in {0, 1, 2, 3} - {label.ids}:
        with pytest.raises(ValueError, match=f"{label.name} takes {label.ids} ids"):
            derive(Secret(DATA_KEY), STORE, label, *range(count))


@pytest.mark.parametrize("number", [-1, 1 << 32, 1 << 64])
def test_an_id_that_does_not_fit_is_a_mistake(number: int) -> None:
    with pytest.raises(ValueError, match="an id does not fit 32 bits"):
        derive(Secret(DATA_KEY), STORE, Label.CELL, 1, number)


@pytest.mark.parametrize("length", [0, 15, 17, 32])
def test_a_store_id_of_another_length_is_a_mistake(length: int) -> None:
    with pytest.raises(ValueError, match="a store id must be exactly 16 bytes"):
        derive(Secret(DATA_KEY), bytes(length), Label.DOCUMENT)
