"""Every way to tamper with a parcel: each is refused, and nothing of a bad chunk is given out."""

from __future__ import annotations

import base64
from itertools import chain, repeat
from typing import Final

import pytest

from strongroom.errors import InputError, IntegrityError
from strongroom.files.limits import MIB
from strongroom.files.parcel import MOST_RECORD, open_parcel
from strongroom.files.target import Column
from strongroom.schema.types import Decimal, Integer, Text
from tests import oracle
from tests.files.attempts import Stream, refusal
from tests.files.parcels import (
    DOCUMENT,
    HEADER,
    ID,
    IV,
    KEY,
    RECORDS,
    read,
    records,
    written,
)


def opened_until(data: bytes, message: str, key: bytes = KEY) -> list[object]:
    """Return the ids of what was given before the refusal, which has this message."""
    given: list[object] = []

    def attempt() -> None:
        given.extend((item.values or {})["id"] for item in read(data, key))

    refusal(attempt, IntegrityError, message)
    return given


def moved(number: int) -> str:
    return (
        f"chunk {number} of the parcel does not open: it was changed or moved, or it or the "
        "header belongs to another parcel"
    )


LINES: Final = [b'{"id":%d,"name":"Lovelace"}\n' % number for number in (1, 2, 3)]
WHOLE: Final = oracle.parcel(KEY, ID, HEADER, [(IV, line) for line in LINES])
HEAD, ONE, TWO, THREE = WHOLE.splitlines(keepends=True)


def test_the_parcel_of_these_tests_is_good() -> None:
    assert records(WHOLE) == [(1, "Lovelace"), (2, "Lovelace"), (3, "Lovelace")]


@pytest.mark.parametrize(
    ("data", "given", "message"),
    [
        (HEAD + TWO + ONE + THREE, [], moved(1)),
        (HEAD + ONE + THREE, [1], moved(2)),
        (HEAD + TWO + THREE, [], moved(1)),
        (HEAD + ONE + ONE + TWO + THREE, [1], moved(2)),
        (HEAD + ONE + TWO + THREE + THREE, [1, 2], moved(3)),
        (HEAD + ONE + TWO + THREE + b"\n", [1, 2], moved(3)),
        (HEAD + ONE + b"\n" + TWO + THREE, [1], moved(2)),
        (HEAD + ONE + TWO, [1], "the parcel is cut off after chunk 2"),
        (HEAD + ONE, [], "the parcel is cut off after chunk 1"),
        (HEAD, [], "the parcel is cut off after its header"),
        (HEAD[:-1], [], "the parcel is cut off after its header"),
        (WHOLE[:-1], [1, 2], "the parcel is cut off in chunk 3"),
        (HEAD + ONE + TWO[:-1], [1], "the parcel is cut off in chunk 2"),
        (HEAD + ONE.replace(b"\n", b"\r\n") + TWO + THREE, [], moved(1)),
        (HEAD + ONE + b"A" * 400_000 + b"\n" + TWO, [1], moved(2)),
        (HEAD + ONE + b"A" * 2 * MIB, [1], moved(2)),
    ],
)
def test_chunks_that_are_moved_left_out_repeated_or_cut(
    data: bytes, given: list[int], message: str
) -> None:
    # The chunk before a bad one is only given when the line behind it is there.
    assert opened_until(data, message) == given


def test_every_changed_bit_of_a_chunk_is_refused() -> None:
    raw = base64.b64decode(TWO)
    for place in range(len(raw)):
        for bit in range(8):
            flipped = raw[:place] + bytes([raw[place] ^ 1 << bit]) + raw[place + 1 :]
            data = HEAD + ONE + base64.b64encode(flipped) + b"\n" + THREE
            assert opened_until(data, moved(2)) == [1]


def test_every_changed_character_and_cut_of_a_chunk_is_refused() -> None:
    line = TWO[:-1]
    for place in range(len(line)):
        for new in (b"A", b"B", b"=", b"-", b" ", b"\xff"):
            if line[place : place + 1] != new:
                data = HEAD + ONE + line[:place] + new + line[place + 1 :] + b"\n" + THREE
                assert opened_until(data, moved(2)) == [1]
        assert opened_until(HEAD + ONE + line[:place] + b"\n" + THREE, moved(2)) == [1]


def test_a_changed_header_is_refused() -> None:
    changes = [
        ('"provider":"file"', '"provider":"evil"'),
        ('"name":"name"', '"name":"nam2"'),
        ('"parcel":"a0', '"parcel":"a1'),
        ('"max_bytes":1048576', '"max_bytes":1048575'),
        ('"wrapped":"…"', '"wrapped":"."'),
    ]
    for old, new in changes:
        assert old in DOCUMENT
        header = b"srp1." + base64.b64encode(DOCUMENT.replace(old, new).encode())
        assert opened_until(header + b"\n" + ONE + TWO + THREE, moved(1)) == []


