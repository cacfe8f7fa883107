"""Parquet against its own library: types, values, large files, and files that are no good."""

from __future__ import annotations

import datetime as dt
import sys
import tracemalloc
from decimal import Decimal as Number
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from pyarrow import parquet as pq

from strongroom.errors import InputError
from strongroom.files import parquet, parquet_target
from strongroom.files.limits import MIB
from strongroom.files.reading import open_source
from strongroom.files.target import Column
from strongroom.files.writing import open_target
from strongroom.schema.types import Text
from tests.files.attempts import items, refusal, until_refused
from tests.files.records import COLUMNS, ROWS, read_back, rows, same

UNREADABLE = "the file is no readable Parquet"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.parquet"


def write(path: Path, rows: list[Any], columns: list[Column] = COLUMNS) -> None:
    with open_target(str(path), columns, replace=True) as target:
        target.write(rows)


def read(path: Path) -> list[dict[str, object]]:
    with open_source(str(path)) as source:
        found = list(source)
    assert [item.line for item in found] == list(range(1, len(found) + 1))
    assert all(item.problem is None for item in found)
    return [dict(item.values or {}) for item in found]


def test_the_types_of_the_columns_and_the_values(path: Path) -> None:
    write(path, ROWS)
    table = pq.read_table(path)
    assert {field.name: str(field.type) for field in table.schema} == {
        "id": "int64",
        "text": "string",
        "integer": "string",
        "small": "int64",
        "decimal": "string",
        "money": "decimal128(10, 2)",
        "float": "double",
        "boolean": "bool",
        "bytes": "binary",
        "json": "string",
        "date": "date32[day]",
        "datetime": "timestamp[us]",
        "zoned": "string",
    }
    first, second, _ = table.to_pylist()
    assert list(first.values()) == [
        1,
        'Ada "A"\r\nLovelace,\t;',
        "1180591620717411303424",
        -(2**63),
        "1.50",
        Number("-12.30"),
        -0.0,
        True,
        b"\0\xff",
        '{"a":[1.5,null,"x"]}',
        dt.date(2024, 2, 29),
        dt.datetime.fromisoformat("2024-02-29T13:05:00.250000"),
        "2024-02-29T13:05:00+05:45",
    ]
    assert set(second.values()) == {2, None}


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=rows())
def test_every_value_comes_back(path: Path, rows: list[Any]) -> None:
    write(path, rows)
    assert same([read_back(values, spelled=True) for values in read(path)], rows)
    assert pq.read_metadata(path).num_rows == len(rows)


def test_what_another_program_wrote(path: Path) -> None:
    table = pa.table(
        {
            "u8": pa.array([255, None], pa.uint8()),
            "big": pa.array([2**64 - 1, 0], pa.uint64()),
            "f32": pa.array([0.5, None], pa.float32()),
            "d": pa.array([Number("1.50"), None], pa.decimal128(5, 2)),
            "ns": pa.array([1_000, None], pa.timestamp("ns")),
            "s": pa.array([1, None], pa.timestamp("s", "UTC")),
            "list": pa.array([[1, 2], None]),
            "struct": pa.array([{"a": "x"}, None]),
            "words": pa.array(["x", None]).dictionary_encode(),
            "large": pa.array(["x", None], pa.large_string()),
        }
    )
    pq.write_table(table, path, compression="gzip")
    first, second = read(path)
    assert first == {
        "u8": 255,
        "big": 2**64 - 1,
        "f32": 0.5,
        "d": Number("1.50"),
        "ns": dt.datetime.fromisoformat("1970-01-01T00:00:00.000001"),
        "s": dt.datetime(1970, 1, 1, 0, 0, 1, tzinfo=dt.UTC),
        "list": [1, 2],
        "struct": {"a": "x"},
        "words": "x",
        "large": "x",
    }
    assert str(first["d"]) == "1.50"
    assert set(second.values()) == {None, 0}


