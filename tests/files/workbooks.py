"""Making, changing and reading workbooks for the tests of XLSX."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl

from strongroom.files.reading import open_source
from strongroom.files.source import Item
from strongroom.files.target import Column
from strongroom.files.writing import open_target
from tests.files.records import COLUMNS


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
