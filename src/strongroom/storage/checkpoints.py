"""How far each bulk job has come: one row a job, written in the transaction of each batch."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from strongroom.errors import IntegrityError
from strongroom.storage.dialect import Dialect
from strongroom.storage.failure import mapped
from strongroom.storage.system import JOBS_TABLE, ddl

_NUMBER_BYTES: Final = 8
_jobs = sa.table(JOBS_TABLE, *(sa.column(name) for name in ("job", "document", "mac")))


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A checkpoint as the database gave it: nothing in it was checked yet."""

    document: str
    mac: bytes


def number_of(name: str) -> int:
    """Return the primary key of the job called `name`: 63 bits of its SHA-256."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:_NUMBER_BYTES]) >> 1


def create_table(connection: sa.Connection, dialect: Dialect) -> None:
    """Make the table in a store that was made before there were jobs.

    Call it under `system.first_run_lock`.
    """
    with mapped():
        if not sa.inspect(connection).has_table(JOBS_TABLE):
            connection.exec_driver_sql(ddl(dialect)[-1])


def load(connection: sa.Connection, name: str, *, lock: bool = False) -> CheckpointRow | None:
    """Return the checkpoint of a job, or None; with `lock`, hold it until the transaction ends.

    Raises:
        IntegrityError: a column holds another type than strongroom writes.
    """
    statement = sa.select(_jobs.c.document, _jobs.c.mac).where(_jobs.c.job == number_of(name))
    with mapped():
        found = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        return None
    if (type(found[0]), type(found[1])) != (str, bytes):
        raise IntegrityError("a job's checkpoint is not as strongroom wrote it")
    return CheckpointRow(found[0], found[1])


def insert(connection: sa.Connection, name: str, row: CheckpointRow) -> None:
    """Write the first checkpoint of a job."""
    with mapped():
        connection.execute(
            sa.insert(_jobs).values(job=number_of(name), document=row.document, mac=row.mac)
        )


def update(connection: sa.Connection, name: str, row: CheckpointRow) -> None:
    """Write the next checkpoint over one that is held."""
    with mapped():
        connection.execute(
            sa.update(_jobs)
            .where(_jobs.c.job == number_of(name))
            .values(document=row.document, mac=row.mac)
        )


def delete(connection: sa.Connection, name: str) -> None:
    """Forget a job, if it is known."""
    with mapped():
        connection.execute(sa.delete(_jobs).where(_jobs.c.job == number_of(name)))
