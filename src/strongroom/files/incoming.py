"""The bytes of a file or of a stream, a chunk at a time, counted."""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

from strongroom.errors import InputError, errno_name, shown_path
from strongroom.files.limits import CHUNK

_FLAGS: Final = os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC
_HEAD: Final = 64


class _Stamp(NamedTuple):
    """What tells a file from another one, and from itself after a change."""

    device: int
    inode: int
    size: int
    modified: int


class Incoming:
    """A file that is open for reading, or standard input.

    Attributes:
        position: how many bytes were handed out.
        size: of the file in bytes, None for a pipe or a device.
    """

    def __init__(self, path: str | None, stream: BinaryIO | None = None) -> None:
        """Open the file and read its first bytes.

        Args:
            path: of the file, or None for a stream.
            stream: what is read without a path; by default standard input.

        Raises:
            InputError: it cannot be opened or read, is a folder, or is empty.
        """
        self.position = 0
        self._changed = False
        self._owned = path is not None
        self._shown = "standard input" if path is None else f"the file {shown_path(path)}"
        self._file: io.FileIO | BinaryIO = (
            self._opened(path) if path is not None else stream or sys.stdin.buffer
        )
        self._stamp = self._stamped()
        self.size = None if self._stamp is None else self._stamp.size
        try:
            self._head = self._first()
        except InputError:
            self.close()
            raise

    def head(self) -> bytes:
        """Return the first bytes, at most 64, without taking them."""
        return self._head

    def chunks(self) -> Iterator[bytes]:
        """Yield all bytes, in chunks of at most 256 KiB.

        Raises:
            InputError: the disk or the pipe fails.
        """
        chunk, self._head = self._head, b""
        while chunk:
            self.position += len(chunk)
            yield chunk
            chunk = self._read(CHUNK)

    def seekable(self) -> io.BufferedReader:
        """Return the whole file for a library that jumps about in it.

        Raises:
            InputError: it is no file but a stream.
        """
        if self._stamp is None or not isinstance(self._file, io.FileIO):
            raise InputError(
                "this format can only be read from a file, not from a stream",
                hint="save it to a file first",
            )
        self._file.seek(0)
        return io.BufferedReader(self._file)

    def changed(self) -> bool:
        """Tell whether identity, size or time of change differ from those at the opening."""
        if self._stamp is not None and not self._file.closed:
            self._changed = self._stamped() != self._stamp
        return self._changed

    def close(self) -> None:
        """Close the file, if it was opened here; `changed` then tells how it was at that time."""
        if self._owned:
            self.changed()
            self._file.close()

    def _opened(self, path: str) -> io.FileIO:
        if not path or "\0" in path:
            raise InputError("a file must be named by its path")
        try:
            return io.FileIO(path, opener=lambda name, _: os.open(name, _FLAGS))
        except OSError as error:
            reason = (
                "is a folder"
                if isinstance(error, IsADirectoryError)
                else "does not exist"
                if isinstance(error, FileNotFoundError)
                else f"cannot be opened ({errno_name(error)})"
            )
        raise InputError(f"{self._shown} {reason}")

    def _first(self) -> bytes:
        """Return the first bytes. Raises InputError if there are none."""
        head = b""
        while len(head) < _HEAD and (more := self._read(_HEAD - len(head))):
            head += more
        if not head:
            raise InputError("the file is empty")
        return head

    def _read(self, count: int) -> bytes:
        # A pipe gives what it has; a buffered one would otherwise wait until a chunk is full.
        read = getattr(self._file, "read1", self._file.read)
        try:
            return read(count) or b""
        except OSError as error:
            name = errno_name(error)
        raise InputError(f"{self._shown} cannot be read ({name})")

    def _stamped(self) -> _Stamp | None:
        if not self._owned:
            return None
        found = os.fstat(self._file.fileno())
        if not stat.S_ISREG(found.st_mode):
            return None
        return _Stamp(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
