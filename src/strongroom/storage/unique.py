"""Unique fields: their constraints, whether these still stand, and whose value was a duplicate.

A constraint's name follows from the names of table and field. It is what servers call a refused
row by; their sentences quote the value too, so only a name that is one of ours is taken from them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Final

import sqlalchemy as sa

from strongroom.errors import DuplicateError
from strongroom.schema.table import Field, Table
from strongroom.storage import faults
from strongroom.storage.dialect import Dialect
from strongroom.storage.failure import driver_error, mapped, recognise, throw

PREFIX: Final = "unique_"
_SHOWN: Final = 32
_INDEXES: Final = {
    "sqlite": "SELECT l.name, i.name FROM pragma_index_list(:bare) AS l "
    'JOIN pragma_index_info(l.name) AS i WHERE l."unique" AND NOT l.partial',
    "mysql": "SELECT index_name, column_name FROM information_schema.statistics "
    "WHERE non_unique = 0 AND sub_part IS NULL AND table_name = :bare "
    "AND table_schema = COALESCE(:schema, DATABASE())",
    "postgresql": "SELECT relname, attname FROM pg_index "
    "JOIN pg_class ON pg_class.oid = indexrelid "
    "JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey) "
    "WHERE indrelid = to_regclass(:name) AND indisunique AND indisvalid "
    "AND indpred IS NULL AND indexprs IS NULL",
}
# SQLite names the column, MySQL the index, at the very end of a sentence that may quote a value.
_SQLITE: Final = re.compile(r"UNIQUE constraint failed: [a-z0-9_]+\.([a-z0-9_]+)")
_MYSQL: Final = re.compile(r"for key '(?:[^'.]+\.)?([a-z0-9_]+)'\Z")


def fields(table: Table) -> Iterator[Field]:
    """Give the unique fields of a table."""
    return (field for field in table.fields if field.type.unique)


def constraint_name(table: str, field: str) -> str:
    """Return the name of a field's constraint: no two fields of a schema share one."""
    bare = table.rpartition(".")[2]
    digest = hashlib.sha256(f"{bare}.{field}".encode()).hexdigest()[:8]
    return f"{PREFIX}{field[:_SHOWN]}_{digest}"


def constraint(dialect: Dialect, table: str, field: Field) -> str:
    """Return the part of a CREATE or ALTER TABLE that makes a field unique."""
    name = constraint_name(table, field.name)
    return f"CONSTRAINT {dialect.quote(name)} UNIQUE ({dialect.quote(field.name)})"


def indexes(connection: sa.Connection, dialect: Dialect, table: str) -> Mapping[str, str]:
    """Return the column of each unique index that a table has over one whole column alone."""
    schema, _, bare = table.rpartition(".")
    parameters = {"bare": bare, "schema": schema or None, "name": table}
    statement = sa.text(_INDEXES[dialect.kind])
    wanted = {key: parameters[key] for key in statement.compile().params}
    found: dict[str, list[str]] = {}
    with mapped():
        for index, column in connection.execute(statement, wanted):
            found.setdefault(index, []).append(column)
    return {index: columns[0] for index, columns in found.items() if len(columns) == 1}


def missing(connection: sa.Connection, dialect: Dialect, table: Table) -> list[str]:
    """Return the unique columns of which the table may hold a value twice: fields and tokens."""
    declared = [field.name for field in fields(table)]
    declared += [index.place for index in table.columns if index.unique]
    if not declared:
        return []
    held = set(indexes(connection, dialect, table.name).values())
    return [name for name in declared if name not in held]


class refused:  # noqa: N801  # used as a statement, like `mapped`
    """Run a write, and turn the refusal of a duplicate into a `DuplicateError`.

    What is raised names the field and holds no text of the driver. Where the field cannot be
    told, and for a primary key, the driver's error goes on, to be mapped.
    """

    __slots__ = ("_table",)

    def __init__(self, table: Table) -> None:
        self._table = table

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, Exception) and recognise(error)[0] is faults.DUPLICATE:
            name = _field(driver_error(error), self._table)
            if name is not None:
                throw(
                    DuplicateError(
                        f"{self._table.name}.{name} must be unique: another record has this value"
                    )
                )


def _field(error: Any, table: Table) -> str | None:  # noqa: ANN401  # of any driver
    """Return the unique field whose value was refused, if the driver's error says so."""
    names = {constraint_name(table.name, field.name): field.name for field in fields(table)}
    shown = {name: name for name in names.values()}
    for index in table.columns:
        names[index.place] = index.place
        shown[index.place] = "+".join(field.name for field in table.fields_of(index))
    found: str | None = None
    if hasattr(error, "sqlite_errorname"):
        match = _SQLITE.fullmatch(str(error))
        return shown.get(match[1]) if match else None
    if hasattr(error, "diag"):
        found = error.diag.constraint_name
    else:
        match = _MYSQL.search(str(error.args[-1]))
        found = match[1] if match else None
    return None if found is None else shown.get(names.get(found, ""))
