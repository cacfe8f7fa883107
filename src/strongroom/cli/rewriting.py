"""What the commands that rewrite whole tables share, and the part of alter-table that is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from strongroom.cli import exits, show, terminal
from strongroom.cli.listed import SHOWN, Listed
from strongroom.cli.old_values import fields_of
from strongroom.cli.progress import Display, shown
from strongroom.errors import InputError

if TYPE_CHECKING:
    from strongroom.room.settling import Failure
    from strongroom.room.strongroom import Strongroom
    from strongroom.schema.pending import Kind
    from strongroom.schema.types import FieldType

_INTERRUPTED: Final = "interrupted: the same command goes on from there; or add --undo"


@contextmanager
def watched(
    title: str, table: str, *, quiet: bool, interrupted: str = _INTERRUPTED
) -> Iterator[tuple[Display, Callable[[Failure], None]]]:
    """Give what a job calls with its progress, and with each row that cannot be done.

    At a terminal the first rows are listed and the others counted, elsewhere all are listed.

    Args:
        title: what is being done, one or two words.
        table: whose rows they are.
        quiet: whether to show no progress.
        interrupted: what to say after Ctrl-C.
    """
    with shown(title, quiet=quiet) as display:
        most = SHOWN if terminal.stderr_is_terminal() else None
        listed = Listed(display, most, "; to have them all, send them to a file: 2> FILE")

        def report(failure: Failure) -> None:
            key = ", ".join(str(part) for part in failure.key)
            listed(f"{table} {key}: {failure.reason}")

        try:
            yield display, report
        except KeyboardInterrupt:
            display.clear()
            terminal.notice(interrupted)
            exits.stop(exits.INTERRUPTED)
        finally:
            display.clear()
            listed.end()


def say_done(
    verb: str, document: dict[str, Any], leftovers: tuple[str, ...], *, as_object: bool
) -> None:
    """Say what was done, and what is left to run."""
    if as_object:
        show.json_line(document | {"leftovers": list(leftovers)})
        return
    records = "1 record" if document["records"] == 1 else f"{document['records']:,} records"
    terminal.notice(f"{verb} {document['table']}: {records}")
    _say_leftovers(leftovers)
    if leftovers:
        terminal.notice("or the same command once more")


def undo(room: Strongroom, table: str, kind: Kind, *, rebuild: bool) -> None:
    """Leave a table as it was before it was to be released or converted."""
    from strongroom.jobs.rewriting import convert  # noqa: PLC0415

    leftovers = convert.undo(room, table, kind, rebuild=rebuild)
    terminal.notice(f"{table} is as it was before")
    _say_leftovers(leftovers)


def _say_leftovers(leftovers: tuple[str, ...]) -> None:
    if leftovers:
        terminal.notice("to remove what is left of the old values from the files, run:")
        for statement in leftovers:
            terminal.write(f"{statement};\n")


def is_asked(room: Strongroom, table: str, chosen: Mapping[str, Any]) -> bool:
    """Say whether alter-table is to rewrite the table, or to go on with that."""
    from strongroom.room.rewriting import current  # noqa: PLC0415
    from strongroom.schema.pending import Kind  # noqa: PLC0415

    if chosen["undo"] or any(chosen[name] for name in ("encrypt", "decrypt", "drop")):
        return True
    pending = current(room.store, table)
    return pending is not None and pending.kind is Kind.CONVERT


def rewrite(room: Strongroom, table: str, chosen: Mapping[str, Any], *, as_object: bool) -> None:
    """Encrypt, decrypt or drop fields, or undo what was begun."""
    from strongroom.jobs.engine import Pace  # noqa: PLC0415
    from strongroom.jobs.rewriting import convert  # noqa: PLC0415
    from strongroom.schema.pending import Kind  # noqa: PLC0415

    if chosen["undo"]:
        undo(room, table, Kind.CONVERT, rebuild=not chosen["no_rebuild"])
        return
    fields = _fields(room, table, chosen)
    _confirm(table, chosen)
    with watched(f"rewriting {table}", table, quiet=chosen["quiet"]) as (watch, report):
        done = convert.convert(
            room,
            table,
            fields,
            accept=chosen["accept"],
            rebuild=not chosen["no_rebuild"],
            pace=Pace(chosen["throttle"], watch),
            found=report,
        )
    document = {"table": done.table, "records": done.records}
    say_done("rewrote", document, done.leftovers, as_object=as_object)


def _fields(room: Strongroom, table: str, chosen: Mapping[str, Any]) -> dict[str, FieldType | None]:
    """Return how each field that is to be rewritten is declared from then on."""
    from strongroom.jobs.rewriting.convert import other_form  # noqa: PLC0415

    declared = {one.name: one.type for one in room.store.state.catalogue.table(table).fields}
    fields: dict[str, FieldType | None] = {}
    for option in ("encrypt", "decrypt"):
        plain = option == "decrypt"
        for name, given in fields_of(chosen[option], plain=plain).items():
            known = declared.get(name)
            if given is None and known is not None and known.plain is not plain:
                fields[name] = other_form(known)
            else:
                fields[name] = given or known  # what is wrong with it the job says
    for name in fields_of(chosen["drop"], plain=False):
        if name in fields:
            raise InputError("a field is named twice")
        fields[name] = None
    return fields


def _confirm(table: str, chosen: Mapping[str, Any]) -> None:
    if chosen["yes"] or not (chosen["decrypt"] or chosen["drop"]):
        return
    what = "make fields of {} readable to everyone who reaches the database"
    if chosen["drop"]:
        what = "drop fields of {} and all of their values"
    if not terminal.agrees(f"{what.format(table)}? (yes/no): ", "without a terminal: --yes"):
        terminal.notice("nothing was changed")
        exits.stop(exits.FAILED)
