"""XLSX against openpyxl: what it reads of ours, what we read of its, and workbooks made to harm."""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from openpyxl.worksheet.formula import ArrayFormula

from strongroom.errors import InputError
from strongroom.files import spreadsheet, workbook
from strongroom.files.limits import MIB
from strongroom.files.reading import open_source
from strongroom.files.source import Item
from strongroom.files.target import Column
from strongroom.files.writing import open_target
from strongroom.schema.types import Date, DateTime, Integer, Text
from tests.files.attempts import items, refusal
from tests.files.records import COLUMNS, ROWS, read_back, rows, same

UNREADABLE = "the file is no readable XLSX"
NAME = [Column("name", Text(optional=True))]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.xlsx"


def write(path: Path, rows: list[Any], columns: list[Column] = COLUMNS, **options: Any) -> None:
    with open_target(str(path), columns, replace=True, **options) as target:
        target.write(rows)


def read(path: Path, **options: Any) -> list[Item]:
    with open_source(str(path), **options) as source:
        return list(source)


def values(path: Path, **options: Any) -> list[dict[str, object]]:
    found = read(path, **options)
    assert all(item.problem is None for item in found)
    return [dict(item.values or {}) for item in found]


def made(path: Path, rows: list[list[Any]], *, sheets: int = 1) -> None:
    """Write a workbook with the other library."""
    book = openpyxl.Workbook()
    for number in range(1, sheets):
        book.create_sheet(f"more {number}")
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)


def changed(path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    """Change one part of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)


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


# --- what others wrote


def test_what_another_program_wrote(path: Path) -> None:
    day = dt.datetime.fromisoformat("2024-02-29")
    made(
        path, [["name", "n", "when"], ["Ada", 36, day], ["", 1.5, None], [], [True, -1, dt.time(1)]]
    )
    found = read(path)
    assert [(item.line, tuple((item.values or {}).values())) for item in found] == [
        (2, ("Ada", 36, day)),
        (3, (None, 1.5, None)),
        (5, (True, -1, dt.time(1))),
    ]


def shared(path: Path, texts: list[str], cell: int) -> None:
    """Put texts apart from the cells, as spreadsheet programs do, and point to one of them."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    part = (
        b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/'
        b'vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
    )
    body = "".join(f"<si>{one}</si>" for one in texts)
    made(path, [["name"], ["KEPT"]])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/sharedStrings.xml", f'<sst xmlns="{main}">{body}</sst>')
    changed(path, "[Content_Types].xml", lambda data: data.replace(b"</Types>", part))
    changed(
        path,
        "xl/worksheets/sheet1.xml",
        lambda data: data.replace(b't="inlineStr"><is><t>KEPT</t></is>', b't="s"><v>%d</v>' % cell),
    )


def test_shared_strings_are_read_exactly(path: Path) -> None:
    """Where the library itself drops every x005F_ and leaves other escapes as they are."""
    texts = ["<t>a_x005F_x0041_b_x000D_x005F_</t>", "<r><t>ri</t></r><r><t>ch</t></r>", "<t/>"]
    for cell, text in enumerate(["a_x0041_b\rx005F_", "rich"]):
        shared(path, texts, cell)
        assert values(path) == [{"name": text}]


def test_formulas_errors_and_nameless_columns_are_problems(path: Path) -> None:
    made(
        path,
        [
            ["name", "n"],
            ["=1+1", 1],
            ["Lovelace", "#N/A"],
            ["Bob", 2],
            ["Cy", 3, None, "x"],
            ["Dora", ArrayFormula("B6", "=SUM(A1)")],
        ],
    )
    assert [(item.line, item.problem) for item in read(path)] == [
        (2, "has a formula in column 1"),
        (3, "has an error in column 2"),
        (4, None),
        (5, "has a value in column 4, which has no name"),
        (6, "has a formula in column 2"),
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ([], "the sheet is empty"),
        (["a", None, "c"], "row 1: column 2 has no name"),
        (["a", "a"], "row 1: columns 1 and 2 have the same name"),
        (["a", 5], "row 1: the name of column 2 is no text"),
        (["=A1"], "row 1: the name of column 1 is no text"),
    ],
)
def test_a_bad_header(path: Path, header: list[Any], message: str) -> None:
    made(path, [header] if header else [])
    refusal(lambda: read(path), InputError, message)


def test_the_sheet_is_named_when_there_are_several(path: Path) -> None:
    made(path, [["name"], ["Ada"]], sheets=3)
    message = "the workbook has 3 sheets"
    refusal(lambda: read(path), InputError, message, "name one of them: --sheet")
    assert values(path, sheet="Sheet") == [{"name": "Ada"}]
    refusal(lambda: read(path, sheet="Lovelace"), InputError, "the workbook has no such sheet")


def test_a_sheet_that_lies_about_its_size_is_read_to_its_end(path: Path) -> None:
    made(path, [["name"], ["Ada"], ["Bob"]])
    changed(
        path,
        "xl/worksheets/sheet1.xml",
        lambda data: data.replace(b'<dimension ref="A1:A3"', b'<dimension ref="A1:A2"'),
    )
    assert values(path) == [{"name": "Ada"}, {"name": "Bob"}]


