"""What a driver gives for a column that another library wrote: text or bytes, of bounded size.

Every function returns None for what is not of its form: the caller makes the one error of it, away
from any exception that may hold a value.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

MOST_STORED_BYTES: Final = 32 * 1024 * 1024
"""The longest value that is looked at: twice the longest text of a field, and room for base64."""


def stored_bytes(value: object) -> bytes | None:
    """Return the bytes of a binary column: bytes, bytearray or memoryview, at most 32 MiB."""
    if isinstance(value, memoryview):
        return value.tobytes() if value.nbytes <= MOST_STORED_BYTES else None
    if isinstance(value, bytes | bytearray) and len(value) <= MOST_STORED_BYTES:
        return bytes(value)
    return None


def stored_text(value: object) -> str | None:
    """Return the ASCII text of a text or a binary column, white space around it taken off."""
    if isinstance(value, str):
        text = value if len(value) <= MOST_STORED_BYTES and value.isascii() else None
    else:
        raw = stored_bytes(value)
        text = raw.decode("ascii") if raw is not None and raw.isascii() else None
    return None if text is None else text.strip()


def stored_base64(value: object, *, url_safe: bool = False) -> bytes | None:
    """Return the bytes that a column spells in base64, padded, in its one canonical spelling.

    Args:
        value: what the driver gave.
        url_safe: whether ``-`` and ``_`` stand for the last two digits, not ``+`` and ``/``.
    """
    text = stored_text(value)
    if text is None:
        return None
    digits = b"-_" if url_safe else b"+/"
    try:
        raw = base64.b64decode(text, altchars=digits, validate=True)
    except binascii.Error:
        return None
    # Decoding alone takes other digits of the last character, and on some versions `+` for `-`:
    # then two texts would be one value.
    return raw if base64.b64encode(raw, altchars=digits) == text.encode("ascii") else None


def utf8(raw: bytes | None) -> str | None:
    """Return the text that the bytes are in strict UTF-8."""
    if raw is None:
        return None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return None
