"""A schema's file on the command line: the tables and indexes that it declares, made if missing."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from strongroom.cli import exits, show, terminal
from strongroom.errors import InputError, StrongroomError

if TYPE_CHECKING:
    from strongroom.cli.settings import Options
    from strongroom.room.strongroom import Strongroom
    from strongroom.room.table import Table
    from strongroom.schema.search.declaration import Index
    from strongroom.schema.types import FieldType

_STDIN: Final = "-"
_MOST_BYTES: Final = 4 * 1024 * 1024


@dataclass(frozen=True)
class Declared:
    """What a file says of one table."""

    fields: dict[str, FieldType]
    indexes: list[Index]


def read_schema(file: str, names: tuple[str, ...]) -> dict[str, Declared]:
    """Return the tables that a file declares, or those of them that are named.

    Raises:
        InputError: the file cannot be read, or declares something that is not allowed.
    """
    from strongroom.schema.declared import indexes_from_toml, schema_from_toml  # noqa: PLC0415

    text = terminal.read_rest() if file == _STDIN else _text(file)
    tables, indexes = schema_from_toml(text), indexes_from_toml(text)
    if any(name not in tables for name in names):
        raise InputError(
            "the schema declares no such table", hint=f"it declares: {', '.join(tables)}"
        )
    return {name: Declared(tables[name], indexes.get(name, [])) for name in names or tables}


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


def make_missing(room: Strongroom, wanted: Mapping[str, Declared], options: Options) -> None:
    """Make the tables and indexes that are not there, and say of the others whether they differ.

    Raises:
        click.exceptions.Exit: one differs.
    """
    known, different = set(room.tables), False
    for name, declared in wanted.items():
        made = name not in known
        table = room.create_table(name, declared.fields) if made else room.table(name)
        found = _differences(table, declared)
        different = different or bool(found)
        added = [] if found else _add_indexes(room, table, declared)
        if options.json:
            shown = {"table": name, "made": made, "differences": found}
            show.json_line(shown | ({"indexes": added} if added else {}))
        if found:
            exits.report(_differs(name, found))
        elif not options.json:
            terminal.notice(f"made the table {name}" if made else f"the table {name} is there")
            for one in added:
                terminal.notice(f"made the index {one} of {name}")
    if different:
        exits.stop(exits.FAILED)


def _add_indexes(room: Strongroom, table: Table, declared: Declared) -> list[str]:
    """Add the indexes that the table has not, or has not whole; return their names."""
    from strongroom.jobs.indexing.building import add_index  # noqa: PLC0415

    there = {one.name for one in table.indexes if one.answers}
    missing = [one for one in declared.indexes if one.called not in there]
    return [add_index(room, table.name, one).index for one in missing]


def _differences(table: Table, declared: Declared) -> list[dict[str, Any]]:
    """Return each field and index that is not as declared, and how it is spelled here and there."""
    from strongroom.schema.types import spell_declaration  # noqa: PLC0415

    there = {field.name: field.type for field in table.fields}
    wanted = declared.fields
    found = [
        {
            "field": name,
            "table": None if name not in there else spell_declaration(there[name]),
            "schema": None if name not in wanted else spell_declaration(wanted[name]),
        }
        for name in {**there, **wanted}
        if there.get(name) != wanted.get(name)
    ]
    return found or _index_differences(table, declared)


def _index_differences(table: Table, declared: Declared) -> list[dict[str, Any]]:
    """Compare indexes; their bits and partitions may have been changed since."""
    from strongroom.schema.search.declaration import spell_index  # noqa: PLC0415
    from strongroom.schema.search.making import is_same  # noqa: PLC0415

    schema = table.declared
    there = {one.name: one for one in schema.indexes}
    return [
        {
            "field": one.called,
            "table": spell_index(there[one.called], schema.fields_of(there[one.called])),
            "schema": f"{one.kind}:{'+'.join(one.fields)} with other options",
        }
        for one in declared.indexes
        if one.called in there and not is_same(schema, there[one.called], one, tokens=False)
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
