"""What a caller can say about an import and an export, and what comes of them.

The options are those of the commands `strongroom import` and `strongroom export`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from strongroom.errors import InputError
from strongroom.keys.provider import Provider

_MOST_PROCESSES: Final = 64


class OnError(StrEnum):
    """What becomes of an import when a record cannot be taken."""

    STOP = "stop"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    r"""How a file is read, and what becomes of its records.

    Attributes:
        format: csv, tsv, jsonl, json, parquet or xlsx; None: what the file's suffix says. A
            parcel is recognised.
        encoding: of a text; None: that of its byte-order mark, or UTF-8.
        delimiter: of CSV and TSV: comma, semicolon, vertical bar or tab; None: the format's.
        null: how CSV and TSV spell no value; None: ``\N``.
        sheet: of an XLSX file; None: its only one.
        spreadsheet: whether formulas were neutralised, as an export does it.
        columns: the names of the columns of CSV and TSV without a header.
        map: fields by the names of the columns that are for them, where they have other names.
        skip: names of columns that are of no interest.
        upsert: the name of the primary key, its columns between commas, or of a plain field that
            is unique: a record that is there already is updated.
        on_error: ``"stop"`` or ``"skip"``.
        rejects: the file for records that were skipped; None: beside the input.
        check_first: whether the whole file is checked before anything is stored, where it can be
            read twice and is not to be skipped through.
        dry_run: whether to check everything and write nothing.
        again: whether to import a file once more that was imported to its end.
        restart: whether to begin again although an interrupted import came further.
        processes: how many share the work, 1 to 64: forks of this one. The ids of records follow
            their order in the file no longer.
        parcel_key: where the key of a parcel is, as for `strongroom.open`.
    """

    format: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    null: str | None = None
    sheet: str | None = None
    spreadsheet: bool = False
    columns: Sequence[str] | None = None
    map: Mapping[str, str] = field(default_factory=dict)
    skip: Sequence[str] = ()
    upsert: str | None = None
    on_error: str = OnError.STOP
    rejects: str | None = None
    check_first: bool = True
    dry_run: bool = False
    again: bool = False
    restart: bool = False
    processes: int = 1
    parcel_key: str | Provider | None = None

    def __post_init__(self) -> None:
        if self.on_error not in set(OnError):
            raise InputError("what to do on an error is stop or skip", hint="--on-error stop|skip")
        if self.rejects is not None and not self.skipping:
            raise InputError(
                "a rejects file is for an import that skips", hint="add --on-error skip"
            )
        if type(self.processes) is not int or not 1 <= self.processes <= _MOST_PROCESSES:
            raise InputError(f"an import is shared by 1 to {_MOST_PROCESSES} processes")
        if self.processes > 1 and (self.skipping or self.upsert is not None):
            # Which of two records is later, and which is refused, is a matter of their order.
            raise InputError(
                "an import that updates records or skips some is one process's",
                hint="leave out --processes",
            )

    @property
    def skipping(self) -> bool:
        """Whether records that cannot be taken are written to the rejects file."""
        return self.on_error == OnError.SKIP

    @property
    def meaning(self) -> dict[str, Any]:
        """What the file means by these options, as JSON values: of another one this is another."""
        return {
            "format": self.format,
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "null": self.null,
            "sheet": self.sheet,
            "spreadsheet": self.spreadsheet,
            "columns": None if self.columns is None else list(self.columns),
            "map": dict(self.map),
            "skip": sorted(self.skip),
            "upsert": self.upsert,
        }


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, the runs before an interruption included.

    Attributes:
        table: the name of the table.
        records: how many records of the file were looked at.
        added: how many became new records.
        updated: how many changed a record that was there, or that came earlier in the file.
        rejected: how many were not taken.
        rejects: the path of the rejects file, where there is one.
        already: whether the file had been imported before, so that nothing was done.
        dry_run: whether all this would be so, and nothing was written.
        left: how many records an interrupted import had stored that was given up for this one.
    """

    table: str
    records: int
    added: int
    updated: int
    rejected: int
    rejects: str | None = None
    already: bool = False
    dry_run: bool = False
    left: int = 0


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record of a file that is not taken.

    Attributes:
        place: such as ``line 3``.
        reason: what is wrong with it; never a value.
    """

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """Which records are written, and how.

    Attributes:
        fields: names of fields and of the key's columns, in their order; None: all of them.
        where: values of plain fields that a record must have.
        format: csv, tsv, jsonl, json, parquet or xlsx; None: what the file's suffix says, or csv
            for standard output.
        delimiter: of CSV and TSV: comma, semicolon, vertical bar or tab; None: the format's.
        spreadsheet: whether to put a quote in front of what spreadsheets take for formulas. It
            changes values.
        force: whether a file that is there already is replaced.
        skip_broken: whether to go on past a record that was changed outside strongroom.
        parcel_key: where the key is that is to open a sealed parcel; None: no parcel, but plain
            text.
    """

    fields: Sequence[str] | None = None
    where: Mapping[str, object] = field(default_factory=dict)
    format: str | None = None
    delimiter: str | None = None
    spreadsheet: bool = False
    force: bool = False
    skip_broken: bool = False
    parcel_key: str | Provider | None = None

    def __post_init__(self) -> None:
        if self.parcel_key is not None and (self.format or self.delimiter or self.spreadsheet):
            raise InputError("a sealed parcel has a format of its own", hint="leave out --format")


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What an export wrote.

    Attributes:
        table: the name of the table.
        records: how many were written.
        broken: how many were left out since they were changed outside strongroom.
    """

    table: str
    records: int
    broken: int
