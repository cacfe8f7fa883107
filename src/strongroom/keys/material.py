"""What may be a root key: 32 raw bytes, 44 characters of base64, or 64 hex digits.

Nothing is padded, cut, hashed or trimmed into a key. A verdict is returned, not raised, so that
no frame of a traceback holds the bytes that were judged.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final, NamedTuple

from strongroom.crypto.secret import KEY_BYTES, Secret

READ_LIMIT: Final = 256  # bytes: a key in any spelling, and enough more to say what is wrong
_BASE64_CHARACTERS: Final = 44
_HEX_DIGITS: Final = 64
_HEX: Final = re.compile(rb"[0-9A-Fa-f]{64}")
_HEX_FILE: Final = re.compile(rb"[0-9A-Fa-f]{64}\s*")
_BASE64_FILE: Final = re.compile(rb"[0-9A-Za-z+/]{43}=\s*")
_LOOKS_LIKE_KEY: Final = re.compile(r"[0-9A-Fa-f]{64}|[0-9A-Za-z+/_-]{43}=")

_TAKE_BACKUP: Final = "put the right key file back from its backup; nothing was changed"
_FORMS: Final = "a key is 44 characters of base64, or 64 hex digits, and nothing else"


class Fault(NamedTuple):
    """Why something is not a key. Safe to show: it names lengths and forms, no content.

    Attributes:
        reason: completes a sentence that begins with the name of the place.
        hint: what to do about it.
    """

    reason: str
    hint: str


def from_raw(content: bytes) -> Secret | Fault:
    """Judge the content of a key file: exactly 32 bytes, not all of them zero.

    Args:
        content: the first `READ_LIMIT` bytes of the file, or all of it.
    """
    return _secret(content) if len(content) == KEY_BYTES else _raw_fault(content)


def from_text(content: bytes) -> Secret | Fault:
    """Judge a key that was given as text: canonical base64, or hex in either case.

    The length decides which of the two it is, so no text is a key in both.
    """
    fault = _text_fault(content)
    if fault is not None:
        return fault
    if len(content) == _HEX_DIGITS:
        return _secret(bytes.fromhex(content.decode("ascii")))
    key = _base64(content)
    if key is None:
        return Fault("has 44 characters, but is not base64 of 32 bytes in its one spelling", _FORMS)
    return _secret(key)


def looks_like_key(text: str) -> bool:
    """Tell whether someone gave the key itself where the name of its place belongs."""
    return _LOOKS_LIKE_KEY.fullmatch(text) is not None


def _raw_fault(content: bytes) -> Fault:
    if not content:
        return Fault("is empty", _TAKE_BACKUP)
    if _HEX_FILE.fullmatch(content):
        return Fault(
            "holds 64 hex digits, not 32 raw bytes",
            "turn it into bytes with: xxd -r -p OLD NEW; or give it through env:NAME",
        )
    if _BASE64_FILE.fullmatch(content):
        return Fault(
            "holds base64 text, not 32 raw bytes",
            "turn it into bytes with: base64 -d < OLD > NEW; or give it through env:NAME",
        )
    if len(content) == KEY_BYTES + 1 and content.endswith(b"\n"):
        return Fault(
            "holds 33 bytes, the last one a newline, and a key is exactly 32",
            "an editor may have added it: put the key back from its backup",
        )
    if len(content) >= READ_LIMIT:
        return Fault(f"holds {READ_LIMIT} bytes or more, and a key is exactly 32", _TAKE_BACKUP)
    count = "1 byte" if len(content) == 1 else f"{len(content)} bytes"
    return Fault(f"holds {count}, and a key is exactly 32", _TAKE_BACKUP)


def _text_fault(content: bytes) -> Fault | None:
    if not content:
        return Fault("is empty", _FORMS)
    if content != content.strip():
        return Fault("begins or ends with a space or a newline", _FORMS)
    if len(content) == _BASE64_CHARACTERS - 1:
        return Fault("has 43 characters: base64 without its closing =", _FORMS)
    if len(content) == _HEX_DIGITS and not _HEX.fullmatch(content):
        return Fault("has 64 characters, but not all of them are hex digits", _FORMS)
    if len(content) not in {_HEX_DIGITS, _BASE64_CHARACTERS}:
        return Fault(f"has {len(content)} characters", _FORMS)
    return None


def _base64(content: bytes) -> bytes | None:
    try:
        key = base64.b64decode(content, validate=True)
    except binascii.Error:
        return None
    return key if len(key) == KEY_BYTES and base64.b64encode(key) == content else None


def _secret(key: bytes) -> Secret | Fault:
    if not any(key):
        return Fault(
            "holds 32 zero bytes, which is no key",
            "a key that was lost, or never written, looks so: bring the right one from its backup",
        )
    return Secret(key)
