"""A server that ends idle connections, at the worst moment: no caller is to notice."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import strongroom
from tests.servers.database import Database

_OTHERS = {
    "mariadb": "SELECT id FROM information_schema.processlist WHERE db = ? AND id <> "
    "CONNECTION_ID()",
    "postgresql": "SELECT pid FROM pg_stat_activity WHERE datname = ? AND pid <> pg_backend_pid()",
}
_END = {"mariadb": "KILL {}", "postgresql": "SELECT pg_terminate_backend({})"}
_OPERATIONS: list[Callable[[strongroom.Table], object]] = [
    lambda people: people.get(1),
    lambda people: list(people.find(name="Ada Lovelace")),
    lambda people: people.add(name="Grace Hopper"),
    lambda people: people.add_many([{"name": "Grace Hopper"}]),
    lambda people: people.update(1, name="Ada Lovelace"),
]


@pytest.mark.parametrize("operation", _OPERATIONS, ids=["get", "find", "add", "many", "update"])
@pytest.mark.parametrize("kind", ["mariadb", "postgresql"])
def test_a_connection_that_the_server_ends_is_replaced(
    request: pytest.FixtureRequest,
    kind: str,
    key: str,
    operation: Callable[[strongroom.Table], object],
) -> None:
    database: Database = request.getfixturevalue(f"{kind}_database")
    with strongroom.open(database.url, key, password=database.password) as room:
        people = room.create_table("people", {"name": strongroom.Text()})
        strongroom.add_index(room, "people", strongroom.Index.exact("name"))
        people.add(name="Ada Lovelace")
        for _ in range(10):
            operation(people)
            ended = database.execute(_OTHERS[kind], (database.name,))
            assert ended
            for (number,) in ended:
                database.execute(_END[kind].format(number))
        operation(people)
        names = {record.name for record in people.all()}
    assert names <= {"Ada Lovelace", "Grace Hopper"}
