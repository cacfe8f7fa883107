"""What the arguments of `adopt` say of the values that are there: which columns, scheme, keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from strongroom.cli import terminal
from strongroom.errors import InputError

if TYPE_CHECKING:
    from strongroom.crypto.secret import Secret
    from strongroom.schema.types import FieldType


def check_scheme(scheme: str) -> str:
    """Return the name of a scheme, if there is such a one.

    Raises:
        InputError: there is none.
    """
    from strongroom.crypto.decrepit.schemes import SCHEMES  # noqa: PLC0415
    from strongroom.schema.pending import PLAINTEXT  # noqa: PLC0415

    if scheme != PLAINTEXT and scheme not in SCHEMES:
        raise InputError(
            "there is no such scheme", hint=f"they are: {', '.join((PLAINTEXT, *SCHEMES))}"
        )
    return scheme


def fields_of(arguments: Iterable[str], *, plain: bool) -> dict[str, FieldType | None]:
    """Return the fields that arguments name: ``name,age``, or one as ``born:date,optional``.

    Raises:
        InputError: one is named twice, its type is not one, or stands behind several names.
    """
    from strongroom.schema.types import parse_declaration  # noqa: PLC0415

    found: dict[str, FieldType | None] = {}
    for argument in arguments:
        name, colon, declaration = argument.partition(":")
        named: list[tuple[str, FieldType | None]]
        if colon and "," in name:
            raise InputError(
                "a field with a type needs an option of its own",
                hint="for example: --encrypt name,email --encrypt born:date,optional",
            )
        if colon:
            named = [(name, parse_declaration(declaration + (",plain" if plain else "")))]
        else:
            named = [(one, None) for one in argument.split(",") if one]
        for one, declared in named:
            if one in found:
                raise InputError("a field is named twice")
            found[one] = declared
    return found


def old_keys(scheme: str, places: Iterable[str], named: Iterable[str]) -> tuple[Secret, ...]:
    """Read another scheme's keys from where they are kept.

    Args:
        scheme: its name.
        places: ``file:PATH``, a bare path, ``env:NAME`` or ``prompt:``, one for each key.
        named: ``NAME=PLACE``, what else the scheme needs.

    Raises:
        InputError: the scheme takes no such thing, or this names no place.
        RootKeyError: a key is not where it should be, or is none.
    """
    from strongroom.crypto.decrepit.schemes import SCHEMES, KeyForm  # noqa: PLC0415
    from strongroom.crypto.decrepit.schemes import old_keys as derived  # noqa: PLC0415
    from strongroom.keys.elsewhere import read_elsewhere  # noqa: PLC0415

    known = SCHEMES.get(scheme)
    if known is None:
        if [*places, *named]:
            raise InputError("a plaintext table has no key: leave --from-key out")
        return ()

    def ask() -> str:
        return terminal.secret(f"key of the scheme {scheme}: ", "name a file: --from-key file:PATH")

    extra: dict[str, bytes] = {}
    for one in named:
        name, equals, place = one.partition("=")
        if not equals or name not in (*known.required, *known.optional):
            allowed = ", ".join((*known.required, *known.optional)) or "none"
            raise InputError(f"{scheme} has no such option", hint=f"its options: {allowed}")
        extra[name] = read_elsewhere(place, raw=False, ask=ask)
    raw = known.key_form is KeyForm.RAW
    return derived(scheme, [read_elsewhere(one, raw=raw, ask=ask) for one in places], **extra)
