"""Many records on stdout, going on past broken ones, each of which is named on stderr."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import click

from strongroom.cli import exits, show
from strongroom.cli.options import count
from strongroom.cli.settings import Options
from strongroom.cli.terminal import flush, notice
from strongroom.cli.values import read_key
from strongroom.errors import IntegrityError

if TYPE_CHECKING:
    from strongroom.room.query import Query
    from strongroom.room.record import Record
    from strongroom.room.table import Table

KEY: Final = "id"
"""The primary key of every table that strongroom makes."""
LIMIT: Final = click.option("--limit", metavar="N", callback=count, help="Stop after N records.")
AFTER: Final = click.option("--after", metavar="ID", help="Start behind this record.")
ORDER: Final = click.option(
    "--order-by",
    metavar="FIELD",
    help="Order by a field, -FIELD for the greatest first; otherwise by id.",
)


def paged(
    table: Table, query: Query, limit: int | None, after: str | None, order_by: str | None
) -> Query:
    """Return a query with the order, the start and the end that the options ask for."""
    if order_by is not None:
        query = query.order_by(order_by)
    if after is not None:
        last = read_key(after)
        # Where another order than the key's is asked, its place is told by the whole record.
        query = query.after(last if order_by is None else table.get(last))
    return query if limit is None else query.limit(limit)


def listed(table: Table, query: Query, options: Options, *, empty: str | None = None) -> None:
    """Write the records of a query.

    Args:
        table: whose records they are.
        query: which ones.
        options: of the command line.
        empty: what to say on stderr when there is none.

    Raises:
        click.exceptions.Exit: a record was broken; all others were written.
    """
    broken: list[IntegrityError] = []

    def whole() -> Iterator[Record]:
        for outcome in query.outcomes():
            if isinstance(outcome, IntegrityError):
                exits.report(outcome)
                broken[:] = [outcome]
            else:
                yield outcome

    shown = show.records(whole(), KEY, table.fields, as_objects=options.json)
    flush()
    if broken:
        exits.stop(exits.CHANGED)
    if not shown:
        notice(empty or nobody(table))


def nobody(table: Table) -> str:
    """Return what to say of an empty table."""
    return f"no records in {table.name} yet: add one with: strongroom add {table.name}"
