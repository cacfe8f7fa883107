r"""Text that cannot drive a terminal: what would move, hide or reorder is shown as an escape.

    backslash   \\          tab \t   newline \n   carriage return \r
    other control characters, line and paragraph separators, lone surrogates, and the characters
    that override or isolate the direction of writing:   \xNN, \uNNNN, \UNNNNNNNN
    no value (NULL)   \N

Since a backslash is doubled, every value has one spelling and can be read back. Direction *marks*
(U+200E, U+200F, U+061C) belong to names in Arabic and Hebrew, reorder nothing, and stay.
"""

from __future__ import annotations

import re
from typing import Final

NULL: Final = "\\N"

_ACTS: Final = (
    "\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f"
)
_UNSAFE: Final = re.compile(rf"[\\{_ACTS}]")
_UNSAFE_IN_JSON: Final = re.compile(f"[{_ACTS}]")
_NAMED: Final = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_LAST_BYTE: Final = 0xFF
_LAST_SHORT: Final = 0xFFFF


def visible(text: str) -> str:
    """Return `text` with everything that a terminal would act upon spelled out."""
    return _UNSAFE.sub(_escape, text)


def visible_json(text: str) -> str:
    """Return a JSON text, still the same JSON, with such characters as JSON escapes."""
    return _UNSAFE_IN_JSON.sub(_escape_in_json, text)


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    named, number = _NAMED.get(character), ord(character)
    if named is not None:
        return named
    if number <= _LAST_BYTE:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= _LAST_SHORT else f"\\U{number:08x}"


def _escape_in_json(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def records(count: int) -> str:
    """Return a number of records in words."""
    return "1 record" if count == 1 else f"{count:,} records"
