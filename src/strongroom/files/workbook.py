"""An XLSX file before anything of it is believed: a zip of XML parts, which may unpack to anything.

Every part has its limit, the whole has one, and so has the rate of compression. The sizes are
those of the zip's directory; more than it states is never unpacked. No part may have a document
type: that is where XML has entities, external files and expansions, and XLSX has no use for it.
"""

from __future__ import annotations

import zipfile
from typing import IO, Final
from xml.parsers import expat

from strongroom.errors import InputError
from strongroom.files.limits import MIB

MOST_UNPACKED: Final = 2048 * MIB
"""Of all parts. A full sheet, 1,048,576 rows of ten numbers, has half of it."""
MOST_STRINGS: Final = 128 * MIB
"""Of the texts of all cells, which XLSX keeps apart and a reader needs at once."""
MOST_OTHER: Final = 8 * MIB
"""Of any other part but a sheet: styles, names and the like are read whole."""
MOST_RATE: Final = 200
"""Bytes from one packed byte; sheets reach 30. Small files are not measured."""
_SMALL: Final = 16 * MIB
_SHEETS: Final = "xl/worksheets/"
STRINGS: Final = "xl/sharedStrings.xml"
_MOST_PROLOGUE: Final = MIB
_PIECE: Final = 16 * 1024
_ENCRYPTED: Final = 1
_REMEDY: Final = "save the sheet alone as a new file, or as CSV"


def checked_archive(stream: IO[bytes]) -> zipfile.ZipFile:
    """Return the open zip of a workbook whose parts are within their limits.

    Raises:
        InputError: it is no zip, it is encrypted, too large when unpacked, or has a document type.
    """
    archive = _opened(stream)
    if archive is None:
        raise InputError("the file is no readable XLSX")
    total = packed = 0
    for part in archive.infolist():
        if part.flag_bits & _ENCRYPTED:
            raise InputError("the workbook is encrypted", hint="save it without a password")
        total += part.file_size
        packed += part.compress_size
        if part.file_size > _limit(part.filename) or total > MOST_UNPACKED:
            raise InputError("the workbook is too large when it is unpacked", hint=_REMEDY)
    if total > _SMALL and total > MOST_RATE * packed:
        raise InputError(
            f"the workbook unpacks to more than {MOST_RATE} times its size", hint=_REMEDY
        )
    for part in archive.infolist():
        if _has_document_type(archive, part):
            raise InputError("the workbook has an XML document type, which XLSX never has")
    return archive


def _limit(name: str) -> int:
    if name.startswith(_SHEETS):
        return MOST_UNPACKED
    return MOST_STRINGS if name == STRINGS else MOST_OTHER


def _opened(stream: IO[bytes]) -> zipfile.ZipFile | None:
    try:
        return zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None


def _has_document_type(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Tell whether there is one before the first element, or no end of what comes before that.

    What is no XML does not open later either, if anything of it is wanted.
    """
    found: list[bool] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: found.append(True)
    parser.StartElementHandler = lambda *_: found.append(False)
    read = 0
    try:
        with archive.open(part) as stream:
            while not found and read < _MOST_PROLOGUE and (piece := stream.read(_PIECE)):
                read += len(piece)
                parser.Parse(piece, False)  # noqa: FBT003  # the library's own way
    except Exception:  # noqa: BLE001  # whatever a broken part makes the libraries say
        return bool(found and found[0])
    return found[0] if found else read >= _MOST_PROLOGUE
