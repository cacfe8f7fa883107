"""The published vectors: every good one opens and is sealed to the same bytes, no bad one opens.

The counts are asserted, so that none can go missing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, Final
from unittest.mock import patch
from uuid import UUID

import pytest

from strongroom.crypto.cell import CellKey, parse
from strongroom.crypto.column import Cells, seal_column, verify_column
from strongroom.crypto.decrepit.legacy import open_unauthenticated_legacy
from strongroom.crypto.derive import Label, derive, fingerprint
from strongroom.crypto.document import check_document, document_mac
from strongroom.crypto.found import FoundKey
from strongroom.crypto.job import JobKey
from strongroom.crypto.seal import (
    SealKey,
    null_slot,
    parse_seal,
)
from strongroom.crypto.secret import Secret
from strongroom.crypto.wrap import WrapKey
from strongroom.errors import DecryptionError
from strongroom.schema.identity import KeyType, decode_identity, encode_identity
from tests import oracle
from tests.crypto.attempts import refusal
from tests.crypto.conftest import Decryptors
from tests.crypto.one_slot import cell_slot, plain_slot, token_slot
from tests.vectors.faults_in_cells import WHOLE
from tests.vectors.make_format_vectors import FILE, FOUND, content

COUNTS: Final = {
    "derivations": 24,
    "fingerprints": 4,
    "identities": 12,
    "cells": 53,
    "wraps": 7,
    "seals": 18,
    "documents": 5,
    "found": 15,
    "jobs": 3,
    "legacy": 12,
    "tokens": 51,
    "partitions": 25,
    "fillers": 15,
    "records_indexed": 41,
    "cells_refused": 95,
    "wraps_refused": 22,
    "seals_refused": 32,
    "documents_refused": 9,
    "legacy_refused": 17,
}
FILE_SHA256: Final = "bec870db6414d9dd502b2b1a790afbf5fbc974ac229a245182a01de3c253e0cd"
VECTORS: Final[dict[str, Any]] = json.loads(FILE.read_bytes())

Vector = dict[str, Any]


def each(part: str) -> pytest.MarkDecorator:
    """Run a test once for every vector of `part`, under the vector's own name."""
    names = [vector["name"] for vector in VECTORS[part]]
    assert len(set(names)) == len(names)
    return pytest.mark.parametrize("vector", VECTORS[part], ids=names)


def raw(vector: Vector, part: str) -> bytes:
    return bytes.fromhex(vector[part])


def test_the_counts() -> None:
    assert {part: len(found) for part, found in VECTORS.items() if type(found) is list} == COUNTS
    refused = sum(count for part, count in COUNTS.items() if part.endswith("_refused"))
    assert VECTORS["refused"] == refused >= 100
    assert VECTORS["opened"] == sum(COUNTS.values()) - refused >= 100


def test_the_generator_gives_the_published_file() -> None:
    assert content() == FILE.read_text(encoding="ascii")
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == FILE_SHA256


@each("derivations")
def test_derivation(vector: Vector) -> None:
    label = next(one for one in Label if one.value[0] == vector["label"])
    derived = derive(Secret(raw(vector, "key")), raw(vector, "store"), label, *vector["ids"])
    assert derived.hex() == vector["derived"]


def test_every_label_has_derivations() -> None:
    seen = {vector["label"] for vector in VECTORS["derivations"]} | {"strongroom/1/fingerprint"}
    assert seen == {label.value[0] for label in Label}


@each("fingerprints")
def test_fingerprint(vector: Vector) -> None:
    found = fingerprint(Secret(raw(vector, "root")), raw(vector, "store"))
    assert found.hex() == vector["fingerprint"]


@each("identities")
def test_identity(vector: Vector) -> None:
    kinds: dict[str, tuple[KeyType, Callable[[str], object]]] = {
        "integer": (KeyType.INTEGER, int),
        "text": (KeyType.TEXT, str),
        "uuid": (KeyType.UUID, UUID),
        "bytes": (KeyType.BYTES, bytes.fromhex),
    }
    types = tuple(kinds[column["type"]][0] for column in vector["columns"])
    key = tuple(kinds[column["type"]][1](column["value"]) for column in vector["columns"])
    assert encode_identity(types, key).hex() == vector["identity"]
    assert decode_identity(raw(vector, "identity")) == (types, key)


