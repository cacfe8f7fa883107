"""Every type of field, plain and encrypted, at its edges: what comes back is what was given."""

from __future__ import annotations

import datetime as dt
import traceback
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import pytest

import strongroom
from strongroom import Integer
from tests.room.edits import during
from tests.room.every_type import FIELDS, KINDS, MIB, exactly, records
from tests.room.thief import Thief, only

CANARY: Final = "canary"
HUGE: Final = 10**5000


def same(record: strongroom.Record, given: dict[str, Any]) -> None:
    for name in FIELDS:
        assert exactly(record[name]) == exactly(given.get(name)), (record.id, name)


def test_what_is_stored_comes_back(room: strongroom.Strongroom) -> None:
    table = room.create_table("kinds", FIELDS)
    given = records()
    single = [table.add(**one) for one in given[:5]]
    ids = [*single, *table.add_many(given[5:])]
    for number, one in zip(ids, given, strict=True):
        same(table.get(number), one)
    for record, one in zip(table.all(), given, strict=True):
        same(record, one)
    only(room, {"kinds": []})


def test_what_is_changed_comes_back(room: strongroom.Strongroom, key: str) -> None:
    """Through updates, one field at a time and all at once, and in another process's eyes."""
    table = room.create_table("kinds", FIELDS)
    given = records()
    number = table.add(**given[0])
    for one in given[1:]:
        changed = table.update(number, **{name: one.get(name) for name in FIELDS})
        same(changed, one)
        same(table.get(number), one)
    expected = dict(given[-1])
    for name, (_, values) in KINDS.items():
        expected[name] = values[-1]
        same(table.update(number, **{name: values[-1]}), expected)
    database = room._store.database
    with strongroom.open(database._main, key) as again:
        same(again.table("kinds").get(number), expected)


def test_a_record_with_a_nan_is_equal_to_itself(room: strongroom.Strongroom) -> None:
    """Equality is by the canonical bytes, of which NaN has one: the strict update goes through."""
    table = room.create_table("scores", {"score": strongroom.Float(), "age": Integer(plain=True)})
    number = table.add(score=float("nan"), age=36)
    seen = table.get(number)
    assert seen == table.get(number)
    assert table.update(seen, age=37).record_version == 2


def test_no_value_is_another_than_nothing(room: strongroom.Strongroom, thief: Thief) -> None:
    """'' and 0 and False are values: stored as such, not as NULL."""
    table = room.create_table("kinds", FIELDS)
    empty = {"word": "", "number": 0, "flag": False, "data": b"", "secret": "", "ill": False}
    table.add(**empty)
    table.add()
    full, nothing = thief.rows(table)
    assert {name for name in FIELDS if full[name] is not None} == set(empty)
    assert [name for name in FIELDS if nothing[name] is not None] == []
    assert full["secret"].startswith("sr1.") and full["ill"].startswith("sr1.")


def test_json_comes_back_as_a_copy_with_sorted_keys(room: strongroom.Strongroom) -> None:
    table = room.create_table("kinds", FIELDS)
    given: dict[str, Any] = {"b": 1, "a": {"d": 2, "c": []}}
    number = table.add(notes=given, file=given)
    given["a"]["c"].append("later")
    record = table.get(number)
    for found in (record.notes, record.file):
        assert repr(found) == "{'a': {'c': [], 'd': 2}, 'b': 1}"


