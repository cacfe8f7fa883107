"""The shadow columns of a table that is being rewritten: added, filled, put in place, or dropped.

Adding and renaming columns is quick on every database; a change of a column's type in place would
copy the table and block its writers. Every step looks at the table first and does what is missing,
since MySQL commits each DDL statement by itself and an interruption may come between any two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import sqlalchemy as sa

from strongroom.errors import InputError, StorageError
from strongroom.schema.pending import FOUND_COLUMN, Kind, Pending
from strongroom.schema.table import SEAL_COLUMN, VERSION_COLUMN, Field
from strongroom.storage.dialect import Dialect
from strongroom.storage.failure import mapped
from strongroom.storage.inspection import Shape, inspect
from strongroom.storage.rows import Rows

_MOST_UNSEALED: Final = 100
_FOUND_TYPE = {"sqlite": "BLOB", "mysql": "BLOB", "postgresql": "BYTEA"}


def types(dialect: Dialect, pending: Pending) -> dict[str, str]:
    """Return how each filled column is declared, by its final name."""
    found = {field.name: dialect.column_type(field).ddl for field in pending.filled}
    if pending.kind is not Kind.RELEASE:
        found |= {VERSION_COLUMN: dialect.integer.ddl, SEAL_COLUMN: dialect.seal.ddl}
    return found


def are_there(shape: Shape, pending: Pending) -> bool:
    """Say whether the table still has its shadow columns: whether it was not cut over yet."""
    return any(name in shape.columns for name in pending.shadows.values())


def is_swapped(shape: Shape, pending: Pending) -> bool:
    """Say whether a cut-over came as far as the swap, but not to the catalogue.

    That can only be on MySQL: elsewhere both are one transaction. A conversion that has not begun
    may look the same: only one whose proof is done can have been swapped.
    """
    if shape.dialect.kind != "mysql" or are_there(shape, pending):
        return False
    if pending.kind is not Kind.CONVERT:
        return (SEAL_COLUMN in shape.columns) is (pending.kind is Kind.ADOPT)
    kept = {field.name for field in pending.table.fields}
    gone = [name for name in pending.replaced if name not in kept]
    return all(name not in shape.columns for name in gone) and all(
        _is_ours(shape, field) for field in pending.filled
    )


def _is_ours(shape: Shape, field: Field) -> bool:
    """Say whether a column is declared as a swap leaves it: one of cells could hold a text too."""
    column, own = shape.columns.get(field.name), shape.dialect.column_type(field)
    return column is not None and (column.type, column.collation) == (own.reported, own.collation)


def check_free(shape: Shape, pending: Pending) -> None:
    """Refuse a table that has a column by a name that is needed: it would be filled and dropped.

    Raises:
        InputError: it has one.
    """
    needed = {*pending.shadows.values(), FOUND_COLUMN}
    if pending.kind is Kind.ADOPT:
        needed |= {VERSION_COLUMN, SEAL_COLUMN}
    for name in shape.columns:
        if name.lower() in needed:
            raise InputError(
                f"the table {shape.name} has a column {name}, a name that strongroom needs",
                hint="rename that column first",
            )


def add(connection: sa.Connection, dialect: Dialect, pending: Pending) -> None:
    """Add the shadow columns that are missing, all of them nullable."""
    shape = inspect(connection, dialect, pending.table.name)
    wanted = {pending.shadows[name]: kind for name, kind in types(dialect, pending).items()}
    if pending.kind is Kind.ADOPT:
        wanted[FOUND_COLUMN] = _FOUND_TYPE[dialect.kind]
    clauses = [
        f"ADD COLUMN {dialect.quote(name)} {kind}"
        for name, kind in wanted.items()
        if name not in shape.columns
    ]
    _alter(connection, shape, clauses)


def drop(connection: sa.Connection, dialect: Dialect, pending: Pending) -> None:
    """Drop the shadow columns: the table is as it was."""
    shape = inspect(connection, dialect, pending.table.name)
    ours = [*pending.shadows.values(), FOUND_COLUMN]
    _alter(
        connection,
        shape,
        [f"DROP COLUMN {dialect.quote(name)}" for name in ours if name in shape.columns],
    )


def swap(
    connection: sa.Connection, dialect: Dialect, pending: Pending, indexes: Sequence[str]
) -> None:
    """Drop the columns that are replaced and give the shadows their names.

    Args:
        connection: that holds the table alone.
        dialect: of the database.
        pending: what is being done.
        indexes: those that have to go with the columns.
    """
    shape = inspect(connection, dialect, pending.table.name)
    clauses = list(_clauses(dialect, pending, shape))
    dropped = [dialect.quote(name) for name in indexes]
    if dialect.kind == "mysql":
        clauses = [*(f"DROP INDEX {name}" for name in dropped), *clauses]
    elif dialect.kind == "sqlite":  # PostgreSQL drops them with the columns
        for name in dropped:
            with mapped():
                connection.exec_driver_sql(f"DROP INDEX IF EXISTS {name}")
    _alter(connection, shape, clauses)
    if dialect.kind == "postgresql" and pending.kind is Kind.ADOPT:
        # At once, so that no program which knows nothing of strongroom puts a plain row in. On
        # MySQL that would write the whole table anew while everybody waits: `rebuild` does it.
        _alter(connection, shape, [", ".join(_required(dialect, pending))])


def _required(dialect: Dialect, pending: Pending) -> list[str]:
    """Return what makes the new columns NOT NULL."""
    names = [field.name for field in pending.filled if not field.type.optional]
    if pending.kind is not Kind.RELEASE:
        names += [VERSION_COLUMN, SEAL_COLUMN]
    kinds = types(dialect, pending)
    if dialect.kind == "mysql":
        return [f"MODIFY COLUMN {dialect.quote(one)} {kinds[one]} NOT NULL" for one in names]
    return [f"ALTER COLUMN {dialect.quote(one)} SET NOT NULL" for one in names]


def _clauses(dialect: Dialect, pending: Pending, shape: Shape) -> Iterator[str]:
    gone = [*pending.replaced, FOUND_COLUMN]
    if pending.kind is not Kind.ADOPT:
        gone += [VERSION_COLUMN, SEAL_COLUMN]
    for name in gone:
        if name in shape.columns:
            yield f"DROP COLUMN {dialect.quote(name)}"
    for name, kind in types(dialect, pending).items():
        old, new = dialect.quote(pending.shadows[name]), dialect.quote(name)
        if dialect.kind == "mysql":
            yield f"CHANGE COLUMN {old} {new} {kind}"
        else:
            yield f"RENAME COLUMN {old} TO {new}"


def _alter(connection: sa.Connection, shape: Shape, clauses: Sequence[str]) -> None:
    """Alter the table, on MySQL by one statement: it happens whole or not at all."""
    if not clauses:
        return
    grouped = [", ".join(clauses)] if shape.dialect.kind == "mysql" else clauses
    for clause in grouped:
        with mapped():
            connection.exec_driver_sql(f"ALTER TABLE {shape.quoted} {clause}")


def rebuild(dialect: Dialect, pending: Pending, *, undone: bool = False) -> list[str]:
    """Return the statements that remove from the files what dropped columns left in them.

    A dropped column's values stay in the rows until they are written anew: measured, in 20,000 of
    20,000. After a cut-over, on MySQL and PostgreSQL, the columns become NOT NULL on the way.
    """
    shape = Shape(dialect, pending.table.name, {}, ())
    clauses = [] if undone else _required(dialect, pending)
    if dialect.kind == "mysql":
        return [f"ALTER TABLE {shape.quoted} {', '.join([*clauses, 'FORCE'])}"]
    if dialect.kind == "postgresql":
        altered = [f"ALTER TABLE {shape.quoted} {', '.join(clauses)}"] if clauses else []
        return [*altered, f"VACUUM (FULL, ANALYZE) {shape.quoted}"]
    return ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"]


def run(connection: sa.Connection, statements: Sequence[str]) -> None:
    """Run what `rebuild` returned, outside of any transaction.

    Raises:
        BusyError: others use the table, or on SQLite the file.
    """
    for statement in statements:
        with mapped():
            connection.exec_driver_sql(statement)


def count(connection: sa.Connection, dialect: Dialect, pending: Pending) -> int:
    """Return how many rows the table has."""
    return Rows(dialect, pending.table).count(connection)


def unsealed(connection: sa.Connection, dialect: Dialect, pending: Pending) -> int:
    """Return how many rows have no seal in their shadows, 100 at most; 0 where none is made."""
    if pending.kind is Kind.RELEASE:
        return 0
    return len(Rows(dialect, pending.table, pending.shadows).unsealed(connection, _MOST_UNSEALED))


def check_version(connection: sa.Connection, dialect: Dialect) -> None:
    """Refuse an SQLite that cannot drop a column.

    Raises:
        StorageError: it is older than 3.35.
    """
    version = connection.dialect.server_version_info or ()
    if dialect.kind == "sqlite" and version < (3, 35):
        raise StorageError(
            "this SQLite cannot drop columns: rewriting a table needs 3.35 or newer",
            hint="use a Python that brings a newer SQLite",
        )
