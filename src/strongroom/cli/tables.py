"""The commands that declare tables: create-table, schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from strongroom.cli import show, terminal
from strongroom.cli.opening import opened, target
from strongroom.cli.options import everywhere, examples, given, section
from strongroom.errors import InputError

if TYPE_CHECKING:
    from strongroom.cli.settings import Options
    from strongroom.room.table import Table
    from strongroom.schema.table import Field
    from strongroom.schema.types import FieldType

SQL_HELP: Final = "Print the SQL that would be run, and connect to nothing."
_TYPES = section(
    "Types, and the options of each",
    "text                        max_bytes=NUMBER, max_chars=NUMBER",
    "bytes, json                 max_bytes=NUMBER",
    "integer, float              min=NUMBER, max=NUMBER",
    "decimal, decimal(10,2)      precision=NUMBER, scale=NUMBER, min=NUMBER, max=NUMBER",
    "date                        min=2024-02-29, max=…",
    "datetime                    min=2024-02-29T13:05:00, max=…",
    "zoned-datetime              min=2024-02-29T13:05:00+01:00, max=…",
    "boolean",
    "every type                  plain, optional, pad=NUMBER; unique where it is plain",
)


@click.command(
    "create-table",
    epilog=_TYPES
    + "\n\n"
    + examples(
        "strongroom create-table patients name:text born:date,optional,min=1900-01-01",
        "strongroom create-table staff name:text,pad=64 'pay:decimal(10,2)' grade:integer,plain",
        "strongroom create-table --schema clinic.toml",
        "strongroom create-table --schema clinic.toml patients",
    ),
)
@click.argument("table", metavar="[TABLE]", required=False)
@click.argument("fields", metavar="[FIELD:TYPE]...", nargs=-1)
@click.option(
    "--schema",
    metavar="FILE",
    help="Make the tables that a TOML file declares, or those of them that are named; - for stdin.",
)
@click.option("--sql", is_flag=True, help=SQL_HELP)
@everywhere
@click.pass_context
def create_table(
    context: click.Context,
    table: str | None,
    fields: tuple[str, ...],
    schema: str | None,
    *,
    sql: bool,
) -> None:
    """Make a table, or those that a file declares.

    Its primary key is an integer, id, which strongroom counts up.

    A field is encrypted unless its type says plain, and required unless it says optional. With
    pad, the lengths of encrypted values are hidden in steps of so many bytes.

    With --schema, tables that are there already are left as they are, but for indexes that are
    missing. If one of them differs from its declaration, that is said and the command fails.
    """
    options = given(context)
    if schema is not None:
        _from_file(schema, () if table is None else (table, *fields), options, sql=sql)
        return
    if table is None:
        raise InputError("TABLE is missing", hint=f"see: {context.command_path} --help")
    from strongroom.schema.names import check_table_name  # noqa: PLC0415

    # Before a store is made for it.
    check_table_name(table)
    declared = declared_fields(fields, "a table needs fields")
    if sql:
        _print_ddl(options, {table: declared})
        return
    with opened(options, create=True) as room:
        made = room.create_table(table, declared)
        if options.json:
            show.json_line(table_document(made))
        else:
            terminal.notice(f"made the table {made.name}")


def _from_file(file: str, names: tuple[str, ...], options: Options, *, sql: bool) -> None:
    from strongroom.cli.schema_file import make_missing, read_schema  # noqa: PLC0415

    declared = read_schema(file, names)
    if sql:
        _print_ddl(options, {name: one.fields for name, one in declared.items()})
        return
    with opened(options, create=True) as room:
        make_missing(room, declared, options)


def _print_ddl(options: Options, wanted: Mapping[str, Mapping[str, FieldType]]) -> None:
    from strongroom.room.ddl import table_ddl  # noqa: PLC0415

    kind = target(options).address.kind
    for name, declared in wanted.items():
        terminal.write(f"{table_ddl(kind, name, declared)};\n")


def declared_fields(arguments: Iterable[str], missing: str | None = None) -> dict[str, FieldType]:
    """Return what arguments of the form FIELD:TYPE declare.

    Raises:
        InputError: one has another form, or there is none and `missing` says what that means.
    """
    from strongroom.schema.names import check_field_name  # noqa: PLC0415
    from strongroom.schema.types import parse_declaration  # noqa: PLC0415

    fields: dict[str, FieldType] = {}
    for argument in arguments:
        name, colon, declaration = argument.partition(":")
        if not colon:
            raise InputError("a field is declared as FIELD:TYPE", hint="for example: name:text")
        if check_field_name(name) in fields:
            raise InputError(f"the field {name} is declared twice")
        fields[name] = parse_declaration(declaration)
    if not fields and missing is not None:
        raise InputError(missing, hint="for example: name:text born:date,optional")
    return fields


@click.command(
    epilog=examples(
        "strongroom schema > clinic.toml",
        "strongroom schema patients",
    )
)
@click.argument("tables", metavar="[TABLE]...", nargs=-1)
@everywhere
@click.pass_context
def schema(context: click.Context, tables: tuple[str, ...]) -> None:
    """Print how tables are declared.

    What is printed is TOML, which create-table --schema reads.
    """
    options = given(context)
    from strongroom.schema.declared import schema_to_toml  # noqa: PLC0415

    with opened(options) as room:
        found = [room.table(name) for name in tables or room.tables]
    if not found:
        terminal.notice("there are no tables yet: make one with: strongroom create-table")
    elif options.json:
        for table in found:
            show.json_line(table_document(table))
    else:
        declared = {one.name: {field.name: field.type for field in one.fields} for one in found}
        indexes = {one.name: spelled_indexes(one) for one in found}
        terminal.write(schema_to_toml(declared, indexes))


def table_document(table: Table) -> dict[str, Any]:
    """Return a table and its declaration as JSON values."""
    document: dict[str, Any] = {
        "table": table.name,
        "fields": [field_document(one) for one in table.fields],
    }
    indexes = [
        {"name": name, "index": spelled, "accept": accepted or None}
        for name, (spelled, accepted) in spelled_indexes(table).items()
    ]
    return document | ({"indexes": indexes} if indexes else {})


def spelled_indexes(table: Table) -> dict[str, tuple[str, str]]:
    """Return how each index of a table is declared, and why its leakage was accepted, by name."""
    from strongroom.schema.search.declaration import spell_index  # noqa: PLC0415

    schema = table.declared
    return {
        one.name: (spell_index(one, schema.fields_of(one)), one.accepted) for one in schema.indexes
    }


def field_document(field: Field) -> dict[str, Any]:
    """Return a field and its declaration as JSON values."""
    return {"name": field.name, **field.type.to_document()}
