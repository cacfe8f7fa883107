"""Field types that are limited by their size in bytes: text, bytes, JSON."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from strongroom.errors import InputError
from strongroom.schema.field_type import LATER, MIB, MOST_UNIQUE_BYTES, FieldType
from strongroom.schema.json_text import canonical_json, parse_json, read_json
from strongroom.schema.values import Tag, Value, encode

MOST_BYTES: Final = 16 * MIB


@dataclass(frozen=True, slots=True)
class _Sized(FieldType):
    max_bytes: int = MIB

    def _check_declaration(self) -> None:
        self._check_limit("max_bytes", self.max_bytes, 1, MOST_BYTES)
        if self.unique and self.max_bytes > MOST_UNIQUE_BYTES:
            raise InputError(
                f"{self.name}: a unique field takes at most {MOST_UNIQUE_BYTES} bytes",
                hint=f"databases index no longer values: declare max_bytes={MOST_UNIQUE_BYTES} or "
                "less",
            )

    def _encode(self, value: object, where: str) -> bytes:
        data = encode(self.tag, value, where)
        if len(data) > self.max_bytes:
            raise InputError(f"{where} must take at most {self.max_bytes:,} bytes")
        return data


@dataclass(frozen=True, slots=True)
class Text(_Sized):
    """Text, kept as given, byte for byte in UTF-8: str. A plain one holds no NUL character.

    Attributes:
        max_bytes: the most bytes it may take in UTF-8, 1 to 16,777,216; by default 1,048,576.
            A unique one takes at most 768.
        max_chars: the most characters, 1 to 16,777,216, or None. Unicode code points, as databases
            count them: what counts as one to a person differs from one Unicode version to the next.
    """

    tag: ClassVar[Tag] = Tag.TEXT
    name: ClassVar[str] = "text"

    max_chars: int | None = field(default=None, metadata=LATER)

    def _check_declaration(self) -> None:
        # Named: zero-argument super() would mean the class that slots=True replaced.
        super(Text, self)._check_declaration()
        if self.max_chars is not None:
            self._check_limit("max_chars", self.max_chars, 1, MOST_BYTES)

    def check_all(self, values: Sequence[object], where: str) -> list[Value | None]:
        """Return a column of texts; what is ASCII takes as many bytes as it has characters."""
        most = min(self.max_bytes, self.max_bytes if self.max_chars is None else self.max_chars)
        nul = "\0" if self.plain else None
        return [
            value
            if type(value) is str
            and len(value) <= most
            and value.isascii()
            and (nul is None or nul not in value)
            else self.check(value, where)
            for value in values
        ]

    def _accept(self, value: object, where: str) -> Value:
        data = self._encode(value, where)
        if self.max_chars is not None and len(str(value)) > self.max_chars:
            raise InputError(f"{where} must have at most {self.max_chars:,} characters")
        if self.plain and b"\0" in data:
            raise InputError(
                f"{where} must not hold NUL characters",
                hint="some databases cannot keep them in plain text; an encrypted field can",
            )
        return value  # type: ignore[return-value]  # a str: it was encoded as one

    def _read(self, text: str, where: str) -> Value:  # noqa: ARG002
        return text

    def _spell(self, value: Any) -> str:  # noqa: ANN401
        return str(value)


@dataclass(frozen=True, slots=True)
class Bytes(_Sized):
    """Bytes, kept as given: bytes. As text they are standard base64 with its padding.

    Attributes:
        max_bytes: the most bytes, 1 to 16,777,216; by default 1,048,576. Unique ones: 768.
    """

    tag: ClassVar[Tag] = Tag.BYTES
    name: ClassVar[str] = "bytes"

    def _accept(self, value: object, where: str) -> Value:
        return self._encode(value, where)

    def _read(self, text: str, where: str) -> Value:
        try:
            data = base64.b64decode(text.encode("ascii"), validate=True)
            if base64.b64encode(data).decode("ascii") == text:
                return data
        except (binascii.Error, UnicodeEncodeError):
            pass  # raised below: the caught exception may hold the text
        raise InputError(f"{where} must be standard base64, with its padding and nothing else")

    def _spell(self, value: Any) -> str:  # noqa: ANN401
        return base64.b64encode(value).decode("ascii")


@dataclass(frozen=True, slots=True)
class Json(_Sized):
    """A JSON value: dict, list, str, int, float, bool, and None inside of dicts and lists.

    What is stored is a copy with sorted keys. None alone is no value, as in every field.

    Attributes:
        max_bytes: the most bytes its canonical text may take, 1 to 16,777,216; by default
            1,048,576.
    """

    tag: ClassVar[Tag] = Tag.JSON
    name: ClassVar[str] = "json"

    def _check_declaration(self) -> None:
        super(Json, self)._check_declaration()
        if self.unique:
            raise InputError(f"{self.name}: a JSON value cannot be unique")

    def _accept(self, value: object, where: str) -> Value:
        # A copy: the caller may go on changing the value between this check and its encryption.
        return parse_json(self._encode(value, where))

    def _read(self, text: str, where: str) -> Value:
        return read_json(text, where)

    def _spell(self, value: Any) -> str:  # noqa: ANN401
        return canonical_json(value).decode("utf-8")