def test_chunks_of_another_parcel_are_refused() -> None:
    other = oracle.parcel(KEY, ID[::-1], HEADER, [(IV, line) for line in LINES])
    assert opened_until(HEAD + ONE + other.splitlines(keepends=True)[2] + THREE, moved(2)) == [1]
    other = oracle.parcel(KEY[::-1], ID, HEADER, [(IV, line) for line in LINES])
    assert opened_until(other, moved(1)) == []
    assert opened_until(WHOLE, moved(1), key=KEY[::-1]) == []


def test_wrong_padding_behind_a_right_tag_is_refused() -> None:
    key = oracle.derive(KEY, ID, "parcel")
    place = oracle.chunk_place(ID, HEADER, 1, 1)
    for block in (bytes(16), b"\x11" * 16, b"x" * 14 + b"\3\2"):
        line = base64.b64encode(oracle.protect(key, IV, block, place))
        assert opened_until(HEAD + line + b"\n", moved(1)) == []


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            DOCUMENT.replace('"format":1', '"format":2'),
            "the parcel has a format that is not known here",
        ),
        (DOCUMENT.replace('"format":1,', ""), ""),
        (DOCUMENT.replace("{", "{ ", 1), ""),
        (DOCUMENT.replace("a0a1", "A0A1"), ""),
        (DOCUMENT.replace("a0a1", "a0a"), ""),
        (DOCUMENT.replace('"integer"', '"float"'), ""),
        (DOCUMENT.replace('"type":"text"', '"type":"blob"'), ""),
        (DOCUMENT.replace('"name":"name"', '"name":"id"'), ""),
        (DOCUMENT.replace('"name":"name"', '"name":5'), ""),
        (DOCUMENT[:-1] + ',"zero":0}', ""),
        ('{"columns":[],"format":1,"parcel":"' + "a0" * 16 + '","root":{}}', ""),
        ('{"columns":{},"format":1,"parcel":"' + "a0" * 16 + '","root":{}}', ""),
        ("[]", ""),
        ("Lovelace", ""),
    ],
)
def test_a_malformed_header(document: str, message: str) -> None:
    data = b"srp1." + base64.b64encode(document.encode()) + b"\n" + ONE
    message = message or "the header of the parcel is malformed"
    refusal(lambda: list(read(data)), IntegrityError, message)


def test_what_is_no_parcel() -> None:
    message = "the file is no sealed parcel"
    for data in (b"id,name\n", b"sr1.AQEBAgME\n", b"\xef\xbb\xbf" + WHOLE, b"\n" + WHOLE):
        refusal(lambda one=data: list(read(one)), InputError, message)  # type: ignore[misc]
    for spelling in (b"!", HEAD[5:-2], HEAD[5:-1] + b"="):
        refusal(
            lambda one=spelling: list(read(b"srp1." + one + b"\n")),  # type: ignore[misc]
            IntegrityError,
            "the header of the parcel is malformed",
        )
    refusal(lambda: list(read(b"")), InputError, "the file is empty")
    endless = Stream(chain([b"srp1."], repeat(b"A" * MIB, 1024)))
    message = "line 1: the line has more than 1 MiB"
    refusal(lambda: open_parcel(None, stream=endless), InputError, message)  # type: ignore[arg-type]
    assert endless.given < 3 * MIB


@pytest.mark.parametrize(
    "text",
    [
        b'{"id":2}\n',
        b'{"id":2,"name":"Lovelace","more":1}\n',
        b'{"id":2,"nam2":"Lovelace"}\n',
        b'{"id":2,"name":5}\n',
        b'{"id":2,"id":2}\n',
        b'["Lovelace"]\n',
        b"Lovelace\n",
    ],
)
def test_a_record_that_no_writer_writes(text: bytes) -> None:
    data = oracle.parcel(KEY, ID, HEADER, [(IV, RECORDS.split(b"\n")[0] + b"\n"), (IV, text)])
    assert opened_until(data, "record 2 of the parcel does not have its columns") == [1]


def test_a_record_that_is_too_long_for_a_parcel_is_not_written() -> None:
    assert MOST_RECORD == 128 * MIB
    value = "\1" * (16 * MIB)
    columns = [
        Column("a", Text()),
        Column("b", Text()),
        Column("c", Integer()),
        Column("d", Decimal()),
    ]
    message = "record 1: as text it has more than 128 MiB"
    refusal(lambda: written([(value, value, 1, None)], columns), InputError, message)
