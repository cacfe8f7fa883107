"""The sealed parcel: records in a file that only the holder of its key opens.

    srp1. ‖ base64(header)        a line, see files.parcel_header
    base64(a chunk)               a line for each chunk, see crypto.parcel

The chunks, opened and joined, are JSON Lines: an object for each record, with a member for each
column. The key of a parcel is its own, and stands in the header, wrapped: `root` is what a key
provider's `create(parcel_id, parcel_key)` gave, and is nothing to this layer.

    with open_parcel_target(path, columns, key, parcel_id, root) as target: target.write(rows)

    with open_parcel(path) as parcel:        # parcel.root and parcel.id give the key
        for item in parcel.unlock(key): ...
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import BinaryIO, ClassVar, Final, NoReturn, Self
from uuid import UUID

from strongroom.crypto.cell import decode_canonical
from strongroom.crypto.parcel import MOST_BYTES, MOST_CHARACTERS, ParcelKey
from strongroom.crypto.secret import Secret
from strongroom.errors import DecryptionError, InputError, IntegrityError, StrongroomError
from strongroom.files.incoming import Incoming
from strongroom.files.limits import MIB
from strongroom.files.outgoing import Outgoing
from strongroom.files.parcel_header import ParcelHeader
from strongroom.files.source import Item, Source
from strongroom.files.target import Column, Target
from strongroom.files.text import decoded, lines
from strongroom.files.text_target import JsonLinesTarget
from strongroom.files.writing import outgoing_to
from strongroom.schema.field_type import FieldType
from strongroom.schema.identity import KeyType
from strongroom.schema.interchange import from_raw
from strongroom.schema.json_text import read_json_object

MOST_RECORD: Final = 128 * MIB
"""Characters of a record: more than in other files, since only a holder of the key writes them."""
_NO_CHUNK: Final = "!\n"
MOST_HEADER: Final = MIB
"""Characters of the header's line; a chunk's line has at most 349,612."""


def open_parcel_target(  # noqa: PLR0913  # what a parcel is made of
    path: str | None,
    columns: Sequence[Column],
    key: Secret,
    parcel_id: bytes,
    root: Mapping[str, object],
    *,
    replace: bool = False,
    stream: BinaryIO | None = None,
) -> Target:
    """Open a parcel for writing; as `writing.open_target`.

    Args:
        path: of the file, or None for standard output.
        columns: of the rows.
        key: the parcel's, new for every parcel.
        parcel_id: 16 new random bytes.
        root: the key as a provider wrapped it: values that JSON can hold.
        replace: whether a file that is there already is replaced.
        stream: what is written to instead of standard output when `path` is None.

    Raises:
        InputError: the file is there already, or its folder is not.
        StrongroomError: the file cannot be made.
    """
    header = ParcelHeader(parcel_id, dict(root), tuple(columns)).line()
    outgoing = outgoing_to(path, stream, replace=replace)
    try:
        sealing = _Sealing(outgoing, ParcelKey(key, parcel_id, header.encode("ascii")), header)
        return ParcelTarget(sealing, columns)
    except BaseException:
        outgoing.discard()
        raise


class ParcelTarget(JsonLinesTarget):
    """A parcel that is being written."""

    _most: ClassVar[int] = MOST_RECORD


class _Sealing(Outgoing):
    """What is written here goes out in sealed chunks, all of them full but the last."""

    def __init__(self, outgoing: Outgoing, key: ParcelKey, header: str) -> None:
        super().__init__()
        self._outgoing, self._key = outgoing, key
        self._held = bytearray()
        self._number = 0
        self._line(header)

    def finish(self) -> None:
        """Seal the last chunk and make the file final."""
        self._seal(last=True)
        self._outgoing.finish()

    def _put(self, data: bytes) -> None:
        self._held += data
        while len(self._held) > MOST_BYTES:  # what is left is never nothing: there is a last one
            self._seal(last=False)

    def _forget(self) -> None:
        self._held.clear()
        self._outgoing.discard()

    def _seal(self, *, last: bool) -> None:
        self._number += 1
        chunk = bytes(self._held[:MOST_BYTES])
        del self._held[:MOST_BYTES]
        self._line(self._key.seal(chunk, self._number, last=last))

    def _line(self, text: str) -> None:
        self._outgoing.write(text.encode("ascii") + b"\n")


class Parcel:
    """A parcel whose header was read, and not believed: the first chunk will tell.

    Attributes:
        id: 16 bytes, for the provider that unwraps its key.
        root: the wrapped key, as the provider made it.
        columns: of the records.
    """

    def __init__(self, incoming: Incoming) -> None:
        """Read the header. See `open_parcel`."""
        self._incoming = incoming
        self._lines = lines((one.decode("latin-1") for one in incoming.chunks()), MOST_HEADER)
        self._line = next(self._lines).removesuffix("\n")
        header = ParcelHeader.from_line(self._line)
        self.id, self.root, self.columns = header.id, header.root, header.columns

    def unlock(self, key: Secret) -> ParcelSource:
        """Return the records, to be read once.

        Args:
            key: the parcel's, as the provider unwrapped it.
        """
        parcel_key = ParcelKey(key, self.id, self._line.encode("latin-1"))
        return ParcelSource(self._incoming, self.columns, _chunks(self._lines, parcel_key))

    def close(self) -> None:
        """Close the file."""
        self._incoming.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_parcel(path: str | None, *, stream: BinaryIO | None = None) -> Parcel:
    """Open a parcel for reading.

    Args:
        path: of the file, or None for standard input.
        stream: what is read instead of standard input when `path` is None.

    Raises:
        InputError: it cannot be opened, or is no parcel.
        IntegrityError: its header is malformed, or of a format that is not known here.
    """
    incoming = Incoming(path, stream)
    try:
        return Parcel(incoming)
    except BaseException:
        incoming.close()
        raise


class ParcelSource(Source):
    """The records of a parcel, of the types that the fields had.

    Iterating raises IntegrityError where a chunk does not open: nothing of it, and of what follows
    it, was given. That the end is missing shows at the end.
    """

    kind: ClassVar[str] = "parcel"
    spells_json: ClassVar[bool] = False

    def __init__(
        self, incoming: Incoming, columns: tuple[Column, ...], chunks: Iterable[bytes]
    ) -> None:
        super().__init__(incoming)
        self.columns = tuple(column.name for column in columns)
        self._columns = columns
        self._texts = lines(decoded(chunks, "utf-8"), MOST_RECORD)

    def __iter__(self) -> Iterator[Item]:
        for number, text in enumerate(self._texts, start=1):
            values = _record(self._columns, text)
            if values is None:
                raise IntegrityError(f"record {number} of the parcel does not have its columns")
            yield Item(number, values, None, tuple(values.values()))


def _record(columns: tuple[Column, ...], text: str) -> dict[str, object] | None:
    try:
        raw = read_json_object(text)
        if len(raw) == len(columns):
            return {column.name: _typed(column, raw[column.name]) for column in columns}
    except (StrongroomError, ValueError, KeyError):
        pass  # the caught exception may hold a value
    return None


def _typed(column: Column, raw: object) -> object:
    if isinstance(column.type, FieldType):
        return None if raw is None else from_raw(column.type, raw, column.name)
    if column.type is KeyType.UUID:
        return UUID(str(raw))
    return decode_canonical(str(raw)) if column.type is KeyType.BYTES else raw


def _chunks(found: Iterator[str], key: ParcelKey) -> Iterator[bytes]:
    """Yield the chunks, each checked; the next line tells whether one is the last."""
    number = 0
    line = _next(found)
    if line is None:
        raise IntegrityError("the parcel is cut off after its header")
    while line is not None:
        number += 1
        if not line.endswith("\n"):
            raise IntegrityError(f"the parcel is cut off in chunk {number}")
        following = _next(found)
        text = line.removesuffix("\n")
        last = following is None
        chunk = _opened(key, text, number, last=last)
        if chunk is None and last and _opened(key, text, number, last=False) is not None:
            raise IntegrityError(f"the parcel is cut off after chunk {number}")
        if chunk is None:
            _refuse(number)
        yield chunk
        line = following


def _next(found: Iterator[str]) -> str | None:
    """Return the next line; for one that is longer than any of a parcel, another that is none."""
    try:
        line = next(found, None)
    except InputError:
        return _NO_CHUNK
    return _NO_CHUNK if line is not None and len(line) > MOST_CHARACTERS + 1 else line


def _opened(key: ParcelKey, text: str, number: int, *, last: bool) -> bytes | None:
    try:
        return key.open(text, number, last=last)
    except DecryptionError:
        return None


def _refuse(number: int) -> NoReturn:
    raise IntegrityError(
        f"chunk {number} of the parcel does not open: it was changed or moved, or it or the "
        "header belongs to another parcel"
    )
