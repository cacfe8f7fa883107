"""Until the cut-over nothing is decided: undone, or only looked at, all is as it was before."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Final

import pytest

import strongroom
from strongroom.crypto.decrepit.schemes import SCHEMES
from strongroom.errors import InputError, UnfinishedError
from strongroom.jobs.rewriting.adopt import adopt, look, undo
from strongroom.jobs.rewriting.adoption_plan import Adoption, make_plan
from strongroom.room.settling import Failure
from strongroom.schema.types import Date, Text
from tests.jobs.aftermath import check_adopted, legacy_states, traces
from tests.jobs.moments import before
from tests.jobs.someone import fill, legacy, make_users, people, unopenable
from tests.jobs.whole import everything, shape_and_rows
from tests.servers.database import Database

OLD_KEY: Final = os.urandom(32)
KEYS: Final = SCHEMES["legacy"].derive(OLD_KEY)
CROWD: Final = people(150)
ROWS: Final = [(n, *one) for n, one in enumerate(CROWD, start=1)]
USERS: Final = Adoption("users", encrypt={"name": None}, seal={"age": None}, scheme="legacy")


class StoppedError(Exception):
    """Somebody pressed Ctrl-C."""


@pytest.fixture
def users(database: Database) -> Database:
    make_users(database)
    fill(database, [(legacy(OLD_KEY, name), age) for name, age in CROWD])
    database.execute("CREATE INDEX by_age ON users (age)")
    return database


def stop() -> None:
    raise StoppedError


@pytest.mark.parametrize(
    ("step", "call"),
    [("prepare", 1), ("carry_out", 1), ("carry_out", 2), ("catch_up", 1), ("cut_over", 1)],
)
def test_it_is_undone_at_every_phase(
    users: Database, room: strongroom.Strongroom, step: str, call: int
) -> None:
    table = shape_and_rows(users, "users")
    with before(step, stop, call=call), pytest.raises(StoppedError):
        adopt(room, USERS, keys=KEYS)
    undo(room, "users")
    assert shape_and_rows(users, "users") == table
    assert traces(users) == set()
    assert room.tables == ()
    assert room.store.state.catalogue.pending == ()
    assert legacy_states(room) == {"destroyed"}
    assert users.execute("SELECT job FROM strongroom_jobs") == []
    with pytest.raises(InputError, match="users is not being adopted: there is nothing to undo"):
        undo(room, "users")
    adopt(room, USERS, keys=KEYS)
    check_adopted(users, room, ROWS)


@pytest.mark.parametrize("step", ["clean", "_check_sealed"])
def test_after_the_cut_over_it_is_finished_and_not_undone(
    users: Database, room: strongroom.Strongroom, step: str
) -> None:
    with before(step, stop), pytest.raises(StoppedError):
        adopt(room, USERS, keys=KEYS)
    with pytest.raises(InputError, match="users was cut over already and cannot be undone"):
        undo(room, "users")
    assert len(list(room.table("users").all())) == 150
    adopt(room, Adoption("users"))
    check_adopted(users, room, ROWS)


def test_another_adoption_than_the_one_begun_is_refused(
    users: Database, room: strongroom.Strongroom
) -> None:
    with before("catch_up", stop), pytest.raises(StoppedError):
        adopt(room, USERS, keys=KEYS)
    for other in (
        Adoption("users", encrypt={"age": None}),
        Adoption("users", USERS.encrypt, scheme="legacy"),
        Adoption("users", USERS.encrypt, USERS.seal, scheme="fernet"),
    ):
        with pytest.raises(InputError, match="users is being adopted already, and not as it is"):
            adopt(room, other)
    adopt(room, Adoption("users"))
    check_adopted(users, room, ROWS)


def test_rows_that_come_after_the_cut_over_are_named(
    users: Database, room: strongroom.Strongroom
) -> None:
    found: list[Failure] = []
    late = "INSERT INTO users (id, name, age) VALUES (999, 'in plaintext', 1)"
    if users.kind == "postgresql":
        with before("_finish", stop), pytest.raises(StoppedError):
            adopt(room, USERS, keys=KEYS)
        with pytest.raises(Exception, match="null value in column"):
            users.execute(late)
    else:
        with (
            before("_finish", lambda: users.execute(late)),
            pytest.raises(UnfinishedError, match="users is adopted, but 1 row came later, and not"),
        ):
            adopt(room, USERS, keys=KEYS, found=found.append)
        assert found == [Failure((999,), "was put in after the cut-over, and not by strongroom")]
        assert strongroom.verify(room).broken == 2  # the row, and an id that was never given
        room.table("users").delete(999)
    adopt(room, Adoption("users"))
    check_adopted(users, room, ROWS)


def test_looking_finds_what_adopting_finds_and_writes_nothing(
    users: Database, room: strongroom.Strongroom
) -> None:
    users.execute("UPDATE users SET name = ? WHERE id = 33", [unopenable(OLD_KEY)])
    users.execute("UPDATE users SET name = 'Ada' WHERE id IN (1, 150)")
    users.execute("UPDATE users SET name = ? WHERE id = 90", [legacy(OLD_KEY, "x" * 40)])
    wanted = Adoption("users", {"name": Text(max_bytes=39)}, USERS.seal, scheme="legacy")
    whole = everything(users)
    looked: list[Failure] = []
    plan = make_plan(room.store, wanted)
    assert look(room.store, plan, KEYS, looked.append) == 4
    assert everything(users) == whole
    assert legacy_states(room) == set()

    found: list[Failure] = []
    with pytest.raises(UnfinishedError, match=r"^4 rows of users"):
        adopt(room, wanted, keys=KEYS, found=found.append)
    assert found == looked
    assert [one.key for one in found] == [(1,), (33,), (90,), (150,)]
    assert everything(users) != whole


def test_a_good_table_is_looked_at_and_nothing_is_found(
    users: Database, room: strongroom.Strongroom
) -> None:
    whole = everything(users)
    assert look(room.store, make_plan(room.store, USERS), KEYS, lambda _: stop()) == 0
    assert everything(users) == whole


ELSEWHERE: Final = """\
import os, sys, strongroom
with strongroom.open(sys.argv[1], sys.argv[2], password=os.environ["STRONGROOM_PASSWORD"]) as room:
    pets = room.table("pets")
    print(pets.add(name="Tom"), len(list(pets.all())))
