"""Who may read the key file, and what it is: refused with the exact reason, on the open file."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from strongroom.crypto.secret import Secret
from strongroom.errors import (
    KeyMissingError,
)
from strongroom.keys.keyfile import KeyFile
from tests.keys import independent
from tests.keys.independent import ROOT, STORE, STORE_KEY
from tests.keys.keyfiles import BACKUP, LEAKED, OWNER, names, opened, put, refusal, refused

pytestmark = pytest.mark.usefixtures("empty_folder")


def seem(patch: pytest.MonkeyPatch, *, owner: int, us: int) -> None:
    """Let every open file belong to `owner`, and this process to `us`, whoever runs the test."""
    plain = os.fstat

    def fstat(descriptor: int) -> os.stat_result:
        found = list(plain(descriptor))
        found[4] = owner
        return os.stat_result(found)

    patch.setattr(os, "fstat", fstat)
    patch.setattr(os, "geteuid", lambda: us)


# --- who may read it ----------------------------------------------------------------------------


@pytest.mark.parametrize("bit", [0o040, 0o020, 0o010, 0o004, 0o002, 0o001])
def test_any_right_of_others_is_refused(bit: int) -> None:
    put(ROOT, 0o600 | bit)
    assert refused() == (
        f"the key file aes_key.bin is open to others (mode {0o600 | bit:04o})",
        f"chmod 600 aes_key.bin; {LEAKED}",
    )


def test_world_readable_key_is_refused() -> None:
    put(ROOT, 0o644)
    assert refused()[0] == "the key file aes_key.bin is open to others (mode 0644)"


def test_key_of_another_user_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    put(ROOT)
    owner, us = os.geteuid(), os.geteuid()
    if us == 0:
        owner = 54_321
        os.chown("aes_key.bin", owner, -1)
    else:
        us += 1
        monkeypatch.setattr(os, "geteuid", lambda: us)
    assert refused() == (
        f"the key file aes_key.bin belongs to user {owner}, and this is user {us}",
        OWNER,
    )


@pytest.mark.parametrize(
    ("owner", "us", "accepted"),
    [(1000, 1000, True), (0, 1000, True), (0, 0, True), (1000, 0, False), (1001, 1000, False)],
)
def test_owner_is_us_or_root(
    monkeypatch: pytest.MonkeyPatch,
    owner: int,
    us: int,
    accepted: bool,  # noqa: FBT001 - one column of the table above
) -> None:
    put(ROOT)
    seem(monkeypatch, owner=owner, us=us)
    if accepted:
        assert opened() == STORE_KEY
    else:
        said = f"the key file aes_key.bin belongs to user {owner}, and this is user {us}"
        assert refused() == (said, OWNER)


def test_unreadable_key_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    put(ROOT)
    plain = os.open

    def denied(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if path == "aes_key.bin":
            raise PermissionError(13, "denied")
        return plain(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", denied)
    said = f"the key file aes_key.bin cannot be read by user {os.geteuid()} (EACCES)"
    assert refused() == (said, OWNER)


@pytest.mark.parametrize(
    ("mode", "accepted"), [(0o777, False), (0o702, False), (0o1777, True), (0o770, True)]
)
def test_folder_that_everyone_may_write(mode: int, accepted: bool) -> None:  # noqa: FBT001
    Path("keys").mkdir()
    put(ROOT, name="keys/aes_key.bin")
    Path("keys").chmod(mode)
    if accepted:
        assert opened(KeyFile("keys/aes_key.bin")) == STORE_KEY
    else:
        assert refused(KeyFile("keys/aes_key.bin")) == (
            (
                "the folder of the key file keys/aes_key.bin can be written by everyone "
                f"(mode {mode:04o})"
            ),
            "chmod o-w keys",
        )


def test_no_key_is_made_in_a_folder_that_everyone_may_write() -> None:
    Path("keys").mkdir()
    Path("keys").chmod(0o777)
    refusal(lambda: KeyFile("keys/aes_key.bin").create(STORE, Secret(STORE_KEY)))
    assert names("keys") == []


# --- what it is ---------------------------------------------------------------------------------

LINK = (
    "the key file aes_key.bin is a symbolic link",
    "name the file itself; for a secret that a container platform mounted, add ?mounted",
)


def test_symbolic_link_is_refused() -> None:
    put(ROOT, name="elsewhere")
    Path("aes_key.bin").symlink_to("elsewhere")
    assert refused() == LINK


def test_dangling_link_is_refused_and_nothing_is_made_behind_it() -> None:
    Path("aes_key.bin").symlink_to("elsewhere")
    assert refused() == LINK


@pytest.mark.timeout(10)
def test_fifo_is_refused_without_waiting() -> None:
    os.mkfifo("aes_key.bin", 0o600)
    assert refused() == ("the key file aes_key.bin is a FIFO, not a file", None)


def test_directory_is_refused() -> None:
    Path("aes_key.bin").mkdir(0o700)
    assert refused() == ("the key file aes_key.bin is a directory, not a file", None)


def test_socket_is_refused() -> None:
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("aes_key.bin")
        assert refused() == ("the key file aes_key.bin is a socket or a device, not a file", None)


def test_device_is_refused() -> None:
    said = refusal(lambda: opened(KeyFile("/dev/null")))
    assert said == ("the key file /dev/null is a device, not a file", None)


# --- mounted secrets ----------------------------------------------------------------------------


@pytest.fixture
def fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every file system say that it is mounted read-only."""
    plain = os.fstatvfs

    class ReadOnly:
        def __init__(self, descriptor: int) -> None:
            self.f_flag = plain(descriptor).f_flag | os.ST_RDONLY

    monkeypatch.setattr(os, "fstatvfs", ReadOnly)


