"""The store document: catalogue and keyring as one canonical, authenticated text.

document = canonical JSON of {"catalogue", "format": 1, "generation", "keys", "root", "store"}
MAC      = HMAC-SHA-512(document key, UTF-8 bytes of the document)[:32]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from strongroom.crypto.document import check_document, document_mac
from strongroom.crypto.secret import Secret
from strongroom.errors import DecryptionError, IntegrityError
from strongroom.keys.keyring import Keyring
from strongroom.schema.catalogue import Catalogue
from strongroom.schema.values import canonical_json, parse_json

FORMAT: Final = 1


@dataclass(frozen=True)
class State:
    """What a store document says: never changed, only replaced by one of a higher generation."""

    store_id: bytes
    generation: int
    catalogue: Catalogue
    keyring: Keyring
    root: Mapping[str, Any]  # which provider wraps the store key, and its parameters
    mac: bytes = b""  # of the document that this was read from: two of one generation may differ

    def next(self, *, catalogue: Catalogue | None = None, keyring: Keyring | None = None) -> State:
        """Return the state of the next generation, with what is given replaced."""
        return replace(
            self,
            generation=self.generation + 1,
            catalogue=self.catalogue if catalogue is None else catalogue,
            keyring=self.keyring if keyring is None else keyring,
            mac=b"",
        )


def write_document(state: State, store_key: Secret) -> tuple[str, bytes]:
    """Return the document's text and its MAC."""
    document = canonical_json(
        {
            "format": FORMAT,
            "store": state.store_id.hex(),
            "generation": state.generation,
            "catalogue": state.catalogue.to_document(),
            "keys": state.keyring.to_document(),
            "root": dict(state.root),
        }
    )
    return document.decode("utf-8"), document_mac(store_key, state.store_id, document)


def read_document(store_id: bytes, store_key: Secret, document: str, mac: bytes) -> State:
    """Authenticate a document, then read it.

    Raises:
        IntegrityError: it was not written by a holder of the store key, or by a newer strongroom.
    """
    try:
        data = document.encode("utf-8")
        check_document(store_key, store_id, data, mac)
        content = parse_json(data)
    except (DecryptionError, UnicodeEncodeError):
        raise IntegrityError(
            "the store document was changed outside strongroom",
            hint="restore the database from a backup, or the table strongroom_store alone",
        ) from None
    # From here on a holder of the store key wrote it: what does not fit is another version's.
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise IntegrityError(
            "the store document has a format that this version does not know",
            hint="upgrade strongroom",
        )
    generation, root = content["generation"], content["root"]
    if content["store"] != store_id.hex() or type(generation) is not int or type(root) is not dict:
        raise IntegrityError("the store document belongs to another store")
    return State(
        store_id,
        generation,
        Catalogue.from_document(content["catalogue"]),
        Keyring.from_document(store_id, store_key, content["keys"]),
        root,
        mac,
    )
