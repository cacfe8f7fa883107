"""Parquet, read by pyarrow (the extra ``parquet``), a batch of records at a time.

How many records are in a batch depends on how large the file says they are, so that a batch takes
a few MiB. A file may say less than it holds: where one large text stands for all of a column, it
is held once for each record of a batch, which is why a batch is small in any case. Timestamps finer
than a microsecond are refused, not rounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from strongroom.errors import InputError
from strongroom.files.delimited import check_header
from strongroom.files.incoming import Incoming
from strongroom.files.limits import MIB, MOST_COLUMNS
from strongroom.files.source import Item, Source

try:
    import pyarrow as pa
    from pyarrow import parquet as pq
except ImportError:
    pa = None

BATCH: Final = 100
"""Most records of a batch."""
_BATCH_BYTES: Final = 8 * MIB
_MOST_TEXT: Final = 16 * MIB
"""Of one text in the description of the file, which is read whole."""
_MOST_PARTS: Final = 1_000_000
"""Most elements of a list in that description, as of its row groups times their columns."""
_UNREADABLE: Final = "the file is no readable Parquet"


def check_installed() -> None:
    """Refuse to work without the library.

    Raises:
        InputError: it is not installed.
    """
    if pa is None:
        raise InputError(
            "the library for Parquet is not installed",
            hint="install strongroom with its extra parquet, or pip install 'pyarrow>=18.1'",
        )


class ParquetSource(Source):
    """A Parquet file."""

    kind: ClassVar[str] = "parquet"

    def __init__(self, incoming: Incoming) -> None:
        """Read the description at its end.

        Raises:
            InputError: it is no such file, or the library is not installed.
        """
        check_installed()
        super().__init__(incoming)
        self._stream = incoming.seekable()
        self._file = _opened(self._stream)
        if self._file is None:
            raise InputError(_UNREADABLE)
        if self._file.metadata.num_columns > MOST_COLUMNS:
            raise InputError(f"the file has more than {MOST_COLUMNS:,} columns")
        self.columns = check_header(list(self._file.schema_arrow.names), "the file")
        self._given = 0

    @property
    def position(self) -> int:
        """How far the records are that were given, as bytes of the whole file."""
        total = self._file.metadata.num_rows
        return int((self.size or 0) * min(1.0, self._given / total)) if total else self.size or 0

    def __iter__(self) -> Iterator[Item]:
        names = self.columns or ()
        batches = self._file.iter_batches(batch_size=self._batch_size())
        while (batch := _next(batches)) is not None:
            values = _values(batch)
            if values is None:
                raise InputError(
                    f"record {self._given + 1}: a value in the {BATCH} records from here has no "
                    "exact counterpart, such as a time finer than a microsecond"
                )
            for row in values:
                self._given += 1
                yield Item(self._given, dict(zip(names, row, strict=True)), None, row)
        if self._given != self._file.metadata.num_rows:
            raise InputError(f"{_UNREADABLE} after record {self._given:,}")

    def close(self) -> None:
        """Close the file."""
        super().close()
        self._stream.close()

    def _batch_size(self) -> int:
        metadata = self._file.metadata
        groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
        largest = max((one.total_byte_size // max(one.num_rows, 1) for one in groups), default=0)
        return max(1, min(BATCH, _BATCH_BYTES // max(largest, 1)))


# The library's exceptions may hold what was read: none is raised on, and none is the context of
# another.


def _opened(stream: Any) -> Any:  # noqa: ANN401  # pyarrow has no types
    try:
        return pq.ParquetFile(
            stream,
            buffer_size=MIB,
            pre_buffer=False,
            page_checksum_verification=True,
            thrift_string_size_limit=_MOST_TEXT,
            thrift_container_size_limit=_MOST_PARTS,
        )
    except (pa.ArrowException, OSError, ValueError):
        return None


def _next(batches: Any) -> Any:  # noqa: ANN401
    try:
        return next(batches, None)
    except (pa.ArrowException, OSError, ValueError):
        return None  # the records that are missing are counted


def _values(batch: Any) -> list[tuple[Any, ...]] | None:  # noqa: ANN401
    try:
        columns = [_exact(column).to_pylist() for column in batch.columns]
    except (pa.ArrowException, ValueError, OverflowError, ImportError):
        return None
    return list(zip(*columns, strict=True))


def _exact(column: Any) -> Any:  # noqa: ANN401
    if pa.types.is_timestamp(column.type) and column.type.unit == "ns":
        return column.cast(pa.timestamp("us", column.type.tz), safe=True)
    return column
