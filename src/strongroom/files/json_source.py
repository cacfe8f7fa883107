"""JSON Lines and JSON: objects, one on each line or in one array, read one at a time.

Of an array the borders of its elements are found first, with an eye for strings and nothing else;
each element is then read as strictly as a line. An element that is no good object is an item with
a problem. Brackets that do not match end the reading: what follows cannot be told apart. Lines
without anything are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import ClassVar, Final, NoReturn

from strongroom.errors import InputError
from strongroom.files.incoming import Incoming
from strongroom.files.limits import MOST_RECORD
from strongroom.files.source import Item, Source
from strongroom.files.text import decoded, lines, too_long
from strongroom.schema.json_text import read_json_object

MOST_OPEN: Final = 10_000
"""Brackets within each other: an element with more is not looked at to its end."""
_BLANK: Final = " \t\r\n"
_WHITE: Final = re.compile("[ \t\r\n]*")
# A string is one match as far as it goes; the group says whether its end is there.
_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.)*+("?)|[\[\]{},]', re.DOTALL)
_REST_OF_STRING: Final = re.compile(r'(?:[^"\\]++|\\.)*+("?)', re.DOTALL)
_PAIRS: Final = {"]": "[", "}": "{"}


class JsonLines(Source):
    """A file with one JSON object on each line."""

    kind: ClassVar[str] = "jsonl"
    spells_json: ClassVar[bool] = False

    def __init__(self, incoming: Incoming, encoding: str) -> None:
        super().__init__(incoming)
        self._lines = lines(decoded(incoming.chunks(), encoding), MOST_RECORD)

    def __iter__(self) -> Iterator[Item]:
        for number, line in enumerate(self._lines, start=1):
            text = line.strip(_BLANK)
            if text:
                yield _item(number, text)


class JsonArray(Source):
    """A file with one JSON array of objects."""

    kind: ClassVar[str] = "json"
    spells_json: ClassVar[bool] = False

    def __init__(self, incoming: Incoming, encoding: str) -> None:
        super().__init__(incoming)
        self._pieces = decoded(incoming.chunks(), encoding)

    def __iter__(self) -> Iterator[Item]:
        for number, text in elements(self._pieces):
            yield _item(number, text)


def _item(line: int, text: str) -> Item:
    try:
        return Item(line, read_json_object(text), None, (text,))
    except InputError as error:
        return Item(line, None, str(error), (text,))


def elements(pieces: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Yield the elements of an array of JSON: the line where each starts, and its text.

    Args:
        pieces: the text, cut anywhere.

    Raises:
        InputError: it is no array, it does not end, its brackets do not match, something follows
            it, or an element is too long.
    """
    borders = _Borders()
    for piece in pieces:
        yield from borders.feed(piece)
    borders.finish()


class _Borders:
    """Where the elements of the array begin and end, whatever the pieces are that it comes in."""

    __slots__ = ("_begun", "_found", "_held", "_inside", "_line", "_open", "_stage", "_tail")

    def __init__(self) -> None:
        self._stage = "before"  # the array, then "within", then "after" it
        self._line = 1  # of the first character that is not yet given
        self._begun: list[str] = []
        self._held = 0
        self._open = bytearray()  # the brackets of the element that are open
        self._inside = False  # a string
        self._tail = ""  # a backslash whose character is in the next piece
        self._found = False  # whether there was a comma: what follows one is an element

    def feed(self, piece: str) -> Iterator[tuple[int, str]]:
        """Take the next piece of text and yield the elements that end in it."""
        text, self._tail = self._tail + piece, ""
        at = 0
        if self._stage == "before":
            at = self._begin(text)
        if self._stage == "within":
            start = at = self._past_blank(text, at)
            while self._stage == "within" and (step := self._step(text, at)):
                at, ended = step
                if ended:
                    whole = "".join(self._begun) + text[start : at - 1]
                    yield from self._element(whole)
                    self._begun, self._held = [], 0
                    start = at = self._past_blank(text, at)
            if self._stage == "within":
                end = len(text) - len(self._tail)
                self._keep(text[start:end])
                return
        if self._stage == "after":
            self._after(text[at:])

    def finish(self) -> None:
        """Say that the text is over.

        Raises:
            InputError: the array is not.
        """
        if self._stage == "before":
            raise InputError("the file is empty")
        if self._stage == "within":
            raise InputError(
                f"line {self._line}: the array does not end after the element that starts here",
                hint="the file may have been cut off",
            )

    def _past_blank(self, text: str, at: int) -> int:
        """Return the place of the first sign of an element, and count the lines up to it."""
        if self._held:
            return at
        end = _WHITE.match(text, at).end()  # type: ignore[union-attr]  # it matches nothing, too
        self._line += text.count("\n", at, end)
        return end

    def _begin(self, text: str) -> int:
        at = self._past_blank(text, 0)
        if at == len(text):
            return at
        if text[at] != "[":
            raise InputError(
                f"line {self._line}: the file is no JSON array",
                hint="for one object on each line: --format jsonl",
            )
        self._stage = "within"
        return at + 1

    def _step(self, text: str, at: int) -> tuple[int, bool] | None:
        """Return the place behind the next string or sign, and whether an element ends there."""
        match = _REST_OF_STRING.match(text, at) if self._inside else _TOKEN.search(text, at)
        if match is None:
            return None
        sign = match[0][:1]
        if self._inside or sign == '"':
            self._inside = not match[1]
            if self._inside:  # up to the end of the piece, but for a backslash
                self._tail = text[match.end() :]
                return None
            return match.end(), False
        return match.end(), self._bracket(sign)

    def _bracket(self, sign: str) -> bool:
        if sign in "[{":
            self._open += sign.encode("ascii")
            if len(self._open) > MOST_OPEN:
                raise InputError(
                    f"line {self._line}: more than {MOST_OPEN:,} brackets are open in the element "
                    "that starts here"
                )
            return False
        if sign == ",":
            return not self._open
        if self._open:
            if chr(self._open.pop()) != _PAIRS[sign]:
                self._mismatch()
            return False
        if sign == "}":
            self._mismatch()
        self._stage = "after"
        return True

    def _mismatch(self) -> NoReturn:
        raise InputError(
            f"line {self._line}: the brackets do not match in the element that starts here"
        )

    def _element(self, whole: str) -> Iterator[tuple[int, str]]:
        if len(whole) > MOST_RECORD:
            too_long(self._line, "the record", MOST_RECORD)
        ended = self._stage == "after"
        if whole or not ended or self._found:  # `[]` has no element, `[1,]` a bad second one
            yield self._line, whole.rstrip(_BLANK)
        self._line += whole.count("\n")
        self._found = True

    def _keep(self, text: str) -> None:
        if text:
            self._begun.append(text)
            self._held += len(text)
        if self._held > MOST_RECORD:
            too_long(self._line, "the record", MOST_RECORD)

    def _after(self, text: str) -> None:
        if self._past_blank(text, 0) < len(text):
            raise InputError(f"line {self._line}: something follows the array")
