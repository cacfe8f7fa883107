"""What an old value of a column says: in plaintext, or in the scheme of another library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from strongroom.crypto.decrepit.schemes import SCHEMES
from strongroom.crypto.decrepit.spelling import fit
from strongroom.errors import InputError
from strongroom.keys.keyring import Keyring
from strongroom.schema.pending import PLAINTEXT, Pending
from strongroom.schema.table import Field
from strongroom.schema.values import Value

Opener = Callable[[Field, Any], Value | None]
"""Turns what the driver gave for an old value into the field's; raises what it cannot turn."""


def check_keys(scheme: str, count: int) -> None:
    """Refuse a scheme that is none, and any number of keys that it does not take.

    Raises:
        InputError: it is so.
    """
    if scheme == PLAINTEXT:
        if count:
            raise InputError("a plaintext table has no key", hint="name the scheme: --from SCHEME")
        return
    known = SCHEMES.get(scheme)
    if known is None:
        raise InputError("there is no such scheme", hint=f"they are: {', '.join(SCHEMES)}")
    if not known.takes(count):
        raise InputError(
            f"values of the scheme {scheme} do not open without its key",
            hint="say where it is: --from-key file:PATH, env:NAME or prompt:",
        )


def opener(pending: Pending, keyring: Keyring) -> Opener:
    """Return what turns the old values of a table into values of its fields.

    Raises:
        DecryptionError: a key that the adoption needs is gone from the keyring.
    """
    if pending.scheme == PLAINTEXT:
        return lambda field, raw: value_of(pending.table.name, field, raw)
    scheme = SCHEMES[pending.scheme]
    keys = tuple(keyring.legacy_key(one) for one in pending.legacy_keys)

    def opened(field: Field, raw: Any) -> Value | None:  # noqa: ANN401  # what the driver gave
        return value_of(pending.table.name, field, fit(scheme.open(keys, raw), field.type.name))

    return opened


def value_of(table: str, field: Field, raw: Any) -> Value | None:  # noqa: ANN401
    """Return the field's value that a driver's or another library's value stands for.

    A text stands for what the field's type reads in it; anything else has to be of the type.

    Raises:
        InputError: it stands for none, by the rule that it breaks.
    """
    where = f"{table}.{field.name}"
    if isinstance(raw, (bytearray, memoryview)):
        raw = bytes(raw)
    elif isinstance(raw, UUID):
        raw = str(raw)
    if type(raw) is str:
        return field.type.parse(raw, where)
    if field.type.name == "boolean" and type(raw) is int:
        if raw not in (0, 1):
            raise InputError(f"{where} must be 0 or 1 to stand for a truth value")
        raw = bool(raw)
    return field.type.check(raw, where)
