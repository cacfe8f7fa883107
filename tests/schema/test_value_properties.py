"""For every type: what goes in comes out the same, and no two spellings or values meet."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.errors import DecryptionError
from strongroom.schema.values import (
    Tag,
    decode,
    decode_plaintext,
    encode,
    encode_plaintext,
)
from tests.schema.exactly import same
from tests.schema.strategies import BYTES, JSON, VALUES

EVERY_TAG = pytest.mark.parametrize("tag", Tag, ids=lambda tag: tag.name)


@EVERY_TAG
@settings(max_examples=60)
@given(data=st.data())
def test_a_value_comes_back_the_same(tag: Tag, data: st.DataObject) -> None:
    value = data.draw(VALUES[tag])
    assert same(decode(tag, encode(tag, value)), value)


@EVERY_TAG
@settings(max_examples=60)
@given(data=st.data())
def test_two_values_have_the_same_bytes_only_if_they_are_the_same(
    tag: Tag, data: st.DataObject
) -> None:
    one, other = data.draw(VALUES[tag]), data.draw(VALUES[tag])
    assert (encode(tag, one) == encode(tag, other)) is same(one, other)


@EVERY_TAG
@settings(max_examples=200)
@given(data=st.data())
def test_bytes_that_are_accepted_are_the_values_own(tag: Tag, data: st.DataObject) -> None:
    spelled = data.draw(BYTES[tag])
    try:
        value = decode(tag, spelled)
    except DecryptionError:
        return
    assert encode(tag, value) == spelled


@EVERY_TAG
@settings(max_examples=60)
@given(data=st.data())
def test_a_changed_byte_is_another_value_or_none(tag: Tag, data: st.DataObject) -> None:
    good = bytearray(encode(tag, data.draw(VALUES[tag])))
    if not good:
        good.append(0)
    place = data.draw(st.integers(0, len(good) - 1))
    good[place] ^= data.draw(st.integers(1, 255))
    spelled = bytes(good)
    try:
        value = decode(tag, spelled)
    except DecryptionError:
        return
    assert encode(tag, value) == spelled


@EVERY_TAG
@settings(max_examples=60)
@given(data=st.data(), pad=st.integers(1, 70))
def test_padding_fills_the_smallest_bucket(tag: Tag, data: st.DataObject, pad: int) -> None:
    value = data.draw(VALUES[tag])
    plain, padded = encode_plaintext(tag, value), encode_plaintext(tag, value, pad)
    size = len(padded) - 5
    assert size % pad == 0 and size > 0 and (size - pad < len(plain) - 1 or size == pad)
    assert padded[0] == tag | 0x80
    assert padded[5:].startswith(plain[1:])
    assert same(decode_plaintext(tag, plain), value)
    assert same(decode_plaintext(tag, padded), value)


def test_the_bytes_that_are_tried_are_not_all_refused() -> None:
    accepted: dict[Tag, int] = dict.fromkeys(Tag, 0)

    @settings(max_examples=300, database=None, derandomize=True)
    @given(data=st.data())
    def count(data: st.DataObject) -> None:
        for tag in Tag:
            try:
                decode(tag, data.draw(BYTES[tag]))
            except DecryptionError:
                continue
            accepted[tag] += 1

    count()
    assert min(accepted.values()) >= 10, accepted


ALIKE: list[tuple[Tag, list[Any]]] = [
    (Tag.FLOAT, [0.0, -0.0]),
    (Tag.DECIMAL, [Decimal("1.0"), Decimal("1.00"), Decimal(1)]),
    (Tag.DECIMAL, [Decimal(0), Decimal("-0"), Decimal("0.0"), Decimal("0E+1")]),
    (Tag.JSON, [1, 1.0, True]),
    (Tag.JSON, [0, 0.0, -0.0, False, None, "", [], {}]),
    (Tag.JSON, [[1], [1.0], [True], ["1"]]),
    (Tag.JSON, [{"a": 1}, {"a": 1.0}, {"a": True}]),
    (Tag.JSON, [10**16, 1e16]),
    (Tag.TEXT, ["\u00e9", "e\u0301"]),
    (Tag.TEXT, ["", "\x00", " "]),
]


@pytest.mark.parametrize(("tag", "values"), ALIKE, ids=range(len(ALIKE)))
def test_values_that_look_alike_have_bytes_of_their_own(tag: Tag, values: list[Any]) -> None:
    spelled = [encode(tag, value) for value in values]
    assert len(set(spelled)) == len(values)
    assert all(map(same, [decode(tag, one) for one in spelled], values))


@settings(max_examples=60)
@given(value=st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), JSON))
def test_the_order_of_keys_is_no_part_of_a_value(value: dict[str, Any]) -> None:
    backwards = dict(reversed(value.items()))
    data = encode(Tag.JSON, value)
    assert encode(Tag.JSON, backwards) == data
    assert list(decode(Tag.JSON, data)) == sorted(value, key=lambda key: key.encode("utf-8"))  # type: ignore[arg-type]
