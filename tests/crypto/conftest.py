"""Fixtures of the cipher tests: a spy that counts decryptors."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher


class Decryptors:
    """How many decryptors were made since the spy was put in place."""

    def __init__(self) -> None:
        self.made = 0


@pytest.fixture
def decryptors(monkeypatch: pytest.MonkeyPatch) -> Decryptors:
    """Count every decryptor of every cipher and mode that is constructed."""
    count = Decryptors()
    construct = Cipher.decryptor

    def counting(self: Any) -> Any:
        count.made += 1
        return construct(self)

    monkeypatch.setattr(Cipher, "decryptor", counting)
    return count
