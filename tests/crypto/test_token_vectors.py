"""The published tokens: the MAC of every input, and whole records of every kind of index.

The second half goes the way of a record that is written: catalogue, field, value, terms, tokens.
"""

from __future__ import annotations

import base64
from typing import Final

from strongroom.crypto.secret import Secret
from strongroom.crypto.token import IndexKey
from strongroom.keys.keyring import Keyring, Purpose
from strongroom.room.document import State
from strongroom.room.tokens import TokenMaker
from strongroom.schema.catalogue import Catalogue
from strongroom.schema.identity import KeyType, decode_identity
from strongroom.schema.search import terms
from strongroom.schema.search.index import Kind, index_from_document, index_to_document
from strongroom.schema.search.normalise import Normaliser
from strongroom.schema.table import Field, KeyColumn, Table
from strongroom.schema.types import parse_declaration
from strongroom.schema.values import Value, decode_plaintext
from tests import oracle
from tests.crypto.test_vectors import VECTORS, Vector, each, raw

DATA_KEY_ID: Final = 1
STORE_KEY: Final = bytes(32)


def key_of(vector: Vector) -> IndexKey:
    return IndexKey(Secret(raw(vector, "index_key")), raw(vector, "store"), vector["index"])


@each("tokens")
def test_token(vector: Vector) -> None:
    parts = [bytes.fromhex(part) for part in vector["parts"]]
    place = (vector["kind"], vector["normaliser"], vector["partition"])
    assert key_of(vector).token(*place, parts, vector["bits"]) == raw(vector, "token")


def test_every_kind_and_normaliser_has_tokens() -> None:
    found = VECTORS["tokens"]
    assert {one["kind"] for one in found} == {kind.number for kind in Kind}
    assert {one["normaliser"] for one in found} >= set(Normaliser)
    inputs = {tuple(str(value) for name, value in one.items() if name != "name") for one in found}
    assert len(inputs) == len(found) - 1, "but for the first kind, whose input has 128 bits too"


@each("partitions")
def test_partition(vector: Vector) -> None:
    drawn = key_of(vector).partition(raw(vector, "identity"), vector["partitions"])
    assert drawn == vector["partition"] < vector["partitions"]


@each("fillers")
def test_filler(vector: Vector) -> None:
    place = (raw(vector, "identity"), vector["number"], vector["bits"])
    assert key_of(vector).filler(*place) == raw(vector, "token")


@each("records_indexed")
def test_record(vector: Vector) -> None:
    index = index_from_document(vector["index"])
    assert index_to_document(index) == vector["index"]
    types = [parse_declaration(one) for one in vector["fields"]]
    fields = tuple(Field(number, f"f{number}", one) for number, one in enumerate(types, start=1))
    values: list[Value | None] = [
        None if one is None else decode_plaintext(field.type.tag, bytes.fromhex(one))
        for field, one in zip(fields, vector["values"], strict=True)
    ]
    found = terms.stored(index, fields, values)
    assert [[part.hex() for part in term] for term in found.terms] == vector["terms"]
    assert found.fillers == vector["fillers"]
    table = Table(5, "people", (KeyColumn("id", KeyType.INTEGER),), fields, (), indexes=(index,))
    state = State(raw(vector, "store"), 1, Catalogue((table,)), keyring(vector), {})
    maker, identity = TokenMaker(state, table), table.identity(key(vector))
    made = [token.hex() for token, _ in maker.made(index, [identity], [values])[0]]
    assert made == vector["tokens"]
    if index.kind.beside:
        assert {one.hex() for one in maker.beside(index, [identity], [values])[0]} == set(made)
    else:
        column = maker.column(index, [identity], [values])
        assert made == [token.hex() for token in column if token is not None]


def test_every_kind_and_normaliser_has_records() -> None:
    found = [one["index"] for one in VECTORS["records_indexed"]]
    assert {one["kind"] for one in found} == set(Kind)
    assert {part[1] for one in found for part in one["parts"]} == set(Normaliser)


def key(vector: Vector) -> tuple[object, ...]:
    types, found = decode_identity(raw(vector, "identity"))
    assert types == (KeyType.INTEGER,)
    return found


def keyring(vector: Vector) -> Keyring:
    """Return a ring with the vector's index key, from what a store document would hold."""
    keys = {
        (DATA_KEY_ID, Purpose.DATA): bytes(32),
        (vector["index"]["key"], Purpose.INDEX): raw(vector, "index_key"),
    }
    store, document = raw(vector, "store"), []
    for (key_id, purpose), secret in keys.items():
        wrapped = oracle.wrap(STORE_KEY, store, (key_id, purpose), bytes(16), secret)
        document.append(
            {
                "id": key_id,
                "purpose": int(purpose),
                "suite": 1,
                "state": "active",
                "created": "2025-01-01T00:00:00Z",
                "changed": "2025-01-01T00:00:00Z",
                "wrapped": base64.b64encode(wrapped).decode(),
            }
        )
    return Keyring.from_document(store, Secret(STORE_KEY), document)