def test_a_time_finer_than_a_microsecond_is_refused_not_rounded(path: Path) -> None:
    pq.write_table(pa.table({"t": pa.array([1], pa.timestamp("ns"))}), path)
    message = (
        "record 1: a value in the 100 records from here has no exact counterpart, such as a time "
        "finer than a microsecond"
    )
    refusal(lambda: read(path), InputError, message)


@pytest.mark.parametrize("data", [b"PAR1", b"Lovelace" * 100, b"PAR1" + b"Lovelace" * 9 + b"PAR1"])
def test_what_is_no_parquet(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    refusal(lambda: read(path), InputError, UNREADABLE)


def test_a_file_that_was_cut_or_changed(path: Path) -> None:
    write(path, [(f"Lovelace {n}",) for n in range(5000)], [Column("name", Text())])
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    refusal(lambda: read(path), InputError, UNREADABLE)
    for place in range(4, len(whole) - 600, len(whole) // 12):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        with open_source(str(path)) as source:
            given = until_refused(source, InputError)
        assert [item.values for item in given] == [
            {"name": f"Lovelace {n}"} for n in range(len(given))
        ]


def test_a_stream_and_bad_columns_are_refused(path: Path) -> None:
    message = "this format can only be read from a file, not from a stream"
    refusal(lambda: items(b"PAR1", "parquet"), InputError, message, "save it to a file first")
    pq.write_table(pa.table([pa.array([1])] * 2, names=["a", "a"]), path)
    refusal(lambda: read(path), InputError, "the file: columns 1 and 2 have the same name")
    pq.write_table(pa.table({f"c{n}": [1] for n in range(1001)}), path)
    refusal(lambda: read(path), InputError, "the file has more than 1,000 columns")


def test_the_extra_is_named_when_it_is_missing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, [])
    monkeypatch.setattr(parquet, "pa", None)
    message = "the library for Parquet is not installed"
    hint = "install strongroom with its extra parquet, or pip install 'pyarrow>=18.1'"
    refusal(lambda: read(path), InputError, message, hint)
    refusal(lambda: write(path, []), InputError, message, hint)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    for module in (parquet, parquet_target):
        monkeypatch.delitem(sys.modules, module.__name__)
    refusal(lambda: read(path), InputError, message, hint)
    refusal(lambda: write(path, []), InputError, message, hint)


def test_one_large_text_for_all_records_is_held_a_hundred_times_at_most(path: Path) -> None:
    """A file of 600 bytes, whose 5,000 texts of a mebibyte would take five gigabytes."""
    column = pa.DictionaryArray.from_arrays(pa.array([0] * 5_000, pa.int32()), ["x" * MIB])
    options = {"compression": "zstd", "dictionary_pagesize_limit": 2 * MIB}
    pq.write_table(pa.table({"name": column}), path, **options)
    assert path.stat().st_size < 1_000
    before, most = pa.total_allocated_bytes(), 0
    with open_source(str(path)) as source:
        for item in source:
            assert len(str((item.values or {})["name"])) == MIB
            most = max(most, pa.total_allocated_bytes() - before)
            if item.line == 200:
                break
    assert most < 256 * MIB


def test_memory_does_not_grow_with_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_target, "_GROUP_ROWS", 10_000)
    columns = [Column("name", Text())]
    peaks = []
    for groups in (2, 6):
        pa.default_memory_pool().release_unused()
        before = pa.total_allocated_bytes()
        with open_target(str(path), columns, replace=True) as target:
            for number in range(groups):
                target.write([(f"{number} {n} Ada Lovelace",) for n in range(10_000)])
        assert pq.read_metadata(path).num_row_groups == groups
        tracemalloc.start()
        with open_source(str(path)) as source:
            most = 0
            for count, _ in enumerate(source, start=1):
                if count % 5_000 == 0:
                    most = max(most, pa.total_allocated_bytes() - before)
            assert (count, source.position) == (10_000 * groups, source.size)
        peaks.append((tracemalloc.get_traced_memory()[1], most))
        tracemalloc.stop()
    assert peaks[1][0] < peaks[0][0] + MIB
    assert peaks[1][1] < peaks[0][1] + MIB
    assert max(*peaks[1]) < 24 * MIB
