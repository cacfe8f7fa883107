"""How far a bulk job has come, authenticated, so that it goes on where it was interrupted.

A checkpoint belongs to the process that claimed it last. Whoever claims it later takes it over,
and the earlier one notices at its next batch: so a job that was killed leaves no lock behind, and
two that run at once cannot both go on.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import sqlalchemy as sa

from strongroom.errors import BusyError, DecryptionError, IntegrityError
from strongroom.room.store import Store
from strongroom.schema.values import canonical_json, parse_json
from strongroom.storage import checkpoints, system
from strongroom.storage.checkpoints import CheckpointRow

_TOKEN_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The progress of one job.

    Attributes:
        name: of the job; names its table by id, and what is done.
        token: of the process that runs it.
        step: how many batches were committed.
        at: where the next batch starts, JSON values; None at the beginning.
        done: how many records are done.
        failed: how many could not be, and were reported.
        ended: whether the last batch was committed.
    """

    name: str
    token: str
    step: int = 0
    at: Any = None
    done: int = 0
    failed: int = 0
    ended: bool = False


def claim(store: Store, name: str, *, afresh: bool = False) -> Checkpoint:
    """Become the one who runs a job, and return where it stands.

    Args:
        store: whose job it is.
        name: of the job.
        afresh: whether to begin again from the start, whatever was done before.

    Raises:
        IntegrityError: the checkpoint was changed outside strongroom.
        StorageError: the account may not make the table of jobs, in a store that has none.
    """
    token = secrets.token_hex(_TOKEN_BYTES)
    with (
        store.database.write() as connection,
        system.first_run_lock(connection, store.dialect),
    ):
        checkpoints.create_table(connection, store.dialect)
        known = checkpoints.load(connection, name, lock=True)
        if known is None or afresh:
            claimed = Checkpoint(name, token)
        else:
            claimed = replace(_read(store, name, known), token=token)
        write = checkpoints.insert if known is None else checkpoints.update
        write(connection, name, _written(store, claimed))
        connection.commit()
    return claimed


def peek(store: Store, name: str) -> Checkpoint | None:
    """Return where a job stands, or None where nothing is known of it. Claims nothing."""
    with store.database.read() as connection:
        if not sa.inspect(connection).has_table(system.JOBS_TABLE):
            return None
        known = checkpoints.load(connection, name)
    return None if known is None else _read(store, name, known)


def hold(store: Store, connection: sa.Connection, mine: Checkpoint) -> Checkpoint:
    """Return the checkpoint as it is now, held until the transaction ends.

    Raises:
        BusyError: another process took the job over.
        IntegrityError: it was changed outside strongroom.
    """
    known = checkpoints.load(connection, mine.name, lock=True)
    if known is None:
        raise _taken_over()
    now = _read(store, mine.name, known)
    if now.token != mine.token:
        raise _taken_over()
    return now


def save(store: Store, connection: sa.Connection, checkpoint: Checkpoint) -> None:
    """Write a checkpoint that is held."""
    checkpoints.update(connection, checkpoint.name, _written(store, checkpoint))


def forget(connection: sa.Connection, name: str) -> None:
    """Delete what is known of a job."""
    if sa.inspect(connection).has_table(system.JOBS_TABLE):
        checkpoints.delete(connection, name)


def _taken_over() -> BusyError:
    failure = BusyError(
        "another process has taken this job over", hint="let that one finish, or stop it first"
    )
    failure.retryable = False
    return failure


def _written(store: Store, checkpoint: Checkpoint) -> CheckpointRow:
    document = canonical_json(
        {one.name: getattr(checkpoint, one.name) for one in fields(checkpoint)}
    )
    return CheckpointRow(document.decode("utf-8"), store.job_key.document_mac(document))


def _read(store: Store, name: str, row: CheckpointRow) -> Checkpoint:
    try:
        data = row.document.encode("utf-8")
        store.job_key.check_document(data, row.mac)
        content: Any = parse_json(data)
    except (DecryptionError, UnicodeEncodeError):
        content = None
    # A holder of the store key wrote it, but perhaps for another job whose row it was put into.
    if not isinstance(content, dict) or content.get("name") != name:
        raise IntegrityError(
            "a job's checkpoint was changed outside strongroom",
            hint="undo what was begun, with --undo, and begin again",
        )
    return Checkpoint(**content)
