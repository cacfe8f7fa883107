"""What the tests of files share: a source from bytes, and what a refusal must look like."""

from __future__ import annotations

import io
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import pytest

from strongroom.errors import StrongroomError
from strongroom.files.reading import open_source
from strongroom.files.source import Item

CANARY: Final = "Lovelace"
"""In what is refused: it may occur in no error."""


class Stream(io.RawIOBase):
    """A pipe whose bytes are made while it is read, and are nowhere as a whole."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(piece for piece in pieces if piece)
        self._rest = b""
        self.given = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        while not self._rest:
            self._rest = next(self._pieces, b"")
            if not self._rest:
                return b""
        piece = self._rest[: size if size >= 0 else None]
        self._rest = self._rest[len(piece) :]
        self.given += len(piece)
        return piece


def items(data: bytes | Iterable[bytes], kind: str = "csv", **options: Any) -> list[Item]:
    return list(stream(data, kind, **options))


def stream(data: bytes | Iterable[bytes], kind: str = "csv", **options: Any) -> Iterator[Item]:
    pieces = [data] if isinstance(data, bytes) else data
    source = open_source(None, kind=kind, stream=Stream(pieces), **options)  # type: ignore[arg-type]
    yield from source


def refusal(
    attempt: Callable[[], object], kind: type[StrongroomError], message: str, hint: str | None = ""
) -> None:
    """Make an attempt that must be refused with exactly this message.

    Nothing of the file is in what is printed of the error, and no other error hangs on it.
    """
    with pytest.raises(kind) as caught:
        attempt()
    error = caught.value
    assert str(error) == message
    if hint != "":
        assert error.hint == hint
    assert error.__cause__ is None
    assert error.__context__ is None or error.__suppress_context__
    # OSError and KeyError may be there and are not shown; what holds the file's text may not be.
    assert not isinstance(error.__context__, ValueError | SyntaxError)
    shown = traceback.TracebackException(type(error), error, None)  # without lines of the tests
    assert CANARY not in "".join(shown.format())


def until_refused(
    found: Iterable[Item], kind: type[StrongroomError] = StrongroomError
) -> list[Item]:
    """Return what was given before the refusal."""
    given: list[Item] = []
    with pytest.raises(kind):
        given.extend(found)  # keeps what came before the error
    return given
