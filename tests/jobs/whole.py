"""Everything that a database holds, or one table as it stands, to compare before and after."""

from __future__ import annotations

from typing import Any, Final

from tests.servers.database import Database

_TABLES: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
    "mariadb": "SELECT table_name FROM information_schema.tables "
    "WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY table_name",
    "postgresql": "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') "
    "AND relnamespace = 'public'::regnamespace ORDER BY relname",
}
_OF_THE_TABLE: Final = {
    "sqlite": ("SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ? ORDER BY name",),
    "mariadb": (
        (
            "SELECT column_name, column_type, collation_name, is_nullable, column_default, extra "
            "FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? "
            "ORDER BY ordinal_position"
        ),
        (
            "SELECT index_name, non_unique, seq_in_index, column_name "
            "FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? "
            "ORDER BY index_name, seq_in_index"
        ),
        (
            "SELECT trigger_name, action_statement FROM information_schema.triggers "
            "WHERE trigger_schema = DATABASE() AND event_object_table = ? ORDER BY trigger_name"
        ),
        (
            "SELECT constraint_name, constraint_type FROM information_schema.table_constraints "
            "WHERE table_schema = DATABASE() AND table_name = ? ORDER BY constraint_name"
        ),
    ),
    "postgresql": (
        (
            "SELECT attname, format_type(atttypid, atttypmod), attcollation, attnotnull, "
            "pg_get_expr(adbin, adrelid) FROM pg_attribute LEFT JOIN pg_attrdef "
            "ON adrelid = attrelid AND adnum = attnum WHERE attrelid = CAST(? AS regclass) "
            "AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        ),
        (
            "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = CAST(? AS regclass) "
            "ORDER BY 1"
        ),
        (
            "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = CAST(? AS regclass) "
            "ORDER BY 1"
        ),
        (
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = CAST(? AS regclass) ORDER BY 1"
        ),
    ),
}


def shape_and_rows(database: Database, table: str) -> list[list[tuple[Any, ...]]]:
    """Return how a table is made, what hangs on it, and its rows."""
    shape = [database.execute(sql, [table]) for sql in _OF_THE_TABLE[database.kind]]
    rows = database.execute(f'SELECT * FROM "{table}"')
    return [*shape, sorted(rows, key=repr)]


def everything(database: Database) -> dict[str, list[list[tuple[Any, ...]]]]:
    """Return the same for every table of the database, strongroom's own among them."""
    names = [name for (name,) in database.execute(_TABLES[database.kind])]
    return {name: shape_and_rows(database, name) for name in names}
