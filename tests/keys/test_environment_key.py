"""The root key in an environment variable: taken exactly as it is, or refused with the reason."""

from __future__ import annotations

import base64
import os

import pytest

from strongroom.crypto.secret import Secret
from strongroom.errors import InputError, KeyMissingError, KeyRefusedError, WrongKeyError
from strongroom.keys.environment import EnvironmentKey
from strongroom.keys.provider import Envelope
from tests.keys import independent
from tests.keys.independent import OTHER_ROOT, ROOT, STORE, STORE_KEY

NAME = "STRONGROOM_TEST_ROOT"
FORMS = "a key is 44 characters of base64, or 64 hex digits, and nothing else"
ENVELOPE = Envelope("env", {}, independent.fingerprint(ROOT), independent.wrap(ROOT, STORE_KEY))


@pytest.mark.parametrize("text", [ROOT.hex(), ROOT.hex().upper(), base64.b64encode(ROOT).decode()])
def test_base64_and_hex_give_the_same_key(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv(NAME, text)
    provider = EnvironmentKey(NAME)
    made = provider.create(STORE, Secret(STORE_KEY))
    assert (made.provider, made.parameters, made.fingerprint) == ("env", {}, ENVELOPE.fingerprint)
    assert independent.unwrap(ROOT, made.wrapped) == STORE_KEY
    assert provider.made is False
    assert provider.unwrap(STORE, ENVELOPE).reveal() == STORE_KEY


def test_variable_is_read_at_each_use(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = EnvironmentKey(NAME)
    monkeypatch.setenv(NAME, ROOT.hex())
    assert provider.unwrap(STORE, ENVELOPE).reveal() == STORE_KEY
    monkeypatch.setenv(NAME, OTHER_ROOT.hex())
    with pytest.raises(WrongKeyError):
        provider.unwrap(STORE, ENVELOPE)


def test_missing_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    for act in (
        lambda: EnvironmentKey(NAME).unwrap(STORE, ENVELOPE),
        lambda: EnvironmentKey(NAME).create(STORE, Secret(STORE_KEY)),
    ):
        with pytest.raises(KeyMissingError) as caught:
            act()
        assert str(caught.value) == f"the environment variable {NAME} is not set"
        assert caught.value.hint == (
            "set it to the store's key: base64 of 32 bytes, or 64 hex digits"
        )


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "is empty"),
        (ROOT.hex().encode() + b"\n", "begins or ends with a space or a newline"),
        (ROOT.hex().encode()[:-1], "has 63 characters"),
        (b"correct horse battery staple", "has 28 characters"),
        (b"\xff" * 44, "has 44 characters, but is not base64 of 32 bytes in its one spelling"),
        (b"z" * 64, "has 64 characters, but not all of them are hex digits"),
    ],
)
def test_bad_value_is_refused_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, value: bytes, reason: str
) -> None:
    monkeypatch.setitem(os.environb, NAME.encode(), value)
    with pytest.raises(KeyRefusedError) as caught:
        EnvironmentKey(NAME).unwrap(STORE, ENVELOPE)
    assert str(caught.value) == f"the environment variable {NAME} {reason}"
    assert caught.value.hint == FORMS


@pytest.mark.parametrize(
    "name",
    [
        "",
        "1A",
        "A-B",
        "A B",
        "A=B",
        "A\0",
        "É",
        "A" * 129,
        ("A" + ROOT.hex())[:64],
        base64.b64encode(ROOT).decode(),
        "Q" * 43,
    ],
)
def test_what_is_no_name_or_may_be_the_key_is_refused_and_not_repeated(name: str) -> None:
    with pytest.raises(InputError) as caught:
        EnvironmentKey(name)
    assert str(caught.value) == "env: needs the name of an environment variable, not a value"
    assert caught.value.hint == (
        "put the secret into a variable such as STRONGROOM_ROOT, and name that"
    )


def test_description_names_the_variable() -> None:
    assert EnvironmentKey(NAME).describe() == f"env:{NAME}"
    assert repr(EnvironmentKey(NAME)) == f"<key provider env:{NAME}>"
