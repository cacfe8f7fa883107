"""The exception tree: everything strongroom raises on purpose. Imports nothing of ours.

    StrongroomError
    ├── InputError (ValueError)            a value, name or option that is not allowed
    │   ├── QueryError                     a question that no index or plain column can answer
    │   └── DuplicateError                 another record has this value of a unique field
    ├── NotFoundError (LookupError)        no such record
    ├── NoTableError (LookupError)         no such table, or one that strongroom does not manage
    ├── NoStoreError (LookupError)         the database holds no store yet
    ├── IntegrityError                     something was changed outside strongroom
    │   └── DecryptionError                a cell, wrap or seal does not open: one text, no cause
    ├── RootKeyError                       the root key cannot be used
    │   ├── KeyMissingError (LookupError)  it is not where the provider looks
    │   ├── KeyRefusedError                it is there, but must not be used as it is
    │   └── WrongKeyError                  it is a good key, but not this store's
    ├── ConflictError                      the record changed since it was read
    ├── StorageError                       the database refused or failed
    │   ├── UnreachableError               no connection, or the credentials were refused
    │   └── BusyError                      deadlock, lock or serialisation: try the whole again
    ├── UnfinishedError                    a job that did not do everything: it named what is left
    └── ClosedError                        the strongroom or the transaction is over

``str(error)`` is one lower-case line that names tables, fields, ids and rules, never a value, a
key or a password. ``error.hint`` says what to do next, or is None. The two functions at the end
put a path and a failure of the system into such a line.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence


class StrongroomError(Exception):
    """Base of every error that strongroom raises on purpose.

    Attributes:
        hint: what to do next, one line, or None.
        retryable: whether running the whole transaction again may succeed.
        stored: the ids that stay stored although the work as a whole failed.
    """

    retryable: bool = False
    stored: Sequence[int] = ()

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class InputError(StrongroomError, ValueError):
    """A value, a name or an option is not allowed. The value itself is never in the message."""


class QueryError(InputError):
    """A condition that no index or plain column can answer, or that makes no sense."""


class DuplicateError(InputError):
    """Another record has the value that a unique field was to get. The value is not in the text."""


class NotFoundError(StrongroomError, LookupError):
    """There is no record with that primary key."""


class NoTableError(StrongroomError, LookupError):
    """There is no such table, or there is one that strongroom does not manage."""


class NoStoreError(StrongroomError, LookupError):
    """The database holds no store, and the caller asked not to create one."""


class IntegrityError(StrongroomError):
    """What came from the database is not what strongroom wrote."""


class DecryptionError(IntegrityError):
    """A cell, a wrap or a seal does not open. Always the same text, whatever the reason.

    Attributes:
        position: the place of the failing value in the batch that was given, counted from 0.
    """

    def __init__(self, position: int = 0) -> None:
        super().__init__("the value cannot be opened")
        self.position = position


class RootKeyError(StrongroomError):
    """The root key cannot be used."""


class KeyMissingError(RootKeyError, LookupError):
    """The root key is not where its provider looks for it."""


class KeyRefusedError(RootKeyError):
    """Something is where the root key should be, but it must not be used as it is."""


class WrongKeyError(RootKeyError):
    """The root key is a good key, but not the one that this store was made with."""


class ConflictError(StrongroomError):
    """The record was changed by someone else since it was read."""

    retryable = True


class StorageError(StrongroomError):
    """The database refused the statement or failed.

    Attributes:
        lost: whether the connection broke, so that the fate of a commit is not known.
        of_a_row: whether it refused one row for what is in it.
    """

    lost: bool = False
    of_a_row: bool = False


class UnreachableError(StorageError):
    """No connection to the database, or it refused the credentials or the certificate."""


class BusyError(StorageError):
    """A deadlock, a lock time-out or a serialisation failure: run the transaction again."""

    retryable = True


class UnfinishedError(StrongroomError):
    """A job could not do all of its work. What it could not was reported; the rest is done."""


class ClosedError(StrongroomError):
    """The strongroom or the transaction was already closed."""


def errno_name(error: OSError) -> str:
    """Return the name of the failure, such as ENOSPC; its text may depend on the language."""
    return errno.errorcode.get(error.errno or 0, "unknown error")


def shown_path(path: str) -> str:
    """Return `path` as it is, or escaped when it holds what would break or fake a line."""
    return path if path.isprintable() else ascii(path)
