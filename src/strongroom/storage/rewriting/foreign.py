"""Which columns of somebody else's table strongroom can take over, and as what.

    readable     a value can be read out of it exactly, so it can be encrypted
    sealable     what is written there comes back exactly, so it can stay plain and be sealed
    key column   it can say for ever which record is meant

What a database does to values decides, as measured on real servers: MariaDB's FLOAT gives back
16777200 for 16777217, DATETIME without (6) drops microseconds, CHAR drops or adds spaces.
"""

from __future__ import annotations

import re
from typing import Final

from strongroom.errors import InputError
from strongroom.schema.identity import KeyType
from strongroom.schema.table import Field, KeyColumn, KeyForm
from strongroom.schema.types import (
    Boolean,
    Bytes,
    Date,
    DateTime,
    Decimal,
    FieldType,
    Float,
    Integer,
    Json,
    Text,
    ZonedDateTime,
)
from strongroom.storage.dialect import Dialect
from strongroom.storage.inspection import Column

_INTEGERS: Final = r"(tinyint|smallint|mediumint|int|bigint|integer)( unsigned)?( zerofill)?"
_DECIMAL: Final = re.compile(r"(?:decimal|numeric)\((\d+),(\d+)\)( unsigned)?")

# The first pattern that fits the whole of a column's type says what can be read out of it.
_READABLE: Final = {
    "mysql": (
        (_INTEGERS, Integer()),
        (r"(decimal|numeric)\(.*", Decimal()),
        (r"double", Float()),
        (r"date", Date()),
        (r"(datetime|timestamp)(\(\d\))?", DateTime()),
        (r"(var)?char\(\d+\)|(tiny|medium|long)?text|enum\(.*\)|set\(.*\)|uuid", Text()),
        (r"json", Json()),
        (r"(var)?binary\(\d+\)|(tiny|medium|long)?blob", Bytes()),
    ),
    "postgresql": (
        (_INTEGERS, Integer()),
        (r"numeric(\(.*\))?", Decimal()),
        (r"double precision|real", Float()),
        (r"boolean", Boolean()),
        (r"date", Date()),
        (r"timestamp(\(\d\))? without time zone", DateTime()),
        (r"timestamp(\(\d\))? with time zone", ZonedDateTime()),
        (r"text|character varying(\(\d+\))?|character\(\d+\)|uuid|citext", Text()),
        (r"jsonb?", Json()),
        (r"bytea", Bytes()),
    ),
    "sqlite": (
        (r".*INT.*", Integer()),
        (r".*(CHAR|CLOB|TEXT).*", Text()),
        (r".*BLOB.*", Bytes()),
        (r".*(REAL|FLOA|DOUB).*", Float()),
        (r"DATE", Date()),
        (r"DATETIME|TIMESTAMP", DateTime()),
        (r"", Text()),
    ),
}
_SEALABLE: Final[dict[str, tuple[tuple[str, type[FieldType]], ...]]] = {
    "mysql": (
        (_INTEGERS, Integer),
        (r"double", Float),
        (r"date", Date),
        (r"datetime\(6\)", DateTime),
        (r"varbinary\(\d+\)|(tiny|medium|long)?blob", Bytes),
    ),
    "postgresql": (
        (r"smallint|integer|bigint", Integer),
        (r"double precision", Float),
        (r"date", Date),
        (r"timestamp(\(6\))? without time zone", DateTime),
        (r"text|character varying(\(\d+\))?", Text),
        (r"bytea", Bytes),
    ),
    "sqlite": (
        (r".*INT.*", Integer),
        (r".*(CHAR|CLOB|TEXT).*", Text),
        (r".*BLOB.*", Bytes),
        (r".*(REAL|FLOA|DOUB).*", Float),
    ),
}
_UUIDS: Final = (
    (r"binary\(16\)|bytea|.*blob.*", (KeyType.UUID, KeyForm.UUID_BYTES)),
    (r".*\(32\)", (KeyType.UUID, KeyForm.UUID_HEX)),
    (r".*(char|clob|text).*", (KeyType.UUID, KeyForm.UUID_TEXT)),
)
_KEYS: Final = {
    "mysql": (
        (_INTEGERS, (KeyType.INTEGER, KeyForm.PLAIN)),
        (r"date", (KeyType.TEXT, KeyForm.DATE)),
        (r"varbinary\(\d+\)", (KeyType.BYTES, KeyForm.PLAIN)),
        (r"(var)?char\(\d+\)", (KeyType.TEXT, KeyForm.PLAIN)),
    ),
    "postgresql": (
        (r"smallint|integer|bigint", (KeyType.INTEGER, KeyForm.PLAIN)),
        (r"date", (KeyType.TEXT, KeyForm.DATE)),
        (r"bytea", (KeyType.BYTES, KeyForm.PLAIN)),
        # character(n) comes back with spaces at its end.
        (r"text|character varying(\(\d+\))?", (KeyType.TEXT, KeyForm.PLAIN)),
    ),
    "sqlite": (
        (r".*int.*", (KeyType.INTEGER, KeyForm.PLAIN)),
        (r".*(char|clob|text).*", (KeyType.TEXT, KeyForm.PLAIN)),
        (r".*blob.*", (KeyType.BYTES, KeyForm.PLAIN)),
    ),
}
_BINARY_ORDER: Final = {
    "mysql": re.compile(r"\w+_bin|binary"),
    "postgresql": re.compile(r"C|POSIX|ucs_basic"),
}
_SEALABLE_TEXT: Final = re.compile(r"(utf8mb4|utf8mb3|utf8|ascii)\w*_bin")


