"""Import a file into a table: checked first, in batches, and safe to interrupt anywhere.

What an import has done is in its checkpoint, which is committed with each batch. Started again, it
reads the file from its start, proves by a digest that what was stored is what it passes over, and
goes on. A file that was imported to its end is not imported again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import closing, nullcontext
from dataclasses import replace
from typing import Any, BinaryIO, Final

from strongroom.errors import InputError, IntegrityError, StrongroomError, UnfinishedError
from strongroom.files.rejects import open_rejects
from strongroom.files.source import Source
from strongroom.jobs.engine import Pace, Progress, Watch, carry_out
from strongroom.jobs.exchange.columns import Plan
from strongroom.jobs.exchange.consumed import Consumed, line, settings_mac
from strongroom.jobs.exchange.intake import NOTHING, Intake, check_settings
from strongroom.jobs.exchange.opened_file import STDIN, open_file, opened_pipe, piped
from strongroom.jobs.exchange.options import ImportOptions, ImportReport, Refusal
from strongroom.jobs.exchange.rehearsal import rehearse
from strongroom.room.batches import MOST_RECORDS
from strongroom.room.checkpoint import Checkpoint, forget, hold, peek
from strongroom.room.session import Session
from strongroom.room.strongroom import Strongroom
from strongroom.room.transaction import bound, run
from strongroom.schema.json_text import canonical_json

_DEFAULTS: Final = ImportOptions()
_AS_FAST_AS_IT_GOES: Final = Pace()
Heard = Callable[[Refusal], None]


def import_file(  # noqa: PLR0913  # what, where to, how, and who listens
    room: Strongroom,
    table: str,
    path: str | os.PathLike[str],
    options: ImportOptions = _DEFAULTS,
    *,
    pace: Pace = _AS_FAST_AS_IT_GOES,
    checking: Watch | None = None,
    refused: Heard | None = None,
    stream: BinaryIO | None = None,
) -> ImportReport:
    """Store the records of a file in a table, or go on where that was interrupted.

    Args:
        room: the opened store.
        table: the name of one of its tables.
        path: of the file; ``"-"`` for standard input.
        options: how it is read, and what becomes of its records.
        pace: how fast, and who watches.
        checking: called with the progress of the check that comes first.
        refused: called with each record that is found to be refused before anything is stored.
        stream: what is read instead of standard input.

    Returns:
        What was done, the runs before an interruption included.

    Raises:
        InputError: the file or a record of it cannot be taken; nothing was stored.
        UnfinishedError: likewise, but records in front of it are stored, as the hint says.
        BusyError: another process has taken over this import.
    """
    if bound(room.store) is not None:
        raise InputError("a file cannot be imported inside a transaction")
    name = os.fspath(path)
    if not piped(name):
        order = _Order(room, table, name, options, None)
        return order.carry_out(pace, checking, refused or _ignored)
    with nullcontext(stream) if name == STDIN else opened_pipe(name) as pipe:
        order = _Order(room, table, None, options, pipe)
        return order.carry_out(pace, checking, refused or _ignored)


def _ignored(refusal: Refusal) -> None:
    del refusal


class _Order:
    """One call of `import_file`."""

    def __init__(  # what a call has
        self,
        room: Strongroom,
        table: str,
        path: str | None,
        options: ImportOptions,
        stream: BinaryIO | None,
    ) -> None:
        self._store = room.store
        self._options, self._path, self._stream = options, path, stream
        self._rejects = _rejects_path(path, options)
        room.table(table)
        self._table = self._store.state.catalogue.table(table)
        # A path may tell what is in the file: the database does not get it.
        place = canonical_json([STDIN] if path is None else ["file", _spelled(path)])
        self._name = f"import {self._table.id:08x} {settings_mac(self._store.job_key, place)}"
        meaning = canonical_json(options.meaning)
        self._settings = settings_mac(self._store.job_key, meaning)
        self._left = 0
        self._progress = Progress(0, 0, None, 0, 0.0)

    def carry_out(self, pace: Pace, checking: Watch | None, refused: Heard) -> ImportReport:
        """Do what was asked."""
        with closing(self._open()) as source:
            plan = Plan(self._table, source, self._options)
            known = self._known(source)
            if known is not None and known.ended:
                return self._report(known, already=True)
            at = NOTHING if known is None or known.at is None else known.at
            if self._rejects is not None and known is None:
                open_rejects(self._rejects, source).close()  # refuses one that is there
            total = None
            checks = self._path is not None and self._options.check_first
            if self._options.dry_run or (checks and not self._options.skipping):
                rehearsed = self._rehearse(source, plan, at, checking, refused)
                if self._options.dry_run:
                    return rehearsed
                total = rehearsed.records
            intake = Intake(
                self._store,
                self._name,
                source,
                plan,
                settings=self._settings,
                rejects=self._rejects,
                most=_records_at_once(pace),
            )
            intake.expect(total)
            with closing(intake):
                return self._store_all(intake, pace)

    def _store_all(self, intake: Intake, pace: Pace) -> ImportReport:
        def watched(progress: Progress) -> None:
            self._progress = progress
            if pace.watch is not None:
                pace.watch(progress)

        try:
            ended = carry_out(self._store, intake, replace(pace, watch=watched))
        except StrongroomError as error:
            failure = _explained(error, self._progress)
            if failure is error:
                raise
        else:
            return self._report(ended, already=not intake.worked)
        raise failure

    def _rehearse(
        self, source: Source, plan: Plan, at: Mapping[str, Any], watch: Watch | None, refused: Heard
    ) -> ImportReport:
        # What is piped in can be read once only.
        with closing(source if self._path is None else self._open()) as opened:
            done = rehearse(self._store, opened, plan, at, refused=refused, watch=watch)
        if done.refused and not self._options.skipping:
            stored = at["records"]
            kind = UnfinishedError if stored else InputError
            behind = f"; {_goes_on(stored)}" if stored else ""
            raise kind(
                f"{done.refused:,} of {done.records:,} records of the file cannot be taken: "
                f"nothing was stored{' by this run' if stored else ''}",
                hint=f"correct them, or leave them out with --on-error skip{behind}",
            )
        report = ImportReport(
            self._table.name, done.records, done.added, done.updated, done.refused
        )
        return replace(report, dry_run=True)

    def _known(self, source: Source) -> Checkpoint | None:
        """Return where this import stands; None if it begins from the start."""
        found = self._peek()
        if found is None:
            return None
        if found.ended:
            if not self._options.again and self._same(found, source):
                return found
        elif self._options.restart:
            self._left = found.done
        else:
            check_settings(found.at, self._settings)
            return found
        if not self._options.dry_run:
            self._forget(found)
        return None

    def _peek(self) -> Checkpoint | None:
        try:
            return peek(self._store, self._name)
        except IntegrityError as error:
            if not self._options.restart:
                message = str(error)
            elif self._options.dry_run:
                return None
            else:
                run(self._store, lambda session: forget(session.connection, self._name))
                return None
        raise IntegrityError(
            message, hint="see what the table holds, then begin again with --restart"
        )

    def _same(self, found: Checkpoint, source: Source) -> bool:
        """Tell whether the file and the options are those of the import that ended."""
        at = found.at
        if self._path is None or at["settings"] != self._settings or at["size"] != source.size:
            return False
        consumed = Consumed(self._store.job_key)
        with closing(self._open()) as again:
            for item in again:
                consumed.add([line(item)])
        return bool(consumed.mac() == at["content"])

    def _forget(self, found: Checkpoint) -> None:
        def operation(session: Session) -> None:
            session.state()
            # It may be another process's by now, which has begun to import this file.
            hold(self._store, session.connection, found)
            forget(session.connection, self._name)

        run(self._store, operation)

    def _report(self, known: Checkpoint, *, already: bool) -> ImportReport:
        updated, failed = known.at["updated"], known.failed
        return ImportReport(
            table=self._table.name,
            records=known.at["records"],
            added=known.done - updated,
            updated=updated,
            rejected=failed,
            rejects=self._rejects if failed else None,
            already=already,
            left=self._left,
        )

    def _open(self) -> Source:
        return open_file(self._path, self._options, self._stream)


def _spelled(path: str) -> str:
    """Return the whole path as a text, of whatever bytes a file's name consists."""
    return os.fsencode(os.path.realpath(path)).decode("utf-8", "backslashreplace")