WRONG: Final[dict[str, Sequence[object]]] = {
    "word": (1, True, b"canary", ["canary"], "canary\0", "canary\ud800", "x" * MIB + "canary"),
    "secret": (1, b"canary", {"canary": 1}, "\udfffcanary", "canary" + "é" * (MIB // 2), object()),
    "number": (True, "36", "canary", 1e3, 36.0, HUGE, 2**63, -(2**63) - 1, Decimal(36), b"1"),
    "big": (True, "36", 36.0, HUGE, 2**4095, -(2**4095) - 1, float("nan")),
    "amount": (1, 1.5, "1.50", Decimal("1.005"), Decimal(123456789), Decimal("NaN"),
               Decimal("sNaN"), Decimal("Infinity"), Decimal("1E+30")),
    "exact": (1, 1.5, "1", Decimal("NaN"), Decimal("-Infinity"), Decimal("1E+6145"),
              Decimal("9" * 1001)),
    "day": ("2024-01-01", dt.datetime(2024, 1, 1), dt.date(999, 12, 31), 0),  # noqa: DTZ001
    "birthday": ("canary", dt.datetime(2024, 1, 1), True),  # noqa: DTZ001
    "time": (dt.date(2024, 1, 1), dt.datetime(2024, 1, 1, tzinfo=dt.UTC),
             dt.datetime(2024, 1, 1, fold=1), dt.datetime(999, 1, 1), "canary"),  # noqa: DTZ001
    "moment": (dt.datetime(2024, 1, 1),  # noqa: DTZ001
               dt.datetime(2024, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1))), 0.0),
    "called": (dt.datetime(2024, 1, 1),  # noqa: DTZ001
               dt.datetime(2024, 1, 1, tzinfo=dt.timezone(dt.timedelta(microseconds=1)))),
    "flag": (0, 1, "true", "canary", b""),
    "ill": (0, 1, 2, "false"),
    "data": ("canary", 1, bytearray(b"canary"), memoryview(b"canary"), b"canary" * MIB),
    "photo": ("canary", [1], bytearray(b"canary")),
    "notes": ({1: "canary"}, {"canary": {2}}, ("canary",), float("nan"), [float("inf")], b"canary",
              "\ud800canary", {"canary": object()}, ["canary" * MIB], 2**5000),
    "file": ({None: "canary"}, [Decimal(1)], dt.date(2024, 1, 1)),
    "ratio": (1, True, "1.5", float("nan"), float("inf"), Decimal(1)),
    "score": (1, "canary", None.__class__),
}  # fmt: skip


def test_a_bad_value_is_refused_by_its_rule_alone(
    room: strongroom.Strongroom, thief: Thief
) -> None:
    """One error that names the field, with the value nowhere in it, and nothing stored."""
    table = room.create_table("kinds", FIELDS)
    table.add()
    before = thief.rows(table)
    deep: Any = "canary"
    for _ in range(70):
        deep = [deep]
    assert set(WRONG) | {"padded", "met"} == set(FIELDS)
    for name, values in {**WRONG, "notes": (*WRONG["notes"], deep)}.items():
        for place, value in enumerate(values):
            with during(f"{name} {place}"):
                for write in (
                    lambda name=name, value=value: table.add(**{name: value}),
                    lambda name=name, value=value: table.update(1, **{name: value}),
                    lambda name=name, value=value: table.add_many([{}, {name: value}]),
                    lambda name=name, value=value: list(table.find(**{name: value}).scan()),
                ):
                    with pytest.raises(strongroom.InputError) as caught:
                        write()
                    text = "".join(traceback.format_exception(caught.value))
                    told = str(caught.value).removeprefix("record 2: ")
                    assert told.startswith(f"kinds.{name} must ")
                    assert CANARY not in str(caught.value) + str(caught.value.hint)
                    assert caught.value.__cause__ is None
                    assert "canary\n" not in text and "canary'" not in text.split("Error: ")[-1]
    assert thief.rows(table) == before


def test_a_default_tables_ages(room: strongroom.Strongroom, thief: Thief) -> None:
    """The dialogue's own field: 0 to 150, and the message says so without the value."""
    users = room.table("users")
    for age in (
        -1,
        151,
        2**63,
        10**30,
        1e3,
        36.0,
        "25 ",
        "25",
        True,
        None,
        float("nan"),
        [36],
        b"1",
    ):
        with pytest.raises(strongroom.InputError) as caught:
            users.add(name=CANARY, age=age)
        told = str(caught.value)
        expected = {
            type(None): "users.age must be given",
            int: "users.age must be between 0 and 150",
        }.get(type(age), "users.age must be an integer between 0 and 150")
        assert told == expected
    assert thief.rows(users) == []
    assert [users.add(name="", age=age) for age in (0, 150)] == [1, 2]


def test_names_that_are_no_fields(room: strongroom.Strongroom, thief: Thief) -> None:
    users = room.table("users")
    users.add(name="Ada", age=36)
    before = thief.rows(users)
    for name in ("id", "record_version", "record_seal", "canary", "age = 1; --", "", "Name", "*"):
        for ask in (
            lambda name=name: users.add(**{"name": "Ada", "age": 36, name: 1}),
            lambda name=name: users.update(1, **{name: 1}),
            lambda name=name: list(users.find(**{name: 1})),
        ):
            with pytest.raises(strongroom.InputError) as caught:
                ask()
            assert str(caught.value) == "users has no such field"
    for spelled in ("canary", "age; --", "-canary", "--age", "record_version"):
        with pytest.raises(strongroom.InputError):
            users.all().order_by(spelled)
    assert thief.rows(users) == before
