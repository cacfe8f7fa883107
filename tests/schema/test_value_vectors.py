"""Every value of the vectors has exactly its bytes, and every faulty spelling is refused."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from strongroom.errors import DecryptionError
from strongroom.schema.values import (
    Tag,
    decode,
    decode_plaintext,
    encode,
    encode_plain,
    encode_plaintext,
)
from tests.schema.exactly import same
from tests.schema.vectors import TAGS, VALUES, label, read

GOOD = read("values.json", valid=True)
FAULTY = read("values.json", valid=False)
GOOD_PLAINTEXTS = read("plaintexts.json", valid=True)
FAULTY_PLAINTEXTS = read("plaintexts.json", valid=False)


def test_all_vectors_are_run() -> None:
    assert Counter(entry["tag"] for entry in GOOD) == {
        "text": 13,
        "integer": 20,
        "decimal": 17,
        "date": 9,
        "datetime": 7,
        "zoned-datetime": 11,
        "boolean": 2,
        "bytes": 4,
        "json": 41,
        "float": 11,
    }
    assert Counter(entry["tag"] for entry in FAULTY) == {
        "text": 18,
        "integer": 10,
        "decimal": 17,
        "date": 8,
        "datetime": 8,
        "zoned-datetime": 12,
        "boolean": 9,
        "json": 85,
        "float": 10,
    }
    assert (len(GOOD), len(FAULTY)) == (135, 177)
    assert (len(GOOD_PLAINTEXTS), len(FAULTY_PLAINTEXTS)) == (22, 21)


def test_the_tags_are_those_of_the_format() -> None:
    assert {tag.name: int(tag) for tag in Tag} == {
        "TEXT": 1,
        "INTEGER": 2,
        "DECIMAL": 3,
        "DATE": 4,
        "DATETIME": 5,
        "ZONED_DATETIME": 6,
        "BOOLEAN": 7,
        "BYTES": 8,
        "JSON": 9,
        "FLOAT": 10,
    }


@pytest.mark.parametrize("entry", GOOD, ids=label)
def test_a_value_has_exactly_these_bytes(entry: dict[str, Any]) -> None:
    value = VALUES[entry["tag"]](entry["value"])
    assert encode(TAGS[entry["tag"]], value).hex() == entry["hex"]


@pytest.mark.parametrize("entry", GOOD, ids=label)
def test_these_bytes_are_exactly_the_value(entry: dict[str, Any]) -> None:
    value = VALUES[entry["tag"]](entry["value"])
    assert same(decode(TAGS[entry["tag"]], bytes.fromhex(entry["hex"])), value)


@pytest.mark.parametrize("entry", FAULTY, ids=label)
def test_a_faulty_spelling_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(DecryptionError) as caught:
        decode(TAGS[entry["tag"]], bytes.fromhex(entry["hex"]))
    assert str(caught.value) == "the value cannot be opened"
    assert caught.value.__cause__ is None and caught.value.__context__ is None


@pytest.mark.parametrize("entry", GOOD_PLAINTEXTS, ids=label)
def test_a_plaintext_has_exactly_these_bytes(entry: dict[str, Any]) -> None:
    tag, value = TAGS[entry["tag"]], VALUES[entry["tag"]](entry["value"])
    assert encode_plaintext(tag, value, entry["pad"]).hex() == entry["hex"]
    assert same(decode_plaintext(tag, bytes.fromhex(entry["hex"])), value)


@pytest.mark.parametrize("entry", FAULTY_PLAINTEXTS, ids=label)
def test_a_faulty_plaintext_is_refused(entry: dict[str, Any]) -> None:
    with pytest.raises(DecryptionError) as caught:
        decode_plaintext(TAGS[entry["tag"]], bytes.fromhex(entry["hex"]))
    assert str(caught.value) == "the value cannot be opened"
    assert caught.value.__cause__ is None and caught.value.__context__ is None


@pytest.mark.parametrize("tag", Tag, ids=lambda tag: tag.name)
def test_a_value_of_one_type_is_not_read_as_another(tag: Tag) -> None:
    for entry in GOOD_PLAINTEXTS:
        if TAGS[entry["tag"]] is not tag:
            with pytest.raises(DecryptionError):
                decode_plaintext(tag, bytes.fromhex(entry["hex"]))


def test_a_seal_covers_the_tag_and_the_same_bytes() -> None:
    for entry in GOOD:
        tag, value = TAGS[entry["tag"]], VALUES[entry["tag"]](entry["value"])
        assert encode_plain(tag, value).hex() == f"{tag:02x}{entry['hex']}"
