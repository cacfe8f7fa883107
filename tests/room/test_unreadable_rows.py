"""One edited row, whatever was put into it, stops neither `verify` nor a reader of outcomes.

Some values no driver can hand over, and some break the arithmetic of whoever adds them up: the
record is named as changed, the others are read, and it can be deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pytest

import strongroom
from tests.room.edits import during
from tests.room.thief import Thief, only, refused

NOT_TEXT: Final = "CAST(x'ff' AS TEXT)"
SQLITE: Final[Mapping[str, str]] = {
    "an infinite version": "record_version = 9e999",
    "an infinite version below": "record_version = -9e999",
    "the largest version": f"record_version = {2**63 - 1}",
    "a text for a version": "record_version = 'abc'",
    "bytes for a version": "record_version = x'ff'",
    "a version that is not UTF-8": f"record_version = {NOT_TEXT}",
    "a cell that is not UTF-8": f"name = {NOT_TEXT}",
    "a cell that is half not UTF-8": "name = CAST(CAST(name AS BLOB) || x'ff' AS TEXT)",
    "a cell of bytes": "name = CAST(name AS BLOB)",
    "a seal that is not UTF-8": f"record_seal = {NOT_TEXT}",
    "a seal of text": "record_seal = 'abc'",
    "a plain value that is not UTF-8": f"age = {NOT_TEXT}",
    "an infinite plain value": "age = 9e999",
    "all of it": f"name = {NOT_TEXT}, record_seal = {NOT_TEXT}, record_version = {NOT_TEXT}",
}
EVENTS: Final[dict[str, strongroom.FieldType]] = {
    "name": strongroom.Text(),
    "born": strongroom.Date(plain=True, optional=True),
    "seen": strongroom.DateTime(plain=True, optional=True),
    "paid": strongroom.ZonedDateTime(plain=True, optional=True),
    "price": strongroom.Decimal(plain=True, optional=True, precision=6, scale=2),
    "ratio": strongroom.Float(plain=True, optional=True),
}
POSTGRESQL: Final = (
    *(
        f"{column} = '{value}'"
        for column in ("born", "seen", "paid")
        for value in ("infinity", "-infinity", "20000-01-01", "0044-03-15 BC")
    ),
    "price = 'NaN'",
    "ratio = 'NaN'",
    "ratio = 'infinity'",
)


def hold(room: strongroom.Strongroom, table: strongroom.Table, thief: Thief, edit: str) -> None:
    """Make one edit of record 2; see it named, alone, by every way of reading."""
    with during(edit):
        thief.sql(f"UPDATE {table.name} SET {edit} WHERE id = 2")
        only(room, {table.name: [2]})
        refused(table, 2)
        with pytest.raises(strongroom.IntegrityError):
            table.update(2, name="new")
        assert room.status().tables[0].records == 3


def deleted(room: strongroom.Strongroom, table: strongroom.Table) -> None:
    table.delete(2)
    only(room, {table.name: []})
    assert [one.id for one in table.all()] == [1, 3]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("edit", SQLITE)
def test_what_sqlite_keeps(room: strongroom.Strongroom, thief: Thief, edit: str) -> None:
    users = room.table("users")
    users.add_many([{"name": f"n{number}", "age": number} for number in range(3)])
    hold(room, users, thief, SQLITE[edit])
    deleted(room, users)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_postgresql_keeps_and_its_driver_does_not_hand_over(
    room: strongroom.Strongroom, thief: Thief
) -> None:
    events = room.create_table("events", EVENTS)
    events.add_many([{"name": f"n{number}"} for number in range(3)])
    for edit in POSTGRESQL:
        hold(room, events, thief, edit)
        column = edit.partition(" ")[0]
        thief.sql(f"UPDATE events SET {column} = NULL WHERE id = 2")
        only(room, {"events": []})
    hold(room, events, thief, "born = 'infinity', seen = '-infinity'")
    deleted(room, events)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_versions_whose_sum_is_too_large(room: strongroom.Strongroom, thief: Thief) -> None:
    users = room.table("users")
    users.add_many([{"name": f"n{number}", "age": number} for number in range(3)])
    for version in (str(2**63 - 1), str(-(2**63)), "9e999", "'abc'"):
        with during(version):
            thief.sql(f"UPDATE users SET record_version = {version} WHERE id <= 2")
            only(room, {"users": [1, 2]})
            assert room.status().tables[0].records == 3


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_decimal_of_many_zeros_is_not_spelled_out(
    room: strongroom.Strongroom, thief: Thief
) -> None:
    events = room.create_table("events", EVENTS)
    events.add_many([{"name": f"n{number}"} for number in range(3)])
    for value in ("1E+99999999999999999", "1E-99999999999999999", "NaN", "sNaN", "Infinity", "1e2"):
        hold(room, events, thief, f"price = '{value}'")
    deleted(room, events)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_unreadable_row_between_pages_loses_no_other(
    room: strongroom.Strongroom, thief: Thief
) -> None:
    """The first page ends with record 32: the next one has to begin somewhere all the same."""
    users = room.table("users")
    for edited in (1, 31, 32, 33, 70):
        table = room.create_table(f"people_{edited}", {"name": strongroom.Text(), "age": AGE})
        table.add_many([{"name": f"n{number}", "age": number} for number in range(70)])
        thief.sql(f"UPDATE {table.name} SET name = {NOT_TEXT} WHERE id = ?", edited)
        for query in (table.all(), table.all().order_by("age"), table.all().order_by("-age")):
            with during(f"record {edited}: {query.explain()}"):
                outcomes = list(query.outcomes())
                errors = [str(one) for one in outcomes if not isinstance(one, strongroom.Record)]
                assert errors == [f"record {edited} of {table.name} was changed outside strongroom"]
                good = sorted(one.id for one in outcomes if isinstance(one, strongroom.Record))
                assert good == [number for number in range(1, 71) if number != edited]
    assert users.all().count() == 0


AGE: Final = strongroom.Integer(plain=True)


def test_a_counter_that_is_gone_is_reported_for_its_table_alone(
    room: strongroom.Strongroom, thief: Thief
) -> None:
    for name in ("first", "second", "third"):
        room.create_table(name, {"name": strongroom.Text()}).add(name="x")
    [number] = [one.id for one in room._store.state.catalogue.tables if one.name == "second"]
    thief.sql("DELETE FROM strongroom_counters WHERE table_id = ?", number)
    findings: list[tuple[str, str]] = []
    report = strongroom.verify(
        room, found=lambda finding: findings.append((finding.table, str(finding.error)))
    )
    assert findings == [("second", "a table's id counter is gone or not as strongroom wrote it")]
    assert (report.tables, report.records, report.broken) == (3, 3, 1)
    assert room.table("third").add(name="y") == 2
    with pytest.raises(strongroom.IntegrityError):
        room.table("second").add(name="y")
