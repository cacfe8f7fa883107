"""Records on stdout: a table that looks good in a terminal, plain lines in a pipe, JSON if asked.

Whatever the number of records, only one screenful is held: the first ones settle how wide the
columns are, and the rest follows in those.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from strongroom.cli import terminal
from strongroom.cli.text import NULL, visible, visible_json

if TYPE_CHECKING:
    from strongroom.room.record import Record
    from strongroom.schema.table import Field

PAGE: Final = 100
"""Records whose widths settle those of the columns; they are rendered together."""
VERSION: Final = "record_version"

Row = Sequence[str | None]


def as_json(record: Record, fields: Sequence[Field], *, version: bool = False) -> dict[str, Any]:
    """Return a record as JSON values: exact, or else as the text that the field's type spells."""
    from strongroom.schema.interchange import to_json  # noqa: PLC0415  # brings every field type

    values = dict(record)
    document = {name: values[name] for name in keys_of(record, fields)}
    document |= {field.name: to_json(field.type, values[field.name]) for field in fields}
    return document | ({VERSION: record.record_version} if version else {})


def keys_of(record: Record, fields: Sequence[Field]) -> list[str]:
    """Return the names of the primary key's columns."""
    declared = {field.name for field in fields}
    return [name for name, _ in record if name not in declared]


def as_row(record: Record, fields: Sequence[Field]) -> list[str | None]:
    """Return a record as texts, None for no value: its key, then its fields."""
    values = dict(record)
    row: list[str | None] = [str(values[name]) for name in keys_of(record, fields)]
    for field in fields:
        value = values[field.name]
        row.append(None if value is None else field.type.format(value))
    return row


def json_line(document: Any) -> None:  # noqa: ANN401  # JSON values
    """Write one JSON value on a line of its own, exact whatever stdout's encoding is."""
    import json  # noqa: PLC0415  # most results are not JSON

    text = json.dumps(document, ensure_ascii=not terminal.speaks_utf8(), allow_nan=False)
    terminal.write(visible_json(text) + "\n")


def records(found: Iterable[Record], key: str, fields: Sequence[Field], *, as_objects: bool) -> int:
    """Write records as they come and return how many they were.

    Args:
        found: the records, a stream of any length.
        key: the name of the primary key's column.
        fields: the table's.
        as_objects: JSON, one object on each line.
    """
    counted = _Counted(found)
    if as_objects:
        for record in counted:
            json_line(as_json(record, fields))
        return counted.number
    header = [key, *(field.name for field in fields)]
    right = [True, *(field.type.name in _RIGHT for field in fields)]
    rows(header, right, (as_row(record, fields) for record in counted))
    return counted.number


_RIGHT: Final = frozenset({"integer", "decimal", "float"})


class _Counted:
    """A stream that counts what went by."""

    def __init__(self, found: Iterable[Record]) -> None:
        self._found = found
        self.number = 0

    def __iter__(self) -> Iterator[Record]:
        for record in self._found:
            self.number += 1
            yield record


def rows(header: Sequence[str], right: Sequence[bool], found: Iterable[Row]) -> None:
    """Write a table: for a person if stdout is a terminal, otherwise between tabs."""
    if terminal.is_terminal(sys.stdout):
        _pages(header, right, iter(found))
        return
    stream = iter(found)
    # The first record is read before anything is written: a question that cannot be answered
    # then leaves no header behind.
    first = list(islice(stream, 1))
    terminal.write("\t".join(header) + "\n")
    for row in chain(first, stream):
        terminal.write("\t".join(NULL if one is None else visible(one) for one in row) + "\n")


def one(header: Sequence[str], row: Row) -> None:
    """Write one record: a line for each field if stdout is a terminal, otherwise as `rows`."""
    if terminal.is_terminal(sys.stdout):
        pairs(list(zip(header, row, strict=True)))
    else:
        rows(header, [], [row])


def pairs(found: Sequence[tuple[str, str | None]]) -> None:
    """Write names and values, one pair on each line, aligned for a person."""
    width = max(len(name) for name, _ in found) if terminal.is_terminal(sys.stdout) else 0
    for name, value in found:
        shown = NULL if value is None else visible(value)
        gap = f"{name:<{width}}  " if width else f"{name}\t"
        terminal.write(f"{gap}{shown}\n")


def _pages(header: Sequence[str], right: Sequence[bool], found: Iterator[Row]) -> None:
    first = list(islice(found, PAGE))
    if not first:
        return
    from strongroom.cli.grid import Grid  # noqa: PLC0415  # its library is for terminals only

    grid = Grid(header, right, first)
    terminal.write(grid.page(first, head=True))
    while page := list(islice(found, PAGE)):
        terminal.write(grid.page(page))
