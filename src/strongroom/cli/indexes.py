"""The commands for indexes: add-index, rebuild-index, drop-index."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from strongroom.cli import show, terminal
from strongroom.cli.opening import opened
from strongroom.cli.options import count, everywhere, examples, given, section, throttle
from strongroom.cli.rewriting import watched

if TYPE_CHECKING:
    from strongroom.cli.settings import Options
    from strongroom.jobs.indexing.building import Indexed

_TABLE = click.argument("table", metavar="TABLE")
_NAME = click.argument("index", metavar="INDEX")
_QUIET = click.option("--quiet", is_flag=True, help="Show no progress.")
_KINDS = section(
    "Kinds, and what each answers",
    "exact:FIELD                 FIELD=VALUE, FIELD:alike=TEXT",
    "compound:FIELD+FIELD[+…]    FIELD=VALUE of all of them together",
    "prefix:FIELD                FIELD:prefix=TEXT",
    "words:FIELD                 FIELD:words=TEXT",
    "trigram:FIELD               FIELD:contains=TEXT",
    "range:FIELD                 FIELD:between=LOW..HIGH",
)
_OPTIONS = section(
    "Options, between commas",
    "bits=NUMBER          how many bits of a token are kept; fewer hide more and find less exactly",
    "partitions=NUMBER    over how many tokens equal values are spread, for skewed fields",
    "normaliser=WORD      exact, folded, unaccented, digits, phone, email",
    "unique               exact, compound: no two records may have the same value",
    "lengths=2-3-4-6      prefix: the lengths that are indexed",
    "min=, max=, step=    range: the values that are expected, and how finely they are told apart",
    "fanout=NUMBER        range: many means fewer tokens stored and more asked",
    "name=NAME            what it is called; otherwise after its fields and kind",
)
_INTERRUPTED = "interrupted: the same command goes on from there; or: strongroom drop-index"


@click.command(
    "add-index",
    epilog=_KINDS
    + "\n\n"
    + _OPTIONS
    + "\n\n"
    + examples(
        "strongroom add-index users exact:email,normaliser=email,unique",
        "strongroom add-index users words:name",
        "strongroom add-index users range:born,min=1900-01-01,max=2049-12-31",
        "strongroom add-index users compound:born+smoker",
        "strongroom add-index users exact:smoker --accept-leakage 'asked for in every report'",
    ),
)
@_TABLE
@click.argument("declaration", metavar="KIND:FIELD[,OPTION]...")
@click.option(
    "--accept-leakage",
    "accept",
    metavar="REASON",
    help="Index a field of few values all the same; the reason is kept and shown.",
)
@throttle
@_QUIET
@everywhere
@click.pass_context
def add_index(  # noqa: PLR0913  # one parameter for each option
    context: click.Context,
    *,
    table: str,
    declaration: str,
    accept: str | None,
    throttle: float | None,
    quiet: bool,
) -> None:
    """Add a search index over encrypted fields, while the table is in use.

    The database gets keyed tokens, never a value: it sees which records have the same token, and
    which tokens are asked for. What that gives away on your data: strongroom leakage TABLE.

    A field of few values is not indexed alone, since its tokens could be told by how common they
    are; nor one in which one value stands for more than an eighth of the records.

    Other processes may write meanwhile. Interrupted, the same command goes on; drop-index undoes
    it.
    """
    from dataclasses import replace  # noqa: PLC0415

    from strongroom.jobs.engine import Pace  # noqa: PLC0415
    from strongroom.jobs.indexing import building  # noqa: PLC0415
    from strongroom.schema.search.declaration import parse_index  # noqa: PLC0415

    options = given(context)
    declared = replace(parse_index(declaration), accept=accept)
    with opened(options) as room:
        watching = watched(f"indexing {table}", table, quiet=quiet, interrupted=_INTERRUPTED)
        with watching as (watch, report):
            done = building.add_index(
                room, table, declared, pace=Pace(throttle, watch), found=report
            )
    _said("made", done, options)


@click.command(
    "rebuild-index",
    epilog=examples(
        "strongroom rebuild-index users name_words",
        "strongroom rebuild-index users name_exact --bits 12 --partitions 4",
    ),
)
@_TABLE
@_NAME
@click.option("--bits", metavar="N", callback=count, help="How many bits a token is to have.")
@click.option("--partitions", metavar="N", callback=count, help="Over how many tokens to spread.")
@throttle
@_QUIET
@everywhere
@click.pass_context
def rebuild_index(  # noqa: PLR0913  # one parameter for each option
    context: click.Context,
    *,
    table: str,
    index: str,
    bits: int | None,
    partitions: int | None,
    throttle: float | None,
    quiet: bool,
) -> None:
    """Build an index anew, with other tokens, while the table is in use.

    Without --bits it gets as many as suit the number of records that there are now. Queries ask
    the old one until the new one has every record. Interrupted, the same command goes on.
    """
    from strongroom.jobs.engine import Pace  # noqa: PLC0415
    from strongroom.jobs.indexing import building  # noqa: PLC0415

    options = given(context)
    with opened(options) as room:
        watching = watched(f"indexing {table}", table, quiet=quiet, interrupted=_INTERRUPTED)
        with watching as (watch, report):
            done = building.rebuild_index(
                room,
                table,
                index,
                bits=bits,
                partitions=partitions,
                pace=Pace(throttle, watch),
                found=report,
            )
    _said("rebuilt", done, options)


@click.command("drop-index", epilog=examples("strongroom drop-index users name_words"))
@_TABLE
@_NAME
@throttle
@_QUIET
@everywhere
@click.pass_context
def drop_index(
    context: click.Context, *, table: str, index: str, throttle: float | None, quiet: bool
) -> None:
    """Drop an index, or undo one that is not finished.

    Records whose seal covers the index are sealed anew first. Interrupted, the same command goes
    on.
    """
    from strongroom.jobs.engine import Pace  # noqa: PLC0415
    from strongroom.jobs.indexing import building  # noqa: PLC0415

    options = given(context)
    with opened(options) as room:
        watching = watched(f"indexing {table}", table, quiet=quiet, interrupted=_INTERRUPTED)
        with watching as (watch, report):
            done = building.drop_index(room, table, index, pace=Pace(throttle, watch), found=report)
    _said("dropped", done, options)


def _said(verb: str, done: Indexed, options: Options) -> None:
    if options.json:
        show.json_line(
            {"table": done.table, "index": done.index, "records": done.records, "bits": done.bits}
        )
        return
    records = "1 record" if done.records == 1 else f"{done.records:,} records"
    detail = "" if verb == "dropped" else f" ({records}, {done.bits} bits)"
    terminal.notice(f"{verb} the index {done.index} of {done.table}{detail}")
