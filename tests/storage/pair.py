"""A table of two ages, written as strongroom writes."""

from __future__ import annotations

from strongroom.storage.connect import Database
from strongroom.storage.failure import mapped


def set_ages(db: Database, *statements: str) -> None:
    """Run statements as strongroom does: each mapped, all in one transaction."""
    with db.write() as connection:
        for statement in statements:
            with mapped():
                connection.exec_driver_sql(statement)


def ages(db: Database) -> list[int]:
    """Read the table."""
    with db.read() as connection:
        return list(connection.exec_driver_sql("SELECT age FROM pair ORDER BY id").scalars())
