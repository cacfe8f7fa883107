r"""Opening a file of records, whatever its kind.

with open_source("people.csv") as source:
    for item in source:
        if item.problem is None: ...   # item.values, by the names of source.columns
        else: ...                      # line item.line has a problem, item.raw as it stood
    source.changed()                   # whether somebody wrote to the file meanwhile
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from strongroom.errors import InputError
from strongroom.files.delimited import DELIMITERS, Delimited
from strongroom.files.incoming import Incoming
from strongroom.files.json_source import JsonArray, JsonLines
from strongroom.files.kinds import check_not_compressed, kind_of
from strongroom.files.source import Source
from strongroom.files.spelling import reader
from strongroom.files.text import encoding_of

__all__ = ["open_source"]


def open_source(  # noqa: PLR0913  # each is an option of the command line
    path: str | None,
    *,
    kind: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    null: str | None = None,
    spreadsheet: bool = False,
    sheet: str | None = None,
    columns: Sequence[str] | None = None,
    stream: BinaryIO | None = None,
) -> Source:
    r"""Open a file of records for reading, once, from its beginning to its end.

    Args:
        path: of the file, or None for standard input.
        kind: csv, tsv, jsonl, json, parquet or xlsx; None: what the suffix says (``.ndjson`` is
            jsonl).
        encoding: of a text; None: that of its byte-order mark, or UTF-8.
        delimiter: of CSV and TSV: a comma, a semicolon, a vertical bar or a tab; None: the kind's.
        null: how CSV and TSV spell no value; None: ``\N``, where a text of backslashes and N has
            one backslash more than it means. With any other, the empty text too, a backslash is a
            backslash.
        spreadsheet: whether the file was written with formulas neutralised.
        sheet: the name of the sheet of an XLSX file; None: its only one.
        columns: the names of the columns of CSV and TSV without a header; None: it has one.
        stream: what is read instead of standard input when `path` is None.

    Raises:
        InputError: it cannot be opened, it is empty or compressed, its header is no good, or the
            extra for its kind is not installed. The hint says what to do.
    """
    kind = kind_of(path, kind)
    if columns is not None and kind not in DELIMITERS:
        raise InputError("only CSV and TSV can be without a header")
    incoming = Incoming(path, stream)
    try:
        if kind in ("parquet", "xlsx"):
            return _packed(incoming, kind, sheet, spreadsheet=spreadsheet)
        check_not_compressed(incoming.head())
        encoding = encoding_of(incoming, encoding)
        if kind in ("json", "jsonl"):
            return (JsonLines if kind == "jsonl" else JsonArray)(incoming, encoding)
        read = reader(null, spreadsheet=spreadsheet)
        return Delimited(incoming, encoding, kind, delimiter, read, columns=columns)
    except BaseException:
        incoming.close()
        raise


def _packed(incoming: Incoming, kind: str, sheet: str | None, *, spreadsheet: bool) -> Source:
    """Return what reads a file that is no text; its library is loaded only here."""
    if kind == "parquet":
        from strongroom.files.parquet import ParquetSource  # noqa: PLC0415  # an extra

        return ParquetSource(incoming)
    from strongroom.files.spreadsheet import SpreadsheetSource  # noqa: PLC0415  # an extra

    return SpreadsheetSource(incoming, sheet, spreadsheet=spreadsheet)
