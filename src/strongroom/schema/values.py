"""A value's canonical bytes, and a value from them: every value has one spelling and no other.

    tag  type                    bytes
    01   text                    UTF-8 as given, no normalisation; no lone surrogates
    02   integer                 two's complement, as few bytes as hold it, 1 to 512 (zero is 00)
    03   decimal                 sign u8 ‖ exponent i32 ‖ coefficient without leading zero bytes
    04   date                    i32 days since 1970-01-01
    05   datetime without zone   i64 microseconds since 1970-01-01 00:00
    06   datetime with zone      i64 microseconds since 1970-01-01 00:00 UTC ‖ i32 offset, seconds
    07   boolean                 00 or 01
    08   bytes                   as given
    09   JSON                    canonical text, see `json_text`
    0A   float                   IEEE binary64; the one NaN is 7ff8000000000000; -0.0 is kept

A cell's plaintext is ``tag u8 ‖ value``; padded, ``tag | 80 ‖ u32 length ‖ value ‖ zeros``.
Python types are taken exactly, without their subclasses: a bool is no integer and a datetime is
no date. So `encode` is injective, and `decode` accepts nothing that `encode` does not give.

Nothing here raises inside an ``except`` block: the caught exception may hold the value, and would
hang on the new one as its context.
"""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from typing import Any, Final, NamedTuple, TypeAlias

from strongroom.errors import DecryptionError, InputError
from strongroom.schema import number_bytes, time_bytes
from strongroom.schema.json_text import JsonValue, canonical_json, parse_json

__all__ = [
    "JsonValue",
    "Tag",
    "Value",
    "canonical_json",
    "decode",
    "decode_plaintext",
    "decode_plaintexts",
    "encode",
    "encode_all",
    "encode_plain",
    "encode_plaintext",
    "encode_plaintexts",
    "parse_json",
]

Value: TypeAlias = (
    str | int | decimal.Decimal | dt.date | dt.datetime | bool | bytes | float | JsonValue
)
"""What a field may hold. None is the JSON null; a field without a value is `Value | None` too."""

_SOMEWHERE: Final = "the value"
_PADDED: Final = 0x80
_PADDED_HEAD: Final = 5
_LENGTH_BYTES: Final = 4


class Tag(IntEnum):
    """The first byte of a plaintext: which type the value has. Never changed, never reused."""

    TEXT = 0x01
    INTEGER = 0x02
    DECIMAL = 0x03
    DATE = 0x04
    DATETIME = 0x05
    ZONED_DATETIME = 0x06
    BOOLEAN = 0x07
    BYTES = 0x08
    JSON = 0x09
    FLOAT = 0x0A


def encode(tag: Tag, value: object, where: str = _SOMEWHERE) -> bytes:
    """Return the canonical bytes of `value`, without the tag.

    Two values give the same bytes only if they are the same value: -0.0 and 0.0 differ, as do
    ``Decimal("1.0")`` and ``Decimal("1.00")``.

    Args:
        tag: the type that the value must have, exactly.
        value: what is to be encoded.
        where: how an error calls the value, for example ``users.age``.

    Raises:
        InputError: another type, or out of the type's range. The message says the rule.
    """
    return _CODECS[tag].encode(value, where)


def decode(tag: Tag, data: bytes) -> Value:
    """Return the value that `encode` turned into `data`.

    Raises:
        DecryptionError: `encode` never gives these bytes.
    """
    try:
        return _CODECS[tag].decode(data)  # type: ignore[no-any-return]  # Any: one of Value
    except (ValueError, OverflowError):
        pass
    raise DecryptionError


def encode_plaintext(tag: Tag, value: object, pad: int | None = None) -> bytes:
    """Return what a cell encrypts: the tag and the canonical bytes.

    Args:
        tag: the type of the value.
        value: what is to be stored.
        pad: bucket size in bytes. The value is filled with zeros to the smallest positive
            multiple of it, so that lengths within a bucket look alike. None: no padding, and the
            cell shows the length in steps of 16 bytes.

    Raises:
        InputError: the value is not one of that type, or `pad` is not a positive integer.
    """
    data = encode(tag, value)
    if pad is None:
        return _TAG_BYTES[tag] + data
    if type(pad) is not int or pad < 1:
        raise InputError("a bucket size must be a positive integer")
    zeros = max(pad - len(data), -len(data) % pad)
    head = bytes((tag | _PADDED,)) + len(data).to_bytes(_LENGTH_BYTES)
    return b"".join((head, data, bytes(zeros)))


