"""Files that only their owner can read: every check is made on the open file, not on its name.

The folder is opened first and the file through it, so what was checked is what is read. POSIX
only: Windows has neither these modes nor O_NOFOLLOW. An access list needs no check of its own: on
Linux whatever it grants to others shows in the group bits, which must be empty.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from strongroom.errors import (
    InputError,
    KeyMissingError,
    KeyRefusedError,
    RootKeyError,
    errno_name,
    shown_path,
)

_SAFE: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_WRONG_USER: Final = "run as its owner, or let root hand it over with chown"
_LEAKED: Final = "if others may have read it, take its content for leaked"


@dataclass(frozen=True, slots=True)
class PrivateFile:
    """The name of a file that must be private, and the words to speak of it.

    Attributes:
        path: relative to the current folder, or absolute. Links in front of the last part are
            followed, a link as the last part is not.
        what: "key file" or "passphrase file".
        when_missing: the hint when there is no such file.
        mounted: accept what container platforms mount: a link, readable by its group, that this
            process could not change.
    """

    path: str
    what: str
    when_missing: str
    mounted: bool = False

    def __post_init__(self) -> None:
        if not self.path or "\0" in self.path or self.name in {"", ".", ".."}:
            raise InputError(f"the {self.what} must be named by the path of a file")

    @property
    def name(self) -> str:
        """The last part of the path."""
        return os.path.split(self.path)[1]

    @property
    def shown(self) -> str:
        """What to call the file in a message: one line, whatever its name holds."""
        return f"the {self.what} {shown_path(self.path)}"

    @contextmanager
    def folder(self) -> Iterator[int]:
        """Open the file's folder and check that not everyone may put files there.

        Raises:
            KeyMissingError: there is no such folder.
            KeyRefusedError: all may write to it, and it is not sticky.
            RootKeyError: it cannot be opened.
        """
        parent = os.path.split(self.path)[0] or "."
        try:
            descriptor = os.open(parent, _SAFE | os.O_DIRECTORY)
        except FileNotFoundError:
            raise KeyMissingError(
                f"the folder of {self.shown} does not exist",
                hint=f"name the right folder, or make it; otherwise {self.when_missing}",
            ) from None
        except OSError as error:
            raise RootKeyError(
                f"the folder of {self.shown} cannot be opened ({errno_name(error)})"
            ) from None
        try:
            mode = self._status(descriptor).st_mode
            if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
                raise KeyRefusedError(
                    f"the folder of {self.shown} can be written by everyone "
                    f"(mode {stat.S_IMODE(mode):04o})",
                    hint=f"chmod o-w {shown_path(parent)}",
                )
            yield descriptor
        finally:
            os.close(descriptor)

    @contextmanager
    def opened(self, folder: int) -> Iterator[int]:
        """Open the file in `folder` for reading and check that it is private.

        Opening never waits (a FIFO would) and never follows a link, unless `mounted`.

        Raises:
            KeyMissingError: there is no such file.
            KeyRefusedError: it is no file, not ours or not private.
            RootKeyError: it cannot be opened.
        """
        flags = _SAFE if self.mounted else _SAFE | os.O_NOFOLLOW
        try:
            descriptor = os.open(self.name, flags, dir_fd=folder)
        except OSError as error:
            raise self._not_opened(error) from None
        try:
            self.check(descriptor)
            yield descriptor
        finally:
            os.close(descriptor)

    def read(self, descriptor: int, limit: int) -> bytes:
        """Return the content, or its first `limit` bytes.

        Raises:
            RootKeyError: the disk fails. What was read so far is in no frame of the traceback.
        """
        try:
            with open(descriptor, "rb", closefd=False) as file:
                return file.read(limit)
        except OSError as error:
            raise self._unreadable(error) from None

    def check(self, descriptor: int) -> None:
        """Check what the open file is, whose it is, and who may read it.

        Raises:
            KeyRefusedError: with the exact reason.
        """
        found = self._status(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise KeyRefusedError(f"{self.shown} is {_kind(found.st_mode)}, not a file")
        mode, us = stat.S_IMODE(found.st_mode), os.geteuid()
        if found.st_uid not in {us, 0}:
            raise KeyRefusedError(
                f"{self.shown} belongs to user {found.st_uid}, and this is user {us}",
                hint=_WRONG_USER,
            )
        if mode & (0o037 if self.mounted else 0o077):
            remedy = (
                "mount it with mode 0440" if self.mounted else f"chmod 600 {shown_path(self.path)}"
            )
            raise KeyRefusedError(
                f"{self.shown} is open to others (mode {mode:04o})", hint=f"{remedy}; {_LEAKED}"
            )
        if self.mounted and not self._fixed(descriptor, found.st_uid, us):
            raise KeyRefusedError(
                f"{self.shown} is not mounted: this process could change it",
                hint="leave out ?mounted, or mount it read-only",
            )

    def _status(self, descriptor: int) -> os.stat_result:
        try:
            return os.fstat(descriptor)
        except OSError as error:
            raise self._unreadable(error) from None

    def _fixed(self, descriptor: int, owner: int, us: int) -> bool:
        """Tell whether we cannot change the file, whose mode lets at most its owner write.

        An owner can always give himself the right to write, and root needs none, unless the whole
        mount is read-only.
        """
        try:
            read_only = os.fstatvfs(descriptor).f_flag & os.ST_RDONLY
        except OSError as error:
            raise self._unreadable(error) from None
        return bool(read_only) or us not in {owner, 0}

    def _unreadable(self, error: OSError) -> RootKeyError:
        return RootKeyError(f"{self.shown} cannot be read ({errno_name(error)})")

    def _not_opened(self, error: OSError) -> RootKeyError:
        name = errno_name(error)
        if error.errno == errno.ENOENT:
            return KeyMissingError(f"{self.shown} does not exist", hint=self.when_missing)
        if error.errno == errno.ELOOP:
            return KeyRefusedError(
                f"{self.shown} is a symbolic link",
                hint="name the file itself; for a secret that a container platform mounted, "
                "add ?mounted",
            )
        if error.errno == errno.ENXIO:
            return KeyRefusedError(f"{self.shown} is a socket or a device, not a file")
        if error.errno in {errno.EACCES, errno.EPERM}:
            return KeyRefusedError(
                f"{self.shown} cannot be read by user {os.geteuid()} ({name})",
                hint=_WRONG_USER,
            )
        return RootKeyError(f"{self.shown} cannot be opened ({name})")


def _kind(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a directory"
    if stat.S_ISFIFO(mode):
        return "a FIFO"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"
