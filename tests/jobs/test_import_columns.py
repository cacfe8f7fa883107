"""A batch of a file, taken a column at a time, means what its records mean one by one."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import strongroom
from strongroom.crypto.job import JobKey
from strongroom.crypto.secret import Secret
from strongroom.errors import InputError, UnfinishedError
from strongroom.files.reading import open_source
from strongroom.files.source import Item, Source
from strongroom.jobs.exchange.batches import Batches
from strongroom.jobs.exchange.columns import Plan, Taken
from strongroom.jobs.exchange.consumed import Consumed, line
from strongroom.jobs.exchange.options import ImportOptions
from strongroom.schema.table import Table

_FIELDS = {
    "name": strongroom.Text(max_bytes=20),
    "nick": strongroom.Text(optional=True),
    "age": strongroom.Integer(minimum=0),
    "height": strongroom.Decimal(optional=True),
    "born": strongroom.Date(optional=True, plain=True),
    "notes": strongroom.Json(optional=True),
}
_COLUMNS = tuple(_FIELDS)
_JOB_KEY = JobKey(Secret(b"k" * 32), b"s" * 16)
_GOOD = ("Ada", "Łucja", "", r"\N", r"\\N", "0", "36", "1.50", "2024-02-29", "[1]", '{"a": null}')
_BAD = ("-1", "007", "a name of more than twenty bytes", "2023-02-29", "{", "0x1", " 36")


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Table]:
    """Give a table whose key is counted, and one whose key a file gives."""
    folder = tmp_path_factory.mktemp("store")
    with strongroom.open(f"sqlite:///{folder / 'p.db'}", f"file:{folder / 'key.bin'}") as room:
        room.create_table("counted", _FIELDS)
        room.create_table(
            "mailed", {**_FIELDS, "mail": strongroom.Text(plain=True, unique=True, max_bytes=99)}
        )
        catalogue = room.store.state.catalogue
        return {name: catalogue.table(name) for name in ("counted", "mailed")}


def _source(records: Iterable[Iterable[str]], columns: Iterable[str] = _COLUMNS) -> Source:
    text = io.StringIO()
    csv.writer(text).writerows([list(columns), *map(list, records)])
    return open_source(None, kind="csv", stream=io.BytesIO(text.getvalue().encode()))


def _one_by_one(plan: Plan, items: list[Item]) -> list[Taken] | None:
    try:
        return [plan.take(item) for item in items]
    except InputError:
        return None


@given(
    st.lists(
        st.lists(st.sampled_from(_GOOD), min_size=len(_COLUMNS), max_size=len(_COLUMNS))
        | st.lists(st.sampled_from(_GOOD + _BAD), min_size=1, max_size=len(_COLUMNS) + 1),
        max_size=4,
    )
)
def test_a_column_means_what_its_values_mean(
    tables: dict[str, Table], records: list[list[str]]
) -> None:
    with _source(records) as source:
        plan, items = Plan(tables["counted"], source, ImportOptions()), list(source)
    assert plan.take_all(items) == _one_by_one(plan, items)


_WHOLE = st.tuples(
    st.sampled_from(("Ada", "Łucja", "")),
    st.sampled_from(("", r"\N", r"\\N", "Countess")),
    st.sampled_from(("0", "36", "9" * 30)),
    st.sampled_from(("", r"\N", "1.50", "-0")),
    st.sampled_from(("", r"\N", "2024-02-29")),
    st.sampled_from(("", r"\N", "[1]", '{"a": null}', "null")),
)


@given(st.lists(_WHOLE, min_size=1, max_size=5))
def test_good_records_are_taken_by_columns(
    tables: dict[str, Table], records: list[tuple[str, ...]]
) -> None:
    with _source(records) as source:
        plan, items = Plan(tables["counted"], source, ImportOptions()), list(source)
    taken = plan.take_all(items)
    assert taken is not None
    assert taken == _one_by_one(plan, items)


@pytest.mark.parametrize("upsert", ["id", "mail"])
def test_what_a_record_is_known_by_is_the_same(tables: dict[str, Table], upsert: str) -> None:
    columns = [*_COLUMNS, "mail", *(["id"] if upsert == "id" else [])]
    records = [["Ada", "", str(n), "", "", "", f"{n}@x.org", str(n)] for n in (1, 2, 3)]
    with _source([one[: len(columns)] for one in records], columns) as source:
        plan, items = Plan(tables["mailed"], source, ImportOptions(upsert=upsert)), list(source)
    taken = plan.take_all(items)
    assert taken is not None
    assert taken == _one_by_one(plan, items)
    assert len({one.known_by for one in taken}) == len(records)
    assert [one.key for one in taken] == ([(1,), (2,), (3,)] if upsert == "id" else [None] * 3)


def test_records_that_name_their_own_columns_are_looked_at_one_by_one(
    tables: dict[str, Table],
) -> None:
    stream = io.BytesIO(b'{"name": "Ada", "age": 1}\n{"age": 2, "name": "Bob", "nick": "B"}\n')
    with open_source(None, kind="jsonl", stream=stream) as source:
        plan, items = Plan(tables["counted"], source, ImportOptions()), list(source)
    assert plan.take_all(items) is None
    assert [one.values["name"] for one in map(plan.take, items)] == ["Ada", "Bob"]


@given(st.lists(st.text() | st.integers() | st.none(), max_size=3))
def test_a_line_is_what_the_encoder_makes(raw: list[Any]) -> None:
    assert line(Item(1, {}, None, raw)) == json.dumps(raw) + "\n"


def _batches(table: Table, source: Source, *, stop: bool) -> Batches:
    plan = Plan(table, source, ImportOptions())
    return Batches(source, plan, Consumed(_JOB_KEY), stop=stop)


def test_the_record_at_fault_goes_before_a_rest_that_cannot_be_read(
    tables: dict[str, Table],
) -> None:
    rest = b'Ada,,36,,,\nBob,,forty,,,\nEve,,9,,,\n"no end'
    data = ",".join(_COLUMNS).encode() + b"\n" + rest
    with open_source(None, kind="csv", stream=io.BytesIO(data)) as source:
        found = _batches(tables["counted"], source, stop=True)
        batch = found.next()
        assert ([one.values["age"] for one in batch.taken], batch.end, batch.last) == (
            [36],
            1,
            False,
        )
        with pytest.raises(UnfinishedError, match=r"line 3: counted\.age must be"):
            found.next()
    with open_source(None, kind="csv", stream=io.BytesIO(data)) as source:
        found = _batches(tables["counted"], source, stop=False)
        with pytest.raises(InputError, match="line 5: a quoted value does not end"):
            found.next()


def test_what_is_consumed_is_what_was_taken(tables: dict[str, Table]) -> None:
    records = [["Ada", "", "36", "", "", ""], ["Bob", "", "x", "", "", ""]]
    with _source(records) as source:
        batch = _batches(tables["counted"], source, stop=True).next()
    digest = hashlib.sha256((json.dumps(records[0]) + "\n").encode()).digest()
    assert batch.content == _JOB_KEY.content_mac(digest).hex()