def decode_plaintext(tag: Tag, data: bytes) -> Value:
    """Return the value of a decrypted cell, padded or not.

    Raises:
        DecryptionError: another tag than the field's, a length beyond the end, padding that is
            not all zeros, or bytes that `encode` never gives.
    """
    first = data[:1]
    if first == _TAG_BYTES[tag]:
        return decode(tag, data[1:])
    end = _PADDED_HEAD + int.from_bytes(data[1:_PADDED_HEAD])
    zeros = data[end:]
    if first != bytes((tag | _PADDED,)) or end > len(data) or zeros.count(0) != len(zeros):
        raise DecryptionError
    return decode(tag, data[_PADDED_HEAD:end])


def encode_plaintexts(tag: Tag, values: Sequence[object], pad: int | None) -> list[bytes]:
    """Return what a column of cells encrypts, each as `encode_plaintext`."""
    if pad is not None:
        return [encode_plaintext(tag, value, pad) for value in values]
    first, spell = _TAG_BYTES[tag], _CODECS[tag].encode
    return [first + spell(value, _SOMEWHERE) for value in values]


def decode_plaintexts(tag: Tag, plaintexts: Iterable[bytes]) -> list[Value]:
    """Return the values of a column of decrypted cells, each as `decode_plaintext`.

    Raises:
        DecryptionError: one of them is none.
    """
    first, read = _TAG_BYTES[tag], _CODECS[tag].decode
    try:
        return [
            read(one[1:]) if one[:1] == first else decode_plaintext(tag, one) for one in plaintexts
        ]
    except (ValueError, OverflowError):
        pass
    raise DecryptionError


def encode_plain(tag: Tag, value: object) -> bytes:
    """Return the tag and the canonical bytes: what a record seal covers of a plain field.

    Raises:
        InputError: the value is not one of that type.
    """
    return _TAG_BYTES[tag] + encode(tag, value)


def encode_all(tag: Tag, values: Iterable[object]) -> list[bytes | None]:
    """Return the canonical bytes of a column of values, without the tag, None where it is NULL.

    Raises:
        InputError: as `encode`.
    """
    spell = _CODECS[tag].encode
    return [None if value is None else spell(value, _SOMEWHERE) for value in values]


def _encode_text(value: object, where: str) -> bytes:
    if type(value) is not str:
        raise InputError(f"{where} must be a text")
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError:
        pass
    raise InputError(f"{where} must not hold lone surrogates")


def _decode_text(data: bytes) -> str:
    return data.decode("utf-8")


def _encode_boolean(value: object, where: str) -> bytes:
    if type(value) is not bool:
        raise InputError(f"{where} must be true or false")
    return b"\x01" if value else b"\x00"


def _decode_boolean(data: bytes) -> bool:
    if data not in (b"\x00", b"\x01"):
        raise ValueError
    return data == b"\x01"


def _encode_bytes(value: object, where: str) -> bytes:
    if type(value) is not bytes:
        raise InputError(f"{where} must be bytes")
    return value


def _decode_bytes(data: bytes) -> bytes:
    return data


class _Codec(NamedTuple):
    """How one type is written and read. `decode` raises ValueError or OverflowError."""

    encode: Callable[[object, str], bytes]
    decode: Callable[[bytes], Any]


_TAG_BYTES: Final = {tag: bytes((tag,)) for tag in Tag}
_CODECS: Final = {
    Tag.TEXT: _Codec(_encode_text, _decode_text),
    Tag.INTEGER: _Codec(number_bytes.encode_integer, number_bytes.decode_integer),
    Tag.DECIMAL: _Codec(number_bytes.encode_decimal, number_bytes.decode_decimal),
    Tag.DATE: _Codec(time_bytes.encode_date, time_bytes.decode_date),
    Tag.DATETIME: _Codec(time_bytes.encode_datetime, time_bytes.decode_datetime),
    Tag.ZONED_DATETIME: _Codec(time_bytes.encode_zoned, time_bytes.decode_zoned),
    Tag.BOOLEAN: _Codec(_encode_boolean, _decode_boolean),
    Tag.BYTES: _Codec(_encode_bytes, _decode_bytes),
    Tag.JSON: _Codec(canonical_json, parse_json),
    Tag.FLOAT: _Codec(number_bytes.encode_float, number_bytes.decode_float),
}
