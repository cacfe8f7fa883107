"""The root key from a program: bounded in time and size, and nothing of it repeated."""

from __future__ import annotations

import base64
import os
import shlex
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom.crypto.secret import Secret
from strongroom.errors import InputError, KeyRefusedError, RootKeyError
from strongroom.keys.command import CommandKey
from strongroom.keys.provider import Envelope
from tests.keys import independent
from tests.keys.independent import ROOT, STORE, STORE_KEY

BY_HAND = "run it by hand, without a terminal, and see"
ENVELOPE = Envelope("env", {}, independent.fingerprint(ROOT), independent.wrap(ROOT, STORE_KEY))


def python(code: str) -> str:
    return f"{shlex.quote(sys.executable)} -S -E -c {shlex.quote(code)}"


def printing(text: str) -> str:
    return f"printf {shlex.quote(text)}"


def opened(command: str, timeout: float = 30.0) -> bytes:
    return CommandKey(command, timeout=timeout).unwrap(STORE, ENVELOPE).reveal()


def refusal(
    command: str, kind: type[RootKeyError] = RootKeyError, timeout: float = 30.0
) -> tuple[str, str | None]:
    with pytest.raises(RootKeyError) as caught:
        opened(command, timeout)
    assert type(caught.value) is kind
    return str(caught.value), caught.value.hint


@pytest.mark.parametrize(
    "text",
    [ROOT.hex(), ROOT.hex() + "\\n", base64.b64encode(ROOT).decode() + "\\n"],
)
def test_key_that_a_program_prints(text: str) -> None:
    assert opened(printing(text)) == STORE_KEY


def test_store_is_made_under_the_key_that_is_printed() -> None:
    provider = CommandKey(printing(ROOT.hex()))
    made = provider.create(STORE, Secret(STORE_KEY))
    assert (made.provider, made.parameters) == ("command", {})
    assert made.fingerprint == independent.fingerprint(ROOT)
    assert independent.unwrap(ROOT, made.wrapped) == STORE_KEY
    assert provider.made is False


def test_output_in_pieces_is_one_output() -> None:
    code = (
        f"import sys, time\nfor one in '{ROOT.hex()}':\n"
        " sys.stdout.write(one); sys.stdout.flush(); time.sleep(0.001)"
    )
    assert opened(python(code)) == STORE_KEY


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("\\n", "is empty"),
        (ROOT.hex() + "\\n\\n", "begins or ends with a space or a newline"),
        (" " + ROOT.hex(), "begins or ends with a space or a newline"),
        (ROOT.hex() + "\\r\\n", "begins or ends with a space or a newline"),
        (ROOT.hex()[:-2], "has 62 characters"),
        ("x" * 64, "has 64 characters, but not all of them are hex digits"),
        ("x" * 4096, "has 4096 characters"),
    ],
)
def test_bad_output_is_refused_with_the_reason(text: str, reason: str) -> None:
    said, hint = refusal(printing(text), KeyRefusedError)
    assert said == f"what the key command printed {reason}"
    assert hint == "a key is 44 characters of base64, or 64 hex digits, and nothing else"


def test_exit_code_is_named_even_when_a_key_was_printed() -> None:
    command = f"sh -c {shlex.quote(f'printf {ROOT.hex()}; echo secret >&2; exit 7')}"
    assert refusal(command) == ("the key command failed with exit code 7", BY_HAND)


def test_signal_is_named() -> None:
    command = "sh -c 'kill -9 $$'"
    assert refusal(command) == (f"the key command was ended by signal {signal.SIGKILL}", BY_HAND)


def test_missing_program_is_named_by_its_error() -> None:
    said = ("the key command cannot be started (ENOENT)", BY_HAND)
    assert refusal("/nonexistent/program --token secret") == said


