"""The command that searches: find."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from strongroom.cli import show, terminal
from strongroom.cli.listing import AFTER, LIMIT, ORDER, listed, paged
from strongroom.cli.opening import opened
from strongroom.cli.options import everywhere, examples, given, section
from strongroom.errors import InputError

if TYPE_CHECKING:
    from strongroom.room.table import Table
    from strongroom.schema.search.where import Where

_CONDITIONS = section(
    "Conditions",
    "FIELD=VALUE               the value itself; FIELD= means an empty text",
    "FIELD:alike=TEXT          the same text under the index's normaliser, in capitals or not",
    "FIELD:prefix=TEXT         the text begins so",
    "FIELD:words=TEXT          the text has all of these words",
    "FIELD:contains=TEXT       the text has this in it, three characters or more",
    "FIELD:between=LOW..HIGH   the value lies between, both included; either may be left out",
    "FIELD, FIELD:OPERATOR     asked for; with =- read from standard input",
)


@click.command(
    epilog=_CONDITIONS
    + "\n\n"
    + examples(
        "strongroom find users age=36",
        "strongroom find users name:prefix=Ad age:between=30..40",
        "strongroom find users --any name:words=lovelace name:words=hopper",
        "strongroom find users age=36 --not name:prefix=Ad --scan",
        "strongroom find users name --explain",
    )
)
@click.argument("table", metavar="TABLE")
@click.argument("values", metavar="[CONDITION]...", nargs=-1)
@click.option("--null", metavar="FIELD", multiple=True, help="Records where FIELD has no value.")
@click.option(
    "--not", "negated", metavar="CONDITION", multiple=True, help="Records that do not meet it."
)
@click.option("--any", "either", is_flag=True, help="One condition is enough.")
@click.option("--scan", is_flag=True, help="Decrypt and compare every record where needed.")
@click.option("--explain", is_flag=True, help="Say how it was answered, and what that shows.")
@LIMIT
@AFTER
@ORDER
@everywhere
@click.pass_context
def find(  # noqa: PLR0913  # one parameter for each option
    context: click.Context,
    *,
    table: str,
    values: tuple[str, ...],
    null: tuple[str, ...],
    negated: tuple[str, ...],
    either: bool,
    scan: bool,
    explain: bool,
    limit: int | None,
    after: str | None,
    order_by: str | None,
) -> None:
    """Show the records that meet all conditions.

    The database answers for plain fields, and by an index for encrypted ones: see add-index. What
    no index answers is refused; with --scan every record is decrypted here and compared.

    With --explain the query is run, and instead of records it is shown which indexes were asked,
    for how many tokens, what they gave and what was dropped after it was decrypted, and what all
    of that shows to whoever watches the database.
    """
    options = given(context)
    if not (values or null or negated):
        raise InputError("find needs a condition", hint="for every record: strongroom list TABLE")
    with opened(options) as room:
        found = room.table(table)
        asked = _asked(found, values, null, negated, either=either)
        query = found.find(*asked)
        query = paged(found, query.scan() if scan else query, limit, after, order_by)
        if not explain:
            listed(found, query, options, empty=f"no such records in {table}")
        elif options.json:
            show.json_line(query.explain().to_document())
        else:
            terminal.write(f"{query.explain()}\n")


def _asked(
    table: Table,
    values: tuple[str, ...],
    null: tuple[str, ...],
    negated: tuple[str, ...],
    *,
    either: bool,
) -> list[Where]:
    # Imported here: the help of the command needs none of it.
    from strongroom.cli.conditions import read_conditions  # noqa: PLC0415

    asked = read_conditions(table, values, null)
    asked += read_conditions(table, negated, (), negated=True)
    if not either:
        return asked
    joined = asked[0]
    for one in asked[1:]:
        joined |= one
    return [joined]
