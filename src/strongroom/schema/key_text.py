"""A part of a primary key from a file: exact types as they are, texts as keys are spelled.

integer     decimal digits: 0, 17, -3
text        itself; of a column of dates the day in ISO form, 2024-02-29
UUID        its 36 characters, in small letters
bytes       standard base64
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from strongroom.errors import InputError
from strongroom.schema.identity import KeyType, encode_identity
from strongroom.schema.table import KeyColumn, KeyForm

_INTEGER: Final = re.compile(r"0|-?[1-9][0-9]{0,18}")


def key_from_raw(column: KeyColumn, raw: object, where: str) -> Any:  # noqa: ANN401  # its own type
    """Return one part of a key that a file's value means.

    Args:
        column: of the key.
        raw: what the file had.
        where: how an error calls it.

    Raises:
        InputError: there is none, or it means no key of this column.
    """
    if raw is None:
        raise InputError(f"{where} must be given: it is the primary key")
    value = _READ[column.type](raw) if type(raw) is str else raw
    if column.form is KeyForm.DATE:
        value = _day(raw)
    try:
        encode_identity([column.type], [value])
    except InputError:
        value = None  # raised below: the caught exception may hold the value
    if value is None:
        raise InputError(f"{where} is no {_NAMES[column.type]}")
    return value


def _integer(text: str) -> int | None:
    return int(text) if _INTEGER.fullmatch(text) else None


def _uuid(text: str) -> UUID | None:
    try:
        value = UUID(text)
    except ValueError:
        return None
    return value if str(value) == text else None


def _bytes(text: str) -> bytes | None:
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return value if base64.b64encode(value).decode("ascii") == text else None


def _day(raw: object) -> str | None:
    if type(raw) is dt.date:
        return raw.isoformat()
    try:
        day = dt.date.fromisoformat(raw) if type(raw) is str else None
    except ValueError:
        return None
    return raw if day is not None and day.isoformat() == raw else None


_READ: Final[dict[KeyType, Callable[[str], Any]]] = {
    KeyType.INTEGER: _integer,
    KeyType.TEXT: str,
    KeyType.UUID: _uuid,
    KeyType.BYTES: _bytes,
}
_NAMES: Final = {
    KeyType.INTEGER: "whole number of 64 bits",
    KeyType.TEXT: "text that can be a key",
    KeyType.UUID: "UUID",
    KeyType.BYTES: "base64",
}
