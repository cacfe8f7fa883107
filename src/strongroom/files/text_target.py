r"""Records as text, in UTF-8 without a byte-order mark: CSV, TSV, JSON Lines and JSON.

CSV and TSV follow RFC 4180, but for the end of a record, which is a line feed alone, as other
programs of this system write and read it. A cell is quoted when it holds the delimiter, a quote or
a line end; a value in it has the spelling of its type, and no value is ``\N``, see `spelling`.
"""

from __future__ import annotations

import csv
from abc import abstractmethod
from collections.abc import Callable, Sequence
from json.encoder import encode_basestring
from typing import Any, ClassVar, Final

from strongroom.errors import InputError
from strongroom.files.delimited import ALLOWED, DELIMITERS
from strongroom.files.limits import MOST_RECORD
from strongroom.files.outgoing import Outgoing
from strongroom.files.spelling import NULL, neutralise, spell
from strongroom.files.target import Row, Target, check_record, utf_8
from strongroom.schema.interchange import Column

_NUMBERS: Final = frozenset({"integer", "decimal", "float"})
_NO_NUMBER: Final = "-inf"


class _Text(Target):
    """A file whose records are texts."""

    def _write(self, rows: Sequence[Row]) -> None:
        texts = [self._record(row, self.count + at) for at, row in enumerate(rows, start=1)]
        self._outgoing.write(utf_8("".join(texts)))

    @abstractmethod
    def _record(self, row: Row, number: int) -> str:
        """Return the text of one record, the given number of the file's."""


class DelimitedTarget(_Text):
    """A CSV or TSV file."""

    def __init__(
        self,
        outgoing: Outgoing,
        columns: Sequence[Column],
        kind: str,
        delimiter: str | None,
        *,
        spreadsheet: bool,
    ) -> None:
        """Write the header.

        Args:
            outgoing: where to.
            columns: of the rows.
            kind: csv or tsv.
            delimiter: a comma, a semicolon, a vertical bar or a tab; None: the kind's own.
            spreadsheet: whether to neutralise formulas.

        Raises:
            InputError: another delimiter.
        """
        super().__init__(outgoing, columns)
        delimiter = DELIMITERS[kind] if delimiter is None else delimiter
        if delimiter not in ALLOWED:
            raise InputError("a delimiter is a comma, a semicolon, a vertical bar or a tab")
        self._cells = [_cell(column, spreadsheet=spreadsheet) for column in columns]
        self._line = _Line()
        # The library quotes what occurs in the line end that it is told: both of its characters.
        self._writer = csv.writer(self._line, delimiter=delimiter, lineterminator="\r\n")
        outgoing.write(utf_8(self._joined([column.name for column in columns])))

    def _record(self, row: Row, number: int) -> str:
        texts = [cell(value) for cell, value in zip(self._cells, row, strict=True)]
        return check_record(number, self._joined(texts))

    def _joined(self, texts: list[str]) -> str:
        self._writer.writerow(texts)
        return self._line.text[:-2] + "\n"


class _Line:
    """What the library takes for a file: it holds the last line."""

    text = ""

    def write(self, text: str) -> None:
        self.text = text


def _cell(column: Column, *, spreadsheet: bool) -> Callable[[Any], str]:
    """Return what makes a cell of a value of this column."""
    spelled = spell if column.kind == "text" else None

    def plain(value: Any) -> str:  # noqa: ANN401  # of the column's own type
        if value is None:
            return NULL
        return spell(column.format(value)) if spelled is None else spelled(value)

    def harmless(value: Any) -> str:  # noqa: ANN401
        text = plain(value)
        if column.kind in _NUMBERS and text != _NO_NUMBER:
            return text
        return neutralise(text)

    return harmless if spreadsheet else plain


class JsonLinesTarget(_Text):
    """A file with one JSON object on each line."""

    _most: ClassVar[int] = MOST_RECORD

    def __init__(self, outgoing: Outgoing, columns: Sequence[Column]) -> None:
        super().__init__(outgoing, columns)
        self._members = [(encode_basestring(one.name) + ":", one.json_text) for one in columns]

    def _record(self, row: Row, number: int) -> str:
        return check_record(number, self._object(row), self._most) + "\n"

    def _object(self, row: Row) -> str:
        members = zip(self._members, row, strict=True)
        return "{" + ",".join([name + text(value) for (name, text), value in members]) + "}"


class JsonTarget(JsonLinesTarget):
    """A file with one JSON array, an object on each of its lines."""

    def _record(self, row: Row, number: int) -> str:
        lead = "[\n" if number == 1 else ",\n"
        return lead + check_record(number, self._object(row))

    def _end(self) -> None:
        self._outgoing.write(b"\n]\n" if self.count else b"[]\n")
