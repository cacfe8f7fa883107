"""How the store key stands in the database, and what a failure to open it means.

    wrapped = the store key under the root key, key id 0, purpose 0 (see crypto.wrap), 96 bytes
    fingerprint = 8 bytes derived from the root key

The unwrap decides, the fingerprint only explains:

    unwrap    fingerprint    verdict
    works     the same       this is the store key
    fails     another        the wrong key: WrongKeyError
    works     another        the record of the store was changed: IntegrityError
    fails     the same       likewise
    any       none           likewise, if the provider is one that holds its root key: it always
                             writes one
    fails     none           the store's provider keeps its key to itself: WrongKeyError
    works     none           the record of the store was changed: IntegrityError
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn

from strongroom.crypto.derive import fingerprint
from strongroom.crypto.secret import Secret
from strongroom.crypto.wrap import STORE_KEY_ID, STORE_KEY_PURPOSE, WRAPPED_BYTES, WrapKey
from strongroom.errors import DecryptionError, IntegrityError, WrongKeyError

HOLDERS: Final = frozenset({"file", "env", "command", "passphrase"})
_MEMBERS: Final = {"provider", "parameters", "fingerprint", "wrapped"}
_SCHEME: Final = re.compile(r"[a-z][a-z0-9]{0,31}")
_PARAMETER: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_MOST_PARAMETERS: Final = 16
_MOST_TEXT: Final = 2048
_BRING_RIGHT_KEY: Final = (
    "bring the key that this store was made with, from where it is kept or from its backup; "
    "nothing was read or changed"
)
_RESTORE: Final = "someone edited the store outside strongroom: restore its record from a backup"


@dataclass(frozen=True, slots=True)
class Envelope:
    """The store key as it stands in the database: wrapped, with what is needed to unwrap it.

    Attributes:
        provider: the scheme of the provider that wrapped it, such as "file".
        parameters: what that provider needs besides the root key; nothing secret.
        fingerprint: 8 bytes of the root key, or None when the provider never shows its key.
        wrapped: the store key under the root key.
    """

    provider: str
    parameters: Mapping[str, int | str]
    fingerprint: bytes | None
    wrapped: bytes = field(repr=False)

    def to_document(self) -> dict[str, object]:
        """Return it as values that JSON can hold: the fingerprint as hex, the wrap as base64."""
        return {
            "provider": self.provider,
            "parameters": dict(self.parameters),
            "fingerprint": None if self.fingerprint is None else self.fingerprint.hex(),
            "wrapped": base64.b64encode(self.wrapped).decode("ascii"),
        }

    @classmethod
    def from_document(cls, document: object) -> Envelope:
        """Read back what `to_document` wrote, believing nothing of it.

        Raises:
            IntegrityError: it has another form. Only its form is checked here.
        """
        if type(document) is not dict or set(document) != _MEMBERS:
            _malformed("its members")
        provider, given = document["provider"], document["fingerprint"]
        if type(provider) is not str or not _SCHEME.fullmatch(provider):
            _malformed("its provider")
        if given is not None and (
            type(given) is not str or not re.fullmatch("[0-9a-f]{16}", given)
        ):
            _malformed("its fingerprint")
        return cls(
            provider,
            _parameters(document["parameters"]),
            None if given is None else bytes.fromhex(given),
            _wrapped(document["wrapped"]),
        )


def seal_store_key(
    root: Secret, scheme: str, parameters: Mapping[str, int | str], store_id: bytes, key: Secret
) -> Envelope:
    """Wrap the store key `key` under `root`.

    Args:
        root: the root key, which the provider holds.
        scheme: of the provider.
        parameters: what the provider has to be told to find `root` again.
        store_id: 16 bytes.
        key: the store key.
    """
    wrapped = WrapKey(root, store_id).wrap(key, STORE_KEY_ID, STORE_KEY_PURPOSE)
    return Envelope(scheme, dict(parameters), fingerprint(root, store_id), wrapped)


def open_store_key(root: Secret, store_id: bytes, envelope: Envelope) -> Secret:
    """Unwrap the store key, or say what is wrong, by the table above.

    Raises:
        WrongKeyError: `root` is not the key that this store was made with.
        IntegrityError: the record of the store was changed.
    """
    given, stored = fingerprint(root, store_id), envelope.fingerprint
    try:
        key = WrapKey(root, store_id).unwrap(envelope.wrapped, STORE_KEY_ID, STORE_KEY_PURPOSE)
    except DecryptionError:
        key = None
    if key is not None and given == stored:
        return key
    # Else whoever breaks the wrap and drops the fingerprint would have a good key thrown away.
    if stored is None and envelope.provider in HOLDERS:
        raise IntegrityError(
            "the store's record of its key was changed: it has lost its fingerprint",
            hint=_RESTORE,
        )
    if key is None and stored is None:
        raise WrongKeyError(
            f"the key with fingerprint {given.hex()} does not open this store, whose key is kept "
            f"by the provider {envelope.provider}",
            hint=_BRING_RIGHT_KEY,
        )
    if key is None and stored is not None and given != stored:
        raise WrongKeyError(
            f"the key with fingerprint {given.hex()} is not this store's, "
            f"which has the fingerprint {stored.hex()}",
            hint=_BRING_RIGHT_KEY,
        )
    part = (
        "its fingerprint is another" if key is not None else "its wrapped store key does not open"
    )
    raise IntegrityError(
        f"the store's record of its key was changed: the root key is the right one, but {part}",
        hint=_RESTORE,
    )


def _parameters(document: object) -> dict[str, int | str]:
    if type(document) is not dict or len(document) > _MOST_PARAMETERS:
        _malformed("its parameters")
    for name, value in document.items():
        if type(name) is not str or not _PARAMETER.fullmatch(name):
            _malformed("the name of a parameter")
        if type(value) is not int and (type(value) is not str or len(value) > _MOST_TEXT):
            _malformed("a parameter")
    return dict(document)


def _wrapped(document: object) -> bytes:
    if type(document) is not str:
        _malformed("its wrapped store key")
    wrapped = decode_wrapped(document)
    if wrapped is None:
        _malformed("its wrapped store key")
    return wrapped


def decode_wrapped(text: str) -> bytes | None:
    """Decode the base64 of a wrapped key; None unless it is the one spelling of 96 bytes."""
    try:
        wrapped = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None
    if len(wrapped) != WRAPPED_BYTES or base64.b64encode(wrapped).decode("ascii") != text:
        return None
    return wrapped


def _malformed(part: str) -> NoReturn:
    raise IntegrityError(f"the store's record of its key is malformed: {part}")
