"""Users' tables: making them, and refusing those that are not as strongroom would make them."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from strongroom.errors import InputError, NoTableError, StorageError
from strongroom.schema.table import SEAL_COLUMN, VERSION_COLUMN, Table
from strongroom.storage import indexes, unique
from strongroom.storage.dialect import Dialect
from strongroom.storage.failure import mapped
from strongroom.storage.inspection import Column, engine, inspect
from strongroom.storage.rewriting.foreign import keeps


@dataclass(frozen=True, slots=True)
class _Column:
    """A column as it should be or as it is."""

    type: str
    collation: str | None
    nullable: bool


def ddl(dialect: Dialect, table: Table) -> str:
    """Return the statement that makes a managed table. Its indexes are added afterwards."""
    columns = [f"{dialect.quote(one.name)} {dialect.key}" for one in table.key]
    for field in table.fields:
        null = "" if field.type.optional else " NOT NULL"
        declared = dialect.column_type(field).ddl
        columns.append(f"{dialect.quote(field.name)} {declared}{null}")
    columns.append(f"{VERSION_COLUMN} {dialect.integer.ddl} NOT NULL")
    columns.append(f"{SEAL_COLUMN} {dialect.seal.ddl} NOT NULL")
    columns += [unique.constraint(dialect, table.name, one) for one in unique.fields(table)]
    name = dialect.quote_table(table.name)
    return f"CREATE TABLE {name} ({', '.join(columns)}){dialect.table_options}"


def exists(connection: sa.Connection, name: str) -> bool:
    """Say whether the database has a table or view of that name, ours or not."""
    schema, _, bare = name.rpartition(".")
    with mapped():
        return sa.inspect(connection).has_table(bare, schema=schema or None)


def create(connection: sa.Connection, dialect: Dialect, table: Table) -> None:
    """Make the table, or take one that an interrupted run or `--sql` left: exact and empty.

    Raises:
        NoTableError: there is a table of that name which strongroom does not manage.
    """
    if dialect.kind == "sqlite" and "." in table.name:
        raise InputError("SQLite has no schemas: give the table's name alone")
    if not exists(connection, table.name):
        with mapped():
            connection.exec_driver_sql(ddl(dialect, table))
        return
    if _differences(connection, dialect, table) or not _empty(connection, dialect, table):
        raise not_managed(table.name)


def not_managed(name: str) -> NoTableError:
    """Return the error for a table of the database that is not in the store's catalogue."""
    return NoTableError(
        f"the database has a table {name} that strongroom does not manage",
        hint=f"it was left alone; to take it over: strongroom adopt {name}",
    )


def outside(connection: sa.Connection, dialect: Dialect, table: Table) -> tuple[str, ...]:
    """Return the columns that the table has and strongroom neither writes nor returns."""
    expected, found = _expected(dialect, table), inspect(connection, dialect, table.name).columns
    return tuple(name for name in found if name not in expected)


def check(connection: sa.Connection, dialect: Dialect, table: Table) -> None:
    """Refuse a table whose columns could not give back what is stored in them.

    Raises:
        StorageError: a column is missing or has another type, or the engine has no transactions.
    """
    wrong = _differences(connection, dialect, table)
    if not wrong:
        return
    hint = "someone changed it with another tool; change it back"
    missing = {f"column {index.place} is missing": index.name for index in table.columns}
    if set(wrong) <= missing.keys():
        name = missing[wrong[0]]
        hint = (
            f"the index {name} was being rebuilt or dropped when that was interrupted: run "
            "rebuild-index or drop-index again, whichever it was"
        )
    raise StorageError(
        f"the table {table.name} is not as strongroom made it: {', '.join(wrong)}", hint=hint
    )


def _empty(connection: sa.Connection, dialect: Dialect, table: Table) -> bool:
    name = dialect.quote_table(table.name)
    with mapped():
        found = connection.exec_driver_sql(f"SELECT 1 FROM {name} LIMIT 1")  # noqa: S608
        return found.first() is None


def _differences(connection: sa.Connection, dialect: Dialect, table: Table) -> list[str]:
    """Name what is wrong with the table, in the order of its columns."""
    shape = inspect(connection, dialect, table.name)
    if not shape.columns:
        return ["it is gone"]
    expected = _expected(dialect, table)
    wrong = [f"column {name} is missing" for name in expected if name not in shape.columns]
    wrong += [
        f"column {name} has another type or collation"
        for name, column in expected.items()
        if name in shape.columns and not _fits(dialect, table, shape.columns[name], column)
    ]
    if list(shape.key) != [one.name for one in table.key]:
        # Without it a row could be there twice, and be counted twice.
        wrong.append("its primary key is another")
    wrong += [f"column {name} is not unique" for name in unique.missing(connection, dialect, table)]
    if dialect.kind == "mysql" and engine(connection, dialect, table.name) != "InnoDB":
        wrong.append("its engine is not InnoDB")
    return wrong


def _fits(dialect: Dialect, table: Table, found: Column, expected: _Column) -> bool:
    if not table.adopted:
        return _Column(found.type, found.collation, found.nullable) == expected
    field = table.by_name.get(found.name)
    if field is not None:
        return keeps(dialect, found, field)
    if found.name in table.key_names:
        return True  # looked at when it was adopted: a changed key opens no record
    return (found.type, found.collation) == (expected.type, expected.collation)


def _expected(dialect: Dialect, table: Table) -> dict[str, _Column]:
    number, seal = dialect.integer, dialect.seal
    columns = {one.name: _Column(number.reported, None, nullable=False) for one in table.key}
    for field in table.fields:
        kind = dialect.column_type(field)
        columns[field.name] = _Column(kind.reported, kind.collation, field.type.optional)
    columns[VERSION_COLUMN] = _Column(number.reported, None, nullable=False)
    columns[SEAL_COLUMN] = _Column(seal.reported, None, nullable=False)
    for index in table.columns:
        kind = indexes.column_type(dialect, index)
        columns[index.place] = _Column(kind.reported, None, nullable=True)
    return columns


def nullable(connection: sa.Connection, dialect: Dialect, name: str) -> dict[str, bool]:
    """Return the columns of a table, and which of them may hold NULL."""
    found = inspect(connection, dialect, name).columns
    return {column.name: column.nullable for column in found.values()}
