"""The commands that declare tables: create-table, schema."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import click

from strongroom.cli import exits, show, terminal
from strongroom.cli.opening import opened, target
from strongroom.cli.options import everywhere, examples, given, section
from strongroom.errors import InputError, StrongroomError

if TYPE_CHECKING:
    from strongroom.cli.settings import Options
    from strongroom.room.strongroom import Strongroom
    from strongroom.room.table import Table
    from strongroom.schema.table import Field
    from strongroom.schema.types import FieldType

SQL_HELP: Final = "Print the SQL that would be run, and connect to nothing."
_STDIN: Final = "-"
_MOST_BYTES: Final = 4 * 1024 * 1024
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

    With --schema, tables that are there already are left as they are. If one of them differs
    from its declaration, that is said and the command fails.
    """
    options = given(context)
    if schema is not None:
        wanted = _chosen(schema, () if table is None else (table, *fields))
    else:
        if table is None:
            raise InputError("TABLE is missing", hint=f"see: {context.command_path} --help")
        from strongroom.schema.names import check_table_name  # noqa: PLC0415

        # Before a store is made for it.
        check_table_name(table)
        wanted = {table: declared_fields(fields, "a table needs fields")}
    if sql:
        _print_ddl(options, wanted)
        return
    with opened(options, create=True) as room:
        if schema is not None:
            _make_missing(room, wanted, options)
            return
        for name, declared in wanted.items():
            made = room.create_table(name, declared)
            if options.json:
                show.json_line(table_document(made))
            else:
                terminal.notice(f"made the table {made.name}")


def _print_ddl(options: Options, wanted: Mapping[str, Mapping[str, FieldType]]) -> None:
    from strongroom.room.ddl import table_ddl  # noqa: PLC0415

    kind = target(options).address.kind
    for name, declared in wanted.items():
        for statement in table_ddl(kind, name, declared):
            terminal.write(f"{statement};\n")


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


def _chosen(file: str, names: tuple[str, ...]) -> dict[str, dict[str, FieldType]]:
    """Return the tables that a file declares, or those of them that are named."""
    from strongroom.schema.declared import schema_from_toml  # noqa: PLC0415

    tables = schema_from_toml(terminal.read_rest() if file == _STDIN else _text(file))
    if any(name not in tables for name in names):
        raise InputError(
            "the schema declares no such table", hint=f"it declares: {', '.join(tables)}"
        )
    return {name: tables[name] for name in names or tables}


def _text(file: str) -> str:
    reason = "not UTF-8"
    try:
        with open(file, "rb") as opened_file:  # noqa: PTH123  # a name as it was given
            raw = opened_file.read(_MOST_BYTES + 1)
        if len(raw) <= _MOST_BYTES:
            return raw.decode("utf-8-sig")
        reason = f"more than {_MOST_BYTES // 1024**2} MiB"
    except UnicodeDecodeError:
        pass  # raised below: the caught exception holds the text
    except (OSError, ValueError) as error:
        number = error.errno if isinstance(error, OSError) else None
        reason = errno.errorcode.get(number or 0, "no name of a file")
    said = _SAID.get(reason, f"cannot be read ({reason})")
    raise InputError(f"the schema's file {said}")


_SAID: Final = {"ENOENT": "does not exist", "EISDIR": "is a folder"}


def _make_missing(
    room: Strongroom, wanted: Mapping[str, Mapping[str, FieldType]], options: Options
) -> None:
    """Make the tables that are not there, and say of the others whether they differ.

    Raises:
        click.exceptions.Exit: one differs.
    """
    known, different = set(room.tables), False
    for name, declared in wanted.items():
        made = name not in known
        table = room.create_table(name, declared) if made else room.table(name)
        found = _differences(table, declared)
        different = different or bool(found)
        if options.json:
            show.json_line({"table": name, "made": made, "differences": found})
        if found:
            exits.report(_differs(name, found))
        elif not options.json:
            terminal.notice(f"made the table {name}" if made else f"the table {name} is there")
    if different:
        exits.stop(exits.FAILED)


def _differences(table: Table, declared: Mapping[str, FieldType]) -> list[dict[str, Any]]:
    """Return each field that is not as declared, and how it is spelled here and there."""
    from strongroom.schema.types import spell_declaration  # noqa: PLC0415

    there = {field.name: field.type for field in table.fields}
    return [
        {
            "field": name,
            "table": None if name not in there else spell_declaration(there[name]),
            "schema": None if name not in declared else spell_declaration(declared[name]),
        }
        for name in {**there, **declared}
        if there.get(name) != declared.get(name)
    ]


def _differs(name: str, found: list[dict[str, Any]]) -> StrongroomError:
    parts = [
        f"{one['field']} is {one['table'] or 'not there'}, declared {one['schema'] or 'not at all'}"
        for one in found
    ]
    return StrongroomError(
        f"the table {name} differs from the schema: {'; '.join(parts)}",
        hint=f"change the schema, or the table with: strongroom alter-table {name}",
    )


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
        terminal.write(schema_to_toml(declared))


def table_document(table: Table) -> dict[str, Any]:
    """Return a table and its declaration as JSON values."""
    return {"table": table.name, "fields": [field_document(one) for one in table.fields]}


def field_document(field: Field) -> dict[str, Any]:
    """Return a field and its declaration as JSON values."""
    return {"name": field.name, **field.type.to_document()}
