"""What the tests of the key file share: a file to refuse, and what a refusal must leave alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from strongroom.crypto.secret import Secret
from strongroom.errors import KeyRefusedError, RootKeyError
from strongroom.keys.keyfile import KeyFile
from strongroom.keys.provider import Envelope
from tests.keys import independent
from tests.keys.independent import ROOT, STORE, STORE_KEY

ENVELOPE = Envelope("file", {}, independent.fingerprint(ROOT), independent.wrap(ROOT, STORE_KEY))
BACKUP = (
    "bring the key file back from its backup: without it nothing that is encrypted can be read; "
    "no new key was made"
)
RESTORE = "put the right key file back from its backup; nothing was changed"
OWNER = "run as its owner, or let root hand it over with chown"
LEAKED = "if others may have read it, take its content for leaked"


def names(folder: str = ".") -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def put(content: bytes, mode: int = 0o600, name: str = "aes_key.bin") -> Path:
    path = Path(name)
    path.write_bytes(content)
    path.chmod(mode)
    return path


def opened(provider: KeyFile | None = None) -> bytes:
    return (provider or KeyFile("aes_key.bin")).unwrap(STORE, ENVELOPE).reveal()


def refusal(
    act: Callable[[], object], kind: type[RootKeyError] = KeyRefusedError
) -> tuple[str, str | None]:
    with pytest.raises(kind) as caught:
        act()
    assert type(caught.value) is kind
    assert caught.value.__cause__ is None
    return str(caught.value), caught.value.hint


def refused(provider: KeyFile | None = None) -> tuple[str, str | None]:
    """Opening and creating both refuse, alike, and leave the folder as it was."""
    before = names()
    first = refusal(lambda: opened(provider))
    chosen = provider or KeyFile("aes_key.bin")
    assert refusal(lambda: chosen.create(STORE, Secret(STORE_KEY))) == first
    assert chosen.made is False
    assert names() == before
    return first
