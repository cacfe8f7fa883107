"""The key of another scheme, as its owner keeps it: read once, for adopting what it encrypted.

    file:PATH    the content of a private file; a bare path means the same
    env:NAME     the value of an environment variable
    prompt:      typed without echo

A raw key is exactly 32 bytes: in a file as they are, elsewhere as base64 or hex. A text may end
with one newline in a file, as editors leave it, which is not part of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from strongroom.errors import InputError, KeyMissingError, KeyRefusedError
from strongroom.keys.material import Fault, from_raw, from_text, looks_like_key
from strongroom.keys.private import PrivateFile

_MOST_BYTES: Final = 64 * 1024
_MISSING: Final = "name the file that holds the old key"
_HINT: Final = "use file:PATH, env:NAME or prompt:"


def read_elsewhere(place: str, *, raw: bool, ask: Callable[[], str]) -> bytes:
    """Return the key material that `place` names.

    Args:
        place: as in the list above. It may be the key itself by mistake, so no error repeats it.
        raw: whether it is a key of 32 bytes, and not a text.
        ask: types it without echo, for ``prompt:``.

    Raises:
        InputError: this names no place.
        RootKeyError: there is nothing, or it is no such key.
    """
    scheme, colon, rest = place.partition(":")
    if not colon:
        scheme, rest = "file", place
    if looks_like_key(place) or looks_like_key(rest):
        raise InputError("name the place of the old key, not the key", hint=_HINT)
    if not (raw or colon or os.path.lexists(rest)):  # a text key may look like anything
        raise KeyMissingError("there is no file of that name for the old key", hint=_HINT)
    if scheme == "file":
        return _from_file(rest, raw=raw)
    if scheme == "env":
        return _from_text(_variable(rest), raw=raw)
    if scheme == "prompt" and not rest:
        return _from_text(ask().encode("utf-8", "surrogateescape"), raw=raw)
    raise InputError("this names no place of a key", hint=_HINT)


def _from_file(path: str, *, raw: bool) -> bytes:
    file = PrivateFile(path, "key file", _MISSING)
    with file.folder() as folder, file.opened(folder) as descriptor:
        content = file.read(descriptor, _MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise KeyRefusedError(f"{file.shown} is too long for a key")
    if raw:
        outcome = from_raw(content)
        if isinstance(outcome, Fault):
            raise KeyRefusedError(f"{file.shown} {outcome.reason}", hint=outcome.hint)
        return outcome.reveal()
    return content.removesuffix(b"\n")


def _variable(name: str) -> bytes:
    value = os.environb.get(name.encode("utf-8", "surrogateescape"))
    if not value:
        raise KeyMissingError("the environment variable of the old key is not set, or empty")
    return value


def _from_text(content: bytes, *, raw: bool) -> bytes:
    if not raw:
        return content
    outcome = from_text(content)
    if isinstance(outcome, Fault):
        raise KeyRefusedError(f"the old key {outcome.reason}", hint=outcome.hint)
    return outcome.reveal()
