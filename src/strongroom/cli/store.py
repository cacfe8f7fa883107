"""The commands for the store: init, status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from strongroom.cli import show, terminal
from strongroom.cli.opening import Target, opened, target
from strongroom.cli.options import everywhere, examples, given
from strongroom.cli.tables import SQL_HELP, field_document

if TYPE_CHECKING:
    from strongroom.keys.record import KeyRecord
    from strongroom.room.status import Status, TableStatus
    from strongroom.schema.pending import Pending


@click.command(
    epilog=examples(
        "strongroom init",
        "strongroom init --url postgresql://app@db.example.org/people",
        "strongroom init --sql --url mysql://app@db.example.org/people",
    )
)
@click.option("--sql", is_flag=True, help=SQL_HELP)
@everywhere
@click.pass_context
def init(context: click.Context, *, sql: bool) -> None:
    """Make the store: its root key and strongroom's own tables.

    Where there is a store already, nothing is changed. With --sql, print the statements for
    people who make tables by migrations: run them, then run init without --sql, which makes the
    key and the store's own row.
    """
    options = given(context)
    if sql:
        _print_ddl(target(options))
        return
    with opened(options, create=True) as room:
        status = room.status()
        if options.json:
            show.json_line({"made": room.made_store, "store_id": status.store_id})
        elif not room.made_store:
            terminal.notice(f"there is a store already: {target(options).shown}; nothing was made")


def _print_ddl(chosen: Target) -> None:
    from strongroom.room.ddl import system_ddl, table_ddl  # noqa: PLC0415
    from strongroom.schema.catalogue import DEFAULT_FIELDS, DEFAULT_TABLE  # noqa: PLC0415

    kind = chosen.address.kind
    for statement in [*system_ddl(kind), table_ddl(kind, DEFAULT_TABLE, DEFAULT_FIELDS)]:
        terminal.write(f"{statement};\n")


@click.command(
    epilog=examples(
        "strongroom status",
        "strongroom status --json",
    )
)
@everywhere
@click.pass_context
def status(context: click.Context) -> None:
    """Show the store, its keys and its tables.

    Nothing that is shown is secret. The numbers of records are what the database says: verify
    counts those that are whole.
    """
    options = given(context)
    with opened(options) as room:
        found = room.status()
    if options.json:
        show.json_line(_document(found))
        return
    show.pairs(
        [
            ("database", found.database),
            ("store", found.store_id),
            ("generation", str(found.generation)),
            ("root key", f"{target(options).provider.describe()} ({_fingerprint(found)})"),
            *((f"{one.purpose.name.lower()} key", _key(one)) for one in _keys(found)),
            *((f"table {one.table.name}", _table(one)) for one in found.tables),
            *((f"unfinished {one.kind}", _unfinished(one)) for one in found.rewriting),
        ]
    )


def _fingerprint(found: Status) -> str:
    return "no fingerprint" if found.fingerprint is None else f"fingerprint {found.fingerprint}"


def _keys(found: Status) -> list[KeyRecord]:
    """Return the keys, oldest first for each purpose; their ids are drawn at random."""
    return sorted(found.keys, key=lambda key: (key.purpose, key.created, key.id))


def _key(key: KeyRecord) -> str:
    return f"{key.id:08x}, {key.state}, made {key.created}"


def _table(one: TableStatus) -> str:
    fields = ", ".join(
        f"{field.name} ({'encrypted' if field.encrypted else 'plain'} {field.type.name})"
        for field in one.table.fields
    )
    outside = f"; outside: {', '.join(one.outside)}" if one.outside else ""
    indexes = ", ".join(
        index.name if index.answers else f"{index.name} ({index.phase})"
        for index in one.table.indexes
    )
    searched = f"; indexes: {indexes}" if indexes else ""
    records = "1 record" if one.records == 1 else f"{one.records:,} records"
    many = "; more cells than one key should be used for" if one.many_cells else ""
    return f"{records}: {fields}{searched}{outside}{many}"


def _unfinished(one: Pending) -> str:
    """Say what was begun with a table, and what finishes it."""
    if one.phase == "filling":
        return f"{one.table.name}: go on with {one.command}, or add --undo"
    return (
        f"{one.table.name}: what was replaced is still in the files; remove it with {one.command}"
    )


def _document(found: Status) -> dict[str, Any]:
    return {
        "database": found.database,
        "store_id": found.store_id,
        "generation": found.generation,
        "provider": found.provider,
        "fingerprint": found.fingerprint,
        "keys": [
            {
                "id": f"{key.id:08x}",
                "purpose": key.purpose.name.lower(),
                "state": str(key.state),
                "created": key.created,
                "changed": key.changed,
            }
            for key in _keys(found)
        ],
        "tables": [
            {
                "name": one.table.name,
                "records": one.records,
                "next_id": one.next_id,
                "fields": [field_document(field) for field in one.table.fields],
                "indexes": [
                    {"name": index.name, "kind": str(index.kind), "phase": str(index.phase)}
                    for index in one.table.indexes
                ],
                "outside": list(one.outside),
            }
            for one in found.tables
        ],
        "rewriting": [
            {"kind": str(one.kind), "table": one.table.name, "phase": str(one.phase)}
            for one in found.rewriting
        ],
    }
