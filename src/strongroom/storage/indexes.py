"""Making and dropping what an index needs in the database: a column, or a table of tokens.

Each is called by the index's id, so it can be recognised, and an index never meets the one that it
replaces. What is done already is left out: a run that was interrupted can be repeated.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

import sqlalchemy as sa

from strongroom.schema.search.index import BlindIndex
from strongroom.schema.table import Table
from strongroom.storage import postings
from strongroom.storage.dialect import ColumnType, Dialect
from strongroom.storage.failure import mapped
from strongroom.storage.inspection import Shape, inspect

_COLUMN: Final = re.compile(r"record_index_[0-9a-f]{8}")


def column_type(dialect: Dialect, index: BlindIndex) -> ColumnType:
    """Return how a column of tokens is declared: of fixed length, and compared as bytes."""
    if dialect.kind == "mysql":
        return ColumnType(f"BINARY({index.size})", f"binary({index.size})")
    return dialect.seal


def add(connection: sa.Connection, dialect: Dialect, table: Table, index: BlindIndex) -> None:
    """Make what an index needs.

    Args:
        connection: on MySQL one that holds nothing, since every statement ends its transaction.
        dialect: of the database.
        table: as it stands.
        index: the new one.
    """
    shape = inspect(connection, dialect, table.name)
    if index.kind.beside:
        statements = list(_beside(dialect, table, index, shape))
    else:
        declared = f"{dialect.quote(index.place)} {column_type(dialect, index).ddl}"
        statements = [
            f"ALTER TABLE {shape.quoted} ADD COLUMN {declared}",
            _sql_index(dialect, table, index),
        ]
    _run(connection, statements)


def tidy(connection: sa.Connection, dialect: Dialect, table: Table, known: Collection[str]) -> None:
    """Drop columns that an interrupted run left of an index that the catalogue never knew.

    Only MySQL commits a column before its catalogue. A table of tokens that was left so stays: by
    its name alone nobody can tell that it is not another store's.

    Args:
        connection: as for `add`.
        dialect: of the database.
        table: as it stands.
        known: the columns of the table's indexes.
    """
    if dialect.kind != "mysql":
        return
    shape = inspect(connection, dialect, table.name)
    columns = [name for name in shape.columns if _COLUMN.fullmatch(name) and name not in known]
    _run(
        connection,
        [f"ALTER TABLE {shape.quoted} DROP COLUMN {dialect.quote(name)}" for name in columns],
    )


def is_there(connection: sa.Connection, dialect: Dialect, table: Table, index: BlindIndex) -> bool:
    """Say whether the column or the table of an index is in the database."""
    if index.kind.beside:
        schema = table.name.rpartition(".")[0] or None
        with mapped():
            return sa.inspect(connection).has_table(index.place, schema=schema)
    return index.place in inspect(connection, dialect, table.name).columns


def drop(connection: sa.Connection, dialect: Dialect, table: Table, index: BlindIndex) -> None:
    """Remove what an index needed, if it is there; the rest as for `add`."""
    if index.kind.beside:
        whole = dialect.quote_table(postings.whole_name(table, index))
        _run(connection, [f"DROP TABLE IF EXISTS {whole}"])
        return
    shape = inspect(connection, dialect, table.name)
    if index.place not in shape.columns:
        return
    column = dialect.quote(index.place)
    # The others drop what is over the column with it.
    first = [f"DROP INDEX IF EXISTS {column}"] if dialect.kind == "sqlite" else []
    _run(connection, [*first, f"ALTER TABLE {shape.quoted} DROP COLUMN {column}"])


def _run(connection: sa.Connection, statements: list[str]) -> None:
    with mapped():
        for statement in statements:
            connection.exec_driver_sql(statement)


def _sql_index(dialect: Dialect, table: Table, index: BlindIndex) -> str:
    """Return the statement that lets the database look tokens up, and keep them unique."""
    names = [index.place]
    if dialect.kind == "postgresql" and not index.unique:
        names += table.key_names  # the other two have the key in every index
    columns = ", ".join(dialect.quote(name) for name in names)
    unique = "UNIQUE " if index.unique else ""
    place, name = dialect.quote_table(table.name), dialect.quote(index.place)
    return f"CREATE {unique}INDEX {name} ON {place} ({columns})"


def _beside(dialect: Dialect, table: Table, index: BlindIndex, shape: Shape) -> Iterator[str]:
    whole = dialect.quote_table(postings.whole_name(table, index))
    token = dialect.quote(postings.TOKEN)
    keys = [dialect.quote(postings.key_column(name)) for name in table.key_names]
    types = [_key_type(dialect, name, shape) for name in table.key_names]
    columns = [f"{token} {column_type(dialect, index).ddl} NOT NULL"]
    columns += [f"{name} {kind} NOT NULL" for name, kind in zip(keys, types, strict=True)]
    columns.append(f"PRIMARY KEY ({', '.join([token, *keys])})")
    by_key = f"{index.place}_key"
    if dialect.kind == "mysql":
        columns.append(f"KEY {dialect.quote(by_key)} ({', '.join(keys)})")
    options = " WITHOUT ROWID" if dialect.kind == "sqlite" else dialect.table_options
    yield f"CREATE TABLE {whole} ({', '.join(columns)}){options}"
    if dialect.kind != "mysql":
        yield f"CREATE INDEX {dialect.quote(by_key)} ON {whole} ({', '.join(keys)})"


def _key_type(dialect: Dialect, name: str, shape: Shape) -> str:
    """Return the type of a column of the primary key, as it stands."""
    column = shape.columns[name]
    if column.collation is None:
        return column.type
    collation = column.collation if dialect.kind == "mysql" else dialect.quote(column.collation)
    return f"{column.type} COLLATE {collation}"
