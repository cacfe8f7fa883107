"""XLSX, read with openpyxl (the extra ``xlsx``), a row at a time.

The first row is the header. An empty cell is no value, an empty row is passed over. A formula is
refused, not read as the value that was stored beside it: nobody knows when that was computed, and
from what. Numbers are what spreadsheets have, floats: a decimal may have lost digits before it
came here.

The library takes XML apart and knows what a cell means. Which parts are read, and how much of one
at a time, is decided here: its own way through a sheet keeps every row, believes what the sheet
says about its size, and drops rows beyond that without a word.
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Iterator
from typing import IO, Any, ClassVar, Final
from xml.etree import ElementTree as ET

from strongroom.errors import InputError, StrongroomError
from strongroom.files.delimited import check_header
from strongroom.files.incoming import Incoming
from strongroom.files.limits import MIB, MOST_COLUMNS, MOST_RECORD
from strongroom.files.source import Item, Source
from strongroom.files.spelling import restore
from strongroom.files.workbook import checked_archive

try:
    from openpyxl.cell.text import Text
    from openpyxl.reader.excel import ExcelReader
    from openpyxl.styles.stylesheet import apply_stylesheet
    from openpyxl.worksheet._reader import WorkSheetParser
    from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS
except ImportError:
    INSTALLED = False
else:
    INSTALLED = True

MOST_ROWS: Final = 1_048_576
_UNREADABLE: Final = "the file is no readable XLSX"
_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NO_VALUE: Final = {"f": "a formula", "e": "an error"}


class SpreadsheetSource(Source):
    """A sheet of an XLSX file."""

    kind: ClassVar[str] = "xlsx"

    def __init__(self, incoming: Incoming, sheet: str | None, *, spreadsheet: bool) -> None:
        """Read all but the sheet, and its header.

        Args:
            incoming: the file.
            sheet: the name of the sheet, or None for the only one.
            spreadsheet: whether formulas were neutralised.

        Raises:
            InputError: it is no such file, it is too large, there is no such sheet, its header is
                no good, or the library is not installed.
        """
        if not INSTALLED:
            raise InputError(
                "the library for XLSX is not installed",
                hint="install strongroom with its extra xlsx, or pip install 'openpyxl>=3.1.5'",
            )
        super().__init__(incoming)
        self._stream = incoming.seekable()
        self._archive = checked_archive(self._stream)
        self._restore = spreadsheet
        self._rows = _sheet_rows(_Workbook(self._stream, self._archive), sheet)
        self.columns: tuple[str, ...] = self._header()

    @property
    def position(self) -> int:
        """How far into the packed file the reading is."""
        return min(self._stream.tell(), self.size or 0)

    def __iter__(self) -> Iterator[Item]:
        width = len(self.columns)
        while (row := _next(self._rows)) is not None:
            number, cells = row
            values: list[object] = [None] * width
            problem = None
            for cell in cells:
                value, at = cell["value"], cell["column"]
                if value is None:
                    continue
                problem = problem or _problem(cell["data_type"], at, width)
                if at <= width:
                    values[at - 1] = self._text(value) if isinstance(value, str) else value
            if problem is not None:
                yield Item(number, None, problem, values)
            elif any(value is not None for value in values):
                yield Item(number, dict(zip(self.columns, values, strict=True)), None, values)

    def close(self) -> None:
        """Close the file."""
        super().close()
        self._archive.close()
        self._stream.close()

    def _header(self) -> tuple[str, ...]:
        row = _next(self._rows)
        if row is None:
            raise InputError("the sheet is empty")
        number, cells = row
        names: list[str] = []
        for cell in cells:
            if cell["value"] is None:
                continue
            if cell["data_type"] != "s":
                raise InputError(f"row {number}: the name of column {cell['column']} is no text")
            names += [""] * (cell["column"] - 1 - len(names))
            names.append(_unescaped(cell["value"]))
        if not names:
            raise InputError(f"row {number}: there is no header")
        return check_header(names, f"row {number}")

    def _text(self, text: str) -> str:
        text = _unescaped(text)
        return restore(text) if self._restore else text


def _problem(data_type: str, column: int, width: int) -> str | None:
    if column > width:
        return f"has a value in column {column}, which has no name"
    found = _NO_VALUE.get(data_type)
    return None if found is None else f"has {found} in column {column}"


def _unescaped(text: str) -> str:
    # What XML cannot hold stands as _xHHHH_, and so does the first sign of a text that looks so.
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


class _Workbook:
    """What is known of a workbook apart from the cells of its sheets."""

    def __init__(self, stream: IO[bytes], archive: zipfile.ZipFile) -> None:
        self.archive = archive
        stream.seek(0)
        read = _quietly(lambda: self._read(stream))
        if read is None:
            raise InputError(_UNREADABLE)
        self.strings, self.book, self.sheets = read

    def _read(self, stream: IO[bytes]) -> tuple[list[str], Any, dict[str, str]]:
        reader: Any = ExcelReader(stream, read_only=True, keep_links=False)
        reader.read_manifest()
        strings = []
        part = reader.package.find(SHARED_STRINGS)
        if part is not None:
            with self.archive.open(part.PartName[1:]) as source:
                strings = list(_strings(source))
        reader.read_workbook()
        apply_stylesheet(reader.archive, reader.wb)
        sheets = {
            sheet.name: rel.target
            for sheet, rel in reader.parser.find_sheets()
            if "chartsheet" not in rel.Type
        }
        return strings, reader.wb, sheets


def _strings(source: IO[bytes]) -> Iterator[str]:
    tag = f"{{{SHEET_MAIN_NS}}}si"
    for element in _children(source, f"{{{SHEET_MAIN_NS}}}sst", tag, MOST_RECORD):
        text: Any = Text.from_tree(element)  # type: ignore[arg-type]  # the stubs know lxml's
        yield text.content


def _sheet_rows(workbook: _Workbook, name: str | None) -> Iterator[tuple[int, list[Any]]]:
    """Yield the number of each row and its cells."""
    if name is None and len(workbook.sheets) != 1:
        raise InputError(
            f"the workbook has {len(workbook.sheets)} sheets", hint="name one of them: --sheet"
        )
    path = next(iter(workbook.sheets.values())) if name is None else workbook.sheets.get(name)
    if path is None:
        raise InputError("the workbook has no such sheet")
    return _rows(workbook, path)


def _rows(workbook: _Workbook, path: str) -> Iterator[tuple[int, list[Any]]]:
    book = workbook.book
    with workbook.archive.open(path) as source:
        parser: Any = WorkSheetParser(
            source,
            workbook.strings,
            epoch=book.epoch,
            date_formats=book._date_formats,  # noqa: SLF001  # the only way to them
            timedelta_formats=book._timedelta_formats,  # noqa: SLF001
        )
        last = 0
        data, tag = f"{{{SHEET_MAIN_NS}}}sheetData", f"{{{SHEET_MAIN_NS}}}row"
        for element in _children(source, data, tag, MOST_RECORD):
            number, cells = parser.parse_row(element)
            if not last < number <= MOST_ROWS:
                raise InputError(f"row {last + 1}: the rows of the sheet are not in order")
            parser.row_dimensions.clear()
            last = number
            yield number, cells


def _children(source: IO[bytes], parent: str, child: str, most: int) -> Iterator[ET.Element]:
    """Yield the children of one element of a part, and keep none.

    Raises:
        InputError: a child has more than `most` bytes, or too many parts.
    """
    stream = _Measured(source, most)
    holder: ET.Element | None = None
    parts = 0
    # The part was checked to have no document type, so there are no entities.
    for event, element in ET.iterparse(stream, events=("start", "end")):  # noqa: S314
        if event == "start":
            parts += 1
            if element.tag == parent:
                holder = element
            if parts > _MOST_PARTS:
                raise InputError(f"a row of the sheet has more than {MOST_COLUMNS:,} cells")
        elif element.tag == child and holder is not None:
            yield element
            holder.clear()
            stream.held = parts = 0
        elif element is holder:
            return


_MOST_PARTS: Final = 4 * MOST_COLUMNS
"""Elements of a row: a cell has at most a value or a text, and each its own."""


class _Measured:
    """A part that is read as long as none of its pieces is too long."""

    def __init__(self, source: IO[bytes], most: int) -> None:
        self._source = source
        self._most = most
        self.held = 0

    def read(self, count: int = MIB) -> bytes:
        piece = self._source.read(count)
        self.held += len(piece)
        if self.held > self._most + MIB:
            raise InputError(f"a row of the sheet has more than {self._most // MIB} MiB")
        return piece


def _next(rows: Iterator[tuple[int, list[Any]]]) -> tuple[int, list[Any]] | None:
    """Return the next row, or None at the end.

    Raises:
        InputError: the file is damaged. What the libraries say about it may quote a cell.
    """
    row: tuple[int, list[Any]] | str | None = _quietly(lambda: next(rows, "over"))
    if row is None:
        raise InputError(_UNREADABLE)
    return None if isinstance(row, str) else row


def _quietly(step: Any) -> Any:  # noqa: ANN401  # whatever the step gives
    """Return what a step gives, or None if the libraries fail in it: they may quote a cell."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one names the cell and the value of a wrong date
            return step()
    except StrongroomError:
        raise
    except Exception:  # noqa: BLE001  # a damaged file makes them raise anything
        return None
