"""The store against a plain dict: any sequence of operations leaves both with the same people."""

from __future__ import annotations

import itertools
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

import strongroom
from tests.servers.database import Database

FIELDS: dict[str, strongroom.FieldType] = {
    "name": strongroom.Text(),
    "note": strongroom.Text(optional=True, pad=32),
    "born": strongroom.Date(optional=True),
    "age": strongroom.Integer(plain=True, minimum=0, maximum=150),
    "city": strongroom.Text(plain=True, optional=True),
}
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
records = st.fixed_dictionaries(
    {"name": texts, "age": st.integers(0, 150)},
    optional={
        "note": st.none() | texts,
        "born": st.none() | st.dates(),
        "city": st.none() | texts.map(lambda text: text.replace("\0", "")),
    },
)
changes = st.dictionaries(st.sampled_from(list(FIELDS)), st.none(), min_size=1).flatmap(
    lambda names: records.map(lambda one: {name: one.get(name) for name in names})
)
numbers = itertools.count()


class Undo(Exception):  # noqa: N818  # not an error: how the block is left
    """Leave a transaction."""


class StoreBesideDict(RuleBasedStateMachine):
    """What is done to one table of the store is done to a dict too.

    Attributes:
        opener: opens the store; each test makes a subclass with its own.
    """

    opener: ClassVar[staticmethod[[], strongroom.Strongroom]]
    ids = Bundle("ids")

    @initialize()
    def begin(self) -> None:
        self.room = self.opener()
        self.name = f"people_{next(numbers)}"
        self.table = self.room.create_table(self.name, FIELDS)
        self.model: dict[int, dict[str, Any]] = {}
        self.versions: dict[int, int] = {}

    def _stored(self, number: int, record: dict[str, Any]) -> None:
        assert number not in self.model
        self.model[number] = {name: record.get(name) for name in FIELDS}
        self.versions[number] = 1

    @rule(target=ids, record=records)
    def add(self, record: dict[str, Any]) -> int:
        number = int(self.table.add(**record))
        self._stored(number, record)
        return number

    @rule(target=ids, several=st.lists(records, max_size=5))
    def add_many(self, several: list[dict[str, Any]]) -> Any:
        added = self.table.add_many(iter(several))
        for number, record in zip(added, several, strict=True):
            self._stored(number, record)
        return multiple(*added)

    @rule(number=ids, change=changes)
    def update(self, number: int, change: dict[str, Any]) -> None:
        self.table.update(number, **change)
        self.model[number] |= change
        self.versions[number] += 1

    @rule(number=consumes(ids))
    def delete(self, number: int) -> None:
        self.table.delete(number)
        del self.model[number], self.versions[number]

    @rule(number=ids, change=changes, record=records)
    def undone(self, number: int, change: dict[str, Any], record: dict[str, Any]) -> None:
        with pytest.raises(Undo), self.room.transaction():
            self.table.update(number, **change)
            added = self.table.add(**record)
            assert self.table.get(added).name == record["name"]
            self.table.delete(number)
            raise Undo

    @rule(number=ids, change=changes)
    def refused(self, number: int, change: dict[str, Any]) -> None:
        with pytest.raises(strongroom.InputError):
            self.table.update(number, **{**change, "age": 151})

    @rule(age=st.integers(0, 150), name=texts)
    def find(self, age: int, name: str) -> None:
        found = {one.id for one in self.table.find(age=age)}
        assert found == {n for n, one in self.model.items() if one["age"] == age}
        found = {one.id for one in self.table.find(name=name).scan()}
        assert found == {n for n, one in self.model.items() if one["name"] == name}

    @rule()
    def open_again(self) -> None:
        self.room.close()
        self.room = self.opener()
        self.table = self.room.table(self.name)

    @invariant()
    def same(self) -> None:
        found = {one.id: dict(one) for one in self.table.all()}
        assert found == {n: {"id": n, **one} for n, one in self.model.items()}
        assert list(found) == sorted(found)
        assert {one.id: one.record_version for one in self.table.all()} == self.versions

    def teardown(self) -> None:
        self.room.close()


def test_any_sequence_of_operations_agrees_with_a_dict(database: Database, key: str) -> None:
    def open_again() -> strongroom.Strongroom:
        return strongroom.open(database.url, key, password=database.password)

    class Store(StoreBesideDict):
        opener = staticmethod(open_again)

    run_state_machine_as_test(
        Store,
        settings=settings(
            max_examples=25 if database.kind == "sqlite" else 8,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
