"""How often one record's operation goes to the database and back: pinned, for a clock varies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import strongroom
from strongroom.storage import liveness
from tests.room.trips import Trips, trips
from tests.servers.database import Database

_READ = {
    "sqlite": ["BEGIN", "SELECT", "ROLLBACK"],
    "mariadb": ["SELECT", "ROLLBACK"],
    "postgresql": ["BEGIN", "SELECT", "ROLLBACK"],
}
_BEGIN = {"sqlite": ["BEGIN"], "mariadb": [], "postgresql": ["BEGIN"]}
_RESERVE = {
    "sqlite": [],
    "mariadb": ["UPDATE", "SELECT", "COMMIT"],
    "postgresql": ["BEGIN", "UPDATE", "COMMIT"],
}


@pytest.fixture
def sent() -> Iterator[Trips]:
    with trips() as noted:
        yield noted


@pytest.fixture
def people(sent: Trips, database: Database, key: str) -> Iterator[strongroom.Table]:
    """Give a table that every sort of operation was done on before."""
    del sent  # it has to watch before the store is opened
    with strongroom.open(database.url, key, password=database.password) as room:
        declared = {"name": strongroom.Text(), "age": strongroom.Integer(plain=True)}
        table = room.create_table("people", declared)
        strongroom.add_index(room, "people", strongroom.Index.exact("name"))
        for number in range(70):  # so many ids that a block is the largest
            table.add(name=f"name {number}", age=number)
        yield table


def _written(kind: str, *statements: str) -> list[str]:
    return [*_BEGIN[kind], "GENERATION", *statements, "COMMIT"]


def test_a_record_is_read_in_one_statement(
    sent: Trips, people: strongroom.Table, database: Database
) -> None:
    people.get(1)  # psycopg forgets what it prepared at the first rollback
    assert sent.of(lambda: people.get(1)) == _READ[database.kind]
    assert sent.of(lambda: list(people.find(name="name 5"))) == _READ[database.kind]
    assert sent.of(lambda: list(people.find(age=5))) == _READ[database.kind]
    assert sent.of(lambda: people.all().first()) == _READ[database.kind]
    with pytest.raises(strongroom.NotFoundError):
        sent.of(lambda: people.get(10_000))


def test_a_record_is_added_in_one_statement_behind_the_generation(
    sent: Trips, people: strongroom.Table, database: Database
) -> None:
    ids = ["UPDATE"] if database.kind == "sqlite" else []
    expected = _written(database.kind, *ids, "INSERT")
    with_a_block = sorted(expected + _RESERVE[database.kind])
    found = [sent.of(lambda: people.add(name="Ada", age=36)) for _ in range(70)]
    others = [one for one in found if one != expected]
    # Of the 64 ids of a block each is used before the next one is reserved.
    assert len(others) == (0 if database.kind == "sqlite" else 1)
    assert all(sorted(one) == with_a_block for one in others)


def test_a_record_is_changed_in_two_statements_behind_the_generation(
    sent: Trips, people: strongroom.Table, database: Database
) -> None:
    people.update(1, age=2)
    people.delete(2)
    kind = database.kind
    assert sent.of(lambda: people.update(1, age=3)) == _written(kind, "SELECT", "UPDATE")
    assert sent.of(lambda: people.delete(3)) == _written(kind, "SELECT", "DELETE")


def test_an_idle_connection_is_asked_before_it_is_used(
    sent: Trips, people: strongroom.Table, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.get(1)
    monkeypatch.setattr(liveness, "IDLE_SECONDS", 0.0)
    asked = [] if database.kind == "sqlite" else ["PING"]
    assert sent.of(lambda: people.get(1)) == [*asked, *_READ[database.kind]]


@pytest.mark.usefixtures("people")
def test_operations_of_one_transaction_read_the_generation_once(
    sent: Trips, database: Database, key: str
) -> None:
    def several() -> None:
        with room.transaction():
            table.update(1, age=4)
            table.get(1)
            table.delete(4)

    with strongroom.open(database.url, key, password=database.password) as room:
        table = room.table("people")
        table.update(1, age=2)  # a new connection is asked once how much it takes
        assert sent.of(several) == _written(
            database.kind, "SELECT", "UPDATE", "SELECT", "SELECT", "DELETE"
        )
