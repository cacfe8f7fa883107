"""What has to be true once a table is adopted, however often that was interrupted."""

from __future__ import annotations

from typing import Any, Final

import strongroom
from strongroom.keys.keyring import Purpose
from tests.servers.database import Database

_NAMES: Final = {
    "sqlite": (
        "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'table')",
        "SELECT c.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c",
    ),
    "mariadb": (
        "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE()",
        "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()",
        "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE()",
    ),
    "postgresql": (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT proname FROM pg_proc WHERE proname LIKE 'strongroom%'",
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'strongroom%'",
        "SELECT attname FROM pg_attribute WHERE attnum > 0 AND NOT attisdropped",
    ),
}
_KEPT: Final = {"strongroom_store", "strongroom_counters", "strongroom_jobs"}


def traces(database: Database) -> set[str]:
    """Return the names in the database that belong to an adoption under way."""
    names = {name for sql in _NAMES[database.kind] for (name,) in database.execute(sql)}
    return {one for one in names if one.startswith(("strongroom_", "record_found"))} - _KEPT


def legacy_states(room: strongroom.Strongroom) -> set[str]:
    """Return the states that the keys of old schemes are in."""
    records = room.store.state.keyring.records
    return {str(one.state) for one in records if one.purpose is Purpose.LEGACY}


def check_adopted(
    database: Database,
    room: strongroom.Strongroom,
    rows: list[tuple[Any, ...]],
    table: str = "users",
) -> None:
    """Assert that `users(id, name, age)` is strongroom's, whole, and that nothing is left over.

    Args:
        database: where it is.
        room: opened after the adoption.
        rows: (id, name, age) of every row that has to be there.
        table: its name.
    """
    records = room.table(table).all()
    assert sorted((one.id, one.name, one.age) for one in records) == sorted(rows)
    plain = database.execute(f"SELECT id, age FROM {table} ORDER BY id")
    assert plain == sorted((number, age) for number, _, age in rows)
    assert all(cell.startswith("sr1.") for (cell,) in database.execute(f"SELECT name FROM {table}"))
    assert strongroom.verify(room, [table]).intact
    assert traces(database) == set()
    assert database.execute("SELECT job FROM strongroom_jobs") == []
    assert room.store.state.catalogue.rewriting(table) is None
    assert legacy_states(room) <= {"destroyed"}
