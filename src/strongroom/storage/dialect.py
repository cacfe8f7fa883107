"""Every difference between SQLite, MySQL/MariaDB and PostgreSQL that matters to strongroom.

What comes back must be what was sealed, so columns are chosen for exactness (binary collations,
microseconds, 64-bit integers) and read raw: `from_sql` decodes strictly and answers `UNREADABLE`
for anything that strongroom would not have written.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from strongroom.errors import StrongroomError
from strongroom.schema.table import Field
from strongroom.schema.types import Bytes, Text
from strongroom.schema.types import Decimal as DecimalType
from strongroom.schema.values import Tag, Value, canonical_json, parse_json


class Unreadable(Enum):
    """A value that strongroom did not write: the record that holds it fails its seal."""

    UNREADABLE = "unreadable"


UNREADABLE: Final = Unreadable.UNREADABLE


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

    def quote_table(self, name: str) -> str:
        """Return a table's name, or its schema's and its own, quoted."""
        return ".".join(self.quote(part) for part in name.split("."))

    def to_sql(self, field: Field, value: Any) -> Any:  # noqa: ANN401  # any driver type
        """Return what the driver is given for a plain value that the field's type checked."""
        if value is None:
            return None
        tag = field.type.tag
        if tag is Tag.JSON:
            return canonical_json(value).decode("utf-8")
        if tag is Tag.BOOLEAN:
            return int(value)
        if tag is Tag.ZONED_DATETIME:
            value = value.replace(tzinfo=None)
        if self.kind == "sqlite" and tag in _SQLITE_TEXT:
            return _SQLITE_TEXT[tag](value)
        return value

    def all_to_sql(self, field: Field, values: Sequence[Any]) -> Sequence[Any]:
        """Return what the driver is given for a column of such values."""
        if self._as_it_is(field, values):
            return values
        return [self.to_sql(field, value) for value in values]

    def all_from_sql(self, field: Field, raws: Sequence[Any]) -> Sequence[Any]:
        """Decode a column of what the driver gave, each as `from_sql`."""
        if self._as_it_is(field, raws):
            return raws
        return [self.from_sql(field, raw) for raw in raws]

    def _as_it_is(self, field: Field, values: Sequence[Any]) -> bool:
        """Say whether a column's values are for the driver what they are here, both ways."""
        tag = field.type.tag
        return tag in _UNCHANGED and set(map(type, values)) <= {_DRIVER_TYPES[tag], type(None)}

    def from_sql(self, field: Field, raw: Any) -> Any:  # noqa: ANN401
        """Decode what the driver gave for a plain column, strictly.

        Returns:
            The value, None for NULL, or `UNREADABLE` for a type, spelling or range that `to_sql`
            never writes.
        """
        if raw is None:
            return None
        tag = field.type.tag
        if self.kind == "sqlite" and tag in _SQLITE_READ:
            raw = _SQLITE_READ[tag](raw)
        elif type(raw) is not _DRIVER_TYPES[tag]:
            return UNREADABLE
        return _canonical(field, raw)


def _sqlite_datetime(value: dt.datetime) -> str:
    return value.isoformat(sep=" ", timespec="microseconds")


_SQLITE_TEXT: Final[dict[Tag, Callable[[Any], str]]] = {
    Tag.DECIMAL: lambda value: format(value, "f"),
    Tag.DATE: lambda value: value.isoformat(),
    Tag.DATETIME: _sqlite_datetime,
    Tag.ZONED_DATETIME: _sqlite_datetime,
}


# Decimals of at most 38 digits and 30 places, and ISO dates and times.
_SPELLED: Final = re.compile(
    r"-?[0-9]{1,38}(\.[0-9]{1,30})?|[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9:]{8}\.[0-9]{6})?", re.ASCII
)


def _reader(parse: Callable[[str], Any], spell: Callable[[Any], str]) -> Callable[[object], Any]:
    """Return a reader of one canonical spelling: what spells differently was not written here."""

    def read(raw: object) -> Any:  # noqa: ANN401
        # Checked before it is parsed: 1E+99999999 would be spelled out with as many zeros.
        if type(raw) is not str or not _SPELLED.fullmatch(raw):
            return UNREADABLE
        try:
            value = parse(raw)
            return value if spell(value) == raw else UNREADABLE
        except (ValueError, ArithmeticError):
            return UNREADABLE

    return read


_SQLITE_READ: Final[dict[Tag, Callable[[object], Any]]] = {
    Tag.DECIMAL: _reader(Decimal, _SQLITE_TEXT[Tag.DECIMAL]),
    Tag.DATE: _reader(dt.date.fromisoformat, _SQLITE_TEXT[Tag.DATE]),
    Tag.DATETIME: _reader(dt.datetime.fromisoformat, _sqlite_datetime),
    Tag.ZONED_DATETIME: _reader(dt.datetime.fromisoformat, _sqlite_datetime),
}

_DRIVER_TYPES: Final[dict[Tag, type]] = {
    Tag.TEXT: str,
    Tag.INTEGER: int,
    Tag.DECIMAL: Decimal,
    Tag.DATE: dt.date,
    Tag.DATETIME: dt.datetime,
    Tag.ZONED_DATETIME: dt.datetime,
    Tag.BOOLEAN: int,
    Tag.BYTES: bytes,
    Tag.JSON: str,
    Tag.FLOAT: float,
}


_UNCHANGED: Final = frozenset({Tag.TEXT, Tag.INTEGER, Tag.BYTES})


def _canonical(field: Field, raw: Any) -> Any:  # noqa: ANN401
    """Turn a value of the driver's type into the field's, or answer `UNREADABLE`."""
    if raw is UNREADABLE:
        return UNREADABLE
    decode = _DECODE.get(field.type.tag)
    return raw if decode is None else decode(field, raw)


def _boolean(field: Field, raw: int) -> bool | Unreadable:
    del field
    return bool(raw) if raw in (0, 1) else UNREADABLE


def _float(field: Field, raw: float) -> float | Unreadable:
    del field
    negative_zero = raw == 0.0 and math.copysign(1.0, raw) < 0
    return raw if math.isfinite(raw) and not negative_zero else UNREADABLE


def _datetime(field: Field, raw: dt.datetime) -> dt.datetime | Unreadable:
    if raw.tzinfo is not None or raw.fold:
        return UNREADABLE
    return raw.replace(tzinfo=dt.UTC) if field.type.tag is Tag.ZONED_DATETIME else raw


def _json(field: Field, raw: str) -> Value | Unreadable:
    del field
    try:
        data = raw.encode("utf-8")
        value = parse_json(data)
        return value if canonical_json(value) == data else UNREADABLE
    except (UnicodeEncodeError, StrongroomError):
        return UNREADABLE


def _decimal(field: Field, raw: Decimal) -> Decimal | Unreadable:
    # An exponent that is not a number belongs to NaN or an infinity, and equals no scale.
    scale = field.type.scale if isinstance(field.type, DecimalType) else None
    return raw if scale is not None and raw.as_tuple().exponent == -scale else UNREADABLE


_DECODE: Final[dict[Tag, Callable[[Field, Any], Any]]] = {
    Tag.BOOLEAN: _boolean,
    Tag.FLOAT: _float,
    Tag.DATETIME: _datetime,
    Tag.ZONED_DATETIME: _datetime,
    Tag.JSON: _json,
    Tag.DECIMAL: _decimal,
}


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
