"""A file that is to be imported, opened: what kind it is, and of a parcel its key."""

from __future__ import annotations

import os
import stat
import sys
from typing import BinaryIO, Final

from strongroom.crypto.secret import Secret
from strongroom.errors import InputError, WrongKeyError, errno_name, shown_path
from strongroom.files.parcel import Parcel, open_parcel
from strongroom.files.parcel_header import PREFIX
from strongroom.files.reading import open_source
from strongroom.files.source import Source
from strongroom.jobs.exchange.options import ImportOptions
from strongroom.keys.provider import Envelope, Provider, open_provider

_FOR: Final = {
    "encoding": ("csv", "tsv", "jsonl", "json"),
    "delimiter": ("csv", "tsv"),
    "null": ("csv", "tsv"),
    "spreadsheet": ("csv", "tsv", "xlsx"),
    "sheet": ("xlsx",),
}
STDIN: Final = "-"
PLACES: Final = {"xlsx": "row", "parquet": "record", "parcel": "record"}
"""What `Item.line` counts, where that is not lines."""


def piped(path: str) -> bool:
    """Tell whether a path names a pipe or a device, which can be read once only, as ``-`` does."""
    if path == STDIN:
        return True
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116  # as the reader names it
    except (OSError, ValueError):
        return False  # the reader will say why
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def opened_pipe(path: str) -> BinaryIO:
    """Open a pipe or a device by its path.

    Raises:
        InputError: it cannot be opened.
    """
    try:
        return open(path, "rb")  # noqa: PTH123  # the caller closes it
    except OSError as error:
        name = errno_name(error)
    raise InputError(f"the file {shown_path(path)} cannot be opened ({name})")


def open_file(path: str | None, options: ImportOptions, stream: BinaryIO | None = None) -> Source:
    """Open a file for reading, once.

    Args:
        path: of the file, or None for standard input.
        options: how it is to be read.
        stream: what is read instead of standard input; it can be looked into (`peek`).

    Raises:
        InputError: it cannot be opened or read so, or it is a parcel and no key was named.
        RootKeyError: the key is not the parcel's, or cannot be used.
    """
    if path is None and stream is None:
        stream = sys.stdin.buffer
    if _is_parcel(path, stream):
        return _unlocked(path, options, stream)
    if options.parcel_key is not None:
        raise InputError("the file is no sealed parcel", hint="leave out --parcel-key")
    source = open_source(
        path,
        kind=options.format,
        encoding=options.encoding,
        delimiter=options.delimiter,
        null=options.null,
        spreadsheet=options.spreadsheet,
        sheet=options.sheet,
        columns=options.columns,
        stream=stream,
    )
    try:
        _check_fits(source.kind, options)
    except InputError:
        source.close()
        raise
    return source


def _check_fits(kind: str, options: ImportOptions) -> None:
    """Refuse options that this kind of file has no use for: they were meant to do something."""
    for name, kinds in _FOR.items():
        if getattr(options, name) and kind not in kinds:
            raise InputError(f"--{name} is for {', '.join(kinds)}, and the file is {kind}")


def place(source: Source, line: int) -> str:
    """Return how a record of a file is called."""
    return f"{PLACES.get(source.kind, 'line')} {line}"


def _is_parcel(path: str | None, stream: BinaryIO | None) -> bool:
    prefix = PREFIX.encode("ascii")
    if path is None:
        peek = getattr(stream, "peek", None)
        return peek is not None and bytes(peek(len(prefix))).startswith(prefix)
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  # as the reader names it
            return file.read(len(prefix)) == prefix
    except (OSError, ValueError):
        return False  # the reader will say why


def _unlocked(path: str | None, options: ImportOptions, stream: BinaryIO | None) -> Source:
    if options.parcel_key is None:
        raise InputError(
            "the file is a sealed parcel", hint="name the key it was sealed with: --parcel-key KEY"
        )
    if options.format is not None:
        raise InputError("a sealed parcel has a format of its own", hint="leave out --format")
    parcel = open_parcel(path, stream=stream)
    try:
        return parcel.unlock(_key(parcel, provider_of(options.parcel_key)))
    except BaseException:
        parcel.close()
        raise


def provider_of(key: str | Provider) -> Provider:
    """Return the provider that a caller gave or named."""
    return open_provider(key) if isinstance(key, str) else key


def _key(parcel: Parcel, provider: Provider) -> Secret:
    try:
        return provider.unwrap(parcel.id, Envelope.from_document(parcel.root))
    except WrongKeyError:
        pass  # its text is about stores
    raise WrongKeyError(
        "the key is not the one that this parcel was sealed with",
        hint="bring the key that was named by --parcel-key when the parcel was written",
    )
