"""Which kind of file a name means, and which files are compressed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

from strongroom.errors import InputError

KINDS: Final = ("csv", "tsv", "jsonl", "json", "parquet", "xlsx")

_SUFFIXES: Final = {f".{kind}": kind for kind in KINDS} | {".ndjson": "jsonl"}
_COMPRESSED: Final[Mapping[str, tuple[bytes, ...]]] = {
    "gzip": (b"\x1f\x8b",),
    "zip": (b"PK\x03\x04", b"PK\x05\x06"),
    # The letters "BZh" alone may begin a text: the number that follows tells.
    "bzip2": tuple(
        b"BZh%d%s" % (level, number)
        for level in range(1, 10)
        for number in (b"1AY&SY", b"\x17rE8P\x90")
    ),
    "xz": (b"\xfd7zXZ\x00",),
    "zstd": (b"\x28\xb5\x2f\xfd",),
}
_PACKED_SUFFIXES: Final = {
    ".gz": "gzip",
    ".zip": "zip",
    ".bz2": "bzip2",
    ".xz": "xz",
    ".zst": "zstd",
}
_HINT: Final = f"--format {'|'.join(KINDS)}"


def kind_of(path: str | None, kind: str | None) -> str:
    """Return the kind that was given, or else the one that the path's suffix names.

    Args:
        path: of the file, None for standard input or output.
        kind: one of `KINDS`, or None.

    Raises:
        InputError: neither names a kind.
    """
    if kind is not None:
        if kind in KINDS:
            return kind
        raise InputError("there is no such format", hint=_HINT)
    if path is None:
        raise InputError("standard input and output have no suffix to tell a format", hint=_HINT)
    suffix = PurePath(path).suffix.lower()
    if suffix in _PACKED_SUFFIXES:
        _refuse(_PACKED_SUFFIXES[suffix])
    if suffix not in _SUFFIXES:
        raise InputError("the suffix of the file names no format", hint=_HINT)
    return _SUFFIXES[suffix]


def check_not_compressed(head: bytes) -> None:
    """Refuse a file that starts as compressed ones do.

    Raises:
        InputError: it is compressed. A small file that unpacks to a huge one is not unpacked.
    """
    for name, starts in _COMPRESSED.items():
        if head.startswith(starts):
            _refuse(name)


def _refuse(name: str) -> None:
    raise InputError(f"the file is compressed ({name})", hint="unpack it first")
