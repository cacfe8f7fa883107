"""XLSX against openpyxl: what it reads of ours, and that every value comes back."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings

from strongroom.errors import InputError
from strongroom.files import spreadsheet
from strongroom.files.limits import MIB
from strongroom.files.reading import open_source
from strongroom.files.target import Column
from strongroom.schema.types import Date, DateTime, Integer, Text
from tests.files.attempts import refusal
from tests.files.records import COLUMNS, ROWS, read_back, rows, same
from tests.files.workbooks import read, values, write

NAME = [Column("name", Text(optional=True))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.xlsx"


def test_the_other_library_reads_what_we_write(path: Path) -> None:
    write(path, ROWS)
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    found = list(sheet.iter_rows(values_only=True))
    assert found[0] == tuple(column.name for column in COLUMNS)
    assert found[1] == (
        1,
        'Ada "A"_x000D_\nLovelace,\t;',
        "1180591620717411303424",
        "-9223372036854775808",
        "1.50",
        "-12.30",
        "-0.0",
        True,
        "AP8=",
        '{"a":[1.5,null,"x"]}',
        dt.datetime.fromisoformat("2024-02-29"),
        "2024-02-29T13:05:00.250000",
        "2024-02-29T13:05:00+05:45",
    )
    assert found[2] == (2, *[None] * 12)
    assert found[3][1:9] == ("\\N", -5, 0, "-0.00", "0.00", "-inf", False, "")
    assert sheet["K2"].number_format == "yyyy\\-mm\\-dd"


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=rows())
@pytest.mark.parametrize("neutral", [False, True])
def test_every_value_comes_back(path: Path, rows: list[Any], *, neutral: bool) -> None:
    write(path, rows, spreadsheet=neutral)
    found = values(path, spreadsheet=neutral)
    assert same([read_back(one, spelled=True) for one in found], rows)


def test_formulas_are_texts_and_can_be_neutralised(path: Path) -> None:
    write(path, [("=1+1",), ("'x",)], NAME)
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")
    write(path, [("=1+1",), ("'x",)], NAME, spreadsheet=True)
    assert values(path) == [{"name": "'=1+1"}, {"name": "''x"}]
    assert values(path, spreadsheet=True) == [{"name": "=1+1"}, {"name": "'x"}]


def test_dates_and_numbers_that_are_not_exact_are_texts(path: Path) -> None:
    columns = [Column("d", Date()), Column("t", DateTime()), Column("n", Integer())]
    moments = ["1900-02-28T00:00:00", "1900-03-01T00:00:00", "2024-02-29T23:59:59"]
    numbers = [10**15 - 1, 10**15, -(10**15) + 1]
    rows = [
        (dt.datetime.fromisoformat(one).date(), dt.datetime.fromisoformat(one), number)
        for one, number in zip(moments, numbers, strict=True)
    ]
    write(path, rows, columns)
    found = [tuple(one.values()) for one in values(path)]
    moment = dt.datetime.fromisoformat
    assert found == [
        ("1900-02-28", "1900-02-28T00:00:00", 10**15 - 1),
        (moment("1900-03-01"), moment("1900-03-01"), str(10**15)),
        (moment("2024-02-29"), moment("2024-02-29T23:59:59"), -(10**15) + 1),
    ]


def test_a_text_longer_than_a_cell_is_refused(path: Path) -> None:
    write(path, [("x" * 32_767,), ("🔑" * 16_383,)], NAME)
    assert [len(str(one["name"])) for one in values(path)] == [32_767, 16_383]
    message = "record 2: name has more than 32,767 characters, which no cell of a sheet holds"
    for text in ("x" * 32_768, "🔑" * 16_384, "\r" * 5_000):
        refusal(lambda one=text: write(path, [("",), (one,)], NAME), InputError, message)  # type: ignore[misc]


def test_no_temporary_file_is_written(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", no)
    monkeypatch.setattr(tempfile, "mkstemp", no)
    monkeypatch.setattr(tempfile, "TemporaryFile", no)
    write(path, [("Ada",)] * 10, NAME)
    assert len(values(path)) == 10
    assert list(tmp_path.iterdir()) == [path]


def test_memory_does_not_grow_with_the_rows(path: Path) -> None:
    peaks = []
    for count in (1_000, 10_000):
        write(path, [(f"Ada {n}",) for n in range(count)], NAME)
        tracemalloc.start()
        with open_source(str(path)) as source:
            assert sum(1 for _ in source) == count
            assert source.size is not None
            assert 0 < source.position <= source.size
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + MIB
    assert peaks[1] < 12 * MIB


def test_the_extra_is_named_when_it_is_missing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(path, [("Ada",)], NAME)
    monkeypatch.setitem(sys.modules, "openpyxl.cell.text", None)
    monkeypatch.delitem(sys.modules, spreadsheet.__name__)
    message = "the library for XLSX is not installed"
    hint = "install strongroom with its extra xlsx, or pip install 'openpyxl>=3.1.5'"
    refusal(lambda: read(path), InputError, message, hint)
