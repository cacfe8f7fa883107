"""A part of a transaction that can be undone alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from strongroom.errors import InputError, StorageError
from strongroom.storage.failure import mapped


@contextmanager
def part(connection: sa.Connection) -> Iterator[None]:
    """Undo what the block wrote if one row is refused for what is in it, and raise that.

    After any other error the transaction can only be undone as a whole.
    """
    _run(connection, "SAVEPOINT part_of_batch")
    try:
        yield
    except (InputError, StorageError) as error:
        if of_a_row(error):
            _run(connection, "ROLLBACK TO SAVEPOINT part_of_batch")
            _run(connection, "RELEASE SAVEPOINT part_of_batch")
        raise
    _run(connection, "RELEASE SAVEPOINT part_of_batch")


def of_a_row(error: InputError | StorageError) -> bool:
    """Tell whether it is the fault of one row, so that others would be taken."""
    return isinstance(error, InputError) or error.of_a_row


def _run(connection: sa.Connection, statement: str) -> None:
    with mapped():
        connection.exec_driver_sql(statement)