def key_of_cells(vector: Vector) -> CellKey:
    place = (vector["key_id"], vector["table"], vector["field"])
    return CellKey(Secret(raw(vector, "data_key")), raw(vector, "store"), *place)


@each("cells")
def test_cell(vector: Vector) -> None:
    key, identity = key_of_cells(vector), raw(vector, "identity")
    cell, plaintext = parse(vector["text"]), raw(vector, "plaintext")
    assert key.verify(identity, cell).decrypt() == plaintext
    assert verify_column(key, [identity], Cells.of([cell])).decrypt() == [plaintext]
    with patch("os.urandom", return_value=raw(vector, "iv")) as drawn:
        assert key.seal(identity, plaintext) == vector["text"]
        assert seal_column(key, [identity], [plaintext]).texts == [vector["text"]]
    assert [call.args for call in drawn.call_args_list] == [(16,), (16,)]


@each("cells_refused")
def test_cell_is_refused(vector: Vector, decryptors: Decryptors) -> None:
    key, identity = key_of_cells(vector), raw(vector, "identity")

    def by_cell() -> bytes:
        return key.verify(identity, parse(vector["text"])).decrypt()

    def by_column() -> list[bytes]:
        return verify_column(key, [identity], Cells.of([parse(vector["text"])])).decrypt()

    refusal(by_cell)
    refusal(by_column)
    # Behind a right tag only a holder of the key can have put wrong padding.
    assert decryptors.made == (2 if vector["name"].startswith("padding") else 0)


@each("wraps")
def test_wrap(vector: Vector) -> None:
    key = WrapKey(Secret(raw(vector, "parent")), raw(vector, "store"))
    name = (vector["key_id"], vector["purpose"])
    assert key.unwrap(raw(vector, "wrapped"), *name).reveal() == raw(vector, "secret")
    with patch("os.urandom", return_value=raw(vector, "iv")):
        assert key.wrap(Secret(raw(vector, "secret")), *name) == raw(vector, "wrapped")


@each("wraps_refused")
def test_wrap_is_refused(vector: Vector, decryptors: Decryptors) -> None:
    key = WrapKey(Secret(raw(vector, "parent")), raw(vector, "store"))
    refusal(key.unwrap, raw(vector, "wrapped"), vector["key_id"], vector["purpose"])
    assert decryptors.made == (1 if vector["name"].endswith("under a right tag") else 0)


def slots(vector: Vector) -> list[bytes]:
    made = []
    for one in vector["slots"]:
        if one["kind"] == "cell":
            made.append(cell_slot(one["id"], parse(one["content"])))
        elif one["kind"] == "null":
            made.append(null_slot(one["id"]))
        else:
            make = {"plain": plain_slot, "token": token_slot}[one["kind"]]
            made.append(make(one["id"], bytes.fromhex(one["content"])))
    return made


def key_of_seals(vector: Vector) -> SealKey:
    data_key = Secret(raw(vector, "data_key"))
    return SealKey(data_key, raw(vector, "store"), vector["key_id"], vector["table"])


@each("seals")
def test_seal(vector: Vector) -> None:
    key, identity = key_of_seals(vector), raw(vector, "identity")
    seal = key.seal(vector["layout"], identity, vector["version"], slots(vector))
    assert seal.hex() == vector["seal"]
    assert parse_seal(seal) == (vector["key_id"], vector["layout"])
    key.check(seal, identity, vector["version"], slots(vector))


@each("seals_refused")
def test_seal_is_refused(vector: Vector) -> None:
    found = (raw(vector, "seal"), raw(vector, "identity"), vector["version"], slots(vector))
    refusal(key_of_seals(vector).check, *found)


