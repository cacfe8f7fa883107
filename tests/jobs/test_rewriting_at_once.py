"""Two processes at one table: what the other one has undone or finished is not gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

import strongroom
from strongroom.errors import BusyError
from strongroom.jobs.rewriting import adopt as adopting
from strongroom.jobs.rewriting.adopt import adopt
from strongroom.jobs.rewriting.adoption_plan import Adoption
from strongroom.jobs.rewriting.convert import convert, release, undo
from strongroom.schema.pending import Kind, Pending
from tests.jobs.moments import before
from tests.jobs.someone import fill, make_users, people
from tests.jobs.whole import shape_and_rows
from tests.servers.database import Database

FINISHED = "another process has finished or undone the rewriting of "
ENCRYPTED = {"age": strongroom.Integer()}
USERS = Adoption("users", encrypt=("name",), seal=("age",))


@pytest.fixture
def other(
    database: Database, key: str, room: strongroom.Strongroom
) -> Iterator[strongroom.Strongroom]:
    """Give the same store as another process has it."""
    del room  # made it
    with strongroom.open(database.url, key, password=database.password) as opened:
        yield opened


def make(room: strongroom.Strongroom) -> None:
    fields = {"name": strongroom.Text(), "age": strongroom.Integer(plain=True)}
    room.create_table("staff", fields).add_many([{"name": f"Ada {n}", "age": n} for n in range(50)])


def check_whole(room: strongroom.Strongroom) -> None:
    assert [one.name for one in room.table("staff").all()] == [f"Ada {n}" for n in range(50)]
    assert strongroom.verify(room).intact
    assert room.store.state.catalogue.pending == ()


@pytest.mark.parametrize("step", ["prepare", "cut_over"])
@pytest.mark.parametrize("kind", [Kind.CONVERT, Kind.RELEASE])
def test_what_another_process_has_undone_is_not_cut_over(
    room: strongroom.Strongroom, other: strongroom.Strongroom, step: str, kind: Kind
) -> None:
    make(room)
    work = partial(convert, fields=ENCRYPTED) if kind is Kind.CONVERT else release
    with (
        before(step, lambda: undo(other, "staff", kind)),
        pytest.raises(BusyError, match=f"^{FINISHED}staff$"),
    ):
        work(room, "staff")
    check_whole(room)
    assert room.table("staff").update(1, age=51).age == 51


@pytest.mark.parametrize("work", [partial(convert, fields=ENCRYPTED), release])
def test_what_another_process_has_finished_is_not_cut_over_again(
    room: strongroom.Strongroom, other: strongroom.Strongroom, work: partial[object]
) -> None:
    make(room)

    def finish() -> None:
        work(other, "staff")
        if "staff" in other.tables:
            other.alter_table("staff", add={"town": strongroom.Text(optional=True)})
            other.table("staff").add(name="Grace", age=1, town="Paris")

    with before("cut_over", finish), pytest.raises(BusyError, match=FINISHED):
        work(room, "staff")
    if "staff" in room.tables:
        assert room.table("staff").get(51).town == "Paris"
        assert strongroom.verify(room).intact


@pytest.mark.parametrize("step", ["prepare", "cut_over"])
@pytest.mark.parametrize("offline", [False, True])
def test_an_adoption_that_another_process_has_undone_leaves_nothing(
    database: Database,
    room: strongroom.Strongroom,
    other: strongroom.Strongroom,
    step: str,
    offline: bool,  # noqa: FBT001
) -> None:
    make_users(database)
    fill(database, people(50))
    table = shape_and_rows(database, "users")
    wanted = Adoption("users", encrypt=("name",), seal=("age",), offline=offline)
    with (
        before(step, lambda: adopting.undo(other, "users")),
        pytest.raises(BusyError, match=f"^{FINISHED}users$"),
    ):
        adopt(room, wanted)
    assert room.tables == ()
    assert shape_and_rows(database, "users") == table


def test_a_rewriting_that_another_process_has_begun_is_not_forgotten(
    room: strongroom.Strongroom, other: strongroom.Strongroom
) -> None:
    make(room)
    begun: list[Pending] = []

    def overtake() -> None:
        convert(other, "staff", ENCRYPTED)
        with before("prepare", stop), pytest.raises(StoppedError):
            convert(other, "staff", {"age": strongroom.Integer(plain=True)})
        begun.extend(other.store.state.catalogue.pending)

    with before("clean", overtake):
        convert(room, "staff", ENCRYPTED)
    assert room.store.state.catalogue.pending == tuple(begun) != ()
    convert(room, "staff", {"age": strongroom.Integer(plain=True)})
    check_whole(room)


class StoppedError(Exception):
    """Somebody pressed Ctrl-C."""


def stop() -> None:
    raise StoppedError
