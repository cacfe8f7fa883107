"""Plain columns that hold what strongroom never writes: of another type, spelling or range.

Whatever the database made of it, the record is changed: the integrity error, with no value in it,
whether the driver hands the value over, turns it into something else or cannot read it at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import pytest

import strongroom
from strongroom.schema.types import FieldType
from tests.room.edits import during
from tests.room.thief import Thief, hold, only, refused

FIELDS: Final[Mapping[str, FieldType]] = {
    "name": strongroom.Text(),
    "word": strongroom.Text(plain=True, optional=True),
    "number": strongroom.Integer(plain=True, optional=True),
    "amount": strongroom.Decimal(plain=True, optional=True, precision=12, scale=2),
    "day": strongroom.Date(plain=True, optional=True),
    "time": strongroom.DateTime(plain=True, optional=True),
    "moment": strongroom.ZonedDateTime(plain=True, optional=True),
    "flag": strongroom.Boolean(plain=True, optional=True),
    "data": strongroom.Bytes(plain=True, optional=True),
    "notes": strongroom.Json(plain=True, optional=True),
    "ratio": strongroom.Float(plain=True, optional=True),
}
RECORD: Final[Mapping[str, Any]] = {
    "name": "Ada Lovelace",
    "word": "Turin",
    "number": 36,
    "amount": Decimal("12.50"),
    "day": dt.date(1815, 12, 10),
    "time": dt.datetime(1843, 9, 1, 12, 30, 0, 250000),  # noqa: DTZ001  # the type without a zone
    "moment": dt.datetime(1843, 9, 1, 12, 30, tzinfo=dt.UTC),
    "flag": True,
    "data": b"\x00\xff",
    "notes": {"a": [1, 2.5, None], "b": "é"},
    "ratio": 0.5,
}

# What stands in each column, as SQL. SQLite keeps any type in any column.
SQLITE: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("x'00'", "5", "CAST(name AS BLOB)"),
    "word": ("x'547572696E'", "'turin'", "'Turin '", "'Turin' || char(0)", "''"),
    "number": ("'x'", "36.5", "x'3336'", "37", "9223372036854775808", "'9223372036854775808'",
               "1e300", "''", "'36a'"),
    "amount": ("'12.5'", "'12.500'", "12.5", "'012.50'", "'+12.50'", "'12.50 '", "'1.25E+1'",
               "'NaN'", "'sNaN'", "'Infinity'", "'-Infinity'", "'1_2.50'",
               "'\uff11\uff12.50'", "x'31'",
               "'12.51'", "'-0.00'", "''", "'12345678901234567.00'"),
    "day": ("'1815-12-11'", "'18151210'", "'1815-W49-7'", "'1815-12-10 00:00:00'", "'1815-13-10'",
            "'infinity'", "1815", "x'31'", "''", "'0000-00-00'"),
    "time": ("'1843-09-01 12:30:00'", "'1843-09-01T12:30:00.250000'", "'1843-09-01 12:30:00.25'",
             "'1843-09-01 12:30:00.250000+00:00'", "'1843-09-01 12:30:00.250001'", "0",
             "'1843-09-01'", "'x'"),
    "moment": ("'1843-09-01 12:30:00'", "'1843-09-01 12:30:00.000000+00:00'",
               "'1843-09-01 12:30:00.000000+01:00'", "'1843-09-01 12:30:00.000001'", "x'31'"),
    "flag": ("2", "-1", "0", "'true'", "x'01'", "1.5", "''"),
    "data": ("x'00'", "x''", "'text'", "0"),
    "notes": ("""'{"a": [1, 2.5, null], "b": "é"}'""", """'{"b":"é","a":[1,2.5,null]}'""",
              """'{"a":[1,2.5,null],"a":0,"b":"é"}'""", "'null'", "'{'", "''", "'NaN'", "1",
              """'{"a":[1,2.50,null],"b":"é"}'""", """'{"a":[1,2.5,null],"b":"\\u00e9"}'""",
              "replace(hex(zeroblob(100)), '0', '[')"),
    "ratio": ("1", "'x'", "9e999", "-9e999", "x'00'", "-0.0", "0.25"),
}  # fmt: skip
MARIADB: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("'?'", "CONCAT(name, ' ')"),
    "word": ("'turin'", "'Turin '", "'Túrin'", "CONCAT('Turin', CHAR(0))", "''", "'Tur\\nin'"),
    "number": ("37", "-36", "9223372036854775807"),
    "amount": ("12.51", "-12.5", "0", "9999999999.99"),
    "day": ("'1815-12-11'", "'0000-00-00'", "'1815-00-10'", "'1815-12-00'", "'1815-02-31'",
            "'9999-12-31'", "'0000-01-01'"),
    "time": ("'1843-09-01 12:30:00'", "'0000-00-00'", "'1843-00-01 00:00:00'",
             "'1843-09-01 12:30:00.250001'", "'1843-02-31 12:30:00'"),
    "moment": ("'1843-09-01 12:30:00.000001'", "'0000-00-00 00:00:00'", "'1843-09-00 12:30:00'"),
    "flag": ("0", "2", "-1", "32767"),
    "data": ("x'00'", "''", "x'00FF00'"),
    "notes": ("""'{"a": [1, 2.5, null], "b": "é"}'""", "'{'", "''", "'null'", "REPEAT('[', 100)"),
    "ratio": ("0.25", "-0e0", "1.7976931348623157e308", "1"),
}  # fmt: skip
POSTGRESQL: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("'?'", "name || ' '"),
    "word": ("'turin'", "'Turin '", "E'Turin\\n'", "''"),
    "number": ("37", "-36", "9223372036854775807"),
    "amount": ("12.51", "-12.50", "0", "'NaN'", "9999999999.99"),
    "day": ("'1815-12-11'", "'9999-12-31'", "'0001-01-01'"),
    "time": ("'1843-09-01 12:30:00'", "'1843-09-01 12:30:00.250001'"),
    "moment": ("'1843-09-01 12:30:00.000001'", "'1843-09-01 12:30:00+01:00'::timestamptz"),
    "flag": ("0", "2", "-1", "32767"),
    "data": ("'\\x00'", "''", "'\\x00ff00'"),
    "notes": ("""'{"a": [1, 2.5, null], "b": "é"}'""", "'{'", "''", "'null'", "repeat('[', 100)"),
    "ratio": ("0.25", "'NaN'", "'Infinity'", "'-Infinity'", "'-0'", "1e-320"),
}  # fmt: skip
# What the driver cannot even hand over. (PyMySQL hands over everything.)
NOT_TEXT: Final = ("CAST(x'FF' AS TEXT)", "CAST(x'EDA080' AS TEXT)", "CAST(x'54C3' AS TEXT)")
UNREADABLE: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "sqlite": dict.fromkeys(FIELDS, NOT_TEXT),
    "postgresql": {
        "day": ("'infinity'", "'-infinity'", "'0044-03-15 BC'", "'5874897-12-31'",
                "'10000-01-01'"),
        "time": ("'infinity'", "'-infinity'", "'0044-03-15 00:00:00 BC'",
                 "'294276-12-31 00:00:00'"),
        "moment": ("'infinity'", "'-infinity'", "'12000-01-01'"),
    },
}  # fmt: skip
VALUES: Final = {"sqlite": SQLITE, "mariadb": MARIADB, "postgresql": POSTGRESQL}
COUNT: Final = {"sqlite": 87, "mariadb": 46, "postgresql": 39}
not_mariadb = pytest.mark.parametrize("database", list(UNREADABLE), indirect=True)


def three(room: strongroom.Strongroom) -> strongroom.Table:
    table = room.create_table("kinds", FIELDS)
    table.add_many([RECORD] * 3)
    return table


def lax(thief: Thief) -> None:
    if thief.database.kind == "mariadb":
        thief.sql("SET SESSION sql_mode = 'ALLOW_INVALID_DATES,ANSI_QUOTES'")


def attempts(values: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(column, value) for column, texts in values.items() for value in texts]


def get(room: strongroom.Strongroom, thief: Thief, values: Mapping[str, tuple[str, ...]]) -> int:
    table = three(room)
    lax(thief)
    good = thief.row(table, 2)
    for column, value in attempts(values):
        with during(f"{column} = {value}"):
            thief.sql(f"UPDATE kinds SET {column} = {value} WHERE id = 2")
            refused(table, 2)
            thief.put(table, 2, **{column: good[column]})
    only(room, {"kinds": []})
    return len(attempts(values))


def test_get_refuses_every_one(room: strongroom.Strongroom, thief: Thief) -> None:
    kind = thief.database.kind
    assert get(room, thief, VALUES[kind]) == COUNT[kind]


@not_mariadb
def test_get_refuses_what_no_driver_reads(room: strongroom.Strongroom, thief: Thief) -> None:
    assert get(room, thief, UNREADABLE[thief.database.kind]) in (33, 12)


def walk(room: strongroom.Strongroom, thief: Thief, values: Mapping[str, tuple[str, ...]]) -> None:
    table = three(room)
    lax(thief)
    good = thief.row(table, 2)
    for column, value in attempts(values):
        with during(f"{column} = {value}"):
            thief.sql(f"UPDATE kinds SET {column} = {value} WHERE id = 2")
            first, broken, last = table.all().outcomes()
            assert isinstance(broken, strongroom.IntegrityError)
            hold(broken, "kinds", 2)
            assert isinstance(first, strongroom.Record) and first.id == 1
            assert isinstance(last, strongroom.Record) and last.id == 3
            report = strongroom.verify(room)
            assert (report.records, report.broken) == (3, 1)
            thief.put(table, 2, **{column: good[column]})


def test_verify_names_every_one_and_goes_on(room: strongroom.Strongroom, thief: Thief) -> None:
    walk(room, thief, VALUES[thief.database.kind])


@not_mariadb
def test_verify_goes_on_past_what_no_driver_reads(
    room: strongroom.Strongroom, thief: Thief
) -> None:
    walk(room, thief, UNREADABLE[thief.database.kind])


def write(room: strongroom.Strongroom, thief: Thief, values: Mapping[str, tuple[str, ...]]) -> None:
    table = three(room)
    lax(thief)
    good = thief.row(table, 2)
    for column, value in attempts(values):
        change = {"word": "new"} if column == "name" else {"name": "new"}
        with during(f"{column} = {value}"):
            thief.sql(f"UPDATE kinds SET {column} = {value} WHERE id = 2")
            with pytest.raises(strongroom.IntegrityError) as caught:
                table.update(2, **change)
            hold(caught.value, "kinds", 2)
            with pytest.raises(strongroom.StrongroomError) as failed:
                table.reseal(2, accept={**RECORD, "name": None})
            assert str(RECORD["name"]) not in str(failed.value)
            state = thief.sql("SELECT record_version, record_seal FROM kinds WHERE id = 2")
            assert state == [(good["record_version"], good["record_seal"])]
            thief.put(table, 2, **{column: good[column]})
    only(room, {"kinds": []})


def test_no_write_accepts_or_repairs_one(room: strongroom.Strongroom, thief: Thief) -> None:
    write(room, thief, VALUES[thief.database.kind])


@not_mariadb
def test_no_write_accepts_what_no_driver_reads(room: strongroom.Strongroom, thief: Thief) -> None:
    write(room, thief, UNREADABLE[thief.database.kind])


@not_mariadb
def test_a_record_that_no_driver_reads_can_be_deleted(
    room: strongroom.Strongroom, thief: Thief
) -> None:
    table = three(room)
    value = UNREADABLE[thief.database.kind]["day"][0]
    thief.sql(f"UPDATE kinds SET day = {value} WHERE id = 2")
    table.delete(2)
    assert [record.id for record in table.all()] == [1, 3]


def test_the_same_value_in_another_type_of_column(
    room: strongroom.Strongroom, thief: Thief
) -> None:
    """An altered column gives another type or more digits: changed, however equal it looks."""
    if thief.database.kind == "sqlite":
        # SQLite's columns turn a number that is whole into the integer it was: nothing changed.
        table = three(room)
        for value in ("36.0", "'36'", "'36.0'", "3.6e1"):
            thief.sql(f"UPDATE kinds SET number = {value} WHERE id = 2")
            assert thief.sql("SELECT typeof(number) FROM kinds WHERE id = 2") == [("integer",)]
        only(room, {"kinds": []})
        return
    alter = {
        "mariadb": ("MODIFY number DOUBLE", "MODIFY amount DECIMAL(20,3)", "MODIFY day DATETIME",
                    "MODIFY word LONGBLOB", "MODIFY number VARCHAR(20)", "MODIFY name LONGBLOB"),
        "postgresql": ("ALTER number TYPE double precision", "ALTER amount TYPE numeric(20,3)",
                       "ALTER day TYPE timestamp", "ALTER word TYPE bytea USING word::bytea",
                       "ALTER number TYPE text", "ALTER name TYPE bytea USING name::bytea",
                       "ALTER moment TYPE timestamptz"),
    }[thief.database.kind]  # fmt: skip
    for number, change in enumerate(alter):
        with during(change):
            table = room.create_table(f"kinds{number}", FIELDS)
            table.add_many([RECORD] * 2)
            thief.sql(f"ALTER TABLE kinds{number} {change}")
            for record in (1, 2):
                refused(table, record)
