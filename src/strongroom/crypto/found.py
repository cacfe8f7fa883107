"""The MAC over an old value as it was found, made before anything is believed about it.

    MAC = HMAC-SHA-512(K, u32 length ‖ identity ‖ kind u8 ‖ bytes)[:32]
    K   = HKDF of label strongroom/1/adopt, with the ids of table and field

    kind  00 NULL, no bytes · 01 text, UTF-8 · 02 bytes · 03 anything else, as the text of its
          exact value: an integer or decimal in digits, a date or time in ISO 8601

While a table is being adopted, this tells the values that were read from those that came later. A
text that merely looks like a cell is a text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, final

from strongroom.crypto.derive import Label, derive
from strongroom.crypto.mac import TAG_BYTES, Mac
from strongroom.crypto.secret import Secret

FOUND_BYTES: Final = TAG_BYTES


@final
class FoundKey:
    """The key of one field's old values under one data key."""

    __slots__ = ("_mac",)

    def __init__(self, data_key: Secret, store_id: bytes, table_id: int, field_id: int) -> None:
        self._mac = Mac(derive(data_key, store_id, Label.ADOPT, table_id, field_id))

    def macs(self, identities: Sequence[bytes], values: Sequence[object]) -> list[bytes]:
        """Return the 32 bytes that stand for each value in its record.

        Args:
            identities: the encoded primary key of each.
            values: what the driver gave for the column.
        """
        both = zip(identities, values, strict=True)
        return self._mac.tags([len(one).to_bytes(4) + one + _encoded(value) for one, value in both])

    def __repr__(self) -> str:
        return "<key of found values>"


def _encoded(value: object) -> bytes:
    if value is None:
        return b"\x00"
    if isinstance(value, str):
        return b"\x01" + value.encode("utf-8", "surrogatepass")
    if isinstance(value, (bytes, bytearray, memoryview)):
        return b"\x02" + bytes(value)
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return b"\x03" + text.encode("utf-8")
