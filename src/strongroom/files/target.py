"""What every writer of a file takes: rows of values, and one word whether all went well."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from strongroom.errors import ClosedError, InputError
from strongroom.files.limits import MIB, MOST_RECORD
from strongroom.files.outgoing import Outgoing
from strongroom.schema.interchange import Column

__all__ = ["Column", "Row", "Target", "check_record", "utf_8"]

Row = Sequence[object]
"""One value for each column, of the type that its field has; None for no value."""


class Target(ABC):
    """A file that is being written. Leaving its context normally makes it final.

    An error or an interrupt inside of the context leaves no file behind, and what was there under
    its name before as it was.

    Attributes:
        columns: of the rows.
        count: how many rows were written.
    """

    def __init__(self, outgoing: Outgoing, columns: Sequence[Column]) -> None:
        self.columns = tuple(columns)
        self.count = 0
        self._over = False
        self._outgoing = outgoing

    def write(self, rows: Sequence[Row]) -> None:
        """Write rows, as many as shall be held in memory at a time.

        Raises:
            InputError: a value that this kind of file cannot hold, or a record that is too long.
            StrongroomError: the file cannot be written.
            ClosedError: its context was left.
        """
        if self._over:
            raise ClosedError("the file is closed")
        self._write(rows)
        self.count += len(rows)

    @abstractmethod
    def _write(self, rows: Sequence[Row]) -> None: ...

    def _end(self) -> None:  # noqa: B027  # most kinds end with their last row
        """Write what comes after the last row."""

    def _abandon(self) -> None:  # noqa: B027  # likewise
        """Let go of what a library holds."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over = True
        done = False
        try:
            if kind is None:
                self._end()
                self._outgoing.finish()
                done = True
        finally:
            self._outgoing.discard()
            if not done:
                self._abandon()


def check_record(number: int, text: str, most: int = MOST_RECORD) -> str:
    """Return the text of a record, if it is one that would be read again.

    Raises:
        InputError: it has more than `most` characters.
    """
    if len(text) > most:
        raise InputError(
            f"record {number}: as text it has more than {most // MIB} MiB",
            hint="leave out a field, or take --format parquet",
        )
    return text


def utf_8(text: str) -> bytes:
    """Return the bytes of a text.

    Raises:
        InputError: it holds what is no character. No value of a field does.
    """
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        pass  # raised below: the caught exception holds the text
    raise InputError("a text holds lone surrogates")
