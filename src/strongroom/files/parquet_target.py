"""Records as Parquet, by pyarrow (the extra ``parquet``), in columns of the closest exact type.

    text, uuid      string                       date                  date32
    integer         int64, if its declaration    datetime              timestamp[us]
                    keeps it in 64 bits          zoned-datetime        string, with its offset
    other integers  string                       bytes                 binary
    decimal, plain  decimal128(precision, scale) json                  string, canonical JSON
    other decimals  string, with their zeros     float                 float64
    boolean         bool

No value is null. The codec is zstd.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from strongroom.files.limits import MIB
from strongroom.files.outgoing import Outgoing
from strongroom.files.parquet import check_installed
from strongroom.files.target import Row, Target
from strongroom.schema.identity import KeyType
from strongroom.schema.interchange import Column
from strongroom.schema.number_types import Decimal, Integer

try:
    import pyarrow as pa
    from pyarrow import parquet as pq
except ImportError:
    pa = None

_GROUP_ROWS: Final = 50_000
_GROUP_BYTES: Final = 32 * MIB
"""A row group is written when it has so many rows, or so many bytes of texts and the like."""
_ROW_BYTES: Final = 64
_LEAST_64: Final = -(1 << 63)
_MOST_64: Final = (1 << 63) - 1


class ParquetTarget(Target):
    """A Parquet file."""

    def __init__(self, outgoing: Outgoing, columns: Sequence[Column]) -> None:
        """Settle the types of the columns.

        Raises:
            InputError: the library is not installed.
        """
        check_installed()
        super().__init__(outgoing, columns)
        kinds = [_kind(column) for column in self.columns]
        self._turns = [
            column.format if kind == pa.string() and column.kind != "text" else None
            for column, kind in zip(self.columns, kinds, strict=True)
        ]
        self._schema = pa.schema(
            [pa.field(one.name, kind) for one, kind in zip(self.columns, kinds, strict=True)]
        )
        self._writer = pq.ParquetWriter(
            outgoing, self._schema, compression="zstd", write_page_checksum=True
        )
        self._held: list[Row] = []
        self._bytes = 0

    def _write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._held.append(row)
            self._bytes += _ROW_BYTES + sum(
                len(value) for value in row if isinstance(value, (str, bytes))
            )
            if len(self._held) >= _GROUP_ROWS or self._bytes >= _GROUP_BYTES:
                self._write_group()

    def _write_group(self) -> None:
        columns = zip(*self._held, strict=True)
        arrays = [
            pa.array(_turned(values, turn), type=field.type)
            for values, turn, field in zip(columns, self._turns, self._schema, strict=True)
        ]
        self._writer.write_table(pa.table(arrays, schema=self._schema))
        self._held, self._bytes = [], 0

    def _end(self) -> None:
        if self._held:
            self._write_group()
        self._writer.close()

    def _abandon(self) -> None:
        self._held = []
        self._writer.is_open = False  # else the library would write an end when it is collected


def _turned(values: Sequence[object], turn: Callable[[Any], str] | None) -> list[object]:
    if turn is None:
        return list(values)
    return [None if value is None else turn(value) for value in values]


def _kind(column: Column) -> Any:  # noqa: ANN401  # pyarrow has no types
    given = column.type
    if isinstance(given, Integer):
        return pa.int64() if _in_64_bits(given) else pa.string()
    if given is KeyType.INTEGER:
        return pa.int64()
    if isinstance(given, Decimal) and given.plain:
        return pa.decimal128(given.precision, given.scale)
    return {
        "date": pa.date32(),
        "datetime": pa.timestamp("us"),
        "bytes": pa.binary(),
        "float": pa.float64(),
        "boolean": pa.bool_(),
    }.get(column.kind, pa.string())


def _in_64_bits(given: Integer) -> bool:
    if given.plain:
        return True
    least, most = given.minimum, given.maximum
    return least is not None and most is not None and least >= _LEAST_64 and most <= _MOST_64
