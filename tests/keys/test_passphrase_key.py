"""The root key from a passphrase: what is stretched, where it is read from, what it opens."""

from __future__ import annotations

import copy
import dataclasses
import getpass
import pickle
from pathlib import Path
from typing import Any

import pytest

from strongroom.crypto.passphrase import Stretch
from strongroom.crypto.secret import Secret
from strongroom.errors import IntegrityError, KeyMissingError, KeyRefusedError, WrongKeyError
from strongroom.keys.envelope import open_store_key, seal_store_key
from strongroom.keys.passphrase import PassphraseKey, _Words
from strongroom.keys.provider import Envelope
from tests.keys import independent
from tests.keys.independent import ROOT, STORE, STORE_KEY
from tests.keys.words import (
    COST,
    ENVELOPE,
    KEY,
    NAME,
    SALT,
    WORDS,
    given,
    in_file,
    refusal,
)

pytestmark = pytest.mark.usefixtures("empty_folder")


# --- what the passphrase is ---------------------------------------------------------------------


def test_new_store_stretches_with_the_default_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    provider = given(WORDS, monkeypatch)
    made = provider.create(STORE, Secret(STORE_KEY))
    salt = str(made.parameters["salt"])
    assert provider.made is True
    assert made.provider == "passphrase"
    assert made.parameters == {
        "kdf": "argon2id",
        "memory_kib": 65_536,
        "iterations": 3,
        "lanes": 4,
        "salt": salt,
    }
    key = Stretch(bytes.fromhex(salt), 65_536, 3, 4).root_key(WORDS.encode()).reveal()
    assert made.fingerprint == independent.fingerprint(key)
    assert independent.unwrap(key, made.wrapped) == STORE_KEY
    again = Envelope.from_document(made.to_document())
    assert given(WORDS, monkeypatch).unwrap(STORE, again).reveal() == STORE_KEY


@pytest.mark.parametrize("spelling", [WORDS, "correct horse e\u0301"])
def test_accents_may_be_composed_either_way(monkeypatch: pytest.MonkeyPatch, spelling: str) -> None:
    assert given(spelling, monkeypatch).unwrap(STORE, ENVELOPE).reveal() == STORE_KEY


@pytest.mark.parametrize(
    "other", ["correct horse e", "Correct horse é", WORDS + " ", " " + WORDS, WORDS + "\n"]
)
def test_nothing_else_is_changed(monkeypatch: pytest.MonkeyPatch, other: str) -> None:
    with pytest.raises(WrongKeyError, match="is not this store's"):
        given(other, monkeypatch).unwrap(STORE, ENVELOPE)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_one_newline_at_the_end_of_a_file_is_not_part_of_it(end: str) -> None:
    provider = in_file((WORDS + end).encode())
    assert provider.unwrap(STORE, ENVELOPE).reveal() == STORE_KEY


@pytest.mark.parametrize("end", ["\n\n", "\r", " \n"])
def test_more_at_the_end_of_a_file_is_part_of_it(end: str) -> None:
    assert refusal(in_file((WORDS + end).encode()))[0] is WrongKeyError


IN_VARIABLE = f"the passphrase in the environment variable {NAME}"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("", "is empty"),
        ("1234567", "has fewer than 8 characters"),
        ("éééé", "has fewer than 8 characters"),  # 8 bytes
        ("e\u0301" * 7, "has fewer than 8 characters"),  # 14 code points before NFC
        ("12345678\t", "has a control character, or one that is not in Unicode "),
        ("12345678\u0378", "has a control character, or one that is not in Unicode "),
        (b"12345678\xff", "is not text in UTF-8"),
        ("x" * 4097, "has more than 4096 bytes"),
    ],
)
def test_new_passphrase_is_refused(
    monkeypatch: pytest.MonkeyPatch, words: str | bytes, reason: str
) -> None:
    kind, said, hint = refusal(given(words, monkeypatch), new=True)
    assert kind is KeyRefusedError
    assert said.startswith(f"{IN_VARIABLE} {reason}")
    assert hint


def test_eight_characters_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    assert given("12345678", monkeypatch).create(STORE, Secret(STORE_KEY)).provider == "passphrase"


def test_short_passphrase_still_opens_what_it_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    root = Stretch(SALT, 19_456, 2, 1).root_key(b"short")
    envelope = seal_store_key(root, "passphrase", COST, STORE, Secret(STORE_KEY))
    assert given("short", monkeypatch).unwrap(STORE, envelope).reveal() == STORE_KEY


# --- where it is read from ----------------------------------------------------------------------


def test_missing_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NAME, raising=False)
    said = f"the environment variable {NAME} is not set"
    provider = PassphraseKey.named(f"env={NAME}")
    for new in (False, True):
        expected = (KeyMissingError, said, "set it to the store's passphrase")
        assert refusal(provider, new=new) == expected


