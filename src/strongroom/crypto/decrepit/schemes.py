"""The closed list of what can be read: each scheme's key, and how its values open.

    legacy                           raw 32 bytes    not authenticated
    fernet                           base64url       content: bytes
    sqlalchemy-utils-aes-naive       a text          not authenticated   (also -pkcs5, -zeroes and
                                                                          -oneandzeroes)
    sqlalchemy-utils-aes-gcm         a text
    sqlalchemy-utils-fernet          a text
    django-cryptography              SECRET_KEY      content: text, bytes, number, date, decimal
    django-fernet-fields             SECRET_KEY, or one of FERNET_KEYS
    django-fernet-encrypted-fields   SECRET_KEY, and SALT_KEY as the option `salt`

Content is text where nothing else is said. Whether a column was padded with stars or otherwise is
part of a scheme's name, so that a name and its keys are all that reading takes. Nothing here binds
a value to its row, and the unauthenticated ones prove nothing at all: see `decrepit.legacy`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

from strongroom.crypto.decrepit import django_cryptography, fernet, sqlalchemy_engines
from strongroom.crypto.decrepit.legacy import open_unauthenticated_legacy
from strongroom.crypto.decrepit.spelling import Opened
from strongroom.crypto.decrepit.stored import stored_text
from strongroom.crypto.secret import KEY_BYTES, Secret
from strongroom.errors import DecryptionError, InputError

__all__ = ["SCHEMES", "KeyForm", "Opened", "Scheme", "old_keys"]


class KeyForm(Enum):
    """In which form the key material of a scheme is given."""

    RAW = "32 raw bytes"
    BASE64URL = "url-safe base64 of 32 bytes"
    TEXT = "a text of any length, in UTF-8"


@dataclass(frozen=True, slots=True)
class Scheme:
    """How the values of one writer are opened.

    Attributes:
        name: the word after ``--from``.
        writer: what wrote it, for people.
        key_form: the form of its key material.
        authenticated: whether a value proves that a holder of the key wrote it. If not, a changed
            one, or one under another key, is often refused and sometimes opens as something else.
        secrets: how many keys of 32 bytes `derive` makes of one key material.
        required: the names of the options that `derive` must have beside the material.
        optional: the names of those that it may have.
    """

    name: str
    writer: str
    key_form: KeyForm
    authenticated: bool
    _derive: Callable[..., tuple[Secret, ...]]
    _open: Callable[[tuple[Secret, ...], object], Opened | None]
    secrets: int = 1
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    def derive(self, material: bytes, **options: bytes) -> tuple[Secret, ...]:
        """Return the keys that open this scheme's values: all that has to be kept for it.

        Args:
            material: the key as its owner holds it, in `key_form`, taken exactly: nothing is cut
                off, not even a newline at its end.
            options: those that `required` and `optional` name.

        Returns:
            `self.secrets` keys, whose order matters.

        Raises:
            InputError: not of that form, empty, an unknown option, or one is missing.
        """
        for option in options:
            if option not in self.required + self.optional:
                raise InputError(f"the scheme {self.name} has no option {option}")
        for option in self.required:
            if not options.get(option):
                raise InputError(f"the scheme {self.name} needs the option {option}")
        if not material:
            raise InputError(f"the key of the scheme {self.name} is empty")
        return self._derive(material, **options)

    def takes(self, count: int) -> bool:
        """Say whether so many keys are those of one key material, or of several where that may be.

        A scheme that proves nothing takes one: a wrong key might seem to fit.
        """
        whole = count > 0 and count % self.secrets == 0
        return whole and (self.authenticated or count == self.secrets)

    def open(self, keys: Secret | tuple[Secret, ...], value: object) -> Opened:
        """Decrypt what a column holds.

        Args:
            keys: what `derive` returned. Where the scheme is authenticated, those of several key
                materials one after the other: each is tried, the first one that fits opens.
            value: as the driver gives it: str, bytes, bytearray or memoryview. At most 32 MiB are
                looked at. White space around a text is allowed.

        Returns:
            The content, of the type that the module's docstring names.

        Raises:
            DecryptionError: it does not open, always with the same text and no cause.
            ValueError: a wrong number of keys.
        """
        keys = (keys,) if isinstance(keys, Secret) else keys
        groups = [keys[at : at + self.secrets] for at in range(0, len(keys), self.secrets)]
        if not self.takes(len(keys)):
            raise ValueError(f"the scheme {self.name} was given {len(keys)} keys")
        for group in groups:
            opened = self._open(group, value)
            if opened is not None:
                return opened
        raise DecryptionError


def _single(derive: Callable[..., Secret]) -> Callable[..., tuple[Secret, ...]]:
    return lambda material, **options: (derive(material, **options),)


def _with_one(
    reader: Callable[[Secret, object], Opened | None],
) -> Callable[[tuple[Secret, ...], object], Opened | None]:
    return lambda keys, value: reader(keys[0], value)


def _legacy_key(material: bytes) -> Secret:
    if len(material) != KEY_BYTES:
        raise InputError("the key of the scheme legacy must be exactly 32 bytes")
    return Secret(material)


def _open_legacy(key: Secret, value: object) -> str | None:
    text = stored_text(value)
    try:
        return None if text is None else open_unauthenticated_legacy(key, text)
    except DecryptionError:
        return None


_AES: Final = {
    "naive": sqlalchemy_engines.open_unauthenticated_naive,
    "pkcs5": sqlalchemy_engines.open_unauthenticated_pkcs5,
    "zeroes": sqlalchemy_engines.open_unauthenticated_zeroes,
    "oneandzeroes": sqlalchemy_engines.open_unauthenticated_one_and_zeroes,
}

_ALL: Final = (
    Scheme(
        "legacy",
        "the legacy scheme: AES-256-CBC without authentication",
        KeyForm.RAW,
        authenticated=False,
        _derive=_single(_legacy_key),
        _open=_with_one(_open_legacy),
    ),
    Scheme(
        "fernet",
        "columns of Fernet tokens, and django-fernet-fields with FERNET_USE_HKDF = False",
        KeyForm.BASE64URL,
        authenticated=True,
        _derive=_single(fernet.fernet_key),
        _open=_with_one(fernet.open_token),
    ),
    *(
        Scheme(
            f"sqlalchemy-utils-aes-{padding}",
            f"SQLAlchemy-Utils, AesEngine, padding {padding}",
            KeyForm.TEXT,
            authenticated=False,
            _derive=_single(fernet.hashed_key),
            _open=_with_one(reader),
        )
        for padding, reader in _AES.items()
    ),
    Scheme(
        "sqlalchemy-utils-aes-gcm",
        "SQLAlchemy-Utils, AesGcmEngine",
        KeyForm.TEXT,
        authenticated=True,
        _derive=_single(fernet.hashed_key),
        _open=_with_one(sqlalchemy_engines.open_gcm),
    ),
    Scheme(
        "sqlalchemy-utils-fernet",
        "SQLAlchemy-Utils, FernetEngine",
        KeyForm.TEXT,
        authenticated=True,
        _derive=_single(fernet.hashed_key),
        _open=_with_one(fernet.open_text_token),
    ),
    Scheme(
        "django-cryptography",
        "django-cryptography and its forks, encrypt() fields",
        KeyForm.TEXT,
        authenticated=True,
        _derive=django_cryptography.django_cryptography_keys,
        _open=django_cryptography.open_signed_pickle,
        secrets=3,
        optional=("salt", "cryptography_key"),
    ),
    Scheme(
        "django-fernet-fields",
        "django-fernet-fields and its forks",
        KeyForm.TEXT,
        authenticated=True,
        _derive=_single(fernet.fernet_fields_key),
        _open=_with_one(fernet.open_text_token),
    ),
    Scheme(
        "django-fernet-encrypted-fields",
        "django-fernet-encrypted-fields",
        KeyForm.TEXT,
        authenticated=True,
        _derive=_single(fernet.fernet_encrypted_fields_key),
        _open=_with_one(fernet.open_text_token),
        required=("salt",),
    ),
)

SCHEMES: Final[Mapping[str, Scheme]] = MappingProxyType({one.name: one for one in _ALL})


def old_keys(scheme: str, materials: Sequence[bytes], **options: bytes) -> tuple[Secret, ...]:
    """Return the keys of a scheme, for adopting what was written under them.

    Args:
        scheme: its name in `SCHEMES`.
        materials: each key as its owner holds it; several only of an authenticated scheme.
        options: what else the scheme needs, such as ``salt``.

    Raises:
        InputError: there is no such scheme, or a key is not of its form.
    """
    known = SCHEMES.get(scheme)
    if known is None:
        raise InputError("there is no such scheme", hint=f"they are: {', '.join(SCHEMES)}")
    if len(materials) > 1 and not known.authenticated:
        raise InputError(f"the scheme {scheme} proves nothing, so it takes one key alone")
    return tuple(key for one in materials for key in known.derive(one, **options))
