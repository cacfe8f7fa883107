"""Every step of making a key file fails once: the old key stays, or the new one is whole."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import pytest

from strongroom.crypto.secret import Secret
from strongroom.errors import KeyRefusedError, RootKeyError
from strongroom.keys.keyfile import KeyFile
from tests.keys import independent
from tests.keys.independent import ROOT, STORE, STORE_KEY

STEPS = ["open", "fchmod", "write", "fsync", "pread", "close", "link", "unlink", "fsync"]
NAME = "aes_key.bin"
AGAIN = "nothing was stored; look after the disk, then try again"


class Disk:
    """Counts the steps that make a file, and does something else at one of them, or from it on.

    Reading, and closing what was only read, pass by uncounted.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.steps: list[str] = []
        self.at = -1
        self.for_ever = False
        self.act: Callable[[], None] = lambda: None
        self._ours: set[int] = set()
        for name in ("open", "fchmod", "write", "fsync", "pread", "close", "link", "unlink"):
            patch.setattr(os, name, self._watched(name, getattr(os, name)))

    def fail(self, at: int, code: int, *, for_ever: bool = False) -> None:
        def act() -> NoReturn:
            raise OSError(code, "a disk that fails")

        self.at, self.act, self.for_ever, self.steps = at, act, for_ever, []

    def _watched(self, name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            making = name == "open" and given[1] & os.O_CREAT
            if (name == "open" and not making) or (name == "close" and given[0] not in self._ours):
                return step(*given, **named)
            self.steps.append(name)
            if name == "close":
                self._ours.discard(given[0])
                step(*given)  # a close that fails has closed all the same
            here = len(self.steps) - 1
            if here == self.at or (self.for_ever and 0 <= self.at < here):
                self.act()
            if name == "close":
                return None
            outcome = step(*given, **named)
            if making:
                self._ours.add(outcome)
            return outcome

        return watched


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    monkeypatch.chdir(tmp_path)
    return Disk(monkeypatch)


def create() -> tuple[KeyFile, bytes]:
    provider = KeyFile(NAME)
    envelope = provider.create(STORE, Secret(STORE_KEY))
    assert independent.unwrap(Path(NAME).read_bytes(), envelope.wrapped) == STORE_KEY
    return provider, Path(NAME).read_bytes()


def names() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


def refused(kind: type[RootKeyError] = RootKeyError) -> tuple[str, str | None]:
    with pytest.raises(RootKeyError) as caught:
        KeyFile(NAME).create(STORE, Secret(STORE_KEY))
    assert type(caught.value) is kind
    return str(caught.value), caught.value.hint


def test_the_steps_are_these(disk: Disk) -> None:
    provider, _ = create()
    assert provider.made is True
    assert disk.steps == STEPS


@pytest.mark.parametrize("code", [errno.EIO, errno.ENOSPC])
@pytest.mark.parametrize(
    ("at", "said"),
    [
        (0, "made"),
        (1, "made private"),
        (2, "written"),
        (3, "synced"),
        (4, "read again"),
        (5, "closed"),
        (6, "linked into place"),
    ],
)
def test_failure_before_the_link_leaves_nothing(disk: Disk, at: int, said: str, code: int) -> None:
    disk.fail(at, code)
    message, hint = refused()
    assert message == f"the key file {NAME} could not be {said} ({errno.errorcode[code]})"
    assert hint == (None if at == 6 else AGAIN)
    assert disk.steps[: at + 1] == STEPS[: at + 1]
    assert disk.steps.count("fsync") <= 1  # never tried again
    assert names() == []
    disk.fail(-1, 0)
    provider, _ = create()
    assert provider.made is True
    assert names() == [NAME]


def test_temporary_file_that_cannot_be_removed_is_named(disk: Disk) -> None:
    disk.fail(7, errno.EIO)
    message, _ = refused()
    key, temporary = sorted(names(), reverse=True)
    assert key == NAME
    assert message == (
        f"the key file {NAME} could not be made without leaving {temporary} behind (EIO)"
    )
    assert Path(NAME).stat().st_size == 32
    disk.fail(-1, 0)
    provider, _ = create()
    assert provider.made is False


def test_failure_of_the_last_sync_leaves_the_whole_key_which_others_may_use(disk: Disk) -> None:
    disk.fail(8, errno.EIO)
    message, _ = refused()
    assert message == f"the key file {NAME} could not be synced with its folder (EIO)"
    assert disk.steps == STEPS
    assert names() == [NAME]
    root = Path(NAME).read_bytes()
    disk.fail(-1, 0)
    provider, same = create()
    assert (provider.made, same) == (False, root)
    assert disk.steps == ["fsync", "fsync"]  # the file and its folder, before a store depends on it


@pytest.mark.parametrize("at", range(len(STEPS)))
def test_disk_that_fails_for_ever_leaves_no_half_of_a_key(disk: Disk, at: int) -> None:
    disk.fail(at, errno.EIO, for_ever=True)
    refused()
    disk.fail(-1, 0)
    assert not Path(NAME).exists() or Path(NAME).stat().st_size == 32
    _, root = create()
    assert len(root) == 32


@pytest.mark.parametrize("at", [0, 1])
def test_key_that_cannot_be_synced_is_not_used_for_a_new_store(disk: Disk, at: int) -> None:
    Path(NAME).write_bytes(ROOT)
    Path(NAME).chmod(0o600)
    disk.fail(at, errno.EIO)
    place = ("synced", "synced with its folder")[at]
    assert refused() == (f"the key file {NAME} could not be {place} (EIO)", AGAIN)
    assert disk.steps == ["fsync"] * (at + 1)
    assert Path(NAME).read_bytes() == ROOT


def test_opening_an_existing_store_syncs_nothing(disk: Disk) -> None:
    envelope = KeyFile(NAME).create(STORE, Secret(STORE_KEY))
    disk.fail(-1, 0)
    assert KeyFile(NAME).unwrap(STORE, envelope).reveal() == STORE_KEY
    assert disk.steps == []


@pytest.mark.parametrize("code", [errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK])
def test_file_system_without_hard_links_is_refused_with_the_reason(disk: Disk, code: int) -> None:
    disk.fail(6, code)
    message, hint = refused(KeyRefusedError)
    assert message == (
        f"the key file {NAME} cannot be made in one step: its file system has no hard links "
        f"({errno.errorcode[code]})"
    )
    assert hint is not None and hint.endswith("(umask 077; head -c 32 /dev/urandom > PATH)")
    assert names() == []


def test_file_system_without_modes_is_refused(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    def ignored(_descriptor: int, mode: int) -> None:
        disk.steps.append(f"fchmod {mode:o}")

    monkeypatch.setattr(os, "fchmod", ignored)
    monkeypatch.setattr("strongroom.keys.keyfile._MODE", 0o640)  # what such a system makes of it
    former = os.umask(0o077)
    try:
        message, _ = refused(KeyRefusedError)
    finally:
        os.umask(former)
    assert message == f"the key file {NAME} cannot be made private: its file system keeps no modes"
    assert names() == []


def test_short_writes_are_carried_on(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    watched = os.write
    monkeypatch.setattr(os, "write", lambda fd, content: watched(fd, content[:5]))
    _, root = create()
    assert len(root) == 32
    assert disk.steps.count("write") == 7


def test_write_without_progress_is_an_error(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "write", lambda _fd, _content: 0)
    assert refused()[0] == f"the key file {NAME} could not be written (EIO)"
    assert "unlink" in disk.steps
    assert names() == []


def test_disk_that_reads_back_something_else_is_found_out(
    disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = os.pread
    monkeypatch.setattr(os, "pread", lambda fd, size, at: watched(fd, size, at)[:-1] + b"?")
    message, _ = refused()
    assert message == f"the key file {NAME} could not be written (it reads back as something else)"
    assert "unlink" in disk.steps
    assert names() == []


def test_who_comes_second_takes_the_first_ones_key(disk: Disk) -> None:
    """Another process links its key between our look and our link."""

    def other_wins() -> None:
        descriptor = os.open(NAME, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(descriptor, ROOT)
        os.close(descriptor)

    def act() -> None:
        disk.at = -1
        other_wins()

    disk.at, disk.act = 6, act
    provider, root = create()
    assert (provider.made, root) == (False, ROOT)
    assert names() == [NAME]


@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("at", range(len(STEPS)))
def test_killed_at_any_step_leaves_no_half_of_a_key(disk: Disk, at: int) -> None:
    child = os.fork()
    if child == 0:
        disk.at, disk.act = at, lambda: os._exit(9)
        KeyFile(NAME).create(STORE, Secret(STORE_KEY))
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    present = Path(NAME).exists()
    assert present == (at > 6)
    provider, root = create()
    assert (provider.made, len(root)) == (not present, 32)
