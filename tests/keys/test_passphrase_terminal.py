"""A passphrase typed on a terminal: without echo, twice when it is new, never from a pipe."""

from __future__ import annotations

import getpass
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from strongroom.keys.passphrase import PassphraseKey
from strongroom.keys.provider import Envelope
from tests.keys.independent import STORE, STORE_KEY
from tests.keys.terminal import SOURCE, converse
from tests.keys.words import (
    ELSEWHERE,
    ENVELOPE,
    WORDS,
    given,
)

pytestmark = pytest.mark.usefixtures("empty_folder")


# --- the terminal -------------------------------------------------------------------------------

CREATE = """
import json
from strongroom.crypto.secret import Secret
from strongroom.errors import StrongroomError
from strongroom.keys.provider import open_provider
try:
    provider = open_provider("passphrase:")
    envelope = provider.create(bytes(range(0xA0, 0xB0)), Secret(bytes(range(0x60, 0x80))))
    with open("envelope", "w") as file:
        json.dump(envelope.to_document(), file)
except StrongroomError as error:
    print(type(error).__name__, "|", error, "|", error.hint)
    raise SystemExit(3)
"""
FIRST, SECOND = "new passphrase: ", "the same again: "


def test_typed_twice_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, code = converse(CREATE, [(FIRST, WORDS + "\n"), (SECOND, WORDS + "\n")])
    assert (screen, code) == (f"{FIRST}\r\n{SECOND}\r\n", 0)
    envelope = Envelope.from_document(json.loads(Path("envelope").read_text(encoding="ascii")))
    assert given(WORDS, monkeypatch).unwrap(STORE, envelope).reveal() == STORE_KEY


def test_typed_differently_the_second_time() -> None:
    screen, code = converse(CREATE, [(FIRST, WORDS + "\n"), (SECOND, WORDS + "x\n")])
    assert code == 3
    assert screen == (
        f"{FIRST}\r\n{SECOND}\r\n"
        "KeyRefusedError | the two passphrases are not the same | nothing was made: try again\r\n"
    )
    assert not Path("envelope").exists()


def test_too_short_is_not_asked_again() -> None:
    screen, code = converse(CREATE, [(FIRST, "sword\n")])
    assert code == 3
    assert screen.startswith(
        f"{FIRST}\r\nKeyRefusedError | the passphrase has fewer than 8 characters |"
    )
    assert "sword" not in screen


def test_end_of_input_is_no_passphrase() -> None:
    screen, code = converse(CREATE, [(FIRST, "\x04")])
    assert code == 3
    assert f"KeyMissingError | no passphrase was typed | {ELSEWHERE}" in screen


def test_typed_once_to_open_an_existing_store(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return WORDS

    monkeypatch.setattr(getpass, "getpass", answer)
    monkeypatch.setattr("strongroom.keys.passphrase._TERMINAL", os.devnull)
    assert PassphraseKey.named("").unwrap(STORE, ENVELOPE).reveal() == STORE_KEY
    assert asked == ["passphrase: "]


def test_without_a_terminal_nothing_is_read_from_the_input() -> None:
    """A pipe would show the passphrase; what stands in it stays for whoever it is meant for."""
    code = CREATE + "\n"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        input=f"{WORDS}\n{WORDS}\n",
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(SOURCE)},
    )
    assert ended.returncode == 3
    said = "KeyMissingError | there is no terminal to type the passphrase on"
    assert ended.stdout == f"{said} | {ELSEWHERE}\n"
    assert ended.stderr == ""
