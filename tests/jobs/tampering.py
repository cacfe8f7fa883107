"""What somebody with all rights does to a table that is being adopted, unseen by any trigger."""

from __future__ import annotations

from tests.servers.database import Database

TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'users'",
    "mariadb": "SELECT trigger_name FROM information_schema.triggers "
    "WHERE trigger_schema = DATABASE() AND event_object_table = 'users'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = CAST('users' AS regclass)",
}


def drop_triggers(database: Database) -> None:
    """Drop every trigger on the table."""
    for (name,) in database.execute(TRIGGERS[database.kind]):
        on = " ON users" if database.kind == "postgresql" else ""
        database.execute(f"DROP TRIGGER {name}{on}")


def changed_keys(database: Database) -> str:
    """Return the name of the table of changed keys."""
    tables = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
        "mariadb": "SELECT table_name FROM information_schema.tables "
        "WHERE table_schema = DATABASE()",
        "postgresql": "SELECT relname FROM pg_class WHERE relkind = 'r'",
    }
    found = [name for (name,) in database.execute(tables[database.kind])]
    [name] = [one for one in found if one.startswith("strongroom_changed_")]
    return str(name)


def exchange(database: Database, one: int, other: int) -> None:
    """Exchange what is filled beside two rows, as the triggers do not see it: each has a new seal.

    The MACs stay, so that nothing but opening the cells can tell.
    """
    columns = ("strongroom_name", "strongroom_record_version", "strongroom_record_seal")
    select = f"SELECT {', '.join(columns)} FROM users WHERE id = ?"
    [first], [second] = (database.execute(select, [number]) for number in (one, other))
    sets = ", ".join(f"{name} = ?" for name in columns)
    for number, values in ((one, second), (other, first)):
        database.execute(f"UPDATE users SET {sets} WHERE id = ?", [*values, number])
