"""The key file: 32 raw bytes that only their owner can read, made once by whoever comes first.

Making it: a temporary file in the same folder (O_EXCL, O_NOFOLLOW, mode 0600 whatever the umask)
is written, synced, read again and compared, then linked to its final name, and the folder synced.
A link either finds the name free or does not, so of many processes one wins and the others load
its key, and no name ever leads to half a key. A failed sync is never tried again: the kernel may
have dropped the pages and would then report success. A process that is killed on the way can
leave `.strongroom-….new` beside the key: no name of anyone's key, and free to be deleted.

File systems without hard links are refused. The only other exclusive way that Python has, O_EXCL
on the final name, shows others half a key and leaves one for ever after a power cut.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Callable
from typing import Final, TypeVar, final

from strongroom.crypto.secret import KEY_BYTES, Secret
from strongroom.errors import KeyMissingError, KeyRefusedError, RootKeyError, errno_name, shown_path
from strongroom.keys.envelope import Envelope, open_store_key, seal_store_key
from strongroom.keys.material import READ_LIMIT, Fault, from_raw
from strongroom.keys.private import PrivateFile

_MISSING: Final = (
    "bring the key file back from its backup: without it nothing that is encrypted can be read; "
    "no new key was made"
)
_NEW: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_MODE: Final = 0o600
_T = TypeVar("_T")
_NO_LINKS: Final = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


@final
class KeyFile:
    """The provider `file:PATH`: the root key is the content of a file, made on first run."""

    scheme = "file"

    def __init__(self, path: str, *, mounted: bool = False) -> None:
        """Name the file; nothing is opened yet.

        Args:
            path: of the key file.
            mounted: accept what container platforms mount, and never make a file.

        Raises:
            InputError: the path names no file.
        """
        self._file = PrivateFile(path, "key file", _MISSING, mounted)
        self.made = False

    def describe(self) -> str:
        """Return the provider's name, which is safe to show."""
        return f"file:{shown_path(self._file.path)}" + ("?mounted" if self._file.mounted else "")

    def create(self, store_id: bytes, store_key: Secret) -> Envelope:
        """Load the key file, or make it if there is none, and wrap the store key under it.

        On return the key file is on the disk, not only in memory, whoever made it.

        Raises:
            RootKeyError: it cannot be loaded or made; nothing half-made is left.
        """
        if self._file.mounted:
            root = load(self._file)
        else:
            root, self.made = load_or_make(self._file)
        return seal_store_key(root, self.scheme, {}, store_id, store_key)

    def unwrap(self, store_id: bytes, envelope: Envelope) -> Secret:
        """Load the key file and open the store key with it; make nothing.

        Raises:
            RootKeyError: it is missing, refused, or another store's.
            IntegrityError: the envelope was changed.
        """
        return open_store_key(load(self._file), store_id, envelope)

    def __repr__(self) -> str:
        return f"<key provider {self.describe()}>"


def load(file: PrivateFile, *, settle: bool = False) -> Secret:
    """Return the key that the file holds.

    Args:
        file: where it is.
        settle: also sync the file and its folder: who made it may not have come so far yet.

    Raises:
        KeyMissingError: there is no such file.
        KeyRefusedError: it is not private, or does not hold exactly a key.
        RootKeyError: the disk fails.
    """
    with file.folder() as folder, file.opened(folder) as descriptor:
        outcome = from_raw(file.read(descriptor, READ_LIMIT))
        if isinstance(outcome, Fault):
            raise KeyRefusedError(f"{file.shown} {outcome.reason}", hint=outcome.hint)
        if settle and not _read_only(file, folder):
            _attempt(file, "synced", lambda: os.fsync(descriptor))
            _attempt(file, "synced with its folder", lambda: os.fsync(folder))
        return outcome


def load_or_make(file: PrivateFile) -> tuple[Secret, bool]:
    """Return the key of the file, and whether it was made here and now.

    Raises:
        RootKeyError: as `load` and `_make`.
    """
    with file.folder():
        pass  # a missing folder is not ours to make, and is no reason to make a key
    try:
        return load(file, settle=True), False
    except KeyMissingError:
        key = Secret.generate()
    if _make(file, key):
        return key, True
    return load(file, settle=True), False


def _make(file: PrivateFile, key: Secret) -> bool:
    """Put `key` on the disk under the file's name; False when the name was taken meanwhile.

    Raises:
        RootKeyError: a step failed. The name leads to nothing, to another's key, or, if only the
            last sync failed, to the whole of this one, which then stays: others may use it.
    """
    with file.folder() as folder:
        temporary = f".strongroom-{secrets.token_hex(8)}.new"
        descriptor = _attempt(file, "made", lambda: os.open(temporary, _NEW, _MODE, dir_fd=folder))
        try:
            try:
                _fill(file, descriptor, key)
            finally:
                _attempt(file, "closed", lambda: os.close(descriptor))
            won = _link(file, folder, temporary)
        finally:
            _attempt(
                file,
                f"made without leaving {temporary} behind",
                lambda: os.unlink(temporary, dir_fd=folder),
            )
        _attempt(file, "synced with its folder", lambda: os.fsync(folder))
        return won


def _fill(file: PrivateFile, descriptor: int, key: Secret) -> None:
    """Write the key, sync it and read it again. The key bytes are in no local name."""
    _attempt(file, "made private", lambda: os.fchmod(descriptor, _MODE))
    mode = _attempt(file, "made private", lambda: os.fstat(descriptor)).st_mode
    if stat.S_IMODE(mode) != _MODE:
        raise KeyRefusedError(
            f"{file.shown} cannot be made private: its file system keeps no modes",
            hint="keep the key on a local file system of this machine",
        )
    _attempt(file, "written", lambda: _write(descriptor, key))
    _attempt(file, "synced", lambda: os.fsync(descriptor))
    if _attempt(file, "read again", lambda: os.pread(descriptor, READ_LIMIT, 0)) != key.reveal():
        raise RootKeyError(f"{file.shown} could not be written (it reads back as something else)")


def _write(descriptor: int, key: Secret) -> None:
    done = 0
    while done < KEY_BYTES:
        written = os.write(descriptor, key.reveal()[done:])
        if not written:
            raise OSError(errno.EIO, "no progress")
        done += written


def _link(file: PrivateFile, folder: int, temporary: str) -> bool:
    try:
        os.link(temporary, file.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except FileExistsError:
        return False
    except OSError as error:
        name = errno_name(error)
        if error.errno in _NO_LINKS:
            raise KeyRefusedError(
                f"{file.shown} cannot be made in one step: its file system has no hard links "
                f"({name})",
                hint="keep the key on a local file system of this machine, or make the file "
                "there yourself: (umask 077; head -c 32 /dev/urandom > PATH)",
            ) from None
        raise RootKeyError(f"{file.shown} could not be linked into place ({name})") from None
    return True


def _attempt(file: PrivateFile, done: str, step: Callable[[], _T]) -> _T:
    try:
        return step()
    except OSError as error:
        raise RootKeyError(
            f"{file.shown} could not be {done} ({errno_name(error)})",
            hint="nothing was stored; look after the disk, then try again",
        ) from None


def _read_only(file: PrivateFile, folder: int) -> bool:
    """Tell whether nothing there can be waiting to be synced; some such systems cannot sync."""
    flags = _attempt(file, "synced", lambda: os.fstatvfs(folder)).f_flag
    return bool(flags & os.ST_RDONLY)