"""


def test_other_tables_are_used_meanwhile(
    users: Database, room: strongroom.Strongroom, key: str
) -> None:
    pets = room.create_table("pets", {"name": Text()})
    answers = []

    def use() -> None:
        pets.update(pets.add(name="Felix"), name="Felix the cat")
        done = subprocess.run(
            [sys.executable, "-c", ELSEWHERE, users.url, key],
            env={**os.environ, "STRONGROOM_PASSWORD": users.password or ""},
            capture_output=True,
            text=True,
            check=True,
        )
        answers.append(done.stdout)

    with before("carry_out", use), before("catch_up", use), before("clean", use):
        adopt(room, USERS, keys=KEYS)
    assert len(answers) == 3
    assert sorted(one.name for one in pets.all()) == ["Felix the cat"] * 3 + ["Tom"] * 3
    check_adopted(users, room, ROWS)
    assert strongroom.verify(room).intact


def test_it_does_not_go_on_as_something_else(
    database: Database, room: strongroom.Strongroom
) -> None:
    make_users(database)
    fill(database, [("2020-02-29", 3)])
    with before("cut_over", stop), pytest.raises(StoppedError):
        adopt(room, Adoption("users", encrypt=("name",)))
    for other in (
        Adoption("users", encrypt={"name": Date()}),
        Adoption("users", encrypt=("name",), seal=("age",)),
        Adoption("users", encrypt=("name",), scheme="legacy"),
    ):
        with pytest.raises(InputError, match=r"^users is being adopted already, and not as it is"):
            adopt(room, other)
    adopt(room, Adoption("users", encrypt={"name": Text()}))
    assert room.table("users").get(1).name == "2020-02-29"


def test_without_its_key_a_scheme_is_refused_before_anything_is_written_down(
    users: Database, room: strongroom.Strongroom
) -> None:
    table = shape_and_rows(users, "users")
    asked = (
        (USERS, (), "^values of the scheme legacy do not open without its key$"),
        (USERS, KEYS * 2, "^values of the scheme legacy do not open without its key$"),
        (Adoption("users", ("name",), scheme="none"), KEYS, "^there is no such scheme$"),
        (Adoption("users", ("name",)), KEYS, "^a plaintext table has no key$"),
    )
    for wanted, keys, message in asked:
        with pytest.raises(InputError, match=message):
            adopt(room, wanted, keys=keys)
        with pytest.raises(InputError, match=message):
            look(room.store, make_plan(room.store, wanted), keys, print)
    assert room.store.state.catalogue.pending == ()
    assert legacy_states(room) == set()
    assert shape_and_rows(users, "users") == table
