"""The command that changes the declaration of a table: alter-table."""

from __future__ import annotations

from collections.abc import Iterable

import click

from strongroom.cli import show, terminal
from strongroom.cli.opening import opened
from strongroom.cli.options import everywhere, examples, given
from strongroom.cli.tables import declared_fields, table_document
from strongroom.errors import InputError


@click.command(
    "alter-table",
    epilog=examples(
        "strongroom alter-table patients --add phone:text,optional,max_chars=30",
        "strongroom alter-table patients --rename name=full_name --rename born=birthday",
        "strongroom alter-table patients --set ward:integer,plain,min=1,max=40",
        "strongroom alter-table patients --rename-table people",
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
@everywhere
@click.pass_context
def alter_table(
    context: click.Context,
    /,
    table: str,
    rename_to: str | None,
    **fields: tuple[str, ...],
) -> None:
    """Change the declaration of a table.

    No record is opened or sealed anew: cells stay as they are.

    Writers are waited for, and programs that run find the new names by themselves. If it is
    interrupted, give the same command again.

    Limits of an encrypted field may change either way, and hold for what is written from then on.
    Those of a plain field can only be loosened.
    """
    options = given(context)
    add, change = declared_fields(fields["add"]), declared_fields(fields["change"])
    rename = _renames(fields["rename"])
    with opened(options) as room:
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
