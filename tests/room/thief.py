"""Who reaches around strongroom with SQL, and what must be seen of it afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pytest

import strongroom
from strongroom.room.sealing import Sealer
from strongroom.room.transaction import reading
from strongroom.storage.row import Row
from strongroom.storage.rows import Rows
from tests.servers.database import Database

SYSTEM: Final = ("record_version", "record_seal")
STORE_COLUMNS: Final = ("store_id", "root", "generation", "document", "mac")


class Thief:
    """Reads and writes the columns of one database as they stand there.

    Rows come and go as mappings from column names to what the driver gives and takes.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._quick = database.kind != "sqlite"

    def sql(self, statement: str, *params: object) -> list[tuple[Any, ...]]:
        if not self._quick:
            self._quick = True
            self.database.execute("PRAGMA synchronous = OFF")  # nobody pulls the plug here
        return self.database.execute(statement, params)

    def row(self, table: strongroom.Table, number: int) -> dict[str, Any]:
        [found] = [one for one in self.rows(table) if one["id"] == number]
        return found

    def rows(self, table: strongroom.Table) -> list[dict[str, Any]]:
        names = ["id", *(field.name for field in table.fields), *SYSTEM]
        columns = ", ".join(f'"{name}"' for name in names)
        found = self.sql(f"SELECT {columns} FROM {table.name} ORDER BY id")
        return [dict(zip(names, row, strict=True)) for row in found]

    def put(self, table: strongroom.Table | str, number: int, /, **columns: object) -> None:
        name = table if isinstance(table, str) else table.name
        parts = ", ".join(f'"{column}" = ?' for column in columns)
        self.sql(f"UPDATE {name} SET {parts} WHERE id = ?", *columns.values(), number)

    def insert(self, table: strongroom.Table | str, row: Mapping[str, object]) -> None:
        name = table if isinstance(table, str) else table.name
        columns = ", ".join(f'"{column}"' for column in row)
        marks = ", ".join("?" for _ in row)
        self.sql(f"INSERT INTO {name} ({columns}) VALUES ({marks})", *row.values())

    def store(self) -> dict[str, Any]:
        [row] = self.sql(f"SELECT {', '.join(STORE_COLUMNS)} FROM strongroom_store")
        return dict(zip(STORE_COLUMNS, row, strict=True))

    def put_store(self, **columns: object) -> None:
        self.put("strongroom_store", 1, **columns)


def message(table: str, number: int) -> str:
    return f"record {number} of {table} was changed outside strongroom"


def refused(table: strongroom.Table, number: int) -> None:
    """Hold `get` to its one error for a record that was changed."""
    with pytest.raises(strongroom.IntegrityError) as caught:
        table.get(number)
    hold(caught.value, table.name, number)


def hold(error: strongroom.IntegrityError, table: str, number: int) -> None:
    assert type(error) is strongroom.IntegrityError
    assert error.args == (message(table, number),)
    assert error.hint == f"restore it, or look at it with: strongroom reseal {table} {number}"
    assert error.__cause__ is None
    assert error.__context__ is None


def behind(table: str) -> str:
    return f"the id counter of {table} is behind its records: it was changed outside strongroom"


def only(
    room: strongroom.Strongroom, broken: Mapping[str, Sequence[int]], counters: Sequence[str] = ()
) -> None:
    """Check that exactly these records are seen as changed, by every way of reading.

    Args:
        room: the opened store.
        broken: for each table of the store, the ids of its changed records, counting upwards.
        counters: the tables that hold an id which strongroom never gave out.
    """
    assert set(room.tables) == set(broken)
    findings: list[tuple[str, str]] = []
    report = strongroom.verify(
        room, found=lambda finding: findings.append((finding.table, str(finding.error)))
    )
    wanted = []
    for name in room.tables:
        wanted += [(name, message(name, one)) for one in broken[name]]
        wanted += [(name, behind(name))] if name in counters else []
    assert findings == wanted
    assert (report.broken, report.intact) == (len(wanted), not wanted)
    for name, numbers in broken.items():
        table = room.table(name)
        for number in numbers:
            refused(table, number)
        _iteration(table, numbers)


def _iteration(table: strongroom.Table, numbers: Sequence[int]) -> None:
    """`outcomes` goes on past every changed record, iterating stops at the first."""
    outcomes = list(table.all().outcomes())
    errors = [one for one in outcomes if isinstance(one, strongroom.IntegrityError)]
    for error, number in zip(errors, numbers, strict=True):
        hold(error, table.name, number)
    good = [one for one in outcomes if isinstance(one, strongroom.Record)]
    for record in good:
        assert repr(dict(table.get(record.id))) == repr(dict(record))  # NaN is not equal to NaN
    read: list[int] = []
    if not numbers:
        assert [one.id for one in table.all()] == [one.id for one in good]
        return
    with pytest.raises(strongroom.IntegrityError) as caught:
        read.extend(record.id for record in table.all())
    hold(caught.value, table.name, numbers[0])
    assert read == [record.id for record in good if record.id < numbers[0]]


class Straight:
    """Rows as the database holds them, opened and resealed without it: for thousands of tries."""

    def __init__(self, room: strongroom.Strongroom, table: strongroom.Table) -> None:
        self.name = table.name
        state = room._store.state
        schema = state.catalogue.table(table.name)
        self.sealer = Sealer(state, schema)
        with reading(room._store) as connection:
            rows = Rows(room._store.dialect, schema)
            keys = [(record.id,) for record in table.all()]
            self.rows: list[Row] = [
                row for key in keys if (row := rows.get(connection, key)) is not None
            ]

    def opens(self, row: Row) -> bool:
        return isinstance(self.sealer.open([row])[0], strongroom.Record)

    def opens_without_seal(self, row: Row) -> bool:
        try:
            self.sealer.open_without_seal(row)
        except strongroom.IntegrityError:
            return False
        return True


def replaced(row: Row, place: int, value: object) -> Row:
    return row._replace(values=(*row.values[:place], value, *row.values[place + 1 :]))


def bits(data: bytes) -> Iterator[bytes]:
    """Give `data` with one bit flipped, for each of its bits."""
    for bit in range(len(data) * 8):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        yield bytes(changed)
