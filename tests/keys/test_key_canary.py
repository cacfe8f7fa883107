"""A marked key goes through every object and every failure: it may show itself nowhere.

Looked through are repr, str, format and pickle of the objects, the text, hint and attributes of
the errors, and every local name of every frame of strongroom in their tracebacks, causes too: that
is what error reporters send away.
"""

from __future__ import annotations

import base64
import copy
import errno
import getpass
import os
import pickle
import shlex
import stat
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType

import pytest

from strongroom.crypto.passphrase import Stretch
from strongroom.crypto.secret import Secret
from strongroom.errors import StrongroomError
from strongroom.keys.envelope import open_store_key, seal_store_key
from strongroom.keys.keyring import Keyring
from strongroom.keys.provider import Envelope, open_provider
from tests.keys import independent
from tests.keys.independent import OTHER_ROOT, STORE

CANARY = b"CANARY-key-0123456789-abcdefghij"  # 32 bytes that survive repr
WORDS = "canary passphrase é"
NAME = "STRONGROOM_TEST_CANARY"
SPELLINGS = {
    "raw": CANARY,
    "hex": CANARY.hex().encode(),
    "HEX": CANARY.hex().upper().encode(),
    "base64": base64.b64encode(CANARY)[:40],
    "words": WORDS.encode()[:17],
    "part": CANARY[:12],
}
# Another root, and envelopes that CANARY does not open: as wrong key, and as tampering.
FOREIGN = Envelope(
    "file", {}, independent.fingerprint(OTHER_ROOT), independent.wrap(OTHER_ROOT, CANARY)
)
EDITED = Envelope("file", {}, independent.fingerprint(CANARY), bytes(96))
COST: dict[str, int | str] = {
    "kdf": "argon2id",
    "memory_kib": 19_456,
    "iterations": 2,
    "lanes": 1,
    "salt": "00" * 16,
}
PROTECTED = Envelope("passphrase", COST, bytes(8), independent.wrap(OTHER_ROOT, CANARY))


def found_in(given: object) -> list[str]:
    raw = given if isinstance(given, bytes) else repr(given).encode() + str(given).encode()
    return [name for name, spelling in SPELLINGS.items() if spelling in raw]


def frames(traced: TracebackType | None) -> Iterator[tuple[str, str, object]]:
    """Every local name of every frame that is strongroom's own."""
    for frame, _ in traceback.walk_tb(traced):
        if f"{os.sep}strongroom{os.sep}" in frame.f_code.co_filename:
            for name, value in frame.f_locals.items():
                yield frame.f_code.co_name, name, value


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def leaks(error: BaseException) -> list[object]:
    shown: list[object] = []
    looked_at = 0
    for one in chain(error):
        plain = "".join(traceback.format_exception_only(one))
        for given in (one.args, vars(one), plain, getattr(one, "hint", None)):
            shown += found_in(given)
        for function, name, value in frames(one.__traceback__):
            looked_at += 1
            shown += [(function, name, spelling) for spelling in found_in(value)]
    assert looked_at > 0
    return shown


def test_the_search_finds_what_it_looks_for() -> None:
    for given in (CANARY, [CANARY], CANARY.hex(), base64.b64encode(CANARY), {"a": WORDS}):
        assert found_in(given)
    assert not found_in([Secret(CANARY), OTHER_ROOT])


# --- objects ------------------------------------------------------------------------------------


def key_file(content: bytes = CANARY) -> str:
    Path("aes_key.bin").write_bytes(content)
    Path("aes_key.bin").chmod(stat.S_IRUSR | stat.S_IWUSR)
    return "file:aes_key.bin"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(NAME, CANARY.hex())


def objects() -> list[object]:
    """Everything the layer makes, with CANARY as root, store and data key in turn."""
    file = open_provider(key_file())
    envelope = file.create(STORE, Secret(CANARY))
    ring = Keyring.from_document(
        STORE,
        Secret(CANARY),
        [
            {**record, "wrapped": wrapped(number, record)}
            for number, record in enumerate(Keyring.create(STORE, Secret(CANARY)).to_document())
        ],
    )
    data = ring.active(ring.records[0].purpose)
    return [
        file,
        open_provider(f"env:{NAME}"),
        open_provider("command:" + f"printf {CANARY.hex()}"),
        open_provider("passphrase:"),
        envelope,
        envelope.to_document(),
        file.unwrap(STORE, envelope),
        ring,
        ring.records,
        ring.to_document(),
        data,
        Stretch(bytes(16)),
    ]


def wrapped(number: int, record: dict[str, object]) -> str:
    """The record's own name over CANARY, so that the keys in the ring are the canary too."""
    key_id, purpose = record["id"], record["purpose"]
    assert isinstance(key_id, int) and isinstance(purpose, int) and number < 2
    return base64.b64encode(independent.wrap(CANARY, CANARY, key_id, purpose)).decode()


def test_no_object_shows_a_key() -> None:
    for one in objects():
        shown = [repr(one), str(one), f"{one}", f"{one!r:>9}", f"{one}"]
        assert found_in(shown) == [], type(one)


