"""Users' tables: making them, and refusing those that are not as strongroom would make them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from strongroom.errors import InputError, NoTableError, StorageError
from strongroom.schema.table import SEAL_COLUMN, VERSION_COLUMN, Table
from strongroom.storage import unique
from strongroom.storage.dialect import Dialect
from strongroom.storage.failure import mapped


@dataclass(frozen=True, slots=True)
class _Column:
    """A column as it should be or as it is."""

    type: str
    collation: str | None
    nullable: bool


def ddl(dialect: Dialect, table: Table) -> str:
    """Return the statement that makes a managed table."""
    columns = [f"{_quote(dialect, one.name)} {dialect.key}" for one in table.key]
    for field in table.fields:
        null = "" if field.type.optional else " NOT NULL"
        declared = dialect.column_type(field).ddl
        columns.append(f"{_quote(dialect, field.name)} {declared}{null}")
    columns.append(f"{VERSION_COLUMN} {dialect.integer.ddl} NOT NULL")
    columns.append(f"{SEAL_COLUMN} {dialect.seal.ddl} NOT NULL")
    columns += [unique.constraint(dialect, table.name, one) for one in unique.fields(table)]
    name = ".".join(_quote(dialect, part) for part in table.name.split("."))
    return f"CREATE TABLE {name} ({', '.join(columns)}){dialect.table_options}"


def _quote(dialect: Dialect, name: str) -> str:
    return dialect.quote(name)


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
    expected = _expected(dialect, table)
    return tuple(name for name in _actual(connection, dialect, table.name) if name not in expected)


def check(connection: sa.Connection, dialect: Dialect, table: Table) -> None:
    """Refuse a table whose columns could not give back what is stored in them.

    Raises:
        StorageError: a column is missing or has another type, or the engine has no transactions.
    """
    wrong = _differences(connection, dialect, table)
    if wrong:
        raise StorageError(
            f"the table {table.name} is not as strongroom made it: {', '.join(wrong)}",
            hint="someone changed it with another tool; change it back",
        )


def _empty(connection: sa.Connection, dialect: Dialect, table: Table) -> bool:
    name = ".".join(_quote(dialect, part) for part in table.name.split("."))
    with mapped():
        found = connection.exec_driver_sql(f"SELECT 1 FROM {name} LIMIT 1")  # noqa: S608
        return found.first() is None


def _differences(connection: sa.Connection, dialect: Dialect, table: Table) -> list[str]:
    """Name what is wrong with the table, in the order of its columns."""
    actual = _actual(connection, dialect, table.name)
    if not actual:
        return ["it is gone"]
    expected = _expected(dialect, table)
    wrong = [f"column {name} is missing" for name in expected if name not in actual]
    wrong += [
        f"column {name} has another type or collation"
        for name, column in expected.items()
        if name in actual and actual[name] != column
    ]
    if _primary_key(connection, table.name) != [one.name for one in table.key]:
        # Without it a row could be there twice, and be counted twice.
        wrong.append("its primary key is another")
    wrong += [f"column {name} is not unique" for name in unique.missing(connection, dialect, table)]
    if dialect.kind == "mysql" and not _innodb(connection, table.name):
        wrong.append("its engine is not InnoDB")
    return wrong


def _expected(dialect: Dialect, table: Table) -> dict[str, _Column]:
    number, seal = dialect.integer, dialect.seal
    columns = {one.name: _Column(number.reported, None, nullable=False) for one in table.key}
    for field in table.fields:
        kind = dialect.column_type(field)
        columns[field.name] = _Column(kind.reported, kind.collation, field.type.optional)
    columns[VERSION_COLUMN] = _Column(number.reported, None, nullable=False)
    columns[SEAL_COLUMN] = _Column(seal.reported, None, nullable=False)
    return columns


_COLUMNS: Final = {
    "sqlite": 'SELECT name, type, NULL, "notnull" = 0 FROM pragma_table_info(:bare)',
    "mysql": "SELECT column_name, column_type, collation_name, is_nullable = 'YES' "
    "FROM information_schema.columns WHERE table_name = :bare "
    "AND table_schema = COALESCE(:schema, DATABASE())",
    "postgresql": "SELECT attname, format_type(atttypid, atttypmod), "
    "NULLIF(collname, 'default'), NOT attnotnull "
    "FROM pg_attribute LEFT JOIN pg_collation ON pg_collation.oid = attcollation "
    "WHERE attrelid = to_regclass(:name) AND attnum > 0 AND NOT attisdropped",
}
# MariaDB reports a display width for integers, MySQL 8 none.
_DISPLAY_WIDTH: Final = re.compile(r"^(bigint|smallint)\(\d+\)")


def _actual(connection: sa.Connection, dialect: Dialect, name: str) -> dict[str, _Column]:
    schema, _, bare = name.rpartition(".")
    parameters = {"bare": bare, "schema": schema or None, "name": name}
    statement = sa.text(_COLUMNS[dialect.kind])
    wanted = {key: parameters[key] for key in statement.compile().params}
    with mapped():
        rows = connection.execute(statement, wanted).all()
    return {
        row[0]: _Column(_DISPLAY_WIDTH.sub(r"\1", row[1]), row[2], bool(row[3])) for row in rows
    }


def nullable(connection: sa.Connection, dialect: Dialect, name: str) -> dict[str, bool]:
    """Return the columns of a table, and which of them may hold NULL."""
    actual = _actual(connection, dialect, name)
    return {column: found.nullable for column, found in actual.items()}


def _primary_key(connection: sa.Connection, name: str) -> list[str]:
    schema, _, bare = name.rpartition(".")
    with mapped():
        found = sa.inspect(connection).get_pk_constraint(bare, schema=schema or None)
    return list(found["constrained_columns"])


def _innodb(connection: sa.Connection, name: str) -> bool:
    schema, _, bare = name.rpartition(".")
    statement = sa.text(
        "SELECT engine FROM information_schema.tables WHERE table_name = :bare "
        "AND table_schema = COALESCE(:schema, DATABASE())"
    )
    with mapped():
        engine = connection.execute(statement, {"bare": bare, "schema": schema or None}).scalar()
    return engine == "InnoDB"
