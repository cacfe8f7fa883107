"""What a table of the database is like: its columns, its primary key, its engine.

Everything is read from the database's own catalogue and told in one vocabulary. Nothing is judged
here: `tables` compares with what strongroom makes, `foreign` decides what can be adopted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import sqlalchemy as sa

from strongroom.storage.dialect import Dialect
from strongroom.storage.failure import mapped

# name, type, collation, nullable, how it is filled by itself, default
_COLUMNS: Final = {
    "sqlite": 'SELECT name, type, NULL, "notnull" = 0 AND pk = 0, '
    "CASE WHEN hidden IN (2, 3) THEN 'generated' ELSE '' END, dflt_value IS NOT NULL "
    "FROM pragma_table_xinfo(:bare)",
    "mysql": "SELECT column_name, column_type, collation_name, is_nullable = 'YES', extra, "
    "column_default IS NOT NULL OR extra LIKE '%auto_increment%' "
    "FROM information_schema.columns WHERE table_name = :bare "
    "AND table_schema = COALESCE(:schema, DATABASE()) ORDER BY ordinal_position",
    "postgresql": "SELECT attname, format_type(atttypid, atttypmod), "
    "NULLIF(collname, 'default'), NOT attnotnull, "
    "CASE WHEN attgenerated <> '' THEN 'generated' ELSE '' END, atthasdef OR attidentity <> '' "
    "FROM pg_attribute LEFT JOIN pg_collation ON pg_collation.oid = attcollation "
    "WHERE attrelid = to_regclass(:name) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
}
# MariaDB reports a display width for integers, MySQL 8 none.
_DISPLAY_WIDTH: Final = re.compile(r"^((?:tiny|small|medium|big)?int)\(\d+\)")


@dataclass(frozen=True, slots=True)
class Column:
    """One column as the database has it.

    Attributes:
        name: as it is spelled there.
        type: in small letters, without a display width; SQLite: as declared, in capitals.
        collation: of its own, or None where it has none or the database's default.
        nullable: whether it may be NULL.
        generated: whether the database computes it.
        on_update: whether the database changes it with every update of the row (MySQL).
        filled: whether the database has something to put there when an insert gives nothing.
    """

    name: str
    type: str
    collation: str | None
    nullable: bool
    generated: bool
    on_update: bool
    filled: bool


@dataclass(frozen=True)
class Shape:
    """A table as it stands in the database. Without columns: there is none of that name."""

    dialect: Dialect
    name: str
    columns: dict[str, Column]
    key: tuple[str, ...]

    @property
    def bare(self) -> str:
        """The name without its schema."""
        return self.name.rpartition(".")[2]

    @property
    def schema(self) -> str | None:
        """The schema, where one was given."""
        return self.name.rpartition(".")[0] or None

    @cached_property
    def quoted(self) -> str:
        """The name as SQL spells it."""
        return self.dialect.quote_table(self.name)


def inspect(connection: sa.Connection, dialect: Dialect, name: str) -> Shape:
    """Read what the database says of a table."""
    schema, _, bare = name.rpartition(".")
    columns = {
        column.name: column
        for column in (
            _column(dialect, row)
            for row in ask(
                connection, _COLUMNS[dialect.kind], bare=bare, schema=schema or None, name=name
            )
        )
    }
    if not columns:
        return Shape(dialect, name, {}, ())
    with mapped():
        found = sa.inspect(connection).get_pk_constraint(bare, schema=schema or None)
    return Shape(dialect, name, columns, tuple(found["constrained_columns"]))


def _column(dialect: Dialect, row: Any) -> Column:  # noqa: ANN401  # a row of the driver
    name, kind, collation, nullable, extra, filled = row
    spelled = kind.upper() if dialect.kind == "sqlite" else _DISPLAY_WIDTH.sub(r"\1", kind.lower())
    return Column(
        name=name,
        type=spelled,
        collation=collation,
        nullable=bool(nullable),
        generated="generated" in extra.lower(),
        on_update="on update" in extra.lower(),
        filled=bool(filled),
    )


def engine(connection: sa.Connection, dialect: Dialect, name: str) -> str:
    """Return what keeps a MySQL table, such as ``InnoDB``; the empty text elsewhere."""
    if dialect.kind != "mysql":
        return ""
    schema, _, bare = name.rpartition(".")
    statement = (
        "SELECT engine FROM information_schema.tables WHERE table_name = :bare "
        "AND table_schema = COALESCE(:schema, DATABASE())"
    )
    found = ask(connection, statement, bare=bare, schema=schema or None)
    return str(found[0][0]) if found else ""


def ask(connection: sa.Connection, statement: str, **given: object) -> list[Any]:
    """Run a question to the catalogue with those of the parameters that it names."""
    text = sa.text(statement)
    wanted = {name: given[name] for name in text.compile().params}
    with mapped():
        return list(connection.execute(text, wanted).all())
