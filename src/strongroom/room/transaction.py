"""Which connection an operation runs on, and what it does when the database says "try again".

A `Session` is one connection that writes. It is bound to the current context: operations inside
``with room.transaction()`` or ``with room.using(connection)`` find it and join; elsewhere each
operation has its own, which is run again as a whole after a deadlock or a lost race.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Generic, TypeVar

import sqlalchemy as sa

from strongroom.errors import (
    ConflictError,
    DuplicateError,
    StorageError,
    StrongroomError,
    UnreachableError,
)
from strongroom.room.document import State
from strongroom.room.session import Proof, Session, sessions
from strongroom.room.store import Store
from strongroom.storage.failure import was_lost

T = TypeVar("T")
_ATTEMPTS: Final = 12
_FIRST_PAUSE: Final = 0.005
_LONGEST_PAUSE: Final = 0.5


def bound(store: Store) -> Session | None:
    """Return the session that the current context has for `store`, or None.

    Raises:
        ClosedError: it has ended, or belongs to another thread or process.
    """
    for session in reversed(sessions.get()):
        if session.store is store:
            session.check()
            return session
    return None


@contextmanager
def bind(session: Session) -> Iterator[Session]:
    """Make `session` the one that operations in this context join."""
    token = sessions.set((*sessions.get(), session))
    try:
        yield session
    finally:
        session.end()
        sessions.reset(token)


@contextmanager
def begin(store: Store) -> Iterator[Session]:
    """Open a transaction of our own: committed at the end, rolled back on an error."""
    with store.database.write() as connection:
        session = Session(store, connection, joined=False)
        try:
            yield session
            session.check_whole()
        finally:
            session.end()


@contextmanager
def reading(store: Store) -> Iterator[sa.Connection]:
    """Give a connection to read on: the context's transaction, or a short one of our own."""
    session = bound(store)
    if session is not None:
        try:
            yield session.connection
        except StorageError:
            session.spoil()
            raise
        return
    with store.database.read() as connection:
        yield connection


def state_seen(store: Store) -> State | None:
    """Return the state that the caller's transaction sees, or None where there is no such one."""
    session = bound(store)
    if session is None:
        return None
    try:
        return session.seen()
    except StorageError:
        session.spoil()
        raise


def once(store: Store, operation: Callable[[Session], T]) -> T:
    """Run a writing operation that cannot be run again, inside the context's transaction or not."""
    session = bound(store)
    if session is not None:
        return _inside(session, operation)
    return _Attempts(store, operation).attempt()


def _inside(session: Session, operation: Callable[[Session], T]) -> T:
    """Run an operation in a transaction that goes on after it, unless it half happened."""
    before = session.proof
    try:
        return operation(session)
    except BaseException as error:
        # A duplicate is found by the database: a part of a batch may be there, or all be undone.
        if isinstance(error, (StorageError, DuplicateError)) or session.proof is not before:
            session.spoil()
        raise


def run(
    store: Store,
    operation: Callable[[Session], T],
    *,
    retry_conflicts: bool = True,
    retry_lost: bool = True,
) -> T:
    """Run a writing operation: inside the context's transaction, or in one of its own.

    A transaction of our own that meets a deadlock, a lock, a lost race or a lost connection is run
    again as a whole, after pauses that grow and differ. In the caller's transaction the error is
    raised as it is.

    Args:
        store: whose transaction it is.
        operation: what to do in it.
        retry_conflicts: whether a record that changed meanwhile is a reason to run again.
        retry_lost: whether one lost at the commit is: only if running twice does what once does.
    """
    if bound(store) is not None:
        return once(store, operation)
    attempts = _Attempts(store, operation)
    for number in range(_ATTEMPTS):
        try:
            return attempts.attempt()
        except UnreachableError:
            if attempts.lost is None:
                raise
            raise attempts.lost from None
        except StrongroomError as error:
            again = error.retryable or (was_lost(error) and (retry_lost or not attempts.unknown))
            elsewhere = isinstance(error, UnreachableError) or was_lost(error)
            if not again and isinstance(error, StorageError) and not elsewhere:
                again = store.recovers(store.state, error)
            if isinstance(error, ConflictError):
                again = retry_conflicts
            if not again or number == _ATTEMPTS - 1:
                raise
        pause = min(_FIRST_PAUSE * 2**number, _LONGEST_PAUSE)
        time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311  # spreads load, hides nothing
    raise AssertionError("unreachable")


class _Attempts(Generic[T]):
    """The tries of one operation, and which of them may have been committed unseen.

    When the connection is lost during a commit, nobody knows whether it took place. The record
    that the try wrote last has a seal that no other write can have: if it stands, the try landed.
    """

    def __init__(self, store: Store, operation: Callable[[Session], T]) -> None:
        self._store = store
        self._operation = operation
        self._doubtful: list[tuple[Proof, T]] = []
        self.lost: StrongroomError | None = None  # the first try that lost its connection
        self.unknown = False  # whether one did at its commit, so that nobody knows its fate

    def attempt(self) -> T:
        """Try once.

        Raises:
            StrongroomError: the try failed, and no earlier one is found to have landed.
        """
        done: list[tuple[Proof | None, T]] = []
        try:
            with begin(self._store) as session:
                result = self._operation(session)
                done.append((session.proof, result))
        except StrongroomError as error:
            if was_lost(error):
                self.lost = self.lost or error
                self.unknown = self.unknown or bool(done)
                self._doubtful += [(proof, one) for proof, one in done if proof is not None]
            for proof, landed in self._doubtful:
                if self._stands(proof):
                    return landed
            raise
        return result

    def _stands(self, proof: Proof) -> bool:
        try:
            with self._store.database.read() as connection:
                row = proof.rows.get(connection, proof.key)
        except StorageError:
            return False  # nobody knows: the error of the lost connection says so
        return (None if row is None else row.seal) == proof.seal
