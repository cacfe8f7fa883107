"""Argon2id: fixed bytes, and a cost that a holder of the database cannot weaken."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from strongroom.crypto import passphrase
from strongroom.crypto.passphrase import Stretch
from strongroom.errors import KeyRefusedError, RootKeyError

SALT = bytes(range(16))
LEAST = Stretch(SALT, 19_456, 2, 1)


def test_fixed_passphrase_gives_a_fixed_key() -> None:
    key = LEAST.root_key("correct horse é".encode()).reveal()
    assert key.hex() == "93a94805cceef6ed913dd52734658ab30f582aa0c044cf9541dc71ce12ee01be"


@pytest.mark.parametrize(("memory", "iterations", "lanes"), [(19_457, 2, 1), (20_000, 3, 4)])
def test_every_parameter_reaches_argon2id(memory: int, iterations: int, lanes: int) -> None:
    independent = Argon2id(
        salt=SALT, length=32, iterations=iterations, lanes=lanes, memory_cost=memory
    )
    given = Stretch(SALT, memory, iterations, lanes).root_key(b"words").reveal()
    assert given == independent.derive(b"words")


def test_defaults_are_the_second_choice_of_rfc_9106() -> None:
    made = Stretch.generate()
    assert (made.memory, made.iterations, made.lanes) == (64 * 1024, 3, 4)
    assert len(made.salt) == 16
    assert made.salt != Stretch.generate().salt


@pytest.mark.parametrize(
    ("memory", "iterations", "lanes"),
    [(19_456, 2, 1), (1_048_576, 10, 16)],
)
def test_limits_themselves_are_allowed(memory: int, iterations: int, lanes: int) -> None:
    assert Stretch(SALT, memory, iterations, lanes).memory == memory


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"memory": 19_455}, "memory in KiB must be from 19456 to 1048576"),
        ({"memory": 1_048_577}, "memory in KiB must be from 19456 to 1048576"),
        ({"memory": 65536.0}, "memory in KiB must be from 19456 to 1048576"),
        ({"iterations": 1}, "iterations must be from 2 to 10"),
        ({"iterations": 11}, "iterations must be from 2 to 10"),
        ({"lanes": 0}, "lanes must be from 1 to 16"),
        ({"lanes": 17}, "lanes must be from 1 to 16"),
        ({"lanes": True}, "lanes must be from 1 to 16"),
        ({"lanes": -1}, "lanes must be from 1 to 16"),
    ],
)
def test_cost_outside_the_limits_is_refused(changed: dict[str, Any], said: str) -> None:
    with pytest.raises(KeyRefusedError) as caught:
        Stretch(SALT, **changed)
    assert str(caught.value) == f"the argon2id parameter {said}"


@pytest.mark.parametrize("salt", [b"", SALT[:15], SALT + b"x", bytearray(SALT)])
def test_salt_has_16_bytes(salt: Any) -> None:
    with pytest.raises(KeyRefusedError, match="exactly 16 bytes"):
        Stretch(salt)


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (MemoryError(), "argon2id needs 19 MiB of memory, which are not free"),
        (UnsupportedAlgorithm("x"), "this build of cryptography has no argon2id"),
    ],
)
def test_what_the_machine_cannot_do_is_said(
    monkeypatch: pytest.MonkeyPatch, failure: Exception, said: str
) -> None:
    def failing(**_: object) -> Argon2id:
        raise failure

    monkeypatch.setattr(passphrase, "Argon2id", failing)
    with pytest.raises(RootKeyError) as caught:
        LEAST.root_key(b"words")
    assert str(caught.value) == said
    assert caught.value.__context__ is None
