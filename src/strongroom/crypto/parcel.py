"""The chunks of a parcel: suite 1, each bound to its parcel, its header, its number and the end.

    line = base64(IV[16] ‖ CT ‖ T[32])
    key  = derived from the parcel key with strongroom/1/parcel, the parcel id being the salt
    A    = "strongroom/1/parcel" ‖ 00 ‖ parcel id[16] ‖ SHA-512(header line)[64]
           ‖ u64 number ‖ u8 last

Chunks are numbered from 1; `last` is 01 for the last chunk and 00 for all others. So no chunk can
be changed, moved, left out, repeated or added, no header changed, and no end be missing.
"""

from __future__ import annotations

import base64
import struct
from typing import Final, NoReturn, final

from cryptography.hazmat.primitives.hashes import SHA512, Hash

from strongroom.crypto.aead import SMALLEST, AeadKey
from strongroom.crypto.cell import decode_canonical
from strongroom.crypto.derive import Label, derive
from strongroom.crypto.secret import Secret
from strongroom.errors import DecryptionError

MOST_BYTES: Final = 256 * 1024
"""Of a chunk's plaintext."""
MOST_CHARACTERS: Final = (SMALLEST + MOST_BYTES + 2) // 3 * 4
"""Of a chunk's line, without its end."""
_PLACE: Final = struct.Struct(">QB")


@final
class ParcelKey:
    """The key of all chunks of one parcel, under one header."""

    __slots__ = ("_aead", "_bound")

    def __init__(self, parcel_key: Secret, parcel_id: bytes, header: bytes) -> None:
        """Derive the key.

        Args:
            parcel_key: of this parcel alone.
            parcel_id: 16 bytes.
            header: the first line, without its end.
        """
        self._aead = AeadKey(derive(parcel_key, parcel_id, Label.PARCEL))
        digest = Hash(SHA512())
        digest.update(header)
        label = Label.PARCEL.value[0].encode("ascii")
        self._bound = label + b"\x00" + parcel_id + digest.finalize()

    def seal(self, chunk: bytes, number: int, *, last: bool) -> str:
        """Return the line of a chunk, without its end. Every call draws a new IV.

        Args:
            chunk: at most 256 KiB.
            number: of the chunk, from 1.
            last: whether it is the last one.

        Raises:
            ValueError: the chunk is longer.
        """
        if len(chunk) > MOST_BYTES:
            raise ValueError("a chunk holds at most 256 KiB")
        sealed = self._aead.encrypt(chunk, self._bound + _PLACE.pack(number, last))
        return base64.b64encode(sealed).decode("ascii")

    def open(self, line: str, number: int, *, last: bool) -> bytes:
        """Return the chunk of a line that has exactly this place.

        Raises:
            DecryptionError: another key, parcel, header or place, or a changed line.
        """
        sealed = decode_canonical(line) if len(line) <= MOST_CHARACTERS else None
        if sealed is None:
            raise DecryptionError
        return self._aead.verify(sealed, self._bound + _PLACE.pack(number, last)).decrypt()

    def __repr__(self) -> str:
        return "<parcel key>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key cannot be pickled or copied")
