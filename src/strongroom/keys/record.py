"""One key of the keyring: what is known about it, and its bytes, wrapped."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final, NoReturn

from strongroom.crypto.derive import SUITE_1
from strongroom.errors import IntegrityError
from strongroom.keys.envelope import decode_wrapped

_MEMBERS: Final = {"id", "purpose", "suite", "state", "created", "changed", "wrapped"}
_MOST_ID: Final = 0xFFFF_FFFF
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class Purpose(IntEnum):
    """What a key is for; part of the name it is wrapped under."""

    DATA = 1
    INDEX = 2
    LEGACY = 3


class KeyState(StrEnum):
    """Whether new values are made under a key, it only opens old ones, or it is gone."""

    ACTIVE = "active"
    RETIRED = "retired"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """One key of the keyring.

    Attributes:
        id: 1 to 2^32 - 1, drawn at random, never used for another key.
        purpose: what it is for.
        suite: the cipher suite, 1.
        state: active, retired or destroyed.
        created: when it was made: ISO 8601, UTC, in seconds, ending in Z.
        changed: when its state last changed. Clocks can go back, so it may be before `created`.
        wrapped: its 96 bytes under the store key; None exactly when it is destroyed.
    """

    id: int
    purpose: Purpose
    suite: int
    state: KeyState
    created: str
    changed: str
    wrapped: bytes | None = field(repr=False)

    def retired(self, now: str) -> KeyRecord:
        """Return the record of the same key, from now on for opening only."""
        return replace(self, state=KeyState.RETIRED, changed=now)

    def destroyed(self, now: str) -> KeyRecord:
        """Return the record of the same key without its bytes."""
        return replace(self, state=KeyState.DESTROYED, changed=now, wrapped=None)

    def to_document(self) -> dict[str, object]:
        """Return it as values that JSON can hold: names for states, base64 for bytes."""
        wrapped = self.wrapped
        return {
            "id": self.id,
            "purpose": int(self.purpose),
            "suite": self.suite,
            "state": str(self.state),
            "created": self.created,
            "changed": self.changed,
            "wrapped": None if wrapped is None else base64.b64encode(wrapped).decode("ascii"),
        }

    @classmethod
    def from_document(cls, document: object) -> KeyRecord:
        """Read back what `to_document` wrote, believing nothing of it.

        Raises:
            IntegrityError: it has another form, or a suite that is not known here.
        """
        if type(document) is not dict or set(document) != _MEMBERS:
            _malformed("the members of a key")
        key_id, state = document["id"], document["state"]
        if type(key_id) is not int or not 1 <= key_id <= _MOST_ID:
            _malformed("a key id")
        if type(document["purpose"]) is not int or document["purpose"] not in set(Purpose):
            _malformed(f"the purpose of key {key_id:08x}")
        if type(document["suite"]) is not int or document["suite"] != SUITE_1:
            raise IntegrityError(
                f"key {key_id:08x} of the keyring has a cipher suite that is not known here"
            )
        if type(state) is not str or state not in set(KeyState):
            _malformed(f"the state of key {key_id:08x}")
        return cls(
            key_id,
            Purpose(document["purpose"]),
            SUITE_1,
            KeyState(state),
            _date(key_id, document["created"]),
            _date(key_id, document["changed"]),
            _wrapped(key_id, KeyState(state), document["wrapped"]),
        )


def _date(key_id: int, document: object) -> str:
    if type(document) is not str or not _DATE.fullmatch(document):
        _malformed(f"a date of key {key_id:08x}")
    try:
        datetime.fromisoformat(document)
    except ValueError:
        _malformed(f"a date of key {key_id:08x}")
    return document


def _wrapped(key_id: int, state: KeyState, document: object) -> bytes | None:
    if state is KeyState.DESTROYED and document is None:
        return None
    wrapped = decode_wrapped(document) if type(document) is str else None
    if wrapped is None or state is KeyState.DESTROYED:
        _malformed(f"the wrapped bytes of key {key_id:08x}")
    return wrapped


def _malformed(part: str) -> NoReturn:
    raise IntegrityError(f"the keyring is malformed: {part}") from None