MOUNTED = "the key file aes_key.bin"


@pytest.mark.usefixtures("fixed")
@pytest.mark.parametrize("mode", [0o400, 0o440, 0o600, 0o640])
def test_mounted_secret_behind_a_link_is_accepted(mode: int) -> None:
    Path("..data").mkdir()
    put(ROOT, mode, name="..data/aes_key.bin")
    Path("aes_key.bin").symlink_to("..data/aes_key.bin")
    provider = KeyFile("aes_key.bin", mounted=True)
    assert opened(provider) == STORE_KEY
    assert independent.unwrap(ROOT, provider.create(STORE, Secret(STORE_KEY)).wrapped) == STORE_KEY
    assert provider.made is False


@pytest.mark.usefixtures("fixed")
@pytest.mark.parametrize("mode", [0o444, 0o644, 0o460, 0o450, 0o441, 0o442])
def test_mounted_secret_open_to_more_than_reading_by_its_group(mode: int) -> None:
    put(ROOT, mode)
    assert refused(KeyFile("aes_key.bin", mounted=True)) == (
        f"{MOUNTED} is open to others (mode {mode:04o})",
        f"mount it with mode 0440; {LEAKED}",
    )


@pytest.mark.parametrize("mode", [0o400, 0o440, 0o600])
def test_file_that_we_could_change_is_not_mounted(mode: int) -> None:
    put(ROOT, mode)
    assert refused(KeyFile("aes_key.bin", mounted=True)) == (
        f"{MOUNTED} is not mounted: this process could change it",
        "leave out ?mounted, or mount it read-only",
    )


def test_own_file_is_not_mounted_because_its_owner_can_change_its_mode(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(ROOT, 0o440)
    seem(monkeypatch, owner=54_321, us=54_321)
    said, _ = refused(KeyFile("aes_key.bin", mounted=True))
    assert said == "the key file aes_key.bin is not mounted: this process could change it"


def test_file_of_root_is_mounted_for_everyone_else(monkeypatch: pytest.MonkeyPatch) -> None:
    put(ROOT, 0o440)
    seem(monkeypatch, owner=0, us=54_321)
    assert opened(KeyFile("aes_key.bin", mounted=True)) == STORE_KEY


def test_mounted_secret_is_never_made() -> None:
    provider = KeyFile("aes_key.bin", mounted=True)
    expected = ("the key file aes_key.bin does not exist", BACKUP)
    assert refusal(lambda: provider.create(STORE, Secret(STORE_KEY)), KeyMissingError) == expected
    assert names() == []


@pytest.mark.timeout(10)
@pytest.mark.usefixtures("fixed")
def test_link_to_a_fifo_is_refused_without_waiting() -> None:
    os.mkfifo("pipe", 0o600)
    Path("aes_key.bin").symlink_to("pipe")
    said = refused(KeyFile("aes_key.bin", mounted=True))
    assert said == ("the key file aes_key.bin is a FIFO, not a file", None)
