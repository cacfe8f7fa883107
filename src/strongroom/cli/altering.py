"""The command that changes the declaration of a table: alter-table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import click

from strongroom.cli import show, terminal
from strongroom.cli.opening import opened
from strongroom.cli.options import everywhere, examples, given, throttle
from strongroom.cli.rewriting import is_asked, rewrite
from strongroom.cli.tables import declared_fields, table_document
from strongroom.errors import InputError


@click.command(
    "alter-table",
    epilog=examples(
        "strongroom alter-table patients --add phone:text,optional,max_chars=30",
        "strongroom alter-table patients --rename name=full_name --rename born=birthday",
        "strongroom alter-table patients --set ward:integer,plain,min=1,max=40",
        "strongroom alter-table patients --rename-table people",
        "strongroom alter-table patients --encrypt ward",
        "strongroom alter-table patients --drop phone",
    ),
)
@click.argument("table", metavar="TABLE")
@click.option("--add", metavar="FIELD:TYPE", multiple=True, help="Add a field; it is optional.")
@click.option("--rename", metavar="FIELD=NEW", multiple=True, help="Rename a field.")
@click.option(
    "--set",
    "change",
    metavar="FIELD:TYPE",
    multiple=True,
    help="Declare a field anew: optional, or with other limits.",
)
@click.option("--rename-table", "rename_to", metavar="NEW", help="Rename the table.")
@click.option("--encrypt", metavar="FIELDS", multiple=True, help="Encrypt plain fields.")
@click.option("--decrypt", metavar="FIELDS", multiple=True, help="Make encrypted fields plain.")
@click.option("--drop", metavar="FIELDS", multiple=True, help="Drop fields and their values.")
@click.option(
    "--accept", metavar="NAME", multiple=True, help="An index to drop, or a trigger to leave."
)
@click.option("--yes", is_flag=True, help="Do not ask before --decrypt and --drop.")
@click.option("--undo", is_flag=True, help="Undo an interrupted --encrypt, --decrypt or --drop.")
@throttle
@click.option("--no-rebuild", is_flag=True, help="Name what removes old values from the files.")
@click.option("--quiet", is_flag=True, help="Show no progress.")
@everywhere
@click.pass_context
def alter_table(
    context: click.Context,
    /,
    table: str,
    rename_to: str | None,
    **chosen: Any,  # noqa: ANN401  # each option has a type of its own
) -> None:
    """Change the declaration of a table.

    Adding, renaming and other limits open no record: cells stay as they are. Writers are waited
    for, and programs that run find the new names by themselves. If it is interrupted, give the
    same command again.

    --encrypt, --decrypt and --drop write every record anew, each into a new column that then takes
    the old one's place. FIELDS are names between commas, or one FIELD:TYPE. Meanwhile the table can
    be read, and not be written to; interrupted, the same command goes on. A record that was changed
    outside strongroom is listed and stops it, with exit code 8.

    Limits of an encrypted field may change either way, and hold for what is written from then on.
    Those of a plain field can only be loosened.
    """
    options = given(context)
    add, change = declared_fields(chosen["add"]), declared_fields(chosen["change"])
    rename = _renames(chosen["rename"])
    with opened(options) as room:
        if is_asked(room, table, chosen):
            if add or change or rename or rename_to:
                raise InputError(
                    "--encrypt, --decrypt and --drop write records anew, and come alone",
                    hint="make the other changes before or after, in a command of their own",
                )
            rewrite(room, table, chosen, as_object=options.json)
            return
        altered = room.alter_table(
            table, add=add, rename=rename, change=change, rename_to=rename_to
        )
        if options.json:
            show.json_line(table_document(altered))
        else:
            terminal.notice(f"changed the table {altered.name}")


def _renames(arguments: Iterable[str]) -> dict[str, str]:
    from strongroom.schema.names import check_field_name  # noqa: PLC0415

    names: dict[str, str] = {}
    for argument in arguments:
        name, equals, new = argument.partition("=")
        if not equals:
            raise InputError("a field is renamed as FIELD=NEW", hint="for example: name=full_name")
        if check_field_name(name) in names:
            raise InputError(f"the field {name} is renamed twice")
        names[name] = new
    return names