def test_a_value_of_a_wrong_date_is_in_no_warning(path: Path) -> None:
    made(path, [["when"], [dt.datetime.fromisoformat("2024-02-29")]])
    changed(path, "xl/worksheets/sheet1.xml", lambda data: data.replace(b"45351", b"99999999999"))
    assert [item.problem for item in read(path)] == ["has an error in column 1"]


# --- made to harm


def test_what_is_no_workbook(path: Path) -> None:
    for data in (b"Lovelace", b"PK\x03\x04Lovelace", b"\xd0\xcf\x11\xe0" * 200):
        path.write_bytes(data)
        refusal(lambda: read(path), InputError, UNREADABLE)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("people.csv", "Lovelace")
    refusal(lambda: read(path), InputError, UNREADABLE)
    message = "this format can only be read from a file, not from a stream"
    refusal(lambda: items(b"PK", "xlsx"), InputError, message)


def test_a_damaged_sheet(path: Path) -> None:
    made(path, [["name"], ["Ada"]])
    changed(path, "xl/worksheets/sheet1.xml", lambda data: data.replace(b"</row>", b"</Lovelace>"))
    refusal(lambda: read(path), InputError, UNREADABLE)
    shared(path, ["<t>Lovelace</t>"], 1)
    refusal(lambda: read(path), InputError, UNREADABLE)


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
@pytest.mark.parametrize(
    "entity",
    [
        b'<!ENTITY a SYSTEM "file:///etc/passwd">',
        b'<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">',
        b"",
    ],
)
def test_a_document_type_is_refused(path: Path, part: str, entity: bytes) -> None:
    made(path, [["name"], ["Ada"]])
    message = "the workbook has an XML document type, which XLSX never has"
    for begin in (b"", b"\n<!-- " + b"x" * 100_000 + b" -->\n"):
        changed(path, part, lambda data, begin=begin: _with_type(data, begin, entity))  # type: ignore[misc]
        refusal(lambda: read(path), InputError, message)
    changed(path, part, lambda data: data.decode().encode("utf-16"))
    refusal(lambda: read(path), InputError, message)


def _with_type(data: bytes, begin: bytes, entity: bytes) -> bytes:
    data = data[data.index(b"<", 2 if data.startswith(b"<?") else 0) :]
    return begin + b"<!DOCTYPE x [" + entity + b"]>" + data


def padded(path: Path, part: str, count: int) -> None:
    with (
        zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open(part, "w") as out,
    ):
        for _ in range(count // MIB):
            out.write(b" " * MIB)


def test_a_workbook_that_unpacks_to_too_much(path: Path) -> None:
    hint = "save the sheet alone as a new file, or as CSV"
    made(path, [["name"], ["Ada"]])
    padded(path, "xl/theme/theme2.xml", 9 * MIB)
    too_large = "the workbook is too large when it is unpacked"
    refusal(lambda: read(path), InputError, too_large, hint)
    made(path, [["name"], ["Ada"]])
    padded(path, "xl/worksheets/sheet2.xml", 20 * MIB)
    rate = "the workbook unpacks to more than 200 times its size"
    refusal(lambda: read(path), InputError, rate, hint)


@pytest.mark.parametrize(("name", "limit"), [("MOST_UNPACKED", 20_000), ("MOST_STRINGS", 100)])
def test_the_other_limits(
    path: Path, name: str, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "MOST_STRINGS":
        shared(path, ["<t>Ada</t>"] * 10, 0)
    else:
        made(path, [["name"], *([f"Ada {n}"] for n in range(1000))])
    monkeypatch.setattr(workbook, name, limit)
    message = "the workbook is too large when it is unpacked"
    refusal(lambda: read(path), InputError, message)


@pytest.mark.parametrize(
    ("bomb", "message"),
    [
        (b"<c/>" * 5_000, "a row of the sheet has more than 1,000 cells"),
        (
            b"<c><v>" + b"12345678" * 5 * MIB + b"</v></c>",
            "a row of the sheet has more than 32 MiB",
        ),
    ],
    ids=["cells", "bytes"],
)
def test_a_huge_row(path: Path, bomb: bytes, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_RATE", 10**6)
    made(path, [["name"], ["Ada"]])
    row = b'<row r="3">' + bomb + b"</row></sheetData>"
    changed(path, "xl/worksheets/sheet1.xml", lambda data: data.replace(b"</sheetData>", row))
    refusal(lambda: read(path), InputError, message)


@pytest.mark.parametrize("row", [b"1048577", b"999999999999", b"2", b"1", b"-1"])
def test_rows_out_of_order_or_beyond_a_sheet(path: Path, row: bytes) -> None:
    made(path, [["name"], ["Ada"], ["Bob"]])
    changed(
        path,
        "xl/worksheets/sheet1.xml",
        lambda data: data.replace(b'<row r="3"', b'<row r="' + row + b'"'),
    )
    refusal(lambda: read(path), InputError, "row 3: the rows of the sheet are not in order")


def test_a_column_far_out_costs_nothing(path: Path) -> None:
    made(path, [["name"], ["Ada"]])
    changed(path, "xl/worksheets/sheet1.xml", lambda data: data.replace(b'"A2"', b'"ZZZ2"'))
    assert [item.problem for item in read(path)] == [
        "has a value in column 18278, which has no name"
    ]


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
    message, hint = "XLSX needs the extra xlsx", "pip install strongroom[xlsx]"
    refusal(lambda: read(path), InputError, message, hint)
