"""Bytes into text and text into lines, strictly, with the number of the line that is wrong.

The encoding is the declared one, or that of a byte-order mark, or UTF-8. The mark is no part of
the text. Lines end with a line feed and keep it, and a carriage return before it, too: what else
a language may take for the end of a line is data here.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from typing import Final

from strongroom.errors import InputError
from strongroom.files.incoming import Incoming
from strongroom.files.limits import MIB

UTF_8: Final = "utf-8"

# The four bytes of UTF-32 come first: they begin with the two of UTF-16.
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8", frozenset({"utf-8", "utf-8-sig"})),
    (codecs.BOM_UTF32_LE, "utf-32-le", frozenset({"utf-32", "utf-32-le"})),
    (codecs.BOM_UTF32_BE, "utf-32-be", frozenset({"utf-32", "utf-32-be"})),
    (codecs.BOM_UTF16_LE, "utf-16-le", frozenset({"utf-16", "utf-16-le"})),
    (codecs.BOM_UTF16_BE, "utf-16-be", frozenset({"utf-16", "utf-16-be"})),
)
_MARK: Final = "\ufeff"
# Encodings of bytes or of names, not of text files.
_NO_TEXT: Final = frozenset({"idna", "punycode", "undefined", "unicode_escape"})
_ANOTHER: Final = "name the encoding that the file is in, such as --encoding cp1252"


def encoding_of(incoming: Incoming, declared: str | None) -> str:
    """Return the encoding of a text file.

    Args:
        incoming: the file, of which only the first bytes are looked at.
        declared: the name of an encoding, or None to find it out.

    Raises:
        InputError: there is no such encoding, or a byte-order mark says that it is another one.
    """
    head = incoming.head()
    found = next((mark for mark in _MARKS if head.startswith(mark[0])), None)
    if declared is None:
        return UTF_8 if found is None else found[1]
    name = _known(declared)
    if found is None:
        return UTF_8 if name == "utf-8-sig" else name
    if name not in found[2]:
        raise InputError(
            f"the file begins with the byte-order mark of {found[1]}, which is not the declared "
            f"encoding {name}",
            hint="leave out --encoding",
        )
    return found[1]


def _known(declared: str) -> str:
    try:
        found = codecs.lookup(declared)
    except (LookupError, ValueError, UnicodeError):
        found = None
    if (
        found is None
        or not found._is_text_encoding  # noqa: SLF001  # the only place that tells
        or found.name.replace("-", "_") in _NO_TEXT | {"raw_unicode_escape"}
    ):
        raise InputError("there is no such encoding", hint="for example utf-8, cp1252 or utf-16")
    return found.name


def decoded(chunks: Iterable[bytes], encoding: str) -> Iterator[str]:
    """Yield the text of the file in pieces.

    Args:
        chunks: its bytes, cut anywhere.
        encoding: what `encoding_of` gave.

    Raises:
        InputError: bytes that are no text in this encoding. What is in front of them was given.
    """
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    line, fresh = 1, True
    for chunk in chunks:
        text, good = _decode(decoder, chunk)
        if fresh and text:
            fresh, text = False, text.removeprefix(_MARK)
        yield text
        line += text.count("\n")
        if not good:
            _refuse(line, encoding)
    if not _ended(decoder):
        _refuse(line, encoding)


def _refuse(line: int, encoding: str) -> None:
    raise InputError(f"line {line}: the bytes are not {encoding}", hint=_ANOTHER)


def _decode(decoder: codecs.IncrementalDecoder, chunk: bytes) -> tuple[str, bool]:
    """Return the text of a chunk, or of what is good of it, and whether all is good.

    The caught exception holds the bytes: nothing is raised while it is being handled.
    """
    before = decoder.getstate()
    try:
        return decoder.decode(chunk), True
    except UnicodeDecodeError as error:
        start = error.start
    except UnicodeError:  # as UTF-16 and UTF-32 have it, of a text without its mark
        start = 0
    decoder.setstate(before)
    try:
        return decoder.decode(chunk[: max(0, start - len(before[0]))]), False
    except UnicodeError:
        return "", False


def _ended(decoder: codecs.IncrementalDecoder) -> bool:
    """Tell whether the text does not end in the middle of a character."""
    try:
        decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def lines(pieces: Iterable[str], most: int) -> Iterator[str]:
    """Yield the lines of a text, each with its end.

    Args:
        pieces: the text, cut anywhere.
        most: characters of a line; a longer one is refused before it is read to its end.

    Raises:
        InputError: a line is too long.
    """
    begun: list[str] = []
    held, number = 0, 1
    for piece in pieces:
        *whole, rest = piece.split("\n")
        if whole:
            begun.append(whole[0])
            held += len(whole[0])
        else:
            held += len(rest)
        if held > most:
            too_long(number, "the line", most)
        if whole:
            yield "".join(begun) + "\n"
            for line in whole[1:]:
                yield line + "\n"
            number += len(whole)
            begun, held = [], len(rest)
        begun.append(rest)
    last = "".join(begun)
    if last:
        yield last


def too_long(line: int, what: str, most: int) -> None:
    """Refuse a line or a record for its length.

    Raises:
        InputError: always.
    """
    raise InputError(f"line {line}: {what} has more than {most // MIB} MiB")