def test_missing_file() -> None:
    said = "the passphrase file words does not exist"
    hint = "write the store's passphrase to it, with mode 0600"
    provider = PassphraseKey.named("file=words")
    for new in (False, True):
        assert refusal(provider, new=new) == (KeyMissingError, said, hint)
    assert not Path("words").exists()


def test_file_is_held_to_the_rules_of_the_key_file() -> None:
    kind, said, hint = refusal(in_file(WORDS.encode(), 0o640))
    assert (kind, said) == (
        KeyRefusedError,
        "the passphrase file words is open to others (mode 0640)",
    )
    assert hint == "chmod 600 words; if others may have read it, take its content for leaked"
    in_file(WORDS.encode())
    Path("way").symlink_to("words")
    kind, said, _ = refusal(PassphraseKey.named("file=way"))
    assert (kind, said) == (KeyRefusedError, "the passphrase file way is a symbolic link")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"\xff\xfe" * 10, "is not text in UTF-8"),
        (b"x" * 4097, "has more than 4096 bytes"),
        (b"x" * 1_000_000, "has more than 4096 bytes"),
    ],
)
def test_file_that_holds_no_passphrase(content: bytes, reason: str) -> None:
    kind, said, _ = refusal(in_file(content))
    assert (kind, said) == (
        KeyRefusedError,
        f"the passphrase in the passphrase file words {reason}",
    )


# --- the envelope -------------------------------------------------------------------------------


@pytest.fixture
def never_asked(monkeypatch: pytest.MonkeyPatch) -> PassphraseKey:
    def asked(_prompt: str) -> str:
        raise AssertionError("nobody may be asked")

    monkeypatch.setattr(getpass, "getpass", asked)
    return PassphraseKey.named("")


@pytest.mark.parametrize(
    "change",
    [
        {"memory_kib": 19_455},
        {"memory_kib": 8},
        {"memory_kib": 1_048_577},
        {"iterations": 1},
        {"iterations": 11},
        {"lanes": 0},
        {"lanes": 17},
    ],
)
def test_weakened_cost_is_refused_before_anyone_types(
    never_asked: PassphraseKey, change: dict[str, int | str]
) -> None:
    weaker = dataclasses.replace(ENVELOPE, parameters=COST | change)
    with pytest.raises(KeyRefusedError, match=r"^the argon2id parameter .* must be from") as caught:
        never_asked.unwrap(STORE, weaker)
    assert caught.value.hint == (
        "the store's record of its key was changed, or written by another program"
    )


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        COST | {"more": 1},
        {name: value for name, value in COST.items() if name != "salt"},
        COST | {"kdf": "scrypt"},
        COST | {"salt": 16},
        COST | {"salt": "00" * 15},
        COST | {"salt": "00" * 17},
        COST | {"salt": "AB" * 16},
        COST | {"salt": "zz" * 16},
        COST | {"memory_kib": "65536"},
        COST | {"lanes": True},
    ],
)
def test_malformed_parameters_are_tampering(
    never_asked: PassphraseKey, parameters: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError, match="record of its passphrase is malformed") as caught:
        never_asked.unwrap(STORE, dataclasses.replace(ENVELOPE, parameters=parameters))
    assert type(caught.value) is IntegrityError


def test_another_salt_within_the_limits_is_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    other = dataclasses.replace(ENVELOPE, parameters=COST | {"salt": "00" * 16})
    with pytest.raises(WrongKeyError):
        given(WORDS, monkeypatch).unwrap(STORE, other)


def test_store_of_a_key_file_is_not_opened_by_a_passphrase(never_asked: PassphraseKey) -> None:
    file = Envelope("file", {}, independent.fingerprint(ROOT), independent.wrap(ROOT, STORE_KEY))
    with pytest.raises(WrongKeyError) as caught:
        never_asked.unwrap(STORE, file)
    assert str(caught.value) == "this store was made with a key from file:, not a passphrase"
    assert caught.value.hint == "name that key, as file:…"


def test_key_that_the_passphrase_stretches_to_opens_it_from_anywhere() -> None:
    assert open_store_key(Secret(KEY), STORE, ENVELOPE).reveal() == STORE_KEY


def test_typed_words_are_neither_pickled_nor_copied() -> None:
    """What reports errors may copy the frames of a traceback."""
    words = _Words(WORDS.encode())
    assert words.reveal() == WORDS.encode()
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match=r"^a passphrase cannot be pickled or copied$"):
            pickle.dumps(words, protocol)
    for duplicate in (copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match=r"^a passphrase cannot be pickled or copied$"):
            duplicate(words)