def _records_at_once(pace: Pace) -> int:
    """Return how many records a batch has: of a slow import as many as a second has."""
    if pace.throttle is None:
        return MOST_RECORDS
    return max(1, min(MOST_RECORDS, int(pace.throttle)))


def _rejects_path(path: str | None, options: ImportOptions) -> str | None:
    if not options.skipping:
        return None
    if options.rejects is not None:
        return options.rejects
    if path is None:
        raise InputError(
            "the file for rejected records must be named when standard input is read",
            hint="--rejects FILE",
        )
    return f"{path}.rejects.csv"


def _explained(error: StrongroomError, progress: Progress) -> StrongroomError:
    """Return the error that also says what is stored."""
    if not progress.done:
        if isinstance(error, UnfinishedError):
            return InputError(str(error), hint=error.hint)
        return error
    if not progress.here and isinstance(error, InputError):
        return error  # the file is another one: its hint says what to do
    if not isinstance(error, (InputError, UnfinishedError)):
        error.hint = "; ".join(filter(None, (error.hint, _goes_on(progress.done))))
        return error
    fix = "correct it" if error.hint is None else error.hint
    return UnfinishedError(str(error), hint=f"{fix}; {_goes_on(progress.done)}")


def _goes_on(stored: int) -> str:
    records = "1 record is" if stored == 1 else f"{stored:,} records are"
    return f"{records} stored: the same command goes on from there"
