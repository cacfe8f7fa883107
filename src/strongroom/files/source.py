"""What every reader of a file gives: items, one for each record, and what is known of the file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import ClassVar, NamedTuple, Self

from strongroom.files.incoming import Incoming


class Item(NamedTuple):
    """One record of a file, or the reason why there is none.

    Attributes:
        line: where it starts, from 1: the line of a text, the row of a sheet (its header being
            row 1), the number of the record in Parquet and in a parcel.
        values: by the names of the columns, or None when there is a problem. CSV and TSV: texts,
            and None for no value. JSON: str, int, Decimal for every number with a point or an
            exponent, bool, None, list and dict; floats occur inside of lists and dicts only.
            Parquet and XLSX: these, float, date, datetime and bytes. Parcel: what the fields had.
        problem: one lower-case phrase that never quotes the file, such as "has 3 values for 2
            columns"; None when there are values.
        raw: the record as it stood, for the rejects file. CSV and TSV: its cells; JSON: its text
            alone; else its values.
    """

    line: int
    values: Mapping[str, object] | None
    problem: str | None = None
    raw: Sequence[object] = ()

    def __repr__(self) -> str:
        return f"<the record at {self.line}>"


class Source(ABC):
    """A file that is being read: iterate over it, once.

    Attributes:
        kind: csv, tsv, jsonl, json, parquet, xlsx or parcel.
        columns: the names of the columns, or None where each record names its own.
        spells_json: whether a JSON value stands as a text in this kind of file: what
            `schema.interchange.from_raw` asks for as `spelled`.
    """

    kind: ClassVar[str]
    spells_json: ClassVar[bool] = True
    columns: tuple[str, ...] | None = None

    def __init__(self, incoming: Incoming) -> None:
        self._incoming = incoming

    @abstractmethod
    def __iter__(self) -> Iterator[Item]:
        """Yield one item for each record.

        Raises:
            InputError: the rest of the file cannot be read. The line is named, nothing is quoted.
        """

    @property
    def raw_columns(self) -> tuple[str, ...]:
        """The names of what is in `Item.raw`: what a rejects file has as its columns."""
        return self.columns or ("record",)

    @property
    def size(self) -> int | None:
        """The size of the file in bytes, or None where it has none, as a pipe."""
        return self._incoming.size

    @property
    def position(self) -> int:
        """How many bytes were read so far: ahead of the last item by a chunk at most."""
        return self._incoming.position

    def changed(self) -> bool:
        """Tell whether the file is another one now, or was written to since it was opened.

        False for what has no size, such as standard input.
        """
        return self._incoming.changed()

    def close(self) -> None:
        """Close the file; standard input stays open."""
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
