"""Opening a file for records to be written to, whatever its kind.

columns = [Column("id", KeyType.INTEGER), Column("name", Text())]
with open_target("people.csv", columns) as target:
target.write([(1, "Ada Lovelace"), (2, None)])   # again and again, a batch at a time
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import BinaryIO

from strongroom.files.kinds import kind_of
from strongroom.files.outgoing import Outgoing, OutgoingFile, OutgoingStream
from strongroom.files.target import Column, Target
from strongroom.files.text_target import DelimitedTarget, JsonLinesTarget, JsonTarget

__all__ = ["Column", "Target", "open_target"]


def open_target(  # noqa: PLR0913  # each is an option of the command line
    path: str | None,
    columns: Sequence[Column],
    *,
    kind: str | None = None,
    delimiter: str | None = None,
    spreadsheet: bool = False,
    replace: bool = False,
    stream: BinaryIO | None = None,
) -> Target:
    """Open a file for writing. It has its name when the context of the target is left.

    Args:
        path: of the file, or None for standard output.
        columns: of the rows, in their order.
        kind: csv, tsv, jsonl, json, parquet or xlsx; None: what the suffix says.
        delimiter: of CSV and TSV: a comma, a semicolon, a vertical bar or a tab; None: the kind's.
        spreadsheet: whether to put a quote in front of what spreadsheets take for formulas, in
            CSV, TSV and XLSX.
        replace: whether a file that is there already is replaced.
        stream: what is written to instead of standard output when `path` is None.

    Raises:
        InputError: the path or the kind is no good, the file is there already, or the extra for
            its kind is not installed.
        StrongroomError: the file cannot be made.
    """
    kind = kind_of(path, kind)
    outgoing = outgoing_to(path, stream, replace=replace)
    try:
        if kind == "parquet":
            from strongroom.files.parquet_target import ParquetTarget  # noqa: PLC0415  # an extra

            return ParquetTarget(outgoing, columns)
        if kind == "xlsx":
            from strongroom.files.spreadsheet_target import SpreadsheetTarget  # noqa: PLC0415

            return SpreadsheetTarget(outgoing, columns, spreadsheet=spreadsheet)
        if kind == "jsonl":
            return JsonLinesTarget(outgoing, columns)
        if kind == "json":
            return JsonTarget(outgoing, columns)
        return DelimitedTarget(outgoing, columns, kind, delimiter, spreadsheet=spreadsheet)
    except BaseException:
        outgoing.discard()
        raise


def outgoing_to(path: str | None, stream: BinaryIO | None, *, replace: bool) -> Outgoing:
    """Return where the bytes go: to a file of that path, or else to a stream."""
    if path is None:
        return OutgoingStream(stream or sys.stdout.buffer)
    return OutgoingFile(path, replace=replace)
