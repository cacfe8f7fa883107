"""Parcels: their exact bytes, held to the second implementation, and what comes back."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from strongroom.crypto.parcel import MOST_BYTES, MOST_CHARACTERS, ParcelKey
from strongroom.crypto.secret import Secret
from strongroom.errors import DecryptionError, IntegrityError
from strongroom.files.parcel import open_parcel, open_parcel_target
from strongroom.files.target import Column
from strongroom.schema.identity import KeyType
from tests import oracle
from tests.crypto.attempts import refusal as refused_by_cipher
from tests.files.attempts import Stream
from tests.files.parcels import (
    HEADER,
    ID,
    IV,
    KEY,
    PEOPLE,
    RECORDS,
    ROOT,
    records,
    written,
)
from tests.files.records import COLUMNS, ROWS, UUIDS, rows, same


def test_the_bytes_of_a_parcel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "urandom", lambda count: IV[:count])
    found = written([(1, "Ada Lovelace"), (2, None)])
    assert found == oracle.parcel(KEY, ID, HEADER, [(IV, RECORDS)])
    digest = hashlib.sha256(found).hexdigest()
    assert digest == "2c77d76bc236361a678175492e5fcb064c338b297d99bb41097eb8af7821f41b"


def test_the_place_of_a_chunk_is_in_its_associated_data() -> None:
    place = oracle.chunk_place(ID, HEADER, 258, 1)
    assert place == (
        b"strongroom/1/parcel\0" + ID + hashlib.sha512(HEADER).digest() + bytes(6) + b"\1\2\1"
    )


@settings(deadline=None, max_examples=25)
@given(rows=rows())
def test_the_second_implementation_opens_what_is_written(rows: list[Any]) -> None:
    data = written(rows, COLUMNS)
    opened = oracle.open_parcel(KEY, ID, data)
    assert [json.loads(line)["id"] for line in opened.splitlines()] == [row[0] for row in rows]
    assert same(records(data), rows)
    header = json.loads(base64.b64decode(data.split(b"\n")[0][5:]))
    assert [one["name"] for one in header["columns"]] == [one.name for one in COLUMNS]


def test_the_second_implementation_writes_what_is_opened() -> None:
    chunks = [(IV, RECORDS[:7]), (IV, b""), (IV, RECORDS[7:20]), (IV, RECORDS[20:])]
    data = oracle.parcel(KEY, ID, HEADER, chunks)
    assert records(data) == [(1, "Ada Lovelace"), (2, None)]
    assert records(oracle.parcel(KEY, ID, HEADER, [(IV, b"")])) == []


def test_exact_types_come_back() -> None:
    assert same(records(written(ROWS, COLUMNS)), ROWS)
    columns = [Column("u", KeyType.UUID), Column("b", KeyType.BYTES), Column("t", KeyType.TEXT)]
    assert records(written([(UUIDS, b"\0\1", "\\N")], columns)) == [(UUIDS, b"\0\1", "\\N")]


def test_what_the_header_says_is_read_back() -> None:
    with open_parcel(None, stream=Stream([written([], COLUMNS)])) as parcel:  # type: ignore[arg-type]
        assert parcel.id == ID
        assert parcel.root == ROOT
        assert list(parcel.columns) == COLUMNS
        assert [column.type for column in parcel.columns] == [one.type for one in COLUMNS]


def test_chunks_are_full_and_records_span_them() -> None:
    people = [(number, "x" * 1000) for number in range(600)]
    data = written(people)
    lines = data.split(b"\n")[1:-1]
    assert len(lines) == 3
    assert [len(line) for line in lines[:2]] == [MOST_CHARACTERS] * 2
    assert MOST_CHARACTERS == 349_612
    assert records(data) == people
    exact = '{"id":1,"name":""}\n'
    data = written([(1, "y" * (MOST_BYTES - len(exact)))])
    assert data.count(b"\n") == 2
    assert written([(1, "y" * (MOST_BYTES - len(exact) + 1))]).count(b"\n") == 3


def test_two_parcels_of_the_same_records_share_nothing() -> None:
    one, other = (written([(1, "Ada")]).split(b"\n")[1] for _ in range(2))
    assert one != other
    assert len(one) == len(other)


def test_a_file_is_written_as_safely_as_any_other(tmp_path: Path) -> None:
    path = tmp_path / "people.srp"
    with (
        pytest.raises(KeyboardInterrupt),
        open_parcel_target(str(path), PEOPLE, Secret(KEY), ID, ROOT) as target,
    ):
        target.write([(1, "x" * 300_000)])
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    with open_parcel_target(str(path), PEOPLE, Secret(KEY), ID, ROOT) as target:
        target.write([(1, "Ada")])
    assert path.stat().st_mode & 0o777 == 0o600
    with open_parcel(str(path)) as parcel:
        source = parcel.unlock(Secret(KEY))
        assert [item.values for item in source] == [{"id": 1, "name": "Ada"}]
        assert (source.position, source.changed()) == (source.size, False)
    assert b"Ada" not in path.read_bytes()


def test_the_chunk_key_opens_only_in_the_place_it_sealed_for() -> None:
    key = ParcelKey(Secret(KEY), ID, HEADER)
    line = key.seal(b"chunk", 2, last=False)
    assert key.open(line, 2, last=False) == b"chunk"
    refused_by_cipher(lambda: key.open(line, 2, last=True))
    refused_by_cipher(lambda: key.open(line, 1, last=False))
    refused_by_cipher(lambda: key.open(line + "\n", 2, last=False))
    refused_by_cipher(lambda: ParcelKey(Secret(KEY), ID, HEADER + b"\n").open(line, 2, last=False))
    assert repr(key) == "<parcel key>"
    with pytest.raises(ValueError, match="a chunk holds at most 256 KiB"):
        key.seal(bytes(MOST_BYTES + 1), 1, last=True)
    assert issubclass(DecryptionError, IntegrityError)
