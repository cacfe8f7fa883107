"""Bring a user's table from one declaration to another, without touching a cell.

MySQL commits each statement by itself, so there a change is one statement, and may have been
interrupted after it, before the catalogue was written. It is asked for again then: what stands in
the database is looked at first, and what is done already is left out. Fields are followed by their
ids. Steps that rewrite records are not taken here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import sqlalchemy as sa

from strongroom.errors import InputError
from strongroom.schema.table import Field, Table
from strongroom.storage import tables, unique
from strongroom.storage.dialect import Dialect
from strongroom.storage.failure import mapped

_MOVED: Final = "strongroom_moved"
_WAIT_SECONDS: Final = 10


def alter(connection: sa.Connection, dialect: Dialect, old: Table, new: Table) -> None:
    """Make the table as `new` says: fields and itself renamed, fields added or made optional.

    Args:
        connection: on MySQL one that holds nothing, since every statement ends its transaction;
            elsewhere the one that commits all of it at once.
        dialect: the kind of database.
        old: the table as the catalogue has it; the database may be anywhere on the way.
        new: as it is to be.

    Raises:
        NoTableError: the new name is another table's.
        InputError: a column is in the way, or this kind of database cannot do it.
        StorageError: the table is not as strongroom made it.
        BusyError: somebody uses the table.
    """
    if dialect.kind == "sqlite" and "." in new.name:
        raise InputError("SQLite has no schemas: give the table's name alone")
    with patience(connection, dialect):
        standing = _standing(connection, dialect, old, new)
        tables.check(connection, dialect, standing)
        indexes = unique.indexes(connection, dialect, standing.name)
        for statement in _statements(dialect, standing, new, indexes):
            with mapped():
                connection.exec_driver_sql(statement)
        tables.check(connection, dialect, new)


@contextmanager
def patience(connection: sa.Connection, dialect: Dialect) -> Iterator[None]:
    """Have MySQL wait for a table's users for seconds only: one of them may be waiting for us."""
    if dialect.kind != "mysql":
        yield
        return
    with mapped():
        before = int(connection.exec_driver_sql("SELECT @@lock_wait_timeout").scalar_one())
        connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {_WAIT_SECONDS}")
    try:
        yield
    finally:
        with mapped():
            connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {before}")


def _standing(connection: sa.Connection, dialect: Dialect, old: Table, new: Table) -> Table:
    """Return the table as far as it is on the way: its present name, and those of its columns.

    What is neither as it was nor as it is to be is returned as it was, for the check to name it.
    """
    there = old.name != new.name and tables.exists(connection, new.name)
    if there and tables.exists(connection, old.name):
        raise tables.not_managed(new.name)
    name = new.name if there else old.name
    columns = tables.nullable(connection, dialect, name)
    before = {field.id: field for field in old.fields}
    fields = []
    for field in new.fields:
        was = before.get(field.id)
        if was is None:
            if field.name in columns:
                _check_empty(connection, dialect, replace(new, name=name), field)
                fields.append(field)
            continue
        renamed = was.name != field.name and field.name in columns
        if renamed and was.name in columns:
            raise _in_the_way(new, field)
        present = field.name if renamed else was.name
        # Not as a difference: it may have been made optional before the change was interrupted.
        optional = was.type.optional or (field.type.optional and columns.get(present, False))
        fields.append(Field(field.id, present, replace(was.type, optional=optional)))
    return replace(old, name=name, fields=tuple(fields))


def _check_empty(connection: sa.Connection, dialect: Dialect, table: Table, field: Field) -> None:
    """Refuse a column that is there before its field, unless nothing was ever stored in it."""
    place, column = dialect.quote_table(table.name), dialect.quote(field.name)
    with mapped():
        found = connection.exec_driver_sql(
            f"SELECT 1 FROM {place} WHERE {column} IS NOT NULL LIMIT 1"  # noqa: S608
        ).first()
    if found is not None:
        raise _in_the_way(table, field)


def _in_the_way(table: Table, field: Field) -> InputError:
    return InputError(
        f"the table {table.name} has a column {field.name} that strongroom did not make",
        hint="choose another name, or rename that column with the tool that made it",
    )


def _statements(
    dialect: Dialect, standing: Table, new: Table, indexes: Mapping[str, str]
) -> Iterator[str]:
    """Give what remains to be done, on MySQL as one statement: it is done or not done."""
    steps = _steps(dialect, standing, new, indexes)
    if dialect.kind != "mysql":
        yield from steps
        return
    beginning = f"ALTER TABLE {dialect.quote_table(standing.name)} "
    clauses = [step.removeprefix(beginning) for step in steps]
    if clauses:
        yield beginning + ", ".join(clauses)