def readable(dialect: Dialect, column: Column) -> FieldType:
    """Return the type of an encrypted field that holds whatever the column holds.

    Raises:
        InputError: values of such a column cannot be read exactly.
    """
    for pattern, kind in _READABLE[dialect.kind]:
        if re.fullmatch(pattern, column.type):
            return type(kind)(optional=column.nullable)
    raise InputError(
        f"column {column.name} has the type {column.type}, which cannot be read exactly",
        hint="leave it outside, or change its type first",
    )


def sealable(dialect: Dialect, column: Column) -> FieldType:
    """Return the type of a plain field that gives back exactly what such a column is given.

    Raises:
        InputError: it would not.
    """
    found = _sealable(dialect, column)
    if found is None or column.generated or column.on_update:
        raise InputError(
            f"column {column.name} ({column.type}) does not give back what is stored in it, so it "
            "cannot be sealed",
            hint="encrypt it, leave it outside, or change its type first",
        )
    return found


def _sealable(dialect: Dialect, column: Column) -> FieldType | None:
    optional = column.nullable
    decimal = _DECIMAL.fullmatch(column.type.lower())
    if decimal is not None and dialect.kind != "sqlite":
        return Decimal(
            plain=True, optional=optional, precision=int(decimal[1]), scale=int(decimal[2])
        )
    for pattern, kind in _SEALABLE[dialect.kind]:
        if re.fullmatch(pattern, column.type):
            return kind(plain=True, optional=optional)
    text = re.fullmatch(r"varchar\(\d+\)|(tiny|medium|long)?text", column.type)
    if dialect.kind == "mysql" and text and _SEALABLE_TEXT.fullmatch(column.collation or ""):
        return Text(plain=True, optional=optional)
    return None


def keeps(dialect: Dialect, column: Column, field: Field) -> bool:
    """Say whether an adopted table's column gives back what the field stores in it."""
    if field.encrypted:
        return (column.type, column.collation) == (dialect.cell.reported, dialect.cell.collation)
    own = dialect.column_type(field)
    if (column.type, column.collation) == (own.reported, own.collation):
        return True
    found = _sealable(dialect, column)
    if found is None:
        return False
    if isinstance(field.type, Decimal) and isinstance(found, Decimal):
        return (field.type.precision, field.type.scale) == (found.precision, found.scale)
    # SQLite keeps dates and decimals as text, and every database a truth value as an integer.
    return type(found) is type(field.type) or (
        isinstance(found, Integer) and isinstance(field.type, Boolean)
    )


def key_column(dialect: Dialect, column: Column, *, uuid: bool) -> KeyColumn:
    """Return how a column of the primary key says which record is meant.

    Args:
        dialect: of the database.
        column: one column of the primary key.
        uuid: whether somebody declared that it holds UUIDs.

    Raises:
        InputError: its values do not stand for a record exactly.
    """
    kind = _key_kind(dialect, column, uuid=uuid)
    if kind is None:
        raise InputError(
            f"the primary key column {column.name} ({column.type}) cannot say exactly which "
            "record is meant",
            hint="integers, texts, UUIDs, bytes and dates can; if it holds UUIDs: "
            f"--uuid {column.name}",
        )
    return KeyColumn(column.name, *kind)


def _key_kind(dialect: Dialect, column: Column, *, uuid: bool) -> tuple[KeyType, KeyForm] | None:
    kind = column.type.lower()
    if kind == "uuid":
        native = dialect.kind == "postgresql"
        return KeyType.UUID, KeyForm.PLAIN if native else KeyForm.UUID_TEXT
    for pattern, found in _UUIDS if uuid else _KEYS[dialect.kind]:
        if re.fullmatch(pattern, kind):
            order = _BINARY_ORDER.get(dialect.kind)
            collated = order is not None and not order.fullmatch(column.collation or "")
            plain = found == (KeyType.TEXT, KeyForm.PLAIN)
            return (KeyType.TEXT, KeyForm.COLLATED) if plain and collated else found
    return None
