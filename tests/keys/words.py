"""A passphrase and the envelope that it opens, for the tests of the passphrase provider."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from strongroom.crypto.secret import Secret
from strongroom.errors import RootKeyError
from strongroom.keys.passphrase import PassphraseKey
from strongroom.keys.provider import Envelope
from tests.keys import independent
from tests.keys.independent import STORE, STORE_KEY

NAME = "STRONGROOM_TEST_WORDS"
WORDS = "correct horse é"  # the é composed, U+00E9
SALT = bytes(range(16))
COST: dict[str, int | str] = {
    "kdf": "argon2id",
    "memory_kib": 19_456,
    "iterations": 2,
    "lanes": 1,
    "salt": SALT.hex(),
}
KEY = bytes.fromhex("93a94805cceef6ed913dd52734658ab30f582aa0c044cf9541dc71ce12ee01be")
ENVELOPE = Envelope(
    "passphrase", COST, independent.fingerprint(KEY), independent.wrap(KEY, STORE_KEY)
)
ELSEWHERE = "run it in a terminal, or use passphrase:file=PATH or passphrase:env=NAME"


def given(words: str | bytes, monkeypatch: pytest.MonkeyPatch) -> PassphraseKey:
    raw = words if isinstance(words, bytes) else words.encode()
    monkeypatch.setitem(os.environb, NAME.encode(), raw)
    return PassphraseKey.named(f"env={NAME}")


def in_file(content: bytes, mode: int = 0o600) -> PassphraseKey:
    Path("words").write_bytes(content)
    Path("words").chmod(mode)
    return PassphraseKey.named("file=words")


def refusal(provider: PassphraseKey, *, new: bool = False) -> tuple[type, str, str | None]:
    act: Callable[[], object] = lambda: provider.unwrap(STORE, ENVELOPE)  # noqa: E731
    if new:
        act = lambda: provider.create(STORE, Secret(STORE_KEY))  # noqa: E731
    with pytest.raises(RootKeyError) as caught:
        act()
    assert provider.made is False
    return type(caught.value), str(caught.value), caught.value.hint
