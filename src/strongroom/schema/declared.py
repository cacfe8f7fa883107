"""Tables declared in TOML: read strictly, and written in one form.

    [tables.patients.fields]
    name = "text,max_chars=100,pad=64"
    born = { type = "date", optional = true, min = 1900-01-01 }

    [tables.patients.indexes]
    name_words = "words:name"
    ward_exact = { index = "exact:ward", accept = "the ward is no secret" }

A field is either the command line's spelling or a table of options, named as there. What is
written is the first. No error repeats what stands in the text but the names of tables and fields
that keep to the rule for names.
"""

from __future__ import annotations

import decimal
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from strongroom.errors import InputError
from strongroom.schema.field_type import FieldType
from strongroom.schema.names import check_field_name, check_table_name
from strongroom.schema.number_types import Decimal, Float, Integer
from strongroom.schema.ranged import LIMITS
from strongroom.schema.search.declaration import Index, parse_index
from strongroom.schema.types import (
    option_names,
    parse_declaration,
    spell_declaration,
    type_called,
)

MOST_CHARS: Final = 1024 * 1024
_EXAMPLE: Final = 'for example: name = "text,pad=64", below [tables.patients.fields]'
_TABLE_EXAMPLE: Final = 'for example: born = { type = "date", min = 1900-01-01 }'
_LINE: Final = re.compile(r"at (line [0-9]+)")


def schema_from_toml(text: str) -> dict[str, dict[str, FieldType]]:
    """Return the tables that a TOML text declares: the fields of each, by name, in their order.

    Each can be given to `Strongroom.create_table`.

    Raises:
        InputError: it is no TOML, something is there that means nothing, or a name or a type is
            not allowed. The message names table and field, or the place in the text.
    """
    document = _parsed(text)
    _only(document, ("tables",), "the schema")
    tables = _table(document.get("tables") or None, "the schema has no tables")
    return {check_table_name(name): _fields(name, one) for name, one in tables.items()}


def indexes_from_toml(text: str) -> dict[str, list[Index]]:
    """Return the indexes that a TOML text declares, of each table that has any.

    Each can be given to `add_index`.

    Raises:
        InputError: as `schema_from_toml`.
    """
    tables = _table(_parsed(text).get("tables") or None, "the schema has no tables")
    found = {}
    for name, one in tables.items():
        declared = one.get("indexes", {}) if type(one) is dict else {}
        table = _table(declared, f"the indexes of {check_table_name(name)} are a table")
        found[name] = [_index(name, index, value) for index, value in table.items()]
    return {name: indexes for name, indexes in found.items() if indexes}


def schema_to_toml(
    tables: Mapping[str, Mapping[str, FieldType]],
    indexes: Mapping[str, Mapping[str, tuple[str, str]]] | None = None,
) -> str:
    """Return the TOML text that declares these tables: what `schema_from_toml` reads as them.

    Args:
        tables: their fields.
        indexes: their indexes: by name, how each is spelled, and why its leakage was accepted.
    """
    parts = []
    for name, fields in tables.items():
        quoted = f'"{name}"' if "." in name else name
        lines = [f'{field} = "{spell_declaration(one)}"' for field, one in fields.items()]
        parts.append("\n".join([f"[tables.{quoted}.fields]", *lines]) + "\n")
        own = (indexes or {}).get(name)
        if own:
            lines = [f"{called} = {_spelled(*one)}" for called, one in own.items()]
            parts.append("\n".join([f"[tables.{quoted}.indexes]", *lines]) + "\n")
    return "\n".join(parts)


def _spelled(declaration: str, accepted: str) -> str:
    if not accepted:
        return f'"{declaration}"'
    # A JSON text is a TOML text too, but for the character DEL, which TOML has escaped.
    reason = json.dumps(accepted, ensure_ascii=False).replace("\x7f", "\\u007f")
    return f'{{ index = "{declaration}", accept = {reason} }}'


def _index(name: str, called: str, value: object) -> Index:
    where = f"{name}.{check_field_name(called)}"
    options = {"index": value} if type(value) is str else value
    if type(options) is not dict or type(options.get("index")) is not str:
        raise InputError(
            f"{where}: an index is a text in quotes, or a table with index and accept",
            hint='for example: name_words = "words:name", below [tables.patients.indexes]',
        )
    _only(options, ("index", "accept"), where)
    try:
        declared = parse_index(options["index"])
        return replace(declared, name=called, accept=options.get("accept"))
    except InputError as error:
        rule, hint = str(error), error.hint
    raise InputError(f"{where}: {rule}", hint=hint)


def _parsed(text: str) -> dict[str, Any]:
    if len(text) > MOST_CHARS:
        raise InputError(f"the schema is longer than {MOST_CHARS:,} characters")
    line = ""
    try:
        # A decimal as it stands: a float would have lost what was written.
        return tomllib.loads(text, parse_float=decimal.Decimal)
    except tomllib.TOMLDecodeError as error:
        # The parser's text may quote the document.
        found = _LINE.search(str(error))
        line = f" ({found[1]})" if found else ""
    except (ValueError, ArithmeticError, RecursionError):
        pass  # a number of too many digits, or too many brackets
    raise InputError(f"the schema is not valid TOML{line}", hint=_EXAMPLE)


def _only(document: Mapping[str, Any], known: Iterable[str], where: str) -> None:
    if set(document) - set(known):
        raise InputError(
            f"{where} holds something that means nothing there",
            hint=f"what it may hold: {', '.join(known)}",
        )


def _table(value: object, message: str) -> dict[str, Any]:
    if type(value) is not dict:
        raise InputError(message, hint=_EXAMPLE)
    return value


def _fields(name: str, value: object) -> dict[str, FieldType]:
    table = _table(value, f"the table {check_table_name(name)} needs fields")
    _only(table, ("fields", "indexes"), f"the table {name}")
    fields = _table(table.get("fields") or None, f"the table {name} needs fields")
    return {
        check_field_name(field): _field(f"{name}.{field}", one) for field, one in fields.items()
    }


def _field(where: str, value: object) -> FieldType:
    try:
        if type(value) is str:
            return parse_declaration(value)
        if type(value) is dict:
            return _declared(value)
    except InputError as error:
        rule, hint = str(error), error.hint
    else:
        rule, hint = "a field is a text in quotes or a table of options", _TABLE_EXAMPLE
    raise InputError(f"{where}: {rule}", hint=hint)


def _declared(options: Mapping[str, Any]) -> FieldType:
    word = options.get("type")
    if type(word) is not str:
        raise InputError("type is missing", hint=_TABLE_EXAMPLE)
    kind = type_called(word)
    known = option_names(kind)
    _only(options, ("type", *known), word)
    given = {known[one]: value for one, value in options.items() if one != "type"}
    return kind(**{name: _option(kind, name, value) for name, value in given.items()})


def _option(kind: type[FieldType], name: str, value: Any) -> Any:  # noqa: ANN401  # of TOML
    """Return the value of an option as the type takes it; what it does not take, it refuses."""
    if name not in LIMITS or kind is Integer:
        return value
    if type(value) is str:
        return kind().parse(value, f"{kind.name}: {name}")
    if kind is Decimal and type(value) is int:
        return decimal.Decimal(value)
    if kind is Float and type(value) in (int, decimal.Decimal):
        return _float(value)
    return value


def _float(number: int | decimal.Decimal) -> float:
    try:
        return float(number)
    except OverflowError:
        pass
    raise InputError("float: a limit must fit into 64 bits")
