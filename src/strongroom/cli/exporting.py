"""The command export: the records of a table into a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

import strongroom
from strongroom.cli import exits, show, terminal
from strongroom.cli.opening import opened
from strongroom.cli.options import FORMATS, everywhere, examples, given, lists
from strongroom.cli.progress import Display, shown
from strongroom.cli.text import records
from strongroom.cli.values import read_values
from strongroom.errors import InputError


@click.command(
    epilog=examples(
        "strongroom export users --output people.csv",
        "strongroom export users --fields name,age --format jsonl | jq .name",
        "strongroom export users age=36 --output aged.parquet",
        "strongroom export users --output people.srp --sealed --parcel-key passphrase:",
    )
)
@click.argument("table", metavar="TABLE")
@click.argument("values", metavar="[FIELD=VALUE]...", nargs=-1)
@click.option("--output", metavar="FILE", help="Where to; else standard output.")
@click.option(
    "--fields", metavar="A,B", callback=lists, help="Which fields; else all, and the key."
)
@click.option("--null", metavar="FIELD", multiple=True, help="Records where FIELD has no value.")
@click.option("--format", metavar="FORMAT", help=f"One of {FORMATS}; else by the suffix.")
@click.option("--delimiter", metavar="SIGN", help="Of CSV and TSV: , ; | or a tab.")
@click.option("--spreadsheet", is_flag=True, help="Neutralise formulas. This changes values.")
@click.option("--sealed", is_flag=True, help="Write a parcel that only --parcel-key opens.")
@click.option("--parcel-key", metavar="KEY", help="Where the parcel's key is, as for --key.")
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
@click.option("--skip-broken", is_flag=True, help="Go on past records that were changed outside.")
@click.option("--quiet", is_flag=True, help="No progress.")
@everywhere
@click.pass_context
def export(context: click.Context, /, *, table: str, values: Sequence[str], **chosen: Any) -> None:  # noqa: ANN401  # one for each option
    """Write the records of a table to a file, decrypted.

    Everybody who can read the file can read the records: it is made for its owner alone (mode
    0600), and is plaintext unless --sealed is given.

    FIELD=VALUE takes the records that have that value in a plain field. With --spreadsheet a
    text that a spreadsheet would take for a formula gets a quote in front; import --spreadsheet
    takes exactly that away again.

    A record that was changed outside strongroom ends the export, and no file is left behind.
    With --skip-broken each is named on stderr and left out; the exit code is then 3.
    """
    options = given(context)
    output, quiet = chosen.pop("output"), chosen.pop("quiet")
    sealed, null = chosen.pop("sealed"), chosen.pop("null")
    key = chosen.pop("parcel_key")
    if sealed is not (key is not None):
        raise InputError("--sealed and --parcel-key KEY belong together")
    from strongroom.keys.provider import open_provider  # noqa: PLC0415  # brings the ciphers

    provider = None if key is None else open_provider(key)
    output = None if output == "-" else output
    if output is None and terminal.stdout_is_terminal():
        raise InputError(
            "an export is not for a terminal, which its values could drive",
            hint=f"to a file: --output FILE; to look at the records: strongroom list {table}",
        )
    with opened(options) as room, shown(f"exporting {table}", quiet=quiet) as display:
        where = read_values(room.table(table), values, null)
        wanted = strongroom.ExportOptions(where=where, parcel_key=provider, **chosen)
        report = _exported(room, table, output, wanted, display)
    if provider is not None and provider.made and provider.scheme == "file":
        made = provider.describe().removeprefix("file:")
        terminal.notice(f"made a new key: {made}: without it nobody can open the parcel")
    if options.json and output is not None:
        show.json_line({"table": table, "records": report.records, "broken": report.broken})
    elif output is not None:
        terminal.notice(f"exported {records(report.records)} of {table}")
    if report.broken:
        exits.stop(exits.CHANGED)


def _exported(
    room: strongroom.Strongroom,
    table: str,
    output: str | None,
    wanted: strongroom.ExportOptions,
    display: Display,
) -> strongroom.ExportReport:
    def broken(error: strongroom.IntegrityError) -> None:
        display.clear()
        exits.report(error)

    terminal.flush()
    try:
        return strongroom.export_file(
            room, table, output or "-", wanted, watch=display, broken=broken
        )
    except BrokenPipeError:
        pass  # raised below, where there is nobody to tell
    terminal.forget_output()
    raise terminal.ReaderGoneError
