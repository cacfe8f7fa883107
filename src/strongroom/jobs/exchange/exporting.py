"""Export the records of a table to a file, decrypted, or sealed into a parcel."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from strongroom.crypto.secret import Secret
from strongroom.errors import InputError, IntegrityError, QueryError
from strongroom.files.parcel import open_parcel_target
from strongroom.files.target import Target
from strongroom.files.writing import open_target
from strongroom.jobs.engine import Progress, Watch
from strongroom.jobs.exchange.opened_file import provider_of
from strongroom.jobs.exchange.options import ExportOptions, ExportReport
from strongroom.room.query import Query
from strongroom.room.record import Record
from strongroom.room.strongroom import Strongroom
from strongroom.schema.interchange import Column
from strongroom.schema.table import Table
from strongroom.storage.rows import Rows

STDOUT: Final = "-"
_PAGE: Final = 500
_PARCEL_ID_BYTES: Final = 16
_DEFAULTS: Final = ExportOptions()


def export_file(  # noqa: PLR0913  # what, where to, how, and who listens
    room: Strongroom,
    table: str,
    path: str | os.PathLike[str],
    options: ExportOptions = _DEFAULTS,
    *,
    watch: Watch | None = None,
    broken: Callable[[IntegrityError], None] | None = None,
    stream: BinaryIO | None = None,
) -> ExportReport:
    """Write the records of a table to a file, in the order of their primary key.

    The file is plaintext unless `options` names the key of a parcel. It has its name when it is
    whole. Pages are read one after the other and are not one snapshot.

    Args:
        room: the opened store.
        table: the name of one of its tables.
        path: of the file; ``"-"`` for standard output.
        options: which records, and how they are written.
        watch: called with the progress, after each batch.
        broken: called with the error of each record that is left out.
        stream: what is written to instead of standard output.

    Raises:
        InputError: there is no such field or format, or the file is there already.
        IntegrityError: a record was changed outside strongroom. No file is left behind.
        StrongroomError: the file cannot be written.
    """
    query = room.table(table).find(**options.where)
    found = room.store.state.catalogue.table(table)
    _check_conditions(found, options)  # this and the next before a file is made
    query.explain()
    columns = _columns(found, options)
    total = None
    if watch is not None and not options.where:
        with room.store.database.read() as connection:
            total, _ = Rows(room.store.dialect, found).figures(connection)
    file = None if os.fspath(path) == STDOUT else os.fspath(path)
    with _target(file, columns, options, stream) as target:
        export = _Export(target, [column.name for column in columns], options)
        export.run(query, watch, broken, total)
    return ExportReport(table, target.count, export.broken)


def _check_conditions(table: Table, options: ExportOptions) -> None:
    for field in table.fields:
        if field.encrypted and options.where.get(field.name) is not None:
            raise QueryError(
                f"{table.name}.{field.name} is encrypted, so the database cannot search it",
                hint="an export picks by plain fields alone: export the others too",
            )


class _Export:
    """The loop over the records of one export."""

    def __init__(self, target: Target, names: list[str], options: ExportOptions) -> None:
        self.broken = 0
        self._target = target
        self._names = names
        self._skip = options.skip_broken

    def run(
        self,
        query: Query,
        watch: Watch | None,
        heard: Callable[[IntegrityError], None] | None,
        total: int | None,
    ) -> None:
        """Write every record."""
        began = time.monotonic()
        for rows in _pages(self._rows(query, heard)):
            self._target.write(rows)
            if watch is not None:
                count = self._target.count
                here, seconds = count + self.broken, time.monotonic() - began
                watch(Progress(count, self.broken, total, here, seconds))

    def _rows(
        self, query: Query, heard: Callable[[IntegrityError], None] | None
    ) -> Iterator[list[object]]:
        for outcome in query.outcomes():
            if isinstance(outcome, Record):
                yield [outcome[name] for name in self._names]
                continue
            if not self._skip:
                raise outcome
            self.broken += 1
            if heard is not None:
                heard(outcome)


def _pages(rows: Iterator[list[object]]) -> Iterator[list[list[object]]]:
    page: list[list[object]] = []
    for row in rows:
        page.append(row)
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page


def _columns(table: Table, options: ExportOptions) -> list[Column]:
    known = {column.name: Column(column.name, column.type) for column in table.key}
    known |= {field.name: Column(field.name, field.type) for field in table.fields}
    if options.fields is None:
        return list(known.values())
    if not options.fields or len(set(options.fields)) != len(options.fields):
        raise InputError("an export has each of its fields once, and at least one")
    if any(name not in known for name in options.fields):
        raise InputError(
            f"{table.name} has no such field", hint=f"its fields are: {', '.join(known)}"
        )
    return [known[name] for name in options.fields]


def _target(
    path: str | None, columns: list[Column], options: ExportOptions, stream: BinaryIO | None
) -> Target:
    if options.parcel_key is None:
        kind = "csv" if path is None and options.format is None else options.format
        return open_target(
            path,
            columns,
            kind=kind,
            delimiter=options.delimiter,
            spreadsheet=options.spreadsheet,
            replace=options.force,
            stream=stream,
        )
    provider = provider_of(options.parcel_key)
    key, parcel_id = Secret.generate(), os.urandom(_PARCEL_ID_BYTES)
    root = provider.create(parcel_id, key).to_document()
    return open_parcel_target(
        path, columns, key, parcel_id, root, replace=options.force, stream=stream
    )
