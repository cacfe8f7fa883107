"""Providers by name: what each text means, and that no refusal repeats it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from strongroom.crypto.secret import Secret
from strongroom.errors import InputError, KeyMissingError
from strongroom.keys.command import CommandKey
from strongroom.keys.environment import EnvironmentKey
from strongroom.keys.keyfile import KeyFile
from strongroom.keys.passphrase import PassphraseKey
from strongroom.keys.provider import Provider, open_provider
from tests.keys.independent import ROOT, STORE, STORE_KEY

HEX = ROOT.hex()
BASE64 = base64.b64encode(ROOT).decode()


@pytest.mark.parametrize(
    ("text", "kind", "scheme", "described"),
    [
        ("file:aes_key.bin", KeyFile, "file", "file:aes_key.bin"),
        ("file:/run/secrets/k?mounted", KeyFile, "file", "file:/run/secrets/k?mounted"),
        ("file:a:b", KeyFile, "file", "file:a:b"),
        ("env:ROOT_KEY", EnvironmentKey, "env", "env:ROOT_KEY"),
        ("command:pass show 'a b'", CommandKey, "command", "command:pass"),
        ("passphrase:", PassphraseKey, "passphrase", "passphrase:"),
        ("passphrase:env=WORDS", PassphraseKey, "passphrase", "passphrase:env=WORDS"),
        ("passphrase:file=a=b", PassphraseKey, "passphrase", "passphrase:file=a=b"),
    ],
)
def test_text_names_a_provider(text: str, kind: type, scheme: str, described: str) -> None:
    provider: Provider = open_provider(text)
    assert type(provider) is kind
    assert (provider.scheme, provider.made, provider.describe()) == (scheme, False, described)
    assert repr(provider) == f"<key provider {described}>"


def test_naming_a_provider_touches_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for text in ("file:a/b", "command:touch made", "passphrase:file=c", "env:NOT_SET_ANYWHERE"):
        open_provider(text)
    assert list(tmp_path.iterdir()) == []


FILE, OPTION = "file: needs a path, not a key", "file: has the option ?mounted and no other"
PATH, NONE = "the key file must be named by the path of a file", "this names no key provider"
ENV = "env: needs the name of an environment variable, not a value"
ENV_WORDS = "passphrase:env: needs the name of an environment variable, not a value"
COMMAND = "command: needs a program and its arguments, quoted as in a shell"
WORDS = "passphrase: is followed by nothing, file=PATH or env=NAME, never by the passphrase"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", NONE),
        ("swordfish", NONE),
        ("swordfish:swordfish", NONE),
        ("aes_key.bin", NONE),
        ("file", NONE),
        ("FILE:a", NONE),
        (" file:a", NONE),
        (HEX, NONE),
        (BASE64, NONE),
        (HEX + ":", NONE),
        ("file:", PATH),
        ("file:?mounted", PATH),
        ("file:keys/", PATH),
        ("file:a?", OPTION),
        ("file:a?swordfish", OPTION),
        ("file:a?mounted?mounted", OPTION),
        ("file:" + HEX, FILE),
        ("file:" + BASE64, FILE),
        ("env:", ENV),
        ("env:sword-fish", ENV),
        ("env:" + "a" + HEX[1:], ENV),
        ("env:" + BASE64, ENV),
        ("command:", COMMAND),
        ("command:'swordfish", COMMAND),
        ("command:" + HEX, COMMAND),
        ("passphrase:swordfish", WORDS),
        ("passphrase:key=swordfish", WORDS),
        ("passphrase:file=" + HEX, WORDS),
        ("passphrase:env=sword fish", ENV_WORDS),
        ("passphrase:file=", "the passphrase file must be named by the path of a file"),
    ],
)
def test_anything_else_is_refused_and_not_repeated(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        open_provider(text)
    assert str(caught.value) == said
    shown = f"{caught.value} {caught.value.hint}"
    for secret in ("swordfish", "sword", HEX, HEX[1:], BASE64):
        assert secret not in shown
    assert caught.value.__cause__ is None


def test_what_is_no_text_is_refused() -> None:
    for given in (None, 7, b"file:aes_key.bin", ROOT):
        with pytest.raises(InputError, match="names no key provider"):
            open_provider(given)  # type: ignore[arg-type]


def test_file_environment_and_command_open_each_others_stores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("aes_key.bin").write_bytes(ROOT)
    Path("aes_key.bin").chmod(0o600)
    Path("hex").write_text(HEX)
    monkeypatch.setenv("ROOT_KEY", HEX)
    providers = [
        open_provider(one) for one in ("file:aes_key.bin", "env:ROOT_KEY", "command:cat hex")
    ]
    for maker in providers:
        envelope = maker.create(STORE, Secret(STORE_KEY))
        assert envelope.provider == maker.scheme
        for opener in providers:
            assert opener.unwrap(STORE, envelope).reveal() == STORE_KEY


def test_missing_key_of_an_existing_store_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ROOT_KEY", HEX)
    envelope = open_provider("env:ROOT_KEY").create(STORE, Secret(STORE_KEY))
    monkeypatch.delenv("ROOT_KEY")
    for text in ("file:aes_key.bin", "file:aes_key.bin?mounted", "env:ROOT_KEY"):
        with pytest.raises(KeyMissingError) as caught:
            open_provider(text).unwrap(STORE, envelope)
        assert caught.value.hint
    assert list(tmp_path.iterdir()) == []
