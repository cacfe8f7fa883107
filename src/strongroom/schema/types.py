"""The declared field types, their documents in the catalogue, and how the command line spells them.

text,max_bytes=2000,pad=64      integer,plain,min=0,max=150      decimal(10,2),plain,optional
date,min=1900-01-01             text,plain,unique,max_bytes=320
"""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any, Final

from strongroom.errors import InputError, IntegrityError
from strongroom.schema.field_type import FieldType
from strongroom.schema.number_bytes import digits_to_integer
from strongroom.schema.number_types import Boolean, Decimal, Float, Integer
from strongroom.schema.ranged import LIMITS
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
    "option_names",
    "parse_declaration",
    "spell_declaration",
]

TYPES: Final[dict[str, type[FieldType]]] = {
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
FLAGS: Final = frozenset({"plain", "optional", "unique"})
_NUMBER: Final = re.compile(r"0|-?[1-9][0-9]*")
_DECIMAL_CALL: Final = re.compile(r"decimal\(([^(),]*),([^(),]*)\)(.*)", re.DOTALL)


def field_type_from_document(document: Any) -> FieldType:  # noqa: ANN401  # JSON, whatever it is
    """Return the type that `FieldType.to_document` described.

    Raises:
        IntegrityError: an unknown type, another set of keys, or a value that cannot be declared.
    """
    try:
        options = dict(document)
        kind = TYPES[options.pop("type")]
        made = kind(**{name: kind.option_in(name, value) for name, value in options.items()})
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
    kind = type_called(word)
    known = option_names(kind)
    given: dict[str, Any] = {}
    for option in options:
        spelled, equals, value = option.partition("=")
        name = known.get(spelled)
        if name is None or bool(equals) is (name in FLAGS):
            raise InputError(f"{word} has no such option", hint=_allowed(kind))
        if name in given:
            raise InputError(f"{word}: {spelled} is given twice")
        given[name] = _option(kind, name, spelled, value) if equals else True
    return kind(**given)


def spell_declaration(declared: FieldType) -> str:
    """Return what `parse_declaration` reads as this type: what is at its default is left out."""
    parts = [declared.name]
    left = [one for one in fields(declared) if getattr(declared, one.name) != one.default]
    if isinstance(declared, Decimal) and declared.precision is not None:
        parts = [f"decimal({declared.precision},{declared.scale})"]
        left = [one for one in left if one.name not in ("precision", "scale")]
    # Flags first, as a person would say it; otherwise in the order of the declaration.
    for one in sorted(left, key=lambda one: one.name not in FLAGS):
        value, spelled = getattr(declared, one.name), _SPELLINGS.get(one.name, one.name)
        if one.name in FLAGS:
            parts.append(spelled)
        else:
            text = declared.format(value) if one.name in LIMITS else str(value)
            parts.append(f"{spelled}={text}")
    return ",".join(parts)


def type_called(word: str) -> type[FieldType]:
    """Return the type that a word names.

    Raises:
        InputError: none is called so.
    """
    kind = TYPES.get(word)
    if kind is None:
        raise InputError(
            "there is no such type of field",
            hint=f"the types: {', '.join(TYPES)}; for example decimal(10,2),plain",
        )
    return kind


def option_names(kind: type[FieldType]) -> dict[str, str]:
    """Return the options of a type: how each is spelled, and the name of its attribute."""
    return {_SPELLINGS.get(one.name, one.name): one.name for one in fields(kind)}


def _allowed(kind: type[FieldType]) -> str:
    spelled = [
        one if name in FLAGS else f"{one}={'VALUE' if _is_value(kind, name) else 'NUMBER'}"
        for one, name in option_names(kind).items()
    ]
    return f"its options, between commas and without spaces: {', '.join(spelled)}"


def _is_value(kind: type[FieldType], name: str) -> bool:
    """Say whether an option is spelled as a value of the type and not as a number."""
    return name in LIMITS and kind is not Integer


def _option(kind: type[FieldType], name: str, spelled: str, text: str) -> Any:  # noqa: ANN401
    if _is_value(kind, name):
        return kind().parse(text, f"{kind.name}: {spelled}")
    try:
        if _NUMBER.fullmatch(text):
            return digits_to_integer(text)
    except ValueError:
        pass
    raise InputError(f"{kind.name}: {spelled} is an integer, written in digits only")
