"""Encodings of text files: found, declared, or wrong and named by the line."""

from __future__ import annotations

from typing import Any

import pytest

from strongroom.errors import InputError
from tests.files.attempts import items, refusal, stream, until_refused

ENCODED = "name the encoding that the file is in, such as --encoding cp1252"


def taken(data: bytes, kind: str = "csv", **options: Any) -> list[dict[str, object]]:
    found = items(data, kind, **options)
    assert all(item.problem is None for item in found)
    return [dict(item.values or {}) for item in found]


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"\xff\xfe\0\0", "utf-32-le"),
        (b"\0\0\xfe\xff", "utf-32-be"),
    ],
)
@pytest.mark.parametrize("kind", ["csv", "jsonl", "json"])
def test_a_byte_order_mark_tells_the_encoding_and_is_no_text(
    mark: bytes, encoding: str, kind: str
) -> None:
    text = {
        "csv": "näme\n🔑\ufeff\n",
        "jsonl": '{"näme":"🔑\ufeff"}\n',
        "json": '[{"näme":"🔑\ufeff"}]',
    }[kind]
    data = mark + text.encode(encoding)
    for declared in (None, encoding, encoding.upper()):
        assert taken(data, kind, encoding=declared) == [{"näme": "🔑\ufeff"}]
    # However the pipe cuts it.
    assert [dict(one.values or {}) for one in items([bytes([b]) for b in data], kind)] == [
        {"näme": "🔑\ufeff"}
    ]
    refusal(
        lambda: items(data, kind, encoding="cp1252"),
        InputError,
        f"the file begins with the byte-order mark of {encoding}, which is not the declared "
        "encoding cp1252",
        "leave out --encoding",
    )


@pytest.mark.parametrize("pieces", [1, 7, 1000])
def test_bytes_that_are_not_utf_8_are_named_by_their_line(pieces: int) -> None:
    data = b"name\nAda\nBob\n" + "Lovelace é\nDora\n".encode("cp1252")
    cut = [data[at : at + pieces] for at in range(0, len(data), pieces)]
    refusal(lambda: items(cut), InputError, "line 4: the bytes are not utf-8", ENCODED)
    given = [item.values for item in until_refused(stream(cut))]
    assert given == [{"name": "Ada"}, {"name": "Bob"}]
    assert taken(data, encoding="cp1252")[2] == {"name": "Lovelace é"}


@pytest.mark.parametrize(
    ("data", "encoding", "line"),
    [
        (b"name\nAda" + b"\xe2\x82", None, 2),  # cut within a character
        (b"\xff\xfe" + "name\nA".encode("utf-16-le") + b"\0", None, 2),
        (b"\xff\xfe" + "n\nA".encode("utf-16-le") + b"\0\xdc" + b"\n\0", None, 2),
        (b"name\nAda\x81\n", "cp1252", 2),
        (b"name\nAda\xff\n", "ascii", 2),
        (b"name\nA\xed\xa0\x80\n", "utf-8", 2),  # a surrogate
        (b"name\nA\xc0\x80\n", "utf-8", 2),  # an overlong NUL
    ],
)
def test_other_bytes_that_are_no_text(data: bytes, encoding: str | None, line: int) -> None:
    with pytest.raises(InputError, match=f"^line {line}: the bytes are not ") as caught:
        items(data, encoding=encoding)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("name", ["klingon", "hex", "rot13", "idna", "unicode_escape", "", "a\0b"])
def test_an_encoding_that_is_none(name: str) -> None:
    hint = "for example utf-8, cp1252 or utf-16"
    refusal(lambda: items(b"a\n1\n", encoding=name), InputError, "there is no such encoding", hint)


@pytest.mark.parametrize("encoding", ["shift_jis", "iso2022_jp", "gb18030", "utf-7", "koi8-r"])
def test_other_encodings_can_be_declared(encoding: str) -> None:
    word = "Привет" if encoding == "koi8-r" else "日本"
    data = f"name\n{word}\n".encode(encoding)
    assert taken(data, encoding=encoding) == [{"name": word}]
    cut = [bytes([one]) for one in data]
    assert items(cut, encoding=encoding)[0].values == {"name": word}
