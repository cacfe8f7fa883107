"""Files that are made to fill the memory: each is refused by its line, or read in little memory.

They come through a pipe and are made while they are read, so nothing but the reader holds them.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable, Iterator
from itertools import chain, repeat

import pytest

from strongroom.errors import InputError
from strongroom.files.limits import MIB, MOST_RECORD
from strongroom.files.reading import open_source
from tests.files.attempts import Stream, items, stream

GIB = 1024 * MIB


def endless(begin: bytes, piece: bytes) -> Stream:
    """Return a pipe that gives a gigabyte if it is read to its end."""
    return Stream(chain([begin], repeat(piece * (64 * 1024 // len(piece)), GIB // (64 * 1024))))


@pytest.mark.parametrize(
    ("kind", "begin", "piece", "message"),
    [
        ("csv", b"name\nAda\n", b"x", "line 3: the line has more than 32 MiB"),
        ("csv", b"", b"x", "line 1: the line has more than 32 MiB"),
        ("csv", b'name\nAda\n"', b"x", "line 3: the line has more than 32 MiB"),
        ("csv", b'name\nAda\n"', b"xxxxxxxxxxxxxxx\n", "line 3: the record has more than 32 MiB"),
        ("csv", b"name\nAda\n", b",", "line 3: the record has more than 1,000 values"),
        ("csv", b'name\nAda\n"a\nb",', b"x,", "line 3: the record has more than 1,000 values"),
        ("tsv", b"name\nAda\n", b"\t", "line 3: the record has more than 1,000 values"),
        ("jsonl", b'{"a":1}\n{"b":"', b"x", "line 2: the line has more than 32 MiB"),
        ("jsonl", b'{"a":1}\n', b"[", "line 2: the line has more than 32 MiB"),
        ("json", b'[{"a":1},\n{"b":"', b"x", "line 2: the record has more than 32 MiB"),
        ("json", b'[{"a":1},\n{"b":"', b"\\\\", "line 2: the record has more than 32 MiB"),
        (
            "json",
            b'[{"a":1},\n{"b":',
            b"[",
            "line 2: more than 10,000 brackets are open in the element that starts here",
        ),
    ],
)
def test_a_gigabyte_is_refused_after_a_part_of_it(
    kind: str, begin: bytes, piece: bytes, message: str
) -> None:
    pipe = endless(begin, piece)
    # A line of commas ends nowhere: then it is its length that is refused, with the same memory.
    if "values" in message:
        pipe = Stream(chain([begin, piece * (MIB // len(piece)), b"\n"], repeat(b"x", 1)))
    with pytest.raises(InputError) as caught:
        list(open_source(None, kind=kind, stream=pipe))  # type: ignore[arg-type]
    assert str(caught.value) == message
    assert caught.value.__context__ is None
    assert pipe.given <= MOST_RECORD + MIB


def peak_of(work: Iterable[object]) -> int:
    """Return the most bytes that were allocated while the work was done."""
    tracemalloc.start()
    try:
        for _ in work:
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


ROWS = {
    "csv": (b"name,age\n", b"Ada Lovelace,36\n", b""),
    "jsonl": (b"", b'{"name":"Ada Lovelace","age":36}\n', b""),
    "json": (b'[{"name":"","age":0}', b',\n{"name":"Ada Lovelace","age":36}', b"]\n"),
}


def rows(kind: str, count: int) -> Iterator[bytes]:
    begin, row, end = ROWS[kind]
    yield begin
    for _ in range(count // 1000):
        yield row * 1000
    yield end


@pytest.mark.parametrize("kind", ["csv", "jsonl", "json"])
def test_memory_does_not_grow_with_the_number_of_rows(kind: str) -> None:
    few, many = (peak_of(stream(rows(kind, count), kind)) for count in (3_000, 15_000))
    assert many < few + 200_000
    assert many < 8 * MIB


@pytest.mark.parametrize("kind", ["csv", "jsonl", "json"])
def test_a_billion_rows_are_read_as_they_come(kind: str) -> None:
    """The pipe would go on for a billion rows: the first ones are there before it is asked."""
    begin, row, _ = ROWS[kind]
    pipe = Stream(chain([begin], repeat(row * 1000, 1_000_000)))
    found = iter(open_source(None, kind=kind, stream=pipe))  # type: ignore[arg-type]
    for _ in range(2000):
        assert next(found).problem is None
    assert pipe.given < MIB


def test_empty_lines_without_end_are_not_collected() -> None:
    pieces = chain([b"a,b\n"], repeat(b"\n" * 65_536, 6))
    assert peak_of(stream(pieces)) < 3 * MIB
    pieces = chain([b"["], repeat(b" \n" * 32_768, 6), [b"]"])
    assert peak_of(stream(pieces, "json")) < 3 * MIB
    pieces = chain([b"[{}]"], repeat(b" \n" * 32_768, 6))
    assert peak_of(stream(pieces, "json")) < 8 * MIB


def test_the_largest_field_fits_in_quotes() -> None:
    """16 MiB, every character a quote: the limit of a record leaves room for it."""
    value = b'"' * (16 * MIB - 16)
    found = items([b"name\n", b'"', value.replace(b'"', b'""'), b'"\n'])
    assert found[0].problem is None
    assert found[0].values == {"name": value.decode()}


def test_a_long_text_full_of_delimiters_is_one_value() -> None:
    text = "a,b\n" * 50_000
    found = items(f'id,name\n1,"{text}"\n2,"{text.replace(chr(10), " ")}"\n'.encode())
    assert [len(str((item.values or {})["name"])) for item in found] == [200_000, 200_000]
    assert [item.line for item in found] == [2, 50_003]
