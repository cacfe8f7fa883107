"""The key file: made private and whole, never made anew, and refused when it holds no key."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from strongroom.crypto.secret import Secret
from strongroom.errors import (
    InputError,
    KeyMissingError,
    RootKeyError,
    WrongKeyError,
)
from strongroom.keys.keyfile import KeyFile
from tests.keys import independent
from tests.keys.independent import OTHER_ROOT, ROOT, STORE, STORE_KEY
from tests.keys.keyfiles import BACKUP, RESTORE, names, opened, put, refusal, refused

pytestmark = pytest.mark.usefixtures("empty_folder")


# --- making it ----------------------------------------------------------------------------------


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o777])
def test_first_run_makes_32_bytes_with_mode_0600_whatever_the_umask(umask: int) -> None:
    provider = KeyFile("aes_key.bin")
    former = os.umask(umask)
    try:
        envelope = provider.create(STORE, Secret(STORE_KEY))
    finally:
        os.umask(former)
    found = Path("aes_key.bin").stat()
    root = Path("aes_key.bin").read_bytes()
    assert provider.made is True
    assert stat.S_IMODE(found.st_mode) == 0o600
    assert (found.st_nlink, found.st_size) == (1, 32)
    assert names() == ["aes_key.bin"]
    assert (envelope.provider, envelope.parameters) == ("file", {})
    assert envelope.fingerprint == independent.fingerprint(root)
    assert independent.unwrap(root, envelope.wrapped) == STORE_KEY
    assert KeyFile("aes_key.bin").unwrap(STORE, envelope).reveal() == STORE_KEY


def test_two_new_keys_differ() -> None:
    for name in ("one", "two"):
        KeyFile(name).create(STORE, Secret(STORE_KEY))
    assert Path("one").read_bytes() != Path("two").read_bytes()


def test_an_existing_key_is_taken_and_left_as_it_is() -> None:
    before = put(ROOT, 0o400).stat()
    provider = KeyFile("aes_key.bin")
    envelope = provider.create(STORE, Secret(STORE_KEY))
    after = Path("aes_key.bin").stat()
    assert provider.made is False
    assert independent.unwrap(ROOT, envelope.wrapped) == STORE_KEY
    assert (after.st_ino, after.st_mtime_ns, after.st_mode) == (
        before.st_ino,
        before.st_mtime_ns,
        before.st_mode,
    )


def test_key_with_mode_0600_opens_the_store() -> None:
    put(ROOT)
    assert opened() == STORE_KEY
    assert opened(KeyFile(str(Path("aes_key.bin").absolute()))) == STORE_KEY


def test_link_to_the_folder_is_no_link_to_the_file() -> None:
    Path("real").mkdir()
    Path("way").symlink_to("real")
    put(ROOT, name="real/aes_key.bin")
    assert opened(KeyFile("way/aes_key.bin")) == STORE_KEY


# --- missing ------------------------------------------------------------------------------------


def test_missing_key_of_a_store_is_never_made_anew() -> None:
    assert refusal(opened, KeyMissingError) == ("the key file aes_key.bin does not exist", BACKUP)
    assert names() == []


def test_missing_folder_is_not_made() -> None:
    provider = KeyFile("keys/aes_key.bin")
    expected = (
        "the folder of the key file keys/aes_key.bin does not exist",
        f"name the right folder, or make it; otherwise {BACKUP}",
    )
    assert refusal(lambda: opened(provider), KeyMissingError) == expected
    assert refusal(lambda: provider.create(STORE, Secret(STORE_KEY)), KeyMissingError) == expected
    assert names() == []


def test_file_in_the_place_of_the_folder() -> None:
    put(b"", name="keys")
    expected = ("the folder of the key file keys/aes_key.bin cannot be opened (ENOTDIR)", None)
    assert refusal(lambda: opened(KeyFile("keys/aes_key.bin")), RootKeyError) == expected


# --- content ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "reason", "hint"),
    [
        (b"", "is empty", RESTORE),
        (ROOT[:31], "holds 31 bytes, and a key is exactly 32", RESTORE),
        (ROOT + b"x", "holds 33 bytes, and a key is exactly 32", RESTORE),
        (ROOT + ROOT, "holds 64 bytes, and a key is exactly 32", RESTORE),
        (bytes(1_000_000), "holds 256 bytes or more, and a key is exactly 32", RESTORE),
        (
            ROOT + b"\n",
            "holds 33 bytes, the last one a newline, and a key is exactly 32",
            "an editor may have added it: put the key back from its backup",
        ),
        (
            ROOT.hex().encode(),
            "holds 64 hex digits, not 32 raw bytes",
            "turn it into bytes with: xxd -r -p OLD NEW; or give it through env:NAME",
        ),
        (
            bytes(32),
            "holds 32 zero bytes, which is no key",
            "a key that was lost, or never written, looks so: bring the right one from its backup",
        ),
    ],
)
def test_bad_content_is_refused_and_kept(content: bytes, reason: str, hint: str) -> None:
    put(content)
    assert refused() == (f"the key file aes_key.bin {reason}", hint)
    assert Path("aes_key.bin").read_bytes() == content


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["", ".", "..", "keys/", "keys/..", "/", "a\0b"])
def test_path_that_names_no_file(path: str) -> None:
    with pytest.raises(InputError) as caught:
        KeyFile(path)
    assert str(caught.value) == "the key file must be named by the path of a file"


def test_name_cannot_break_or_fake_a_line() -> None:
    provider = KeyFile("a\nerror: \x1b[31m.bin")
    assert provider.describe() == r"file:'a\nerror: \x1b[31m.bin'"
    said, _ = refusal(lambda: opened(provider), KeyMissingError)
    assert said == r"the key file 'a\nerror: \x1b[31m.bin' does not exist"


def test_wrong_key_file_is_kept_and_named_as_wrong() -> None:
    put(OTHER_ROOT)
    with pytest.raises(WrongKeyError, match=r"7b75188b6503eb15.*cc0d13319247d42f"):
        opened()
    assert Path("aes_key.bin").read_bytes() == OTHER_ROOT
