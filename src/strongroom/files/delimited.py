"""CSV and TSV: RFC 4180, with a header, read strictly and a record at a time.

A record may span lines, and line ends inside of quotes are kept as they are. A record that cannot
be taken is an item with a problem. After text behind a closing quote the next record is looked for
on the next line, unless the quotes of the record do not pair up: then nobody can tell where the
next one starts, and reading ends with an error. Empty lines are passed over; of a single column
they are a problem, since they might be a value.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from strongroom.errors import InputError
from strongroom.files.incoming import Incoming
from strongroom.files.limits import MOST_COLUMNS, MOST_RECORD
from strongroom.files.source import Item, Source
from strongroom.files.text import decoded, lines, too_long

DELIMITERS: Final = {"csv": ",", "tsv": "\t"}
"""What stands between the cells unless it is named."""
ALLOWED: Final = frozenset(",;\t|")
LONG: Final = 64 * 1024
"""Characters of a line from which its cells are counted before they are made."""


class Delimited(Source):
    """A CSV or TSV file."""

    def __init__(  # noqa: PLR0913  # what such a file differs in
        self,
        incoming: Incoming,
        encoding: str,
        kind: str,
        delimiter: str | None,
        read: Callable[[str], str | None],
        *,
        columns: Sequence[str] | None = None,
    ) -> None:
        """Read the header, if there is one.

        Args:
            incoming: the file.
            encoding: of its text.
            kind: csv or tsv.
            delimiter: one of ``,`` ``;`` ``|`` and tab, or None for the kind's own.
            read: makes a value of a cell.
            columns: the names of the columns of a file without a header; None: it has one.

        Raises:
            InputError: the delimiter is no such, or there is no good header.
        """
        super().__init__(incoming)
        self.kind = kind  # type: ignore[misc]  # two kinds, one class
        delimiter = DELIMITERS[kind] if delimiter is None else delimiter
        if delimiter not in ALLOWED:
            raise InputError("a delimiter is a comma, a semicolon, a vertical bar or a tab")
        self._read = read
        self._delimiter = delimiter
        self._outside = re.compile(f'"[^"]*+"?|{re.escape(delimiter)}')
        self._start = 1
        self._pieces: list[str] = []
        self._held = 0
        # The limit is the process's: it is only ever raised, and to a fixed number.
        if csv.field_size_limit() < MOST_RECORD:
            csv.field_size_limit(MOST_RECORD)
        self._reader = csv.reader(
            self._bounded(lines(decoded(incoming.chunks(), encoding), MOST_RECORD)),
            delimiter=delimiter,
            strict=True,
        )
        self.columns: tuple[str, ...] = (
            self._header() if columns is None else check_header(list(columns), "the columns")
        )

    def __iter__(self) -> Iterator[Item]:
        columns, read, count = self.columns, self._read, len(self.columns)
        for cells in self._records():
            if isinstance(cells, str):
                yield Item(self._start, None, cells, ["".join(self._pieces).rstrip("\r\n")])
            elif len(cells) == count:
                values = dict(zip(columns, map(read, cells), strict=True))
                yield Item(self._start, values, None, cells)
            elif cells or count == 1:
                yield Item(self._start, None, _miscounted(len(cells), count), cells)

    def _records(self) -> Iterator[list[str] | str]:
        """Yield the cells of each record, or what is wrong with it."""
        reader, pieces = self._reader, self._pieces
        while True:
            self._start = reader.line_num + 1
            self._held = 0
            pieces.clear()
            try:
                cells: list[str] | str = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                cells = str(error)
            yield self._problem(cells) if isinstance(cells, str) else cells

    def _problem(self, said: str) -> str:
        """Return the problem that the library found, unless it spoils what follows."""
        if "end of data" in said:
            raise InputError(
                f"line {self._start}: a quoted value does not end",
                hint='a quote inside of a quoted value is written twice: ""',
            )
        if sum(piece.count('"') for piece in self._pieces) % 2:
            raise InputError(
                f"line {self._start}: the quotes do not pair up, so the end of the record is "
                "not known",
                hint='a quote inside of a quoted value is written twice: ""',
            )
        if "new-line" in said:
            return "has a carriage return outside of quotes"
        return "has text after a closing quote"

    def _bounded(self, found: Iterator[str]) -> Iterator[str]:
        """Pass lines on and keep those of the record, as long as it is not too long."""
        pieces = self._pieces
        for line in found:
            inside = len(line) > LONG and sum(piece.count('"') for piece in pieces) % 2 == 1
            pieces.append(line)
            self._held += len(line)
            if self._held > MOST_RECORD:
                too_long(self._start, "the record", MOST_RECORD)
            if len(line) > LONG:
                self._check_cells(line, inside=inside)
            yield line

    def _check_cells(self, line: str, *, inside: bool) -> None:
        """Refuse a line of very many cells before there is an object for each.

        Args:
            line: a long one.
            inside: whether it begins within quotes.
        """
        if line.count(self._delimiter) <= MOST_COLUMNS:
            return
        start = line.find('"') + 1 if inside else 0
        if inside and not start:
            return
        found = 0
        for match in self._outside.finditer(line, start):
            found += match[0] == self._delimiter
            if found > MOST_COLUMNS:
                raise InputError(
                    f"line {self._start}: the record has more than {MOST_COLUMNS:,} values"
                )

    def _header(self) -> tuple[str, ...]:
        for cells in self._records():
            if isinstance(cells, str):
                raise InputError(f"line {self._start}: the header {cells}")
            if cells:
                return check_header(cells, f"line {self._start}")
        raise InputError("the file is empty")


def check_header(names: list[str], where: str) -> tuple[str, ...]:
    """Return the names of the columns.

    Raises:
        InputError: too many, an empty one, one that is there twice, or one with a NUL in it. None
            is quoted: without a header they are the values of the first record.
    """
    if len(names) > MOST_COLUMNS:
        raise InputError(f"{where}: there are more than {MOST_COLUMNS:,} columns")
    seen: dict[str, int] = {}
    for number, name in enumerate(names, start=1):
        if not name:
            raise InputError(f"{where}: column {number} has no name")
        if "\0" in name:
            raise InputError(
                f"{where}: the name of column {number} holds a NUL character",
                hint="the file may be in UTF-16: --encoding utf-16-le or utf-16-be",
            )
        if name in seen:
            raise InputError(f"{where}: columns {seen[name]} and {number} have the same name")
        seen[name] = number
    return tuple(names)


def _miscounted(found: int, wanted: int) -> str:
    return (
        f"has {found} value{'' if found == 1 else 's'} for {wanted} "
        f"column{'' if wanted == 1 else 's'}"
    )
