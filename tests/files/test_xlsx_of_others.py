"""Workbooks of other programs, and workbooks that are made to harm."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl.worksheet.formula import ArrayFormula

from strongroom.errors import InputError
from strongroom.files import workbook
from strongroom.files.limits import MIB
from tests.files.attempts import items, refusal
from tests.files.workbooks import changed, made, read, shared, values

UNREADABLE = "the file is no readable XLSX"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.xlsx"


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


def test_a_record_with_a_problem_keeps_its_values_as_they_were(path: Path) -> None:
    """A rejects file spells them: no value is then not the text None."""
    made(path, [["name", "n", "ok"], ["=1+1", None, True]])
    assert [item.raw for item in read(path)] == [["=1+1", None, True]]


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
