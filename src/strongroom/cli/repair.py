"""The commands that look for changes made outside strongroom: verify, reseal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import click

import strongroom
from strongroom.cli import exits, show, terminal
from strongroom.cli.opening import opened
from strongroom.cli.options import everywhere, examples, given
from strongroom.cli.values import read_key, read_values
from strongroom.errors import DecryptionError, InputError, IntegrityError

if TYPE_CHECKING:
    from strongroom.jobs.verify import Finding, Report
    from strongroom.room.table import Table

_EVERY: Final = 1_000


@click.command(
    epilog=examples(
        "strongroom verify",
        "strongroom verify users --json",
    )
)
@click.argument("tables", metavar="[TABLE]...", nargs=-1)
@everywhere
@click.pass_context
def verify(context: click.Context, tables: tuple[str, ...]) -> None:
    """Check every record and name the broken ones.

    Opens all tables, or those that are named, and finds whatever was changed outside strongroom.
    The exit code is 3 if anything is broken. Records
    that were deleted, or put back as a whole to an older version, cannot be seen.
    """
    options = given(context)
    progress = _Progress()

    def found(one: Finding) -> None:
        progress.clear()
        exits.report(one.error)

    with opened(options) as room:
        report = strongroom.verify(room, tables or None, found=found, progress=progress)
        unfinished = room.store.state.catalogue.pending
    progress.clear()
    for one in unfinished:
        if one.kind == "adopt" and one.phase == "filling":
            terminal.notice(f"{one.table.name} is being adopted and was not checked")
    if options.json:
        show.json_line(
            {
                "tables": report.tables,
                "records": report.records,
                "broken": report.broken,
                "intact": report.intact,
            }
        )
    else:
        terminal.write(f"{_summary(report)}\n")
    if not report.intact:
        exits.stop(exits.CHANGED)


def _summary(report: Report) -> str:
    records = "1 record" if report.records == 1 else f"{report.records:,} records"
    tables = "1 table" if report.tables == 1 else f"{report.tables:,} tables"
    verdict = "all as strongroom wrote them" if report.intact else f"{report.broken:,} broken"
    return f"{records} in {tables}: {verdict}"


class _Progress:
    """One line on a terminal's stderr that is written over, and nothing elsewhere."""

    def __init__(self) -> None:
        self._shown = False

    def __call__(self, report: Report) -> None:
        if report.records % _EVERY == 0 and terminal.stderr_is_terminal():
            terminal.overwrite(f"{report.records:,} records checked")
            self._shown = True

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            terminal.overwrite("")
            self._shown = False


@click.command(
    epilog=examples(
        "strongroom reseal users 1",
        "strongroom reseal users 1 --accept age=37",
    )
)
@click.argument("table", metavar="TABLE")
@click.argument("record_id", metavar="ID")
@click.option(
    "--accept", metavar="FIELD=VALUE", multiple=True, help="A plain value that you accept."
)
@click.option("--null", metavar="FIELD", multiple=True, help="A plain field accepted as empty.")
@everywhere
@click.pass_context
def reseal(
    context: click.Context,
    table: str,
    record_id: str,
    accept: tuple[str, ...],
    null: tuple[str, ...],
) -> None:
    """Accept a record that another tool changed.

    Shows what stands in the record and asks. Without a terminal, every plain field has to be
    named with the value that it has and that you accept; the encrypted ones are accepted as they
    are found. A record of which a cell does not open is never accepted: restore it from a backup.
    """
    options = given(context)
    wanted = read_key(record_id)
    with opened(options) as room:
        users = room.table(table)
        found = _salvaged(users, wanted)
        if accept or null:
            accepted = _named(users, wanted, read_values(users, accept, null), found)
        else:
            _look(users, wanted, found)
            accepted = found
            _confirm(users)
        record = users.reseal(wanted, accept=accepted)
        if options.json:
            show.json_line({"id": wanted, show.VERSION: record.record_version})
        else:
            terminal.notice(f"resealed {users.name} {wanted} (version {record.record_version})")


def _salvaged(table: Table, key: int) -> dict[str, Any]:
    """Return what stands in the record; where a cell does not open, say what is left to do."""
    try:
        return table.salvage(key)
    except DecryptionError as error:
        raise IntegrityError(
            f"record {key} of {table.name} cannot be accepted: a value in it does not open",
            hint=error.hint or "restore the record from a backup, or delete it",
        ) from None


def _named(
    table: Table, key: int, plain: Mapping[str, Any], found: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what is accepted: the plain values that were named, the encrypted ones as found."""
    encrypted = {one.name: found[one.name] for one in table.fields if one.encrypted}
    # Never let what was found stand in silence for what somebody named.
    typed = sorted(encrypted.keys() & plain.keys())
    if typed:
        raise InputError(
            f"{table.name}.{typed[0]} is encrypted, and accepted as it was found",
            hint=f"name the plain fields alone, or look at all of them in a terminal with: "
            f"strongroom reseal {table.name} {key}",
        )
    if plain.keys() | encrypted.keys() != found.keys():
        raise InputError(
            f"every plain field of {table.name} has to be accepted by its value",
            hint=f"name them all: strongroom reseal {table.name} {key} {_options(table)}",
        )
    return {**plain, **encrypted}


def _options(table: Table) -> str:
    return " ".join(f"--accept {one.name}=VALUE" for one in table.fields if not one.encrypted)


def _look(table: Table, key: int, found: Mapping[str, Any]) -> None:
    """Show what stands in the record, and what that does not prove."""
    if not terminal.someone_answers():
        options = _options(table)
        otherwise = f", or: strongroom reseal {table.name} {key} {options}" if options else ""
        raise InputError(
            "what stands in the record has to be accepted by somebody who looks at it",
            hint=f"run it in a terminal{otherwise}",
        )
    terminal.notice(f"record {key} of {table.name} was changed outside strongroom; it now says:")
    show.pairs(
        [
            (
                f"{field.name} ({'encrypted' if field.encrypted else 'plain'})",
                None if found[field.name] is None else field.type.format(found[field.name]),
            )
            for field in table.fields
        ]
    )
    terminal.flush()
    terminal.notice(
        "these values were not written together: a plain one may have been edited, and an\n"
        "encrypted one may be an older one of the same field; every one of them must be right"
    )


def _confirm(table: Table) -> None:
    if not terminal.agrees(f"accept all of them for {table.name}? (yes/no): ", "in a terminal"):
        terminal.notice("nothing was changed")
        exits.stop(exits.FAILED)
