"""The declared field types, their documents in the catalogue, and how the command line spells them.

text,max_bytes=2000,pad=64      integer,plain,min=0,max=150      decimal(10,2),plain,optional
"""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any, Final

from strongroom.errors import InputError, IntegrityError
from strongroom.schema.field_type import FieldType
from strongroom.schema.number_bytes import digits_to_integer
from strongroom.schema.number_types import Boolean, Decimal, Float, Integer
from strongroom.schema.sized_types import Bytes, Json, Text
from strongroom.schema.time_types import Date, DateTime, ZonedDateTime

__all__ = [
    "Boolean",
    "Bytes",
    "Date",
    "DateTime",
    "Decimal",
    "FieldType",
    "Float",
    "Integer",
    "Json",
    "Text",
    "ZonedDateTime",
    "field_type_from_document",
    "parse_declaration",
]

_TYPES: Final[dict[str, type[FieldType]]] = {
    one.name: one
    for one in (
        Text,
        Integer,
        Decimal,
        Date,
        DateTime,
        ZonedDateTime,
        Boolean,
        Bytes,
        Json,
        Float,
    )
}
_SPELLINGS: Final = {"minimum": "min", "maximum": "max"}
_FLAGS: Final = frozenset({"plain", "optional"})
_NUMBER: Final = re.compile(r"0|-?[1-9][0-9]*")
_DECIMAL_CALL: Final = re.compile(r"decimal\(([^(),]*),([^(),]*)\)(.*)", re.DOTALL)


def field_type_from_document(document: Any) -> FieldType:  # noqa: ANN401  # JSON, whatever it is
    """Return the type that `FieldType.to_document` described.

    Raises:
        IntegrityError: an unknown type, another set of keys, or a value that cannot be declared.
    """
    try:
        options = dict(document)
        made = _TYPES[options.pop("type")](**options)
        if made.to_document().keys() == document.keys():
            return made
    except (KeyError, TypeError, ValueError, AttributeError):
        pass
    raise IntegrityError("the catalogue is not readable")


def parse_declaration(text: str) -> FieldType:
    """Return the type that the command line's spelling declares.

    The type's word comes first, then its options, between commas and without spaces: ``plain``,
    ``optional``, ``pad=N``, and those of its own. ``decimal(10,2)`` is short for
    ``decimal,precision=10,scale=2``.

    Raises:
        InputError: it is spelled otherwise, or the options do not go together. The hint names
            what is allowed.
    """
    call = _DECIMAL_CALL.fullmatch(text)
    if call:
        text = f"decimal,precision={call[1]},scale={call[2]}{call[3]}"
    word, *options = text.split(",")
    kind = _TYPES.get(word)
    if kind is None:
        raise InputError(
            "there is no such type of field",
            hint=f"the types: {', '.join(_TYPES)}; for example decimal(10,2),plain",
        )
    known = {_SPELLINGS.get(one.name, one.name): one.name for one in fields(kind)}
    given: dict[str, Any] = {}
    for option in options:
        spelled, equals, number = option.partition("=")
        name = known.get(spelled)
        if name is None or bool(equals) is (name in _FLAGS):
            raise InputError(f"{word} has no such option", hint=_allowed(kind))
        if name in given:
            raise InputError(f"{word}: {spelled} is given twice")
        given[name] = _number(word, spelled, number) if equals else True
    return kind(**given)


def _allowed(kind: type[FieldType]) -> str:
    names = [one.name for one in fields(kind)]
    spelled = [name if name in _FLAGS else f"{_SPELLINGS.get(name, name)}=NUMBER" for name in names]
    return f"its options, between commas and without spaces: {', '.join(spelled)}"


def _number(word: str, option: str, digits: str) -> int:
    try:
        if _NUMBER.fullmatch(digits):
            return digits_to_integer(digits)
    except ValueError:
        pass
    raise InputError(f"{word}: {option} is an integer, written in digits only")
