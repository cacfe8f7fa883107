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
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring
from typing import Any, Final, NoReturn, TypeAlias

from strongroom.errors import DecryptionError, InputError
from strongroom.schema.number_bytes import (
    MOST_EXPONENT,
    MOST_INTEGER_BITS,
    MOST_INTEGER_DIGITS,
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
_LONGEST_NUMBER: Final = len("-0.") + MOST_EXPONENT
_INNER: Final = frozenset({list, dict, Decimal})


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


def read_json_object(text: str) -> dict[str, JsonValue | Decimal]:
    """Return the members of a JSON object in any spelling, none of their digits lost.

    A member that is a number with a point or an exponent is a Decimal with the digits of the text;
    inside of a member that is an array or an object such numbers are the nearest floats. Texts may
    hold lone surrogates, which `canonical_json` refuses.

    Args:
        text: of any length: its limit is the caller's.

    Raises:
        InputError: the message is a phrase to follow the name of a record, such as "has a key
            twice".
    """
    try:
        # Around its values there is the object itself.
        value = _read(text, _exact, MOST_DEPTH + 1)
        if type(value) is dict:
            return {key: _with_floats(one, 0) for key, one in value.items()}
        problem = "is JSON, but no object"
    except _RefusedError as error:
        problem = error.problem
    except ValueError:
        problem = "is not JSON"
    raise InputError(problem)


class _RefusedError(ValueError):
    """JSON that is refused by a rule of ours, which `problem` says."""

    def __init__(self, problem: str) -> None:
        super().__init__()
        self.problem = problem


def _exact(digits: str) -> Decimal:
    if len(digits) <= _LONGEST_NUMBER:
        try:
            return Decimal(digits)
        except InvalidOperation:
            pass  # an exponent beyond all bounds
    raise _RefusedError("has a number of too many digits")


def _with_floats(value: Any, depth: int) -> Any:  # noqa: ANN401  # JSON values, and decimals
    """Return a member with floats inside of its arrays and objects, which are changed in place."""
    if type(value) is list:
        for place, one in enumerate(value):
            if type(one) in _INNER:
                value[place] = _with_floats(one, depth + 1)
    elif type(value) is dict:
        for key, one in value.items():
            if type(one) in _INNER:
                value[key] = _with_floats(one, depth + 1)
    elif type(value) is Decimal and depth:
        number = float(value)
        if not math.isfinite(number):
            raise _RefusedError("has a number that is too large")
        return number
    return value


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


def _read(
    text: str, parse_float: Callable[[str], object] = float, most: int = MOST_DEPTH
) -> JsonValue:
    """Parse any JSON. Raises ValueError for what is none, is too deep, or has a key twice."""
    _check_depth(text, most)
    value: JsonValue = json.loads(
        text,
        parse_int=_integer,
        parse_float=parse_float,
        parse_constant=_no_constant,
        object_pairs_hook=_no_key_twice,
    )
    return value


def _integer(digits: str) -> int:
    if len(digits) > MOST_INTEGER_DIGITS + 1:
        raise _RefusedError("has a number of too many digits")
    return digits_to_integer(digits)


def _check_depth(text: str, most: int) -> None:
    # Before the parser sees the text: it recurses, so deep input would end in RecursionError.
    # Up to the first place where the text is no JSON the count is exact, and there parsing ends.
    if text.count("[") + text.count("{") <= most:
        return
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        bracket = match[0]
        if bracket in "[{":
            depth += 1
            if depth > most:
                raise _RefusedError(f"has more than {MOST_DEPTH} arrays and objects inside others")
        elif bracket in "]}":
            depth -= 1


def _no_constant(_name: str) -> NoReturn:
    raise _RefusedError("has NaN or infinity, which is not JSON")


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise _RefusedError("has a key twice")
    return made
