r"""Canonical JSON: one text for every value, and no text that another value also has.

    null true false           these words
    integer                   decimal digits, at most 4,096 bits as an integer field
    float                     the shortest digits that read back the same, as Python's `repr` has
                              them: always with a point or an exponent (1.0, 1e+16, 1e-05, -0.0),
                              an exponent below 1e-4 and from 1e16; no NaN, no infinity
    string                    UTF-8 as given, with \" \\ \b \t \n \f \r and, for the other
                              characters below U+0020, \u00xx in small letters; nothing else
                              is escaped; no lone surrogates
    array                     [a,b]
    object                    {"k":v}, string keys, in the order of their code points (which is
                              also the order of their UTF-8 bytes), none twice

No spaces. At most 64 arrays and objects inside each other, at most 16 MiB of text. Python types
are taken exactly: 1, 1.0 and True are three values, a tuple is no array.
"""

from __future__ import annotations

import json
import math
import re
from json.encoder import encode_basestring
from typing import Any, Final, NoReturn, TypeAlias

from strongroom.errors import DecryptionError, InputError
from strongroom.schema.number_bytes import (
    MOST_INTEGER_BITS,
    digits_to_integer,
    fits,
    integer_to_digits,
)

JsonValue: TypeAlias = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None

MOST_DEPTH: Final = 64
MOST_JSON_BYTES: Final = 16 * 1024 * 1024

# A string is stepped over whole, and one that never ends up to the end of the text: possessive and
# with its last quote optional, so that no input makes the search go back or start in its middle.
_STRING_OR_BRACKET: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


def canonical_json(value: object, where: str = "the value") -> bytes:
    """Return the one JSON text of `value`, in UTF-8.

    Args:
        value: None, bool, int, float, str, list or dict, and such values in lists and dicts.
        where: how an error calls the value.

    Raises:
        InputError: another type, a float that is not finite, an integer of more than 4,096 bits,
            a key that is no string, a lone surrogate, or too deep or too long.
    """
    writer = _Writer(where)
    writer.write(value, 0)
    text = "".join(writer.parts)
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:
        data = None  # raised below: the caught exception holds the text
    if data is None:
        raise InputError(f"{where} must not hold lone surrogates")
    if len(data) > MOST_JSON_BYTES:
        writer.refuse_length()
    return data


def parse_json(data: bytes) -> JsonValue:
    """Return the value that `canonical_json` turned into `data`.

    Raises:
        DecryptionError: `canonical_json` never gives these bytes.
    """
    try:
        value = _read(data.decode("utf-8"))
        if canonical_json(value) == data:
            return value
    except ValueError:
        pass  # raised below: the caught exception holds the text
    raise DecryptionError


def read_json(text: str, where: str) -> JsonValue:
    """Return the value of a JSON text in any spelling, as a person or another program wrote it.

    Numbers with a point or an exponent become the nearest float.

    Raises:
        InputError: no JSON, a key that occurs twice, or what `canonical_json` refuses.
    """
    try:
        value = _read(text)
    except ValueError:
        pass  # raised below: the caught exception holds the text
    else:
        canonical_json(value, where)
        return value
    raise InputError(
        f"{where} must be JSON",
        hint=f"no key twice, no NaN, at most {MOST_DEPTH} arrays and objects inside each other",
    )


class _Writer:
    """Collects the text, and stops before a value that contains itself many times fills memory."""

    __slots__ = ("_left", "_where", "parts")

    def __init__(self, where: str) -> None:
        self.parts: list[str] = []
        self._left = MOST_JSON_BYTES
        self._where = where

    def write(self, value: object, depth: int) -> None:
        """Add the text of `value`, which has `depth` arrays and objects around it."""
        if type(value) is str:
            self._put(encode_basestring(value))
        elif value is None or type(value) is bool:
            self._put("null" if value is None else "true" if value else "false")
        elif type(value) is int:
            self._integer(value)
        elif type(value) is float:
            self._float(value)
        elif type(value) is list:
            self._array(value, self._deeper(depth))
        elif type(value) is dict:
            self._object(value, self._deeper(depth))
        else:
            self._refuse("must hold nothing but JSON values")

    def refuse_length(self) -> NoReturn:
        self._refuse(f"must take at most {MOST_JSON_BYTES:,} bytes as JSON")

    def _integer(self, value: int) -> None:
        if not fits(value):
            self._refuse(f"must hold no integer of more than {MOST_INTEGER_BITS:,} bits")
        self._put(integer_to_digits(value))

    def _float(self, value: float) -> None:
        if not math.isfinite(value):
            self._refuse("must hold no NaN and no infinity")
        self._put(repr(value))

    def _array(self, value: list[object], depth: int) -> None:
        self._put("[")
        for number, item in enumerate(value):
            if number:
                self._put(",")
            self.write(item, depth)
        self._put("]")

    def _object(self, value: dict[object, object], depth: int) -> None:
        keys = [key for key in value if type(key) is str]
        if len(keys) != len(value):
            self._refuse("must have strings as the keys of JSON objects")
        self._put("{")
        for number, key in enumerate(sorted(keys)):
            if number:
                self._put(",")
            self._put(encode_basestring(key) + ":")
            self.write(value[key], depth)
        self._put("}")

    def _deeper(self, depth: int) -> int:
        if depth == MOST_DEPTH:
            self._refuse(f"must have at most {MOST_DEPTH} arrays and objects inside each other")
        return depth + 1

    def _put(self, text: str) -> None:
        self._left -= len(text)
        if self._left < 0:
            self.refuse_length()
        self.parts.append(text)

    def _refuse(self, rule: str) -> NoReturn:
        raise InputError(f"{self._where} {rule}")


def _read(text: str) -> JsonValue:
    """Parse any JSON. Raises ValueError for what is none, is too deep, or has a key twice."""
    _check_depth(text)
    value: JsonValue = json.loads(
        text,
        parse_int=digits_to_integer,
        parse_constant=_no_constant,
        object_pairs_hook=_no_key_twice,
    )
    return value


def _check_depth(text: str) -> None:
    # Before the parser sees the text: it recurses, so deep input would end in RecursionError.
    # Up to the first place where the text is no JSON the count is exact, and there parsing ends.
    if text.count("[") + text.count("{") <= MOST_DEPTH:
        return
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        bracket = match[0]
        if bracket in "[{":
            depth += 1
            if depth > MOST_DEPTH:
                raise ValueError
        elif bracket in "]}":
            depth -= 1


def _no_constant(_name: str) -> NoReturn:
    raise ValueError


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError
    return made