@each("documents")
def test_document(vector: Vector) -> None:
    found = (Secret(raw(vector, "store_key")), raw(vector, "store"), raw(vector, "document"))
    assert document_mac(*found).hex() == vector["mac"]
    check_document(*found, raw(vector, "mac"))


@each("documents_refused")
def test_document_is_refused(vector: Vector) -> None:
    found = (Secret(raw(vector, "store_key")), raw(vector, "store"), raw(vector, "document"))
    refusal(check_document, *found, raw(vector, "mac"))


@each("legacy")
def test_legacy(vector: Vector) -> None:
    text = open_unauthenticated_legacy(Secret(raw(vector, "key")), vector["value"])
    assert text == vector["text"]


@each("found")
def test_found(vector: Vector) -> None:
    key = FoundKey(
        Secret(raw(vector, "data_key")), raw(vector, "store"), vector["table"], vector["field"]
    )
    [mac] = key.macs([raw(vector, "identity")], [FOUND[vector["name"]]])
    assert mac.hex() == vector["mac"]


def test_no_two_found_values_have_one_mac() -> None:
    key = FoundKey(Secret(bytes(32)), bytes(16), 1, 2)
    values = [*FOUND.values(), bytearray(b"\0"), memoryview(b"\0"), b"\0"]
    *macs, array, view, as_bytes = key.macs([b"\1"] * len(values), values)
    assert len(set(macs)) == len(FOUND)
    assert array == view == as_bytes


@each("jobs")
def test_jobs(vector: Vector) -> None:
    key = JobKey(Secret(raw(vector, "store_key")), raw(vector, "store"))
    data, mac = raw(vector, "bytes"), raw(vector, "mac")
    if vector["kind"] == 2:
        assert key.content_mac(data) == mac
        return
    assert key.document_mac(data) == mac
    key.check_document(data, mac)
    for spoiled in (data + b" ", data[:-1] or b"x"):
        with pytest.raises(DecryptionError):
            key.check_document(spoiled, mac)
    with pytest.raises(DecryptionError):
        key.check_document(data, key.content_mac(data))


@each("legacy_refused")
def test_legacy_is_refused(vector: Vector) -> None:
    refusal(open_unauthenticated_legacy, Secret(raw(vector, "key")), vector["value"])


@pytest.mark.parametrize(
    ("part", "form", "elsewhere"),
    [
        ("cells", "text", 8),
        ("wraps", "wrapped", 4),
        ("documents", "mac", 3),
        ("legacy", "value", 0),
    ],
)
def test_a_bad_vector_is_a_good_one_but_for_its_fault(part: str, form: str, elsewhere: int) -> None:
    """Else it could be refused for something that its name does not say."""
    good = next(one for one in VECTORS[part] if one["name"] == WHOLE)
    bad = VECTORS[f"{part}_refused"]
    place = set(bad[0]) - {"name", form}
    moved = [one for one in bad if any(one[name] != good[name] for name in place)]
    assert len(moved) == elsewhere
    for one in moved:
        assert one[form] == good[form]
        differing = {name for name in place if one[name] != good[name]}
        assert len(differing) == 1 or one["name"] == "moved: table and field exchanged"
    others = [one[form] for one in bad if one not in moved]
    assert len({*others, good[form]}) == len(others) + 1


def test_a_bad_seal_is_a_good_one_but_for_its_fault() -> None:
    good = next(one for one in VECTORS["seals"] if one["name"] == WHOLE)
    for bad in VECTORS["seals_refused"]:
        differing = {name for name in good if name != "name" and bad[name] != good[name]}
        # the layout's number stands in the seal too, and an outsider changes both
        assert differing == {"layout", "seal"} or len(differing) == 1


def test_the_oracle_refuses_every_bad_cell_too() -> None:
    for vector in VECTORS["cells_refused"]:
        place = ("cell", vector["table"], vector["field"])
        key = oracle.derive(raw(vector, "data_key"), raw(vector, "store"), *place)
        with pytest.raises(ValueError):  # noqa: PT011 - of base64, of UTF-8 or its own
            oracle.open_cell(key, vector["key_id"], raw(vector, "identity"), vector["text"])