def _steps(
    dialect: Dialect, standing: Table, new: Table, indexes: Mapping[str, str]
) -> Iterator[str]:
    """Give what remains to be done, each step in a statement of its own."""
    alter_table = f"ALTER TABLE {dialect.quote_table(standing.name)}"
    before = {field.id: field for field in standing.fields}
    for field in new.fields:
        was = before.get(field.id)
        if was is None:
            yield from _add(dialect, alter_table, new, field)
            continue
        relaxed = field.type.optional and not was.type.optional
        # In one statement MySQL takes one clause for each column: below, it is renamed as well.
        if was.name != field.name and not (relaxed and dialect.kind == "mysql"):
            old_name, new_name = dialect.quote(was.name), dialect.quote(field.name)
            yield f"{alter_table} RENAME COLUMN {old_name} TO {new_name}"
        if relaxed:
            yield from _make_optional(dialect, standing, was, field)
        if field.type.unique:
            held = [index for index, column in indexes.items() if column == was.name]
            yield from _rename_index(dialect, standing, new, field, held)
    if standing.name != new.name:
        yield f"{alter_table} RENAME TO {_own_name(dialect, new.name)}"


def _own_name(dialect: Dialect, name: str) -> str:
    """Return a name as it is given in a rename: without its schema, where it cannot change it."""
    if dialect.kind == "postgresql":
        return dialect.quote(name.rpartition(".")[2])
    return dialect.quote_table(name)


def _add(dialect: Dialect, alter_table: str, new: Table, field: Field) -> Iterator[str]:
    column = f"{alter_table} ADD COLUMN {dialect.quote(field.name)} "
    column += dialect.column_type(field).ddl
    if not field.type.unique:
        yield column
    elif dialect.kind == "sqlite":
        yield column
        yield _sqlite_index(dialect, alter_table.removeprefix("ALTER TABLE "), new, field)
    else:
        yield f"{column}, ADD {unique.constraint(dialect, new.name, field)}"


def _sqlite_index(dialect: Dialect, place: str, new: Table, field: Field) -> str:
    name = dialect.quote(unique.constraint_name(new.name, field.name))
    return f"CREATE UNIQUE INDEX {name} ON {place} ({dialect.quote(field.name)})"


def _make_optional(dialect: Dialect, standing: Table, was: Field, field: Field) -> Iterator[str]:
    place, name = dialect.quote_table(standing.name), dialect.quote(field.name)
    declared = dialect.column_type(field).ddl
    if dialect.kind == "mysql":
        yield f"ALTER TABLE {place} CHANGE COLUMN {dialect.quote(was.name)} {name} {declared}"
    elif dialect.kind == "postgresql":
        yield f"ALTER TABLE {place} ALTER COLUMN {name} DROP NOT NULL"
    elif field.type.unique:
        raise InputError(
            f"SQLite cannot make the unique column {standing.name}.{field.name} optional"
        )
    else:
        # SQLite changes no column: another one takes its values, as they stand, and its name.
        yield f"ALTER TABLE {place} ADD COLUMN {_MOVED} {declared}"
        yield f"UPDATE {place} SET {_MOVED} = {name}"  # noqa: S608
        yield f"ALTER TABLE {place} DROP COLUMN {name}"
        yield f"ALTER TABLE {place} RENAME COLUMN {_MOVED} TO {name}"


def _rename_index(
    dialect: Dialect, standing: Table, new: Table, field: Field, held: list[str]
) -> Iterator[str]:
    """Give an index the name that belongs to its table and field now: another may need the old."""
    wanted = unique.constraint_name(new.name, field.name)
    ours = [index for index in held if index.startswith(unique.PREFIX)]
    if not ours or wanted in ours:
        return
    old_name, new_name = dialect.quote(ours[0]), dialect.quote(wanted)
    place = dialect.quote_table(standing.name)
    if dialect.kind == "mysql":
        yield f"ALTER TABLE {place} RENAME INDEX {old_name} TO {new_name}"
    elif dialect.kind == "postgresql":
        schema = standing.name.rpartition(".")[0]
        whole = f"{dialect.quote(schema)}.{old_name}" if schema else old_name
        yield f"ALTER INDEX {whole} RENAME TO {new_name}"
    else:
        yield f"DROP INDEX {old_name}"
        yield _sqlite_index(dialect, place, new, field)
