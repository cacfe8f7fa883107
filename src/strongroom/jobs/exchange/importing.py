"""Import a file into a table: checked first, in batches, and safe to interrupt anywhere.

What an import has done is in its checkpoint, which is committed with each batch. Started again, it
reads the file from its start, proves by a digest that what was stored is what it passes over, and
goes on. A file that was imported to its end is not imported again.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from typing import Any, BinaryIO, Final, NamedTuple

from strongroom.errors import InputError, StrongroomError, UnfinishedError
from strongroom.files.rejects import open_rejects
from strongroom.files.source import Source
from strongroom.jobs.engine import Pace, Progress, Watch, carry_out
from strongroom.jobs.exchange.batches import check_unchanged
from strongroom.jobs.exchange.columns import Plan
from strongroom.jobs.exchange.consumed import settings_mac
from strongroom.jobs.exchange.intake import NOTHING, Intake
from strongroom.jobs.exchange.opened_file import STDIN, open_file, opened_pipe, piped
from strongroom.jobs.exchange.options import ImportOptions, ImportReport, Refusal
from strongroom.jobs.exchange.rehearsal import rehearse
from strongroom.jobs.exchange.sharing import SharedImport
from strongroom.jobs.exchange.standing import Standing
from strongroom.room.batches import MOST_RECORDS
from strongroom.room.checkpoint import Checkpoint
from strongroom.room.strongroom import Strongroom
from strongroom.room.transaction import bound
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
        return order.carry_out(_Course(pace, checking, refused or _ignored))
    if options.processes > 1:
        raise _alone()
    with nullcontext(stream) if name == STDIN else opened_pipe(name) as pipe:
        order = _Order(room, table, None, options, pipe)
        return order.carry_out(_Course(pace, checking, refused or _ignored))


def _ignored(refusal: Refusal) -> None:
    del refusal


class _Course(NamedTuple):
    """How a call goes: how fast, and who listens to the check, to what is refused, to the rest."""

    pace: Pace
    checking: Watch | None
    refused: Heard


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
        self._standing = Standing(self._store, self._name, self._settings, options)
        self._progress = Progress(0, 0, None, 0, 0.0)

    def carry_out(self, course: _Course) -> ImportReport:
        """Do what was asked."""
        pace = course.pace
        with closing(self._open()) as source:
            plan = Plan(self._table, source, self._options)
            known = self._standing.known(source.size, None if self._path is None else self._open)
            if known is not None and known.ended:
                return self._report(known, already=True)
            if self._rejects is not None and known is None:
                open_rejects(self._rejects, source).close()  # refuses one that is there
            if self._options.processes > 1 and not self._options.dry_run:
                return self._share(source, plan, known, course)
            at = NOTHING if known is None or known.at is None else known.at
            total = None
            if self._options.dry_run or self._checks:
                rehearsed = self._rehearse(source, plan, at, course, at["records"])
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
                most=_records_at_once(pace.throttle),
            )
            intake.expect(total)
            with closing(intake), self._explained():
                watched = replace(pace, watch=self._watched(pace.watch))
                ended = carry_out(self._store, intake, watched)
            return self._report(ended, already=not intake.worked)

    @property
    def _checks(self) -> bool:
        """Whether the whole file is checked before anything is stored."""
        once = self._path is None
        return self._options.check_first and not once and not self._options.skipping

    def _share(
        self, source: Source, plan: Plan, known: Checkpoint | None, course: _Course
    ) -> ImportReport:
        """Have several processes do it, if each of them can read the file."""
        of, pace = self._options.processes, course.pace
        if source.kind == "parcel":  # each would ask for its key
            raise _alone()
        shared = SharedImport(
            self._store,
            self._name,
            self._settings,
            of,
            self._open,
            lambda opened: Plan(self._table, opened, self._options),
            _records_at_once(None if pace.throttle is None else pace.throttle / of),
            pace.throttle,
        )
        anew = known is None or known.at is None
        with shared.crew(check=self._checks, anew=anew) as crew, self._explained():
            if not shared.checked(crew, course.checking):
                watch = self._watched(pace.watch)
                ended, already = shared.stored(crew, source, watch)
                return self._report(ended, already=already)
        # Which records they are is told in the order of the file.
        self._rehearse(source, plan, NOTHING, course, self._standing.stored(known))
        check_unchanged(source)
        raise InputError("the table changed while the file was checked", hint="import it again")

    def _watched(self, watch: Watch | None) -> Watch:
        def watched(progress: Progress) -> None:
            self._progress = progress
            if watch is not None:
                watch(progress)

        return watched

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Have an error also say what is stored."""
        try:
            yield
        except StrongroomError as error:
            failure = _explained(error, self._progress)
            if failure is error:
                raise
        else:
            return
        raise failure

    def _rehearse(
        self, source: Source, plan: Plan, at: Mapping[str, Any], course: _Course, stored: int
    ) -> ImportReport:
        # What is piped in can be read once only.
        with closing(source if self._path is None else self._open()) as opened:
            done = rehearse(
                self._store, opened, plan, at, refused=course.refused, watch=course.checking
            )
        if done.refused and not self._options.skipping:
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
            left=self._standing.left,
        )

    def _open(self) -> Source:
        return open_file(self._path, self._options, self._stream)


def _alone() -> InputError:
    return InputError(
        "what is piped in, and a sealed parcel, is imported by one process",
        hint="leave out --processes",
    )


def _spelled(path: str) -> str:
    """Return the whole path as a text, of whatever bytes a file's name consists."""
    return os.fsencode(os.path.realpath(path)).decode("utf-8", "backslashreplace")


def _records_at_once(throttle: float | None) -> int:
    """Return how many records a batch has: of a slow import as many as a second has."""
    if throttle is None:
        return MOST_RECORDS
    return max(1, min(MOST_RECORDS, int(throttle)))


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
