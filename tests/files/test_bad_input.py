"""What a bad file is answered with: the exact message for each fault, and what was given before.

No message quotes the file, no other exception hangs on it, and a fault that leaves the next record
to be found is an item with a problem.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from strongroom.errors import InputError
from strongroom.files.limits import MOST_RECORD
from strongroom.files.reading import open_source
from tests.files.attempts import items, refusal, stream

TWICE = 'a quote inside of a quoted value is written twice: ""'


def problems(data: bytes, kind: str = "csv", **options: Any) -> list[tuple[int, str | None]]:
    return [(item.line, item.problem) for item in items(data, kind, **options)]


def taken(data: bytes, kind: str = "csv", **options: Any) -> list[dict[str, object]]:
    found = items(data, kind, **options)
    assert all(item.problem is None for item in found)
    return [dict(item.values or {}) for item in found]


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "json", "parquet", "xlsx"])
def test_an_empty_file(kind: str, tmp_path: Path) -> None:
    file = tmp_path / f"people.{kind}"
    file.write_bytes(b"")
    refusal(lambda: open_source(str(file)), InputError, "the file is empty")


@pytest.mark.parametrize("content", [b"\n\r\n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_a_file_without_anything(content: bytes) -> None:
    refusal(lambda: items(content), InputError, "the file is empty")
    refusal(lambda: items(content, "json"), InputError, "the file is empty")


def test_missing_and_extra_columns_are_problems_and_reading_goes_on() -> None:
    found = items(b"name,age\nAda,36\nBob\nCy,1,x\n\nDora,2\n")
    assert [(item.line, item.problem, item.raw) for item in found] == [
        (2, None, ["Ada", "36"]),
        (3, "has 1 value for 2 columns", ["Bob"]),
        (4, "has 3 values for 2 columns", ["Cy", "1", "x"]),
        (6, None, ["Dora", "2"]),
    ]
    assert found[3].values == {"name": "Dora", "age": "2"}
    assert found[1].values is None


def test_an_empty_line_of_a_single_column_is_a_problem() -> None:
    assert problems(b'name\nAda\n\n""\n') == [
        (2, None),
        (3, "has 0 values for 1 column"),
        (4, None),
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"name,,age", "line 1: column 2 has no name"),
        (b"name,age,name", "line 1: columns 1 and 3 have the same name"),
        (b"\n\nname,age,age", "line 3: columns 2 and 3 have the same name"),
        (b"n\0a\0m\0e\0", "line 1: the name of column 1 holds a NUL character"),
        (
            ",".join(f"c{n}" for n in range(1001)).encode(),
            "line 1: there are more than 1,000 columns",
        ),
        (b'"Lovelace"x,b', "line 1: the header has text after a closing quote"),
        (b"Lovelace\rb,c", "line 1: the header has a carriage return outside of quotes"),
    ],
)
def test_a_bad_header(header: bytes, message: str) -> None:
    refusal(lambda: items(header + b"\nLovelace,2\n"), InputError, message)


def test_crlf_inside_of_quotes_is_kept_and_the_lines_are_counted() -> None:
    data = b'name,age\r\n"Ada\r\nLovelace\n",36\r\nBob,\r\n"C""y",2\r\n'
    found = items(data)
    assert [(item.line, item.values) for item in found] == [
        (2, {"name": "Ada\r\nLovelace\n", "age": "36"}),
        (5, {"name": "Bob", "age": ""}),
        (6, {"name": 'C"y', "age": "2"}),
    ]


def test_text_behind_a_closing_quote_is_a_problem() -> None:
    data = b'name,age\n"Ada"x,36\n"A\nB"y,1\nBob\rC,2\nDora,3\n'
    found = items(data)
    assert [(item.line, item.problem, item.raw) for item in found] == [
        (2, "has text after a closing quote", ['"Ada"x,36']),
        (3, "has text after a closing quote", ['"A\nB"y,1']),
        (5, "has a carriage return outside of quotes", ["Bob\rC,2"]),
        (6, None, ["Dora", "3"]),
    ]


def test_quotes_that_do_not_pair_up_end_the_reading() -> None:
    data = b'name,age\nAda,36\n"Lovelace"x",1\nBob,2\n'
    message = "line 3: the quotes do not pair up, so the end of the record is not known"
    refusal(lambda: items(data), InputError, message, TWICE)
    assert next(stream(data)).values == {"name": "Ada", "age": "36"}


def test_a_quote_that_does_not_end() -> None:
    data = b'name,age\nAda,36\n"Lovelace,1\nBob,2\n'
    refusal(lambda: items(data), InputError, "line 3: a quoted value does not end", TWICE)


def test_numbers_are_texts_in_csv_and_stay_as_they_are() -> None:
    assert taken(b"a,b,c,d\n007,1e3, 5,1.50\n") == [
        {"a": "007", "b": "1e3", "c": " 5", "d": "1.50"}
    ]


def test_nul_is_data() -> None:
    assert taken(b"name\na\0b\n") == [{"name": "a\0b"}]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("gzip", gzip.compress(b"name\nAda\n", mtime=0)),
        ("bzip2", bz2.compress(b"name\nAda\n")),
        ("bzip2", bz2.compress(b"")),
        ("xz", lzma.compress(b"name\nAda\n")),
        ("zstd", b"\x28\xb5\x2f\xfd\x24\x00\x01\x00\x00\x99\xe9\xd8\x51"),
        ("zip", b""),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "jsonl", "json"])
def test_compressed_input(name: str, data: bytes, kind: str) -> None:
    if name == "zip":
        held = BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr("people.csv", "name\nAda\n")
        data = held.getvalue()
    message = f"the file is compressed ({name})"
    refusal(lambda: items(data, kind), InputError, message, "unpack it first")


def test_a_text_that_begins_like_a_compressed_file_is_a_text() -> None:
    assert taken(b"BZh1,PK\n1,2\n") == [{"BZh1": "1", "PK": "2"}]


@pytest.mark.parametrize(
    ("path", "kind", "message"),
    [
        ("people.csv.gz", None, "the file is compressed (gzip)"),
        ("people.zip", None, "the file is compressed (zip)"),
        ("people.txt", None, "the suffix of the file names no format"),
        ("people", None, "the suffix of the file names no format"),
        (".csv", None, "the suffix of the file names no format"),
        (None, None, "standard input and output have no suffix to tell a format"),
        ("people.csv", "xml", "there is no such format"),
    ],
)
def test_a_file_of_no_known_kind(path: str | None, kind: str | None, message: str) -> None:
    hint = "unpack it first" if "comp" in message else "--format csv|tsv|jsonl|json|parquet|xlsx"
    refusal(lambda: open_source(path, kind=kind), InputError, message, hint)


def test_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    path = str(tmp_path / "gone.csv")
    refusal(lambda: open_source(path), InputError, f"the file {path} does not exist")
    (tmp_path / "folder.csv").mkdir()
    path = str(tmp_path / "folder.csv")
    refusal(lambda: open_source(path), InputError, f"the file {path} is a folder")
    refusal(lambda: open_source("a\0.csv"), InputError, "a file must be named by its path")


def test_a_delimiter_of_another_kind() -> None:
    message = "a delimiter is a comma, a semicolon, a vertical bar or a tab"
    for delimiter in ("", ":", ",,", '"', "\n"):
        refusal(lambda one=delimiter: items(b"a\n1\n", delimiter=one), InputError, message)  # type: ignore[misc]
    for delimiter in ",;|\t":
        assert taken(f"a{delimiter}b\n1{delimiter}2\n".encode(), delimiter=delimiter) == [
            {"a": "1", "b": "2"}
        ]


# --- a file that changes


def test_a_file_that_changes_while_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(b"name\nAda\nBob\n")
    with open_source(str(file)) as source:
        assert not source.changed()
        list(source)
        assert not source.changed()
        assert (source.position, source.size) == (13, 13)
        with file.open("ab") as more:
            more.write(b"Cy\n")
        assert source.changed()
    assert source.changed()  # as it was when it was closed
    file.write_bytes(b"name\nAda\nBob\n")
    with open_source(str(file)) as source:
        stamp = file.stat()
        file.write_bytes(b"name\nEve\nBob\n")
        os.utime(file, ns=(stamp.st_atime_ns, stamp.st_mtime_ns + 1))
        assert source.changed()


def test_a_pipe_has_no_size_and_never_changed() -> None:
    read, write = os.pipe()
    os.write(write, b"name\nAda\n")
    os.close(write)
    with open_source(f"/dev/fd/{read}", kind="csv") as source:
        assert (source.size, source.changed()) == (None, False)
        assert [item.values for item in source] == [{"name": "Ada"}]
        assert source.position == 9
    os.close(read)


def test_the_limit_of_a_record_is_as_documented() -> None:
    assert MOST_RECORD == 32 * 1024 * 1024