def test_file_that_is_no_program(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("no program")
    said = ("the key command cannot be started (EACCES)", BY_HAND)
    assert refusal(shlex.quote(str(tmp_path / "plain"))) == said


@pytest.mark.timeout(20)
@pytest.mark.parametrize("command", ["yes", "head -c 4097 /dev/zero"])
def test_output_of_more_than_4_kib_is_cut_off(command: str) -> None:
    assert refusal(command) == ("the key command printed more than 4096 bytes", BY_HAND)


def gone(process: int) -> bool:
    """Tell whether a process has ended; its parent, which is not us, may not have waited yet."""
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2]
    except (ProcessLookupError, FileNotFoundError):
        return True
    return state.split()[0] == "Z"


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "script",
    [
        "echo $$ > {ids}; exec sleep 60",
        "sleep 60 & echo $$ $! > {ids}; wait",
        "sleep 60 & echo $! > {ids}; printf " + ROOT.hex(),  # the child keeps the pipe open
    ],
)
def test_slow_program_is_killed_with_its_children(tmp_path: Path, script: str) -> None:
    ids = tmp_path / "ids"
    began = time.monotonic()
    command = f"sh -c {shlex.quote(script.format(ids=ids))}"
    said = refusal(command, timeout=0.5)
    assert said == ("the key command did not end within 0.5 seconds", BY_HAND)
    assert 0.5 <= time.monotonic() - began < 5
    processes = [int(one) for one in ids.read_text().split()]
    deadline = time.monotonic() + 5
    while not all(map(gone, processes)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [one for one in processes if not gone(one)] == []


@pytest.mark.timeout(20)
def test_program_that_closes_its_output_and_stays_is_killed() -> None:
    command = f"sh -c {shlex.quote(f'printf {ROOT.hex()}; exec >&-; sleep 60')}"
    said = ("the key command did not end within 0.5 seconds", BY_HAND)
    assert refusal(command, timeout=0.5) == said


def test_thirty_seconds_are_the_limit() -> None:
    assert CommandKey("true")._timeout == 30.0


@pytest.fixture
def typed_ahead() -> Iterator[int]:
    """Put a pipe with text in the place of this process's input; give its reading end."""
    reading, writing = os.pipe()
    kept = os.dup(0)
    os.write(writing, b"typed ahead")
    os.dup2(reading, 0)
    try:
        yield reading
    finally:
        os.dup2(kept, 0)
        for descriptor in (kept, reading, writing):
            os.close(descriptor)


@pytest.mark.timeout(20)
def test_program_has_no_input_and_no_terminal(typed_ahead: int) -> None:
    code = (
        "import os, sys\n"
        "assert sys.stdin.read() == ''\n"
        "try: os.open('/dev/tty', os.O_RDWR)\n"
        f"except OSError: print('{ROOT.hex()}')"
    )
    assert opened(python(code)) == STORE_KEY
    assert os.read(typed_ahead, 100) == b"typed ahead"


def test_messages_of_the_program_are_not_shown(capfd: pytest.CaptureFixture[str]) -> None:
    refusal("sh -c 'echo swordfish; echo swordfish >&2; exit 1'")
    assert capfd.readouterr() == ("", "")


def test_no_shell_reads_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said, _ = refusal(f"echo {ROOT.hex()}; touch made", KeyRefusedError)
    assert said == "what the key command printed has 76 characters"
    assert refusal("echo $HOME", KeyRefusedError)[0].endswith("has 5 characters")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "command",
    ["", "  ", "''", "pass 'show", "a\0b", ROOT.hex(), base64.b64encode(ROOT).decode()],
)
def test_what_is_no_command_or_may_be_the_key_is_refused_and_not_repeated(command: str) -> None:
    with pytest.raises(InputError) as caught:
        CommandKey(command)
    assert str(caught.value) == ("command: needs a program and its arguments, quoted as in a shell")
    assert caught.value.hint == 'such as "command:pass show strongroom"'
    assert caught.value.__cause__ is None


def test_description_leaves_out_the_arguments() -> None:
    provider = CommandKey("vault read -token=swordfish root")
    assert provider.describe() == "command:vault"
    assert repr(provider) == "<key provider command:vault>"
