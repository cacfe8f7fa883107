"""The commands for records: add, list, get, update, delete."""

from __future__ import annotations

import click

from strongroom.cli import exits, show, terminal
from strongroom.cli.dialogue import TABLE
from strongroom.cli.listing import AFTER, KEY, LIMIT, ORDER, listed, nobody, paged
from strongroom.cli.opening import opened
from strongroom.cli.options import count, everywhere, examples, given
from strongroom.cli.values import read_key, read_values
from strongroom.errors import ConflictError

_TABLE = click.argument("table", metavar="TABLE")
_ID = click.argument("record_id", metavar="ID")
_VALUES = click.argument("values", metavar="[FIELD=VALUE]...", nargs=-1)


@click.command(
    epilog=examples(
        "strongroom add users name='Ada Lovelace' age=36",
        "strongroom add users age=36",
        "strongroom add users age=36 name=- < name.txt",
    )
)
@_TABLE
@_VALUES
@everywhere
@click.pass_context
def add(context: click.Context, table: str, values: tuple[str, ...]) -> None:
    """Store one new record and print its id.

    Required fields that are left out are asked for, so that their values are in no shell history
    and in no list of processes. Piped input answers in the order of the fields, a line for each.

    FIELD=- reads a value from the whole standard input, without one newline at its end.
    """
    options = given(context)
    # In a new store there is no other table than the default one to add to.
    with opened(options, create=table == TABLE) as room:
        users = room.table(table)
        stored = users.add(**read_values(users, values, ask_required=True))
        if options.json:
            show.json_line({KEY: stored})
        else:
            terminal.write(f"{stored}\n")


@click.command(
    "list",
    epilog=examples(
        "strongroom list users",
        "strongroom list users --order-by -age --limit 10",
        "strongroom list users --order-by name --scan",
        "strongroom list users --json | jq .name",
    ),
)
@_TABLE
@LIMIT
@AFTER
@ORDER
@click.option("--scan", is_flag=True, help="Open every record to order by an encrypted field.")
@everywhere
@click.pass_context
def list_records(  # noqa: PLR0913  # one parameter for each option
    context: click.Context,
    *,
    table: str,
    limit: int | None,
    after: str | None,
    order_by: str | None,
    scan: bool,
) -> None:
    r"""Show the records of a table, decrypted.

    In a terminal a table; in a pipe a header and one line for each record, with tabs between the
    values. In both, what could drive a terminal is written with a backslash, as in C, and no value
    (NULL) as \N. With --json every value is exact.

    A record that was changed outside strongroom is named on stderr and left out; the exit code
    is then 3.
    """
    options = given(context)
    with opened(options) as room:
        listed_table = room.table(table)
        everyone = listed_table.all()
        query = paged(listed_table, everyone.scan() if scan else everyone, limit, after, order_by)
        partial = limit is not None or after is not None
        listed(
            listed_table,
            query,
            options,
            empty=f"no more records in {table}" if partial else nobody(listed_table),
        )


@click.command(
    epilog=examples(
        "strongroom get users 1",
        "strongroom get users 1 --json",
    )
)
@_TABLE
@_ID
@everywhere
@click.pass_context
def get(context: click.Context, table: str, record_id: str) -> None:
    """Show one record, decrypted, and its version.

    record_version counts how many times the record was written.
    """
    options = given(context)
    wanted = read_key(record_id)
    with opened(options) as room:
        users = room.table(table)
        record = users.get(wanted)
        if options.json:
            show.json_line(show.as_json(record, users.fields, version=True))
            return
        header = [KEY, *(field.name for field in users.fields), show.VERSION]
        row = [*show.as_row(record, users.fields), str(record.record_version)]
        show.one(header, row)


@click.command(
    epilog=examples(
        "strongroom update users 1 age=37",
        "strongroom update users 1 name",
        "strongroom update users 1 age=37 --version 4",
    )
)
@_TABLE
@_ID
@_VALUES
@click.option("--null", metavar="FIELD", multiple=True, help="Leave an optional FIELD empty.")
@click.option("--version", metavar="N", callback=count, help="Only if record_version is still N.")
@everywhere
@click.pass_context
def update(  # noqa: PLR0913  # one parameter for each option
    context: click.Context,
    *,
    table: str,
    record_id: str,
    values: tuple[str, ...],
    null: tuple[str, ...],
    version: int | None,
) -> None:
    """Change some fields of one record.

    FIELD alone asks for the value, FIELD=- reads it from standard input.
    """
    options = given(context)
    wanted = read_key(record_id)
    with opened(options) as room:
        users = room.table(table)
        target: object = wanted
        if version is not None:
            target = users.get(wanted)
            if target.record_version != version:
                raise ConflictError(
                    f"record {wanted} of {users.name} is not at version {version} any more",
                    hint=f"look at it: strongroom get {users.name} {wanted}",
                )
        record = users.update(target, **read_values(users, values, null))
        if options.json:
            show.json_line({KEY: wanted, show.VERSION: record.record_version})
        else:
            terminal.notice(f"updated {users.name} {wanted} (version {record.record_version})")


@click.command(
    epilog=examples(
        "strongroom delete users 1",
        "strongroom delete users 1 --yes",
    )
)
@_TABLE
@_ID
@click.option("--yes", is_flag=True, help="Do not ask.")
@everywhere
@click.pass_context
def delete(context: click.Context, table: str, record_id: str, *, yes: bool) -> None:
    """Delete one record, for good. Asks first."""
    options = given(context)
    wanted = read_key(record_id)
    with opened(options) as room:
        users = room.table(table)
        if not yes and not terminal.agrees(
            f"delete record {wanted} of {users.name} for good? (yes/no): ",
            "without a terminal: --yes",
        ):
            terminal.notice("nothing was deleted")
            exits.stop(exits.FAILED)
        users.delete(wanted)
        if options.json:
            show.json_line({KEY: wanted, "deleted": True})
        else:
            terminal.notice(f"deleted {users.name} {wanted}")
