"""An adoption that ends at any statement goes on there, and an undo likewise.

On MariaDB this decides: each of its DDL statements commits by itself, so between any two of them
the table, the triggers and the catalogue may disagree.
"""

from __future__ import annotations

import os
from typing import Final

import pytest

import strongroom
from strongroom.crypto.decrepit.schemes import SCHEMES
from strongroom.errors import UnfinishedError
from strongroom.jobs.rewriting.adopt import adopt, undo
from strongroom.jobs.rewriting.adoption_plan import Adoption
from tests.jobs.aftermath import check_adopted, legacy_states, traces
from tests.jobs.interrupting import ended_at
from tests.jobs.someone import fill, legacy, make_users, people
from tests.jobs.whole import shape_and_rows
from tests.servers.database import Database

CROWD: Final = people(3)
ROWS: Final = [(number, *one) for number, one in enumerate(CROWD, start=1)]
OLD_KEY: Final = os.urandom(32)
KEYS: Final = SCHEMES["legacy"].derive(OLD_KEY)
FEWEST: Final = 30  # statements that change something, on the database with the fewest


def _wanted(table: str) -> Adoption:
    return Adoption(table, encrypt={"name": None}, seal={"age": None}, scheme="legacy")


def _filled(database: Database, table: str) -> None:
    make_users(database, table=table)
    fill(database, [(legacy(OLD_KEY, name), age) for name, age in CROWD], table=table)


def test_it_goes_on_wherever_it_ended(database: Database, key: str) -> None:
    number, ended = 0, True
    while ended:
        number += 1
        table = f"users{number}"
        _filled(database, table)
        with strongroom.open(database.url, key, password=database.password) as room:
            with ended_at(room, number) as line:
                adopt(room, _wanted(table), keys=KEYS)
            ended = line.crossed
        with strongroom.open(database.url, key, password=database.password) as room:
            catalogue = room.store.state.catalogue
            if not catalogue.knows(table) or catalogue.rewriting(table):
                adopt(room, _wanted(table), keys=KEYS)
            try:
                check_adopted(database, room, ROWS, table)
            except AssertionError as error:
                error.add_note(f"it had ended at {line.last}")
                raise
            assert room.table(table).add(name="Grace Hopper", age=85) == 4
    assert number > FEWEST


def test_undo_goes_on_wherever_it_ended(database: Database, key: str) -> None:
    with strongroom.open(database.url, key, password=database.password):
        pass
    _filled(database, "users")
    database.execute("UPDATE users SET name = 'not of the scheme' WHERE id = 2")
    before = shape_and_rows(database, "users")
    number, ended = 0, True
    while ended:
        number += 1
        with strongroom.open(database.url, key, password=database.password) as room:
            with pytest.raises(UnfinishedError):
                adopt(room, _wanted("users"), keys=KEYS)
            assert traces(database)
            with ended_at(room, number) as line:
                undo(room, "users")
            ended = line.crossed
        with strongroom.open(database.url, key, password=database.password) as room:
            if room.store.state.catalogue.pending:
                undo(room, "users")
            assert traces(database) == set(), line.last
            assert shape_and_rows(database, "users") == before, line.last
            assert room.tables == ()
            assert room.store.state.catalogue.pending == ()
            assert legacy_states(room) == {"destroyed"}
            assert database.execute("SELECT job FROM strongroom_jobs") == []
    assert number > 5
