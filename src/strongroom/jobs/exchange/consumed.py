"""Which records of a file were consumed: their number, and a digest of what they were.

    SHA-256 over, for each record, the JSON array of what it had, as ASCII, and a line feed

Each value that JSON does not have is an object of its type's name and its text. The digest is not
stored as it is: whoever reads the database could try out guesses of a short file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from json.encoder import encode_basestring_ascii
from typing import Any, Final, cast

from strongroom.crypto.job import JobKey
from strongroom.errors import InputError
from strongroom.files.source import Item


class Consumed:
    """The records of one file that were consumed so far.

    Attributes:
        count: how many.
    """

    def __init__(self, job_key: JobKey) -> None:
        self.count = 0
        self._job_key = job_key
        self._digest = hashlib.sha256()

    def add(self, lines: Sequence[str]) -> None:
        """Consume records, given the `line` of each."""
        self._digest.update("".join(lines).encode("ascii"))
        self.count += len(lines)

    def mac(self) -> str:
        """Return what stands for all of them: only a holder of the store key can compare."""
        return self._job_key.content_mac(self._digest.digest()).hex()


def line(item: Item) -> str:
    """Return what the digest is over for one record."""
    if set(map(type, item.raw)) == {str}:  # as the encoder does it, in a fifth of the time
        texts = cast("Sequence[str]", item.raw)
        return f"[{', '.join(map(encode_basestring_ascii, texts))}]\n"
    return f"{_ENCODE(item.raw)}\n"


def settings_mac(job_key: JobKey, document: bytes) -> str:
    """Return what stands for a text that is not to be read in the database."""
    return job_key.content_mac(hashlib.sha256(document).digest()).hex()


def _spelled(value: Any) -> dict[str, str]:  # noqa: ANN401  # of any type that a file has
    text = value.hex() if isinstance(value, bytes) else str(value)
    return {type(value).__name__: text}


_ENCODE: Final = json.JSONEncoder(default=_spelled).encode


def another_content() -> InputError:
    """Return the error for a file that is not the one whose import was interrupted."""
    return InputError(
        "the file is not the one whose import was interrupted",
        hint="bring that one back, or begin again with --restart: what is stored stays stored",
    )
