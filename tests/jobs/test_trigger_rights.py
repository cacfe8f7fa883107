"""The triggers of an adoption note with our rights, and lend these to nobody."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Final

import psycopg
import pytest

import strongroom
from strongroom.jobs.rewriting.adopt import adopt
from strongroom.jobs.rewriting.adoption_plan import Adoption
from strongroom.storage.rewriting.capture import Capture
from tests.jobs.moments import before
from tests.jobs.someone import fill, make_users, people
from tests.servers.database import Database

USERS: Final = Adoption("users", encrypt=("name",), seal=("age",))
# A type whose cast to a number runs what its owner wrote, as whoever casts.
BAIT: Final = (
    "CREATE TYPE pg_temp.bait AS (x int)",
    "CREATE FUNCTION pg_temp.taken(pg_temp.bait) RETURNS int LANGUAGE sql RETURN 1",
    "CREATE CAST (pg_temp.bait AS int) WITH FUNCTION pg_temp.taken AS ASSIGNMENT",
    "CREATE TEMP TABLE hook (id pg_temp.bait)",
)
# Elsewhere nobody can put our trigger on another table.
ON_POSTGRESQL: Final = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def stranger(database: Database) -> Iterator[str]:
    """Give an account that may connect, and nothing else."""
    name = f"stranger_{secrets.token_hex(6)}"  # one for the server, which tests share
    database.execute(f"CREATE ROLE {name} NOLOGIN")
    try:
        yield name
    finally:
        database.execute("RESET ROLE")
        database.execute(f"DROP OWNED BY {name} CASCADE")
        database.execute(f"DROP ROLE {name}")


@ON_POSTGRESQL
def test_nobody_runs_a_cast_of_his_own_with_our_rights(
    database: Database, room: strongroom.Strongroom, stranger: str
) -> None:
    make_users(database)
    fill(database, people(3))

    def lay_bait() -> None:
        found = database.execute(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE proname LIKE 'strongroom_note%'"
        )
        [(function,)] = found
        database.execute(f"SET ROLE {stranger}")
        for statement in BAIT:
            database.execute(statement)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="for function"):
            database.execute(
                f"CREATE TRIGGER t AFTER INSERT ON hook FOR EACH ROW EXECUTE FUNCTION {function}"
            )
        database.execute("RESET ROLE")

    with before("cut_over", lay_bait):
        adopt(room, USERS)


@ON_POSTGRESQL
def test_a_program_that_may_only_write_to_its_table_is_noted(
    database: Database, room: strongroom.Strongroom, stranger: str
) -> None:
    make_users(database)
    fill(database, people(3))
    database.execute(f"GRANT INSERT, UPDATE, SELECT ON users TO {stranger}")

    def write() -> None:
        database.execute(f"SET ROLE {stranger}")
        database.execute("UPDATE users SET name = 'Grace' WHERE id = 2")
        database.execute("INSERT INTO users (id, name, age) VALUES (9, 'Joan', 30)")
        database.execute("RESET ROLE")

    with before("cut_over", write):
        adopt(room, USERS)
    names = {one.id: one.name for one in room.table("users").all()}
    assert (names[2], names[9], len(names)) == ("Grace", "Joan", 4)


@ON_POSTGRESQL
def test_nobody_prepares_the_table_that_the_triggers_write_to(
    database: Database, room: strongroom.Strongroom, stranger: str
) -> None:
    make_users(database)
    fill(database, people(3))
    database.execute(f"GRANT CREATE ON SCHEMA public TO {stranger}")

    def prepare() -> None:
        [pending] = room.store.state.catalogue.pending
        database.execute(f"SET ROLE {stranger}")
        # With a trigger of its own, the stranger's code would run with our rights.
        database.execute(f"CREATE TABLE {Capture(room.store.dialect, pending).table} (k1 int)")
        database.execute("RESET ROLE")

    owners: list[tuple[object, ...]] = []

    def look() -> None:
        owners.extend(
            database.execute(
                "SELECT tableowner FROM pg_tables WHERE tablename LIKE 'strongroom_changed_%'"
            )
        )

    with before("prepare", prepare), before("cut_over", look):
        adopt(room, USERS)
    assert database.server is not None
    assert owners == [(database.server.ordinary.user,)]
