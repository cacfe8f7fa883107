r"""The records that were not taken, with the reason: a CSV file that grows while the work goes on.

    line,reason,<what the record had>
    3,has 3 values for 2 columns,Ada,36,London

Without its first two columns it can be repaired and imported: a cell of CSV and TSV stands as it
stood, a record of JSON is its text, anything else has the spelling of `spelling`. The file is made
with the first rejected record (O_EXCL, O_NOFOLLOW, mode 0600), under its own name, since it must
outlive an interrupted import.

To go on after one, the import keeps what `sync` returned in the checkpoint of each batch, and
gives it back as `resume`: what was written after that checkpoint is cut off, for those records
are read again. So each rejected record is there exactly once.
"""

from __future__ import annotations

import csv
import datetime as dt
import os
import stat
from base64 import b64encode
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self

from strongroom.errors import InputError, StrongroomError, errno_name, shown_path
from strongroom.files.outgoing import FILE_MODE, attempt
from strongroom.files.source import Item, Source
from strongroom.files.spelling import NULL, spell

_OPEN: Final = os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK
_NEW: Final = _OPEN | os.O_CREAT | os.O_EXCL
_OTHERS: Final = 0o077
_AS_IT_STOOD: Final = frozenset({"csv", "tsv", "json", "jsonl"})


class Rejects:
    """A rejects file, which is not there before something is rejected.

    Attributes:
        count: how many records were rejected here, those before a resumption not among them.
    """

    def __init__(self, path: str, columns: Sequence[str], kind: str, resume: int | None) -> None:
        """Open what is there, and nothing else. See `open_rejects`."""
        self.count = 0
        self._path, self._shown = path, f"the rejects file {shown_path(path)}"
        self._spelled = kind not in _AS_IT_STOOD
        self._held: list[str] = []
        self._writer = csv.writer(self, lineterminator="\r\n")
        self._writer.writerow(["line", "reason", *columns])
        self._header = self._held.pop().encode("utf-8", "backslashreplace")
        self._end = 0
        self._descriptor = self._existing(resume)

    def add(self, item: Item, reason: str | None = None) -> None:
        """Reject a record; `sync` makes sure of it.

        Args:
            item: the record.
            reason: one phrase that does not quote it; None: the item's own problem.
        """
        cells = [_spell(one) for one in item.raw] if self._spelled else item.raw
        self._writer.writerow([item.line, reason or item.problem, *cells])
        self.count += 1

    def write(self, text: str) -> None:
        """Take a line from the library that writes CSV, which ends it in its own way."""
        self._held.append(text[:-2] + "\n")

    def sync(self) -> int:
        """Bring everything that was rejected to the disk.

        Returns:
            The size of the file in bytes: what `open_rejects` takes as `resume`.

        Raises:
            InputError: a file of that name came from elsewhere meanwhile.
            StrongroomError: the file cannot be written.
        """
        if self._held:
            if self._descriptor < 0:
                self._make()
            descriptor = self._descriptor
            data = "".join(self._held).encode("utf-8", "backslashreplace")
            if not self._end:
                data = self._header + data
            attempt(lambda: _write(descriptor, data, self._end))
            attempt(lambda: os.fsync(descriptor))
            if not self._end:
                attempt(self._sync_folder)
            self._end += len(data)
            self._held.clear()
        return self._end

    def close(self) -> None:
        """Write what is left, and close the file."""
        try:
            self.sync()
        finally:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _existing(self, resume: int | None) -> int:
        """Return the file that is to be gone on with, or -1 if there is none yet."""
        try:
            descriptor = os.open(self._path, _OPEN)
        except FileNotFoundError:
            if resume:
                raise InputError(
                    f"{self._shown} is not there, but the import has written to it",
                    hint="bring it back, or start the import anew",
                ) from None
            return -1
        except OSError as error:
            raise InputError(f"{self._shown} cannot be used ({errno_name(error)})") from None
        try:
            self._check(descriptor, resume)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _check(self, descriptor: int, resume: int | None) -> None:
        if resume is None:
            raise InputError(f"{self._shown} is there already", hint="take another name")
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_mode & _OTHERS:
            raise InputError(f"{self._shown} is not a file that only its owner can read")
        if found.st_uid != os.geteuid():  # what root may open another could have put there
            raise InputError(f"{self._shown} belongs to somebody else")
        begin = os.pread(descriptor, len(self._header), 0)
        # Before the first checkpoint the header itself may be there in part.
        good = begin == self._header if resume else self._header.startswith(begin)
        last = os.pread(descriptor, 1, resume - 1) if resume else b"\n"
        if not good or last != b"\n" or found.st_size < resume:
            raise InputError(
                f"{self._shown} is not the one that the import has written",
                hint="bring it back, or start the import anew",
            )
        attempt(lambda: os.ftruncate(descriptor, resume))
        self._end = resume

    def _make(self) -> None:
        try:
            self._descriptor = os.open(self._path, _NEW, FILE_MODE)
        except FileExistsError:
            raise InputError(f"{self._shown} is there already", hint="take another name") from None
        except OSError as error:
            raise StrongroomError(f"{self._shown} cannot be made ({errno_name(error)})") from None
        attempt(lambda: os.fchmod(self._descriptor, FILE_MODE))

    def _sync_folder(self) -> None:
        folder = os.open(os.path.split(self._path)[0] or ".", os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def open_rejects(path: str, source: Source, *, resume: int | None = None) -> Rejects:
    """Name the file for the records of `source` that are not taken.

    Args:
        path: of the file.
        source: what is read: the columns and the kind of what is rejected.
        resume: None for a new file; else what `Rejects.sync` returned at the last checkpoint, 0
            if there was none. The file is cut to that size.

    Raises:
        InputError: a file of that name is there although it is to be new, or it is not the one
            that the import has written.
    """
    return Rejects(path, source.raw_columns, source.kind, resume)


def _write(descriptor: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        done = os.pwrite(descriptor, view, at)
        view, at = view[done:], at + done


def _spell(value: object) -> str:
    if value is None:
        return NULL
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return spell(str(value))
