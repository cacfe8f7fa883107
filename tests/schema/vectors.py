"""Reads the vectors of values and identities: what their files mean in Python.

`tests/vectors/values.json`, `plaintexts.json` and `identities.json` were written by hand from the
format's page, not by this library. A valid entry has a value in a neutral spelling and its only
bytes; an entry that is not valid has bytes with one fault, which its note names.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from strongroom.schema.identity import KeyType
from strongroom.schema.values import Tag

FOLDER: Final = Path(__file__).parent.parent / "vectors"

TAGS: Final = {
    "text": Tag.TEXT,
    "integer": Tag.INTEGER,
    "decimal": Tag.DECIMAL,
    "date": Tag.DATE,
    "datetime": Tag.DATETIME,
    "zoned-datetime": Tag.ZONED_DATETIME,
    "boolean": Tag.BOOLEAN,
    "bytes": Tag.BYTES,
    "json": Tag.JSON,
    "float": Tag.FLOAT,
}
VALUES: Final[dict[str, Callable[[Any], Any]]] = {
    "text": str,
    "integer": int,
    "decimal": Decimal,
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
    "zoned-datetime": dt.datetime.fromisoformat,
    "boolean": bool,
    "bytes": bytes.fromhex,
    "json": json.loads,
    "float": float,
}
KEY_TYPES: Final = {
    "integer": KeyType.INTEGER,
    "text": KeyType.TEXT,
    "uuid": KeyType.UUID,
    "bytes": KeyType.BYTES,
}
KEYS: Final[dict[str, Callable[[str], object]]] = {
    "integer": int,
    "text": str,
    "uuid": UUID,
    "bytes": bytes.fromhex,
}


def read(name: str, *, valid: bool) -> list[dict[str, Any]]:
    """Return the valid or the faulty entries of one file."""
    entries = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    return [entry for entry in entries if entry["valid"] is valid]


def label(entry: dict[str, Any]) -> str:
    """Name a test after its entry."""
    return f"{entry.get('tag', 'key')}-{entry['note']}"