def test_no_object_that_holds_a_key_can_be_pickled_or_copied() -> None:
    envelope = open_provider(key_file()).create(STORE, Secret(CANARY))
    for one in (Secret(CANARY), Keyring.create(STORE, Secret(CANARY))):
        for act in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="cannot be pickled or copied"):
                act(one)
    assert found_in(pickle.dumps(envelope)) == []
    assert pickle.loads(pickle.dumps(envelope)) == envelope  # noqa: S301 - our own


# --- failures -----------------------------------------------------------------------------------


def opening(text: str, envelope: Envelope = FOREIGN) -> Callable[[], object]:
    return lambda: open_provider(text).unwrap(STORE, envelope)


def creating(text: str) -> Callable[[], object]:
    return lambda: open_provider(text).create(STORE, Secret(CANARY))


def from_file(content: bytes) -> Callable[[], object]:
    return lambda: open_provider(key_file(content)).unwrap(STORE, FOREIGN)


def from_variable(content: bytes) -> Callable[[], object]:
    def act() -> object:
        os.environb[NAME.encode()] = content
        return open_provider(f"env:{NAME}").unwrap(STORE, FOREIGN)

    return act


def from_command(script: str) -> Callable[[], object]:
    def act() -> object:
        Path("script").write_text(script, encoding="utf-8")
        return open_provider("command:sh script").unwrap(STORE, FOREIGN)

    return act


def words_from(content: bytes, *, new: bool = False) -> Callable[[], object]:
    def act() -> object:
        os.environb[NAME.encode()] = content
        provider = open_provider(f"passphrase:env={NAME}")
        if new:
            return provider.create(STORE, Secret(CANARY))
        return provider.unwrap(STORE, PROTECTED)

    return act


HEX = CANARY.hex()
FAILURES: dict[str, Callable[[], object]] = {
    "file with a newline": from_file(CANARY + b"\n"),
    "file cut short": from_file(CANARY[:31]),
    "file of hex": from_file(HEX.encode()),
    "file of base64": from_file(base64.b64encode(CANARY)),
    "file of another store": from_file(CANARY),
    "tampering": lambda: open_provider(key_file()).unwrap(STORE, EDITED),
    "variable with a newline": from_variable(HEX.encode() + b"\n"),
    "variable cut short": from_variable(HEX.encode()[:63]),
    "variable that is not hex": from_variable(CANARY * 2),
    "variable of another store": from_variable(HEX.encode()),
    "command that fails": from_command(f"printf {HEX}; printf {HEX} >&2; exit 3"),
    "command that says more": from_command(f"echo {HEX}; echo {HEX}"),
    "command that says too much": from_command(f"yes {HEX}"),
    "command that dies": from_command(f"echo {HEX}; kill -9 $$"),
    "key in the place of a name": opening(HEX),
    "key in the place of a path": opening("file:" + HEX),
    "key in the place of a variable": opening("env:" + base64.b64encode(CANARY).decode()),
    "key in the place of a command": opening("command:" + HEX),
    "open quote in a command": opening(f"command:pass '{HEX}"),
    "passphrase in the place of an option": opening("passphrase:" + WORDS),
    "wrong passphrase": words_from(WORDS.encode()),
    "passphrase that is not UTF-8": words_from(WORDS.encode() + b"\xff"),
    "passphrase with a tab": words_from(WORDS.encode() + b"\t", new=True),
    "data key that does not open": lambda: Keyring.from_document(
        STORE, Secret(OTHER_ROOT), Keyring.create(STORE, Secret(CANARY)).to_document()
    ),
    "active key destroyed": lambda: (ring := Keyring.create(STORE, Secret(CANARY))).destroyed(
        ring.records[0].id
    ),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_no_failure_shows_a_key(failure: str) -> None:
    with pytest.raises(StrongroomError) as caught:
        FAILURES[failure]()
    assert leaks(caught.value) == []


@pytest.mark.parametrize("step", ["write", "fsync", "pread", "link"])
def test_no_failing_disk_shows_the_new_key(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "a disk that fails")

    monkeypatch.setattr(Secret, "generate", classmethod(lambda cls: cls(CANARY)))
    monkeypatch.setattr(os, step, failing)
    with pytest.raises(StrongroomError) as caught:
        creating("file:new.bin")()
    assert leaks(caught.value) == []
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize("answers", [[WORDS, WORDS + "x"], [WORDS[:7]]])
def test_no_refused_new_passphrase_is_shown(
    answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda _prompt: answers.pop(0))
    monkeypatch.setattr("strongroom.keys.passphrase._TERMINAL", os.devnull)
    with pytest.raises(StrongroomError) as caught:
        creating("passphrase:")()
    assert leaks(caught.value) == []
    assert answers == []


def test_no_secret_is_given_to_a_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key command gets its own arguments and the environment that it would have anyway."""
    Path("script").write_text(
        f"tr '\\0' ' ' < /proc/$$/cmdline > seen; printf {HEX}", encoding="utf-8"
    )
    monkeypatch.delenv(NAME)
    provider = open_provider("command:" + shlex.join(["sh", "script"]))
    envelope = provider.create(STORE, Secret(CANARY))
    assert Path("seen").read_text(encoding="ascii") == "sh script "
    assert open_store_key(Secret(CANARY), STORE, envelope).reveal() == CANARY
    made = seal_store_key(Secret(CANARY), "command", {}, STORE, Secret(CANARY))
    assert made.fingerprint == envelope.fingerprint
