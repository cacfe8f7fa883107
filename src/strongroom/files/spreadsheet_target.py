"""Records as an XLSX file with one sheet: a zip of XML, written by the standard library alone.

The spreadsheet libraries would first write the sheet to a temporary file, readable text in a place
where nobody looks for it; here it goes straight into the file. What is written is plain:

    text, json, bytes, uuid, zoned-datetime, decimal   a text in the cell (inlineStr)
    integer up to 15 digits, finite float              a number, in digits that read back the same
    boolean                                            a boolean
    date, and datetime of whole seconds, from 1900-03  a number with the format of a date
    all others                                         the text that the type spells

No value is no cell. What XML cannot hold, and a carriage return, is written _xHHHH_.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import zipfile
from collections.abc import Sequence
from typing import IO, Any, Final
from xml.sax.saxutils import escape

from strongroom.errors import InputError
from strongroom.files.outgoing import Outgoing
from strongroom.files.spelling import neutralise
from strongroom.files.target import Row, Target, utf_8
from strongroom.schema.interchange import Column

MOST_ROWS: Final = 1_048_576
MOST_CHARACTERS: Final = 32_767
"""Of a cell, in UTF-16: the rest would be dropped by whoever opens the file."""

_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEET: Final = "xl/worksheets/sheet1.xml"
_PLAIN: Final = ' fontId="0" fillId="0" borderId="0"'
_PARTS: Final = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
    f'<Override PartName="/{_SHEET}" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="records" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border>'
    "<left/><right/><top/><bottom/><diagonal/></border></borders>"
    f'<cellStyleXfs count="1"><xf numFmtId="0"{_PLAIN}/></cellStyleXfs><cellXfs count="3">'
    f'<xf numFmtId="0"{_PLAIN} xfId="0"/>'
    f'<xf numFmtId="164"{_PLAIN} xfId="0" applyNumberFormat="1"/>'
    f'<xf numFmtId="165"{_PLAIN} xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>",
}
_DATE_STYLE: Final = 1
_DATETIME_STYLE: Final = 2
_LARGEST_EXACT: Final = 10**15
_FIRST_DAY: Final = dt.datetime(1900, 3, 1)  # noqa: DTZ001  # the fields have no zone either
_DAY_ZERO: Final = dt.datetime(1899, 12, 30)  # noqa: DTZ001
"""Of the count of days; before March 1900 it has a 29 February that never was."""
_SECONDS: Final = 86_400
_UNFIT: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)"  # tab and line feed are fit
)


class SpreadsheetTarget(Target):
    """An XLSX file."""

    def __init__(self, outgoing: Outgoing, columns: Sequence[Column], *, spreadsheet: bool) -> None:
        """Write all but the sheet, and its header.

        Args:
            outgoing: where to.
            columns: of the rows.
            spreadsheet: whether to neutralise formulas. A text of this file is none, but may
                become one when a person edits it or saves it in another format.
        """
        super().__init__(outgoing, columns)
        self._neutralise = spreadsheet
        self._letters = [_letters(number) for number in range(1, len(self.columns) + 1)]
        self._archive = zipfile.ZipFile(outgoing, "w", zipfile.ZIP_DEFLATED)
        try:
            self._sheet = self._begin()
        except BaseException:
            self._abandon()
            raise

    def _begin(self) -> IO[bytes]:
        for name, content in _PARTS.items():
            self._archive.writestr(_part(name), _XML + content)
        sheet = self._archive.open(_part(_SHEET), "w", force_zip64=True)
        sheet.write(utf_8(f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>'))
        header = "".join(_text(_escaped(column.name)) for column in self.columns)
        sheet.write(utf_8(f"<row>{header}</row>"))
        return sheet

    def _write(self, rows: Sequence[Row]) -> None:
        texts = [self._row(row, self.count + at) for at, row in enumerate(rows, start=1)]
        self._sheet.write(utf_8("".join(texts)))

    def _row(self, row: Row, number: int) -> str:
        if number + 1 > MOST_ROWS:
            raise InputError(
                f"a sheet has at most {MOST_ROWS:,} rows, its header among them",
                hint="take another format, or export fewer records",
            )
        cells = [
            self._cell(column, value, number, f' r="{letters}{number + 1}"')
            for column, value, letters in zip(self.columns, row, self._letters, strict=True)
            if value is not None
        ]
        return f'<row r="{number + 1}">{"".join(cells)}</row>'

    def _cell(self, column: Column, value: Any, number: int, at: str) -> str:  # noqa: ANN401
        kind = column.kind
        if kind == "boolean":
            return f'<c{at} t="b"><v>{int(value)}</v></c>'
        digits = _digits(kind, value)
        if digits is not None:
            return f"<c{at}><v>{digits}</v></c>"
        serial = _serial(kind, value)
        if serial is not None:
            style = _DATE_STYLE if kind == "date" else _DATETIME_STYLE
            return f'<c{at} s="{style}"><v>{serial}</v></c>'
        text = column.format(value)
        text = _escaped(neutralise(text) if self._neutralise else text)
        # Of most texts the length settles it; a character beyond 16 bits counts twice.
        if 2 * len(text) > MOST_CHARACTERS and _units(text) > MOST_CHARACTERS:
            raise InputError(
                f"record {number}: {column.name} has more than {MOST_CHARACTERS:,} characters, "
                "which no cell of a sheet holds",
                hint="take another format, or leave out the field",
            )
        return _text(text, at)

    def _end(self) -> None:
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()
        self._archive.close()

    def _abandon(self) -> None:
        # The library would write an end to the file when it is collected.
        self._archive.fp = None


def _part(name: str) -> zipfile.ZipInfo:
    part = zipfile.ZipInfo(name)  # with a fixed date: when it was made is nobody's business
    part.compress_type = zipfile.ZIP_DEFLATED
    return part


def _digits(kind: str, value: Any) -> str | None:  # noqa: ANN401
    if kind == "integer" and abs(value) < _LARGEST_EXACT:
        return str(value)
    # A spreadsheet has one zero, without a sign.
    if kind == "float" and math.isfinite(value) and (value or math.copysign(1, value) > 0):
        return repr(value)
    return None


def _serial(kind: str, value: Any) -> str | None:  # noqa: ANN401
    """Return a day as the number that spreadsheets have for it, if that is exact."""
    if kind not in ("date", "datetime"):
        return None
    moment = value if kind == "datetime" else dt.datetime.combine(value, dt.time())
    if moment < _FIRST_DAY or moment.microsecond:
        return None
    gone = moment - _DAY_ZERO
    return repr(gone.days + gone.seconds / _SECONDS) if gone.seconds else str(gone.days)


def _text(text: str, at: str = "") -> str:
    return f'<c{at} t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _escaped(text: str) -> str:
    return _UNFIT.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _letters(number: int) -> str:
    """Return the letters of a column: A, B and so on to Z, AA, AB."""
    letters = ""
    while number:
        number, place = divmod(number - 1, 26)
        letters = chr(ord("A") + place) + letters
    return letters
