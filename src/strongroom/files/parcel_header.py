"""The first line of a parcel: what it holds, and its key as somebody's key provider wrapped it.

    srp1. ‖ base64(canonical JSON)

    columns   for each column, in the order of the records' values: its name, and its type as in
              the catalogue, or "key" and the type of the primary key's column
    format    1
    parcel    the parcel id, 16 bytes in hexadecimal
    root      the parcel key, wrapped: an envelope as the store's own, with its provider

It is readable to all, and bound to every chunk.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from strongroom.crypto.cell import decode_canonical
from strongroom.errors import DecryptionError, InputError, IntegrityError
from strongroom.files.limits import MOST_COLUMNS
from strongroom.schema.interchange import Column
from strongroom.schema.json_text import canonical_json, parse_json

PREFIX: Final = "srp1."
_FORMAT: Final = 1
_MEMBERS: Final = {"columns", "format", "parcel", "root"}
_ID: Final = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class ParcelHeader:
    """What the header says.

    Attributes:
        id: of the parcel, 16 bytes.
        root: the wrapped key, as JSON values.
        columns: of the records.
    """

    id: bytes
    root: dict[str, Any]
    columns: tuple[Column, ...]

    def line(self) -> str:
        """Return the line, without its end."""
        document = {
            "columns": [column.to_document() for column in self.columns],
            "format": _FORMAT,
            "parcel": self.id.hex(),
            "root": self.root,
        }
        return PREFIX + base64.b64encode(canonical_json(document, "the header")).decode("ascii")

    @classmethod
    def from_line(cls, line: str) -> ParcelHeader:
        """Read a line that `line` gave, believing nothing of it: only its form is checked.

        Raises:
            InputError: it does not begin as one.
            IntegrityError: it has another form, or is of a format that is not known here.
        """
        if not line.startswith(PREFIX):
            raise InputError("the file is no sealed parcel")
        document = _document(line.removeprefix(PREFIX))
        if document is None or "format" not in document:
            _malformed()
        if document["format"] != _FORMAT:
            raise IntegrityError("the parcel has a format that is not known here")
        columns = _columns(document.get("columns"))
        parcel, root = document.get("parcel"), document.get("root")
        if set(document) != _MEMBERS or columns is None or type(root) is not dict:
            _malformed()
        if type(parcel) is not str or not _ID.fullmatch(parcel):
            _malformed()
        return cls(bytes.fromhex(parcel), root, columns)


def _document(spelling: str) -> dict[str, Any] | None:
    raw = decode_canonical(spelling)
    if raw is None:
        return None
    try:
        document = parse_json(raw)
    except DecryptionError:
        return None
    return document if type(document) is dict else None


def _columns(documents: object) -> tuple[Column, ...] | None:
    if type(documents) is not list or not 0 < len(documents) <= MOST_COLUMNS:
        return None
    try:
        columns = tuple(Column.from_document(one) for one in documents)
    except IntegrityError:
        return None
    return columns if len({column.name for column in columns}) == len(columns) else None


def _malformed() -> NoReturn:
    raise IntegrityError("the header of the parcel is malformed")
