"""A record's identity: the bytes that bind its cells and its seal to its primary key.

    u8 column count, 1 to 255 ‖ for each column:  type u8 ‖ u32 length ‖ bytes

    type 01 integer   i64, 8 bytes
    type 02 text      UTF-8 as given, no normalisation; no lone surrogates
    type 03 UUID      16 bytes, in the order of its text
    type 04 bytes     as given

The types are frozen when a table is created or adopted, so one key has one spelling for ever.
Every part states its length: no two keys give the same bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any, Final, NamedTuple
from uuid import UUID

from strongroom.errors import DecryptionError, InputError

MOST_COLUMNS: Final = 255

_PART: Final = struct.Struct(">BI")
_LENGTH_BYTES: Final = 4
_INTEGER: Final = struct.Struct(">q")
_ONE_INTEGER: Final = bytes.fromhex("010100000008")
"""What stands before the 8 bytes of a key that is one integer."""
_LARGEST: Final = (1 << 63) - 1


class KeyType(IntEnum):
    """The type of one column of a primary key. Never changed, never reused.

    Its name in small letters is how catalogues and messages call it.
    """

    INTEGER = 0x01
    TEXT = 0x02
    UUID = 0x03
    BYTES = 0x04


def encode_identity(types: Sequence[KeyType], key: Sequence[object]) -> bytes:
    """Return the identity of the record with the primary key `key`.

    Python types are taken exactly: a bool is no integer, a text of digits is none either.

    Args:
        types: the types of the key's columns, in the order of the key, 1 to 255.
        key: one value for each of them: int, str, UUID or bytes.

    Raises:
        InputError: another number of values, another type, an integer outside 64 bits with sign
            (an unsigned one from 2^63 among them), or a text with lone surrogates.
    """
    if not 1 <= len(types) <= MOST_COLUMNS:
        raise InputError(f"a primary key has 1 to {MOST_COLUMNS} columns")
    if len(key) != len(types):
        raise InputError("the primary key must have one value for each of its columns")
    parts = [bytes((len(types),))]
    for key_type, value in zip(types, key, strict=True):
        data = _CODECS[key_type].encode(value)
        parts += (_TYPE_BYTES[key_type], len(data).to_bytes(_LENGTH_BYTES), data)
    return b"".join(parts)


def encode_identities(types: Sequence[KeyType], keys: Sequence[Sequence[object]]) -> list[bytes]:
    """Return the identity of each record, as `encode_identity` does.

    Raises:
        InputError: as `encode_identity`.
    """
    if tuple(types) == (KeyType.INTEGER,) and all(len(key) == 1 for key in keys):
        numbers = [key[0] for key in keys]
        if set(map(type, numbers)) <= {int}:
            try:
                return [_ONE_INTEGER + one for one in map(_INTEGER.pack, numbers)]
            except struct.error:
                pass  # said below, in words
    return [encode_identity(types, key) for key in keys]


def decode_identity(data: bytes) -> tuple[tuple[KeyType, ...], tuple[object, ...]]:
    """Return the types and the values that `encode_identity` turned into `data`.

    Raises:
        DecryptionError: `encode_identity` never gives these bytes.
    """
    try:
        return _decode(data)
    except (ValueError, IndexError, struct.error):
        pass  # raised below: the caught exception may hold the key
    raise DecryptionError


def _decode(data: bytes) -> tuple[tuple[KeyType, ...], tuple[object, ...]]:
    types, key = [], []
    at = 1
    for _ in range(data[0]):
        number, length = _PART.unpack_from(data, at)
        at += _PART.size
        types.append(KeyType(number))
        key.append(_CODECS[types[-1]].decode(data[at : at + length]))
        at += length
    if not types or at != len(data):
        raise ValueError
    return tuple(types), tuple(key)


def _encode_integer(value: object) -> bytes:
    if type(value) is not int:
        raise InputError("the primary key must be an integer")
    if not -_LARGEST - 1 <= value <= _LARGEST:
        raise InputError("the primary key must fit in 64 bits with its sign")
    return _INTEGER.pack(value)


def _decode_integer(data: bytes) -> int:
    value: int = _INTEGER.unpack(data)[0]
    return value


def _encode_text(value: object) -> bytes:
    if type(value) is not str:
        raise InputError("the primary key must be a text")
    try:
        return value.encode("utf-8")
    except UnicodeEncodeError:
        pass  # raised below: the caught exception holds the key
    raise InputError("the primary key must not hold lone surrogates")


def _decode_text(data: bytes) -> str:
    return data.decode("utf-8")


def _encode_uuid(value: object) -> bytes:
    if type(value) is not UUID:
        raise InputError("the primary key must be a UUID")
    return value.bytes


def _decode_uuid(data: bytes) -> UUID:
    return UUID(bytes=data)  # refuses any other length than 16


def _encode_bytes(value: object) -> bytes:
    if type(value) is not bytes:
        raise InputError("the primary key must be bytes")
    return value


def _decode_bytes(data: bytes) -> bytes:
    return data


class _Codec(NamedTuple):
    encode: Callable[[object], bytes]
    decode: Callable[[bytes], Any]


_TYPE_BYTES: Final = {key_type: bytes((key_type,)) for key_type in KeyType}
_CODECS: Final = {
    KeyType.INTEGER: _Codec(_encode_integer, _decode_integer),
    KeyType.TEXT: _Codec(_encode_text, _decode_text),
    KeyType.UUID: _Codec(_encode_uuid, _decode_uuid),
    KeyType.BYTES: _Codec(_encode_bytes, _decode_bytes),
}
