"""A parcel whose every byte is known, for the tests of parcels."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any, Final

from strongroom.crypto.secret import Secret
from strongroom.files.parcel import open_parcel, open_parcel_target
from strongroom.files.source import Item
from strongroom.files.target import Column
from strongroom.schema.identity import KeyType
from strongroom.schema.types import Text
from tests.files.attempts import Stream

KEY: Final = bytes(range(0x40, 0x60))
ID: Final = bytes(range(0xA0, 0xB0))
ROOT: Final = {"provider": "file", "parameters": {}, "fingerprint": "00" * 8, "wrapped": "…"}
PEOPLE: Final = [Column("id", KeyType.INTEGER), Column("name", Text(optional=True))]
TEXT_TYPE: Final = '{"max_bytes":1048576,"optional":true,"pad":null,"plain":false,"type":"text"}'
DOCUMENT: Final = (
    f'{{"columns":[{{"key":"integer","name":"id"}},{{"name":"name","type":{TEXT_TYPE}}}],'
    '"format":1,"parcel":"a0a1a2a3a4a5a6a7a8a9aaabacadaeaf","root":{"fingerprint":'
    '"0000000000000000","parameters":{},"provider":"file","wrapped":"…"}}'
)
HEADER: Final = b"srp1." + base64.b64encode(DOCUMENT.encode())
RECORDS: Final = b'{"id":1,"name":"Ada Lovelace"}\n{"id":2,"name":null}\n'
IV: Final = bytes(range(0x80, 0x90))


def written(
    rows: list[Any], columns: list[Column] = PEOPLE, key: bytes = KEY, name: bytes = ID
) -> bytes:
    out = io.BytesIO()
    with open_parcel_target(None, columns, Secret(key), name, ROOT, stream=out) as target:
        target.write(rows)
    return out.getvalue()


def read(data: bytes, key: bytes = KEY) -> Iterator[Item]:
    with open_parcel(None, stream=Stream([data])) as parcel:  # type: ignore[arg-type]
        yield from parcel.unlock(Secret(key))


def records(data: bytes) -> list[tuple[object, ...]]:
    return [tuple((item.values or {}).values()) for item in read(data)]
