"""Every difference between SQLite, MySQL/MariaDB and PostgreSQL that matters to strongroom.

What comes back must be what was sealed, so columns are chosen for exactness (binary collations,
microseconds, 64-bit integers) and read raw (`plain_values`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from strongroom.schema.table import Field
from strongroom.schema.types import Bytes, Text
from strongroom.schema.types import Decimal as DecimalType
from strongroom.schema.values import Tag


@dataclass(frozen=True)
class ColumnType:
    """How a column is declared, and what the database's own catalogue calls it afterwards."""

    ddl: str
    reported: str
    collation: str | None = None


@dataclass(frozen=True)
class Dialect:
    """One kind of database."""

    kind: str
    cell: ColumnType
    seal: ColumnType
    integer: ColumnType
    plain: dict[Tag, ColumnType]
    key: str
    table_options: str

    def column_type(self, field: Field) -> ColumnType:
        """Return how the column of `field` is declared."""
        if field.encrypted:
            return self.cell
        if isinstance(field.type, DecimalType) and self.kind != "sqlite":
            digits = f"({field.type.precision},{field.type.scale})"
            kind = self.plain[Tag.DECIMAL]
            return ColumnType(kind.ddl + digits, kind.reported + digits)
        if isinstance(field.type, (Text, Bytes)) and field.type.unique and self.kind == "mysql":
            return _indexable(field.type)
        return self.plain[field.type.tag]

    def quote(self, name: str) -> str:
        """Return a name as it stands in a statement: quoted, since it may be a reserved word."""
        # Ours match [a-z][a-z0-9_]*. Those of somebody else's table may hold anything.
        if self.kind == "mysql":  # whose driver formats every statement, with parameters or without
            return "`" + name.replace("`", "``").replace("%", "%%") + "`"
        return '"' + name.replace('"', '""') + '"'

    def formatted(self, quoted: str) -> str:
        """Return a quoted name as it stands in a statement with parameters.

        A name of an adopted table may hold what psycopg would take for one.
        """
        return quoted.replace("%", "%%") if self.kind == "postgresql" else quoted

    def quote_table(self, name: str) -> str:
        """Return a table's name, or its schema's and its own, quoted."""
        return ".".join(self.quote(part) for part in name.split("."))


def _indexable(declared: Text | Bytes) -> ColumnType:
    """Return MySQL's column of a unique text or bytes: its indexes take no LONGTEXT whole."""
    size = declared.max_bytes
    if isinstance(declared, Bytes):
        return ColumnType(f"VARBINARY({size})", f"varbinary({size})")
    declaration = f"VARCHAR({size}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    return ColumnType(declaration, f"varchar({size})", "utf8mb4_bin")


_TEXT_MYSQL = "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"

SQLITE: Final = Dialect(
    kind="sqlite",
    cell=ColumnType("TEXT", "TEXT"),
    seal=ColumnType("BLOB", "BLOB"),
    integer=ColumnType("INTEGER", "INTEGER"),
    plain={
        Tag.TEXT: ColumnType("TEXT", "TEXT"),
        Tag.INTEGER: ColumnType("INTEGER", "INTEGER"),
        Tag.DECIMAL: ColumnType("TEXT", "TEXT"),
        Tag.DATE: ColumnType("TEXT", "TEXT"),
        Tag.DATETIME: ColumnType("TEXT", "TEXT"),
        Tag.ZONED_DATETIME: ColumnType("TEXT", "TEXT"),
        Tag.BOOLEAN: ColumnType("INTEGER", "INTEGER"),
        Tag.BYTES: ColumnType("BLOB", "BLOB"),
        Tag.JSON: ColumnType("TEXT", "TEXT"),
        Tag.FLOAT: ColumnType("REAL", "REAL"),
    },
    key="INTEGER NOT NULL PRIMARY KEY",
    table_options="",
)

MYSQL: Final = Dialect(
    kind="mysql",
    cell=ColumnType("LONGTEXT CHARACTER SET ascii COLLATE ascii_bin", "longtext", "ascii_bin"),
    seal=ColumnType("BINARY(42)", "binary(42)"),
    integer=ColumnType("BIGINT", "bigint"),
    plain={
        Tag.TEXT: ColumnType(_TEXT_MYSQL, "longtext", "utf8mb4_bin"),
        Tag.INTEGER: ColumnType("BIGINT", "bigint"),
        Tag.DECIMAL: ColumnType("NUMERIC", "decimal"),
        Tag.DATE: ColumnType("DATE", "date"),
        Tag.DATETIME: ColumnType("DATETIME(6)", "datetime(6)"),
        Tag.ZONED_DATETIME: ColumnType("DATETIME(6)", "datetime(6)"),
        Tag.BOOLEAN: ColumnType("SMALLINT", "smallint"),
        Tag.BYTES: ColumnType("LONGBLOB", "longblob"),
        Tag.JSON: ColumnType(_TEXT_MYSQL, "longtext", "utf8mb4_bin"),
        Tag.FLOAT: ColumnType("DOUBLE", "double"),
    },
    key="BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY",
    table_options=" ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
)

POSTGRESQL: Final = Dialect(
    kind="postgresql",
    cell=ColumnType('TEXT COLLATE "C"', "text", "C"),
    seal=ColumnType("BYTEA", "bytea"),
    integer=ColumnType("BIGINT", "bigint"),
    plain={
        Tag.TEXT: ColumnType('TEXT COLLATE "C"', "text", "C"),
        Tag.INTEGER: ColumnType("BIGINT", "bigint"),
        Tag.DECIMAL: ColumnType("NUMERIC", "numeric"),
        Tag.DATE: ColumnType("DATE", "date"),
        Tag.DATETIME: ColumnType(
            "TIMESTAMP(6) WITHOUT TIME ZONE", "timestamp(6) without time zone"
        ),
        Tag.ZONED_DATETIME: ColumnType(
            "TIMESTAMP(6) WITHOUT TIME ZONE", "timestamp(6) without time zone"
        ),
        Tag.BOOLEAN: ColumnType("SMALLINT", "smallint"),
        Tag.BYTES: ColumnType("BYTEA", "bytea"),
        Tag.JSON: ColumnType('TEXT COLLATE "C"', "text", "C"),
        Tag.FLOAT: ColumnType("DOUBLE PRECISION", "double precision"),
    },
    key="BIGINT NOT NULL PRIMARY KEY",
    table_options="",
)

DIALECTS: Final = {dialect.kind: dialect for dialect in (SQLITE, MYSQL, POSTGRESQL)}
