"""Bytes on their way to a file that nobody sees before it is whole, or to standard output.

A file is written under the name ``.NAME.partial-XXXXXXXX`` in the folder of its place (O_EXCL,
O_NOFOLLOW, mode 0600 whatever the umask), synced, put into place in one step, and the folder
synced. Whatever fails, the partial file is removed; a process that is killed leaves it behind,
named so that it is known for what it is. Nothing in another folder is written to, `/tmp` either.
"""

from __future__ import annotations

import errno
import io
import os
import secrets
import stat
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import BinaryIO, Final, NoReturn, TypeVar

from strongroom.errors import InputError, StrongroomError, errno_name, shown_path

FILE_MODE: Final = 0o600
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NO_LINKS: Final = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
_LONGEST_NAME: Final = 200
"""Bytes of a name that the partial name repeats: names have at most 255."""
_AHEAD: Final = 256 * 1024
_T = TypeVar("_T")


class Outgoing(ABC):
    """Where bytes are written to, for our own writers and for libraries that want a file."""

    closed = False

    def __init__(self) -> None:
        self._written = 0
        self._over = False

    def write(self, data: bytes) -> int:
        """Write all of `data`; nothing once it is over, when a library is still tidying up.

        Raises:
            StrongroomError: the disk is full or fails; the message has the name of the failure.
        """
        data = bytes(data)
        if not self._over:
            attempt(lambda: self._put(data))
        self._written += len(data)
        return len(data)

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._written

    def writable(self) -> bool:
        """Say that this is written to."""
        return True

    def readable(self) -> bool:
        """Say that nothing is read from this."""
        return False

    def seekable(self) -> bool:
        """Say that there is no way back."""
        return False

    def flush(self) -> None:  # noqa: B027
        """Do nothing: what is written becomes visible at the end, and as a whole."""

    def close(self) -> None:  # noqa: B027
        """Do nothing: a library that closes its file does not know whether all went well."""

    @abstractmethod
    def finish(self) -> None:
        """Make what was written final. Raises as `write`, and InputError if the name is taken."""

    def discard(self) -> None:
        """Take back what was not made final, where that is possible. Never raises."""
        self._over = True
        self._forget()

    @abstractmethod
    def _put(self, data: bytes) -> None: ...

    @abstractmethod
    def _forget(self) -> None: ...


class OutgoingStream(Outgoing):
    """Standard output, or another stream. A reader that went away is a BrokenPipeError."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def finish(self) -> None:
        """Write out what the stream still holds. Raises as `write`."""
        attempt(self._stream.flush)

    def _put(self, data: bytes) -> None:
        self._stream.write(data)

    def _forget(self) -> None:
        pass  # what was written is gone


class OutgoingFile(Outgoing):
    """A file that comes to its place when it is finished."""

    def __init__(self, path: str, *, replace: bool) -> None:
        """Make the partial file.

        Raises:
            InputError: the path names no file, there is no such folder, or the name is taken and
                `replace` is false, or it is taken by something that is no file.
            StrongroomError: the file cannot be made.
        """
        super().__init__()
        folder, self._name = os.path.split(path)
        if "\0" in path or self._name in {"", ".", ".."}:
            raise InputError("a file must be named by its path")
        self._shown, self._replace = f"the file {shown_path(path)}", replace
        self._folder = self._opened(folder or ".")
        self._file: io.BufferedWriter[io.FileIO] | None = None
        try:
            self._check_free()
            self._partial = self._partial_name()
            self._file = self._made()
        except BaseException:
            self._forget()
            raise

    def finish(self) -> None:
        """Put the file in its place. Raises as `write`, and InputError if the name is taken."""
        file = self._file
        if file is None:
            return
        try:
            attempt(file.flush)
            attempt(lambda: os.fsync(file.fileno()))
            attempt(file.close)
            self._put_in_place()
            attempt(lambda: os.fsync(self._folder))
        finally:
            self._forget()

    def _put(self, data: bytes) -> None:
        if self._file is None:
            raise OSError(errno.EBADF, "over")
        self._file.write(data)

    def _opened(self, folder: str) -> int:
        try:
            return os.open(folder, _FOLDER)
        except FileNotFoundError:
            raise InputError(f"the folder of {self._shown} does not exist") from None
        except OSError as error:
            raise StrongroomError(
                f"the folder of {self._shown} cannot be opened ({errno_name(error)})"
            ) from None

    def _check_free(self) -> None:
        try:
            found = os.stat(self._name, dir_fd=self._folder, follow_symlinks=False)
        except FileNotFoundError:
            return
        if not stat.S_ISREG(found.st_mode):
            raise InputError(f"{self._shown} is there already, and is no file")
        if not self._replace:
            self._taken()

    def _taken(self) -> None:
        raise InputError(f"{self._shown} is there already", hint="take another name, or --force")

    def _partial_name(self) -> str:
        begin = os.fsdecode(os.fsencode(self._name)[:_LONGEST_NAME])
        return f".{begin}.partial-{secrets.token_hex(4)}"

    def _made(self) -> io.BufferedWriter[io.FileIO]:
        descriptor = attempt(lambda: os.open(self._partial, _NEW, FILE_MODE, dir_fd=self._folder))
        file = io.BufferedWriter(io.FileIO(descriptor, "wb"), _AHEAD)
        attempt(lambda: os.fchmod(descriptor, FILE_MODE))  # a umask may have taken our own bits
        return file

    def _put_in_place(self) -> None:
        """Give the file its name: at once, and over nobody's file unless that was allowed."""
        partial, name, folder = self._partial, self._name, self._folder
        if not self._replace:
            try:
                os.link(partial, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
            except FileExistsError:
                taken = True
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    refuse(error)
                taken = False
            else:
                return  # the partial name goes when the rest is forgotten
            if taken:
                self._taken()
            self._check_free()  # a file system without links: not in one step, but nearly
        attempt(lambda: os.rename(partial, name, src_dir_fd=folder, dst_dir_fd=folder))

    def _forget(self) -> None:
        """Close everything and remove the partial file, if it is still under that name."""
        file, self._file = self._file, None
        if self._folder < 0:
            return
        try:
            if file is not None:
                _close_quietly(file)
            partial = getattr(self, "_partial", None)
            if partial is not None:
                os.unlink(partial, dir_fd=self._folder)
        except OSError:
            pass  # it is in place, or the disk fails: the error that led here says so
        finally:
            os.close(self._folder)
            self._folder = -1


def _close_quietly(file: io.BufferedWriter[io.FileIO]) -> None:
    # Closing would write what is buffered, once more to a full disk.
    raw = file.detach() if not file.closed else None
    if raw is not None:
        raw.close()


def attempt(step: Callable[[], _T]) -> _T:
    """Take a step of writing.

    Raises:
        StrongroomError: it fails. Its name is in the message, such as ENOSPC.
        BrokenPipeError: whoever read the output went away.
    """
    try:
        return step()
    except BrokenPipeError:
        raise
    except OSError as error:
        refuse(error)


def refuse(error: OSError) -> NoReturn:
    """Raise the one error of files that cannot be written.

    Raises:
        StrongroomError: always.
    """
    raise StrongroomError(
        f"the file could not be written ({errno_name(error)})",
        hint="look after the disk, then try again",
    ) from None
