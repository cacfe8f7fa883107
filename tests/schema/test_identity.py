"""Every primary key has exactly its bytes, and no two keys have the same."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.errors import DecryptionError, InputError
from strongroom.schema.identity import KeyType, decode_identity, encode_identity
from tests.schema.exactly import same
from tests.schema.strategies import TEXTS
from tests.schema.vectors import KEY_TYPES, KEYS, label, read

GOOD = read("identities.json", valid=True)
FAULTY = read("identities.json", valid=False)
ONE_OF_EACH: dict[KeyType, st.SearchStrategy[Any]] = {
    KeyType.INTEGER: st.integers(-(2**63), 2**63 - 1),
    KeyType.TEXT: TEXTS,
    KeyType.UUID: st.uuids(),
    KeyType.BYTES: st.binary(max_size=20),
}
COLUMNS = st.lists(st.sampled_from(KeyType), min_size=1, max_size=4)


def test_all_vectors_are_run() -> None:
    assert (len(GOOD), len(FAULTY)) == (17, 21)


def test_the_types_are_those_of_the_format() -> None:
    assert {one.name.lower(): int(one) for one in KeyType} == {
        "integer": 1,
        "text": 2,
        "uuid": 3,
        "bytes": 4,
    }


@pytest.mark.parametrize("entry", GOOD, ids=label)
def test_a_key_has_exactly_these_bytes(entry: dict[str, Any]) -> None:
    types = tuple(KEY_TYPES[name] for name in entry["types"])
    key = tuple(KEYS[name](part) for name, part in zip(entry["types"], entry["key"], strict=True))
    assert encode_identity(types, key).hex() == entry["hex"]
    assert decode_identity(bytes.fromhex(entry["hex"])) == (types, key)


@pytest.mark.parametrize("entry", FAULTY, ids=label)
def test_a_faulty_identity_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(DecryptionError) as caught:
        decode_identity(bytes.fromhex(entry["hex"]))
    assert caught.value.__cause__ is None and caught.value.__context__ is None


BIG = "the primary key must fit in 64 bits with its sign"
REFUSED = [
    (KeyType.INTEGER, True, "the primary key must be an integer"),
    (KeyType.INTEGER, "1", "the primary key must be an integer"),
    (KeyType.INTEGER, 1.0, "the primary key must be an integer"),
    (KeyType.INTEGER, None, "the primary key must be an integer"),
    (KeyType.INTEGER, KeyType.TEXT, "the primary key must be an integer"),
    (KeyType.INTEGER, 2**63, BIG),
    (KeyType.INTEGER, 2**64 - 1, BIG),
    (KeyType.INTEGER, -(2**63) - 1, BIG),
    (KeyType.TEXT, 1, "the primary key must be a text"),
    (KeyType.TEXT, b"Ada", "the primary key must be a text"),
    (KeyType.TEXT, None, "the primary key must be a text"),
    (KeyType.TEXT, "Ada\udc80", "the primary key must not hold lone surrogates"),
    (KeyType.UUID, str(UUID(int=1)), "the primary key must be a UUID"),
    (KeyType.UUID, bytes(16), "the primary key must be a UUID"),
    (KeyType.UUID, 1, "the primary key must be a UUID"),
    (KeyType.BYTES, "Ada", "the primary key must be bytes"),
    (KeyType.BYTES, bytearray(b"Ada"), "the primary key must be bytes"),
    (KeyType.BYTES, UUID(int=1), "the primary key must be bytes"),
]


@pytest.mark.parametrize(("key_type", "value", "rule"), REFUSED, ids=range(len(REFUSED)))
def test_another_type_or_range_is_refused(key_type: KeyType, value: object, rule: str) -> None:
    with pytest.raises(InputError) as caught:
        encode_identity((key_type,), (value,))
    assert str(caught.value) == rule
    assert caught.value.__cause__ is None and caught.value.__context__ is None


def test_a_key_has_a_value_for_each_of_its_columns() -> None:
    for key in [(), (1, 2)]:
        with pytest.raises(InputError, match="one value for each of its columns"):
            encode_identity((KeyType.INTEGER,), key)


def test_a_key_has_1_to_255_columns() -> None:
    assert encode_identity([KeyType.BYTES] * 255, [b""] * 255) == b"\xff" + b"\x04\0\0\0\0" * 255
    for count in (0, 256):
        with pytest.raises(InputError, match=r"^a primary key has 1 to 255 columns$"):
            encode_identity([KeyType.BYTES] * count, [b""] * count)


@given(data=st.data())
def test_two_keys_have_the_same_bytes_only_if_they_are_the_same(data: st.DataObject) -> None:
    types = [data.draw(COLUMNS), data.draw(COLUMNS)]
    keys = [[data.draw(ONE_OF_EACH[one]) for one in columns] for columns in types]
    one, other = map(encode_identity, types, keys)
    assert (one == other) is (types[0] == types[1] and same(*keys))
    assert decode_identity(one) == (tuple(types[0]), tuple(keys[0]))


@given(data=st.data())
def test_bytes_that_are_accepted_are_the_keys_own(data: st.DataObject) -> None:
    columns = data.draw(COLUMNS)
    good = bytearray(encode_identity(columns, [data.draw(ONE_OF_EACH[one]) for one in columns]))
    good[data.draw(st.integers(0, len(good) - 1))] ^= data.draw(st.integers(0, 255))
    try:
        types, key = decode_identity(bytes(good))
    except DecryptionError:
        return
    assert encode_identity(types, key) == bytes(good)
