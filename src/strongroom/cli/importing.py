"""The command import: the records of a file into a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import click

import strongroom
from strongroom.cli import exits, show, terminal
from strongroom.cli.dialogue import TABLE
from strongroom.cli.listed import SHOWN, Listed
from strongroom.cli.opening import opened
from strongroom.cli.options import FORMATS, everywhere, examples, given, lists, section, throttle
from strongroom.cli.progress import Display, shown
from strongroom.cli.text import records
from strongroom.errors import InputError

if TYPE_CHECKING:
    from strongroom.jobs.engine import Progress
    from strongroom.jobs.exchange.options import ImportOptions, ImportReport


@click.command(
    "import",
    epilog="\n\n".join(
        (
            examples(
                "strongroom import users people.csv",
                "strongroom import users people.xlsx --map 'Full name=name' --skip Remarks",
                "strongroom import users people.csv --upsert id --on-error skip",
                "strongroom import users people.csv --dry-run",
                "zcat people.csv.gz | strongroom import users - --format csv",
            ),
            section(
                "After an interruption",
                "the same command goes on where it was; after the end it does nothing more",
            ),
        )
    ),
)
@click.argument("table", metavar="TABLE")
@click.argument("file", metavar="FILE")
@click.option("--format", metavar="FORMAT", help=f"One of {FORMATS}; else by the suffix.")
@click.option("--encoding", metavar="NAME", help="Of a text file; else its mark's, or UTF-8.")
@click.option("--delimiter", metavar="SIGN", help="Of CSV and TSV: , ; | or a tab.")
@click.option("--null", metavar="TEXT", help=r"How CSV and TSV spell no value; else \N.")
@click.option("--sheet", metavar="NAME", help="Of an XLSX file; else its only one.")
@click.option(
    "--spreadsheet", is_flag=True, help="Undo what export --spreadsheet did. This changes values."
)
@click.option("--columns", metavar="A,B", callback=lists, help="The columns, without a header.")
@click.option(
    "--map",
    "mapped",
    metavar="COLUMN=FIELD",
    multiple=True,
    help="A column with another name. Repeatable.",
)
@click.option("--skip", metavar="COLUMN", multiple=True, help="Leave a column out. Repeatable.")
@click.option("--upsert", metavar="FIELD", help="Update the records that have the same FIELD.")
@click.option(
    "--on-error",
    metavar="stop|skip",
    default="stop",
    help="stop: store nothing if a record is bad.",
)
@click.option("--rejects", metavar="FILE", help="Where skipped records go; else FILE.rejects.csv.")
@click.option("--no-check-first", is_flag=True, help="Store before the whole file is checked.")
@click.option("--dry-run", is_flag=True, help="Check everything, say what would be, store nothing.")
@throttle
@click.option("--processes", metavar="N", default=1, help="Share the work; ids are not in order.")
@click.option("--again", is_flag=True, help="Import a file once more that was imported before.")
@click.option("--restart", is_flag=True, help="Begin again, whatever an interrupted run stored.")
@click.option("--parcel-key", metavar="KEY", help="The key of a sealed parcel, as for --key.")
@click.option("--quiet", is_flag=True, help="No progress.")
@everywhere
@click.pass_context
def import_command(context: click.Context, /, *, table: str, file: str, **chosen: Any) -> None:  # noqa: ANN401  # one for each option
    r"""Store the records of a file; - is standard input.

    The header names the fields. The whole file is checked before anything is stored: a record
    that cannot be taken stops the import, and the first ones are listed. With --on-error skip
    they are written to the rejects file, with line and reason, and the others are stored; the
    exit code is then 8.

    What is piped in cannot be checked first: what was stored in front of a bad record stays.
    """
    from strongroom.jobs.exchange.opened_file import open_file, piped  # noqa: PLC0415  # brings the ciphers

    options = given(context)
    quiet, rate = chosen.pop("quiet"), chosen.pop("throttle")
    wanted = _import_options(chosen)
    if not piped(file):
        open_file(file, wanted).close()  # a file that is no good makes no store
    with opened(options, create=table == TABLE and not wanted.dry_run) as room:
        report = _imported(room, table, file, wanted, rate, quiet=quiet)
    if options.json:
        show.json_line(_document(report))
    _say(report)
    if report.rejected:
        exits.stop(exits.UNFINISHED)


def _imported(  # noqa: PLR0913  # what was asked
    room: strongroom.Strongroom,
    table: str,
    file: str,
    wanted: ImportOptions,
    rate: float | None,
    *,
    quiet: bool,
) -> ImportReport:
    with (
        shown("checking", quiet=quiet) as check,
        shown(f"importing into {table}", quiet=quiet) as display,
    ):
        heard = Listed(check, SHOWN)

        def watch(progress: Progress) -> None:
            check.clear()
            display(progress)

        pace = strongroom.Pace(rate, watch)
        try:
            return strongroom.import_file(
                room, table, file, wanted, pace=pace, checking=check, refused=heard
            )
        except KeyboardInterrupt:
            check.clear()
            display.clear()
            terminal.notice(_interrupted(display, dry_run=wanted.dry_run))
            exits.stop(exits.INTERRUPTED)
        finally:
            check.clear()
            heard.end()


def _import_options(chosen: Mapping[str, Any]) -> ImportOptions:
    mapped: dict[str, str] = {}
    for pair in chosen["mapped"]:
        column, equals, field = pair.rpartition("=")
        if not equals or column in mapped:
            raise InputError("--map is COLUMN=FIELD, once for a column")
        mapped[column] = field
    rest = {name: value for name, value in chosen.items() if name not in _TURNED}
    return strongroom.ImportOptions(map=mapped, check_first=not chosen["no_check_first"], **rest)


_TURNED: Final = frozenset({"mapped", "no_check_first"})


def _interrupted(display: Display, *, dry_run: bool) -> str:
    stored = 0 if display.last is None else display.last.done
    if dry_run:
        return "interrupted: nothing was stored"
    return f"interrupted: {records(stored)} stored; the same command goes on from there"


def _say(report: ImportReport) -> None:
    stored = report.added + report.updated
    if report.already:
        terminal.notice(f"already imported: {records(stored)}; --again to import it once more")
    else:
        verb = "would import" if report.dry_run else "imported"
        updated = f": {report.added:,} added, {report.updated:,} updated" if report.updated else ""
        terminal.notice(f"{verb} {records(stored)} into {report.table}{updated}")
    if report.left:
        terminal.notice(f"what the earlier run stored is still there: {records(report.left)}")
    if report.rejected:
        rejected = f"{records(report.rejected)} {'would be ' if report.dry_run else ''}rejected"
        terminal.notice(rejected if report.rejects is None else f"{rejected}: {report.rejects}")


def _document(report: ImportReport) -> dict[str, Any]:
    return {
        "table": report.table,
        "records": report.records,
        "added": report.added,
        "updated": report.updated,
        "rejected": report.rejected,
        "rejects": report.rejects,
        "already": report.already,
        "dry_run": report.dry_run,
    }
