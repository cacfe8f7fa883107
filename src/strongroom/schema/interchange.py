"""Values on their way to other programs and back: as JSON, as text, or as a file's own types.

JSON holds texts, truth values, integers and finite floats exactly; of every other value it holds
the text that the field's type spells. What comes back may be a bit off in its type, since files
know fewer types than fields: `from_raw` takes what means exactly one value, and nothing else.
"""

from __future__ import annotations

import base64
import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, Final, cast

from strongroom.errors import IntegrityError
from strongroom.schema.field_type import FieldType
from strongroom.schema.identity import KeyType
from strongroom.schema.json_text import canonical_json
from strongroom.schema.number_bytes import integer_to_digits
from strongroom.schema.types import field_type_from_document
from strongroom.schema.values import Value


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table as files know it: a field, or a part of the primary key.

    Attributes:
        name: of the field or the key's column.
        type: the field's type, or that of the key's column.
    """

    name: str
    type: FieldType | KeyType

    def format(self, value: Any) -> str:  # noqa: ANN401  # of the column's own type
        """Return the text of a value, as the column's type spells it. The value is not None."""
        if isinstance(self.type, FieldType):
            return self.type.format(value)
        if isinstance(value, bytes):
            return base64.b64encode(value).decode("ascii")
        return integer_to_digits(value) if isinstance(value, int) else str(value)

    def json_text(self, value: Any) -> str:  # noqa: ANN401  # of the column's own type
        """Return the JSON of a value or of None, exact: see `to_json`."""
        if value is None:
            return "null"
        if self.kind == "json":
            return canonical_json(value).decode("utf-8")
        return _JSON.get(type(value), self._spelled)(value)

    def _spelled(self, value: Any) -> str:  # noqa: ANN401
        if type(value) is float and math.isfinite(value):
            return repr(value)
        return encode_basestring(self.format(value))

    @property
    def kind(self) -> str:
        """The word of the column's type: of a field ``text``, ``json`` and so on; ``uuid`` too."""
        return self.type.name if isinstance(self.type, FieldType) else self.type.name.lower()

    def to_document(self) -> dict[str, Any]:
        """Return the column as JSON values: its name, and its type or the type of its key."""
        if isinstance(self.type, FieldType):
            return {"name": self.name, "type": self.type.to_document()}
        return {"name": self.name, "key": self.type.name.lower()}

    @classmethod
    def from_document(cls, document: object) -> Column:
        """Return the column that `to_document` described.

        Raises:
            IntegrityError: it is described in another way.
        """
        if type(document) is dict and len(document) == len(("name", "type")):
            name = document.get("name")
            if type(name) is str and type(document.get("type")) is dict:
                return cls(name, field_type_from_document(document["type"]))
            key = _KEY_TYPES.get(str(document.get("key")))
            if type(name) is str and key is not None:
                return cls(name, key)
        raise IntegrityError("the description of a column is not readable")


_JSON: Final[Mapping[type, Callable[[Any], str]]] = {
    str: encode_basestring,
    bool: {True: "true", False: "false"}.__getitem__,
    int: integer_to_digits,
}
_TEXTS: Final = {str, type(None)}
_KEY_TYPES: Final[Mapping[str, KeyType]] = {one.name.lower(): one for one in KeyType}


def to_json(field_type: FieldType, value: Any) -> Any:  # noqa: ANN401  # of any field
    """Return a value as JSON has it: exact, or else as the text that the field's type spells."""
    if value is None or isinstance(value, (bool, int, str)) or field_type.name == "json":
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    return field_type.format(value)


def from_raw(field_type: FieldType, raw: object, where: str, *, spelled: bool = False) -> Value:
    """Return the value of a field that a file's value means, checked.

    Args:
        field_type: of the field that it is for.
        raw: what a file had: None, str, bool, int, float, Decimal, date, datetime, bytes, list or
            dict. A text is read as the field's type spells its values, numbers as text too.
        where: how an error calls the field.
        spelled: whether a text for a JSON field is the text of its value, as in a file that has no
            JSON values of its own; else it is the value.

    Raises:
        InputError: it means no value of this field, or one that breaks the field's rule.
    """
    [value] = all_from_raw(field_type, [raw], where, spelled=spelled)
    return value


def all_from_raw(
    field_type: FieldType, raws: Sequence[object], where: str, *, spelled: bool = False
) -> list[Value | None]:
    """Return the values of a column, each as `from_raw`."""
    kinds = set(map(type, raws))
    if str in kinds and field_type.name != "text" and (spelled or field_type.name != "json"):
        if kinds <= _TEXTS:
            return field_type.parse_all(cast("Sequence[str | None]", raws), where)
        return [from_raw(field_type, raw, where, spelled=spelled) for raw in raws]
    turns = {kind: _TURNS.get((field_type.name, kind)) for kind in kinds}
    if any(turns.values()):
        raws = [raw if (turn := turns[type(raw)]) is None else turn(raw) for raw in raws]
    return field_type.check_all(raws, where)


def _float_of_integer(value: int) -> object:
    # From 2^53 on not every integer is a float: then it stays one, and is refused as such.
    return float(value) if abs(value) <= 1 << 53 else value


def _decimal_of_float(value: float) -> object:
    # Spreadsheets and data frames keep money as floats. The shortest digits that name the float
    # are those that were typed; whether they fit the field is for its check, which rounds nothing.
    return Decimal(repr(value)) if math.isfinite(value) else value


def _date_of_midnight(value: dt.datetime) -> object:
    # A spreadsheet knows no days without a time.
    return value.date() if value.tzinfo is None and value.time() == dt.time() else value


_TURNS: Final[Mapping[tuple[str, type], Callable[[Any], object]]] = {
    ("decimal", int): Decimal,
    ("decimal", float): _decimal_of_float,
    ("float", int): _float_of_integer,
    ("float", Decimal): float,  # the nearest one, as a text with these digits is read too
    ("json", Decimal): float,
    ("date", dt.datetime): _date_of_midnight,
}
