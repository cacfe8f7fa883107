"""What is changed unseen while a table is adopted is reported, or taken over as it is then.

The limit stands in docs/adr/0020: a value that is changed behind the triggers' back after the
proof and before the cut-over is lost, unless nobody else may write (`--offline`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

import strongroom
from strongroom.errors import BusyError, IntegrityError, StrongroomError, UnfinishedError
from strongroom.jobs import engine
from strongroom.jobs.rewriting.adopt import adopt, undo
from strongroom.jobs.rewriting.adoption_plan import Adoption
from strongroom.room.settling import Failure
from tests.jobs.aftermath import check_adopted, traces
from tests.jobs.moments import before
from tests.jobs.someone import fill, make_users, people
from tests.jobs.tampering import changed_keys, drop_triggers, exchange
from tests.servers.database import Database

USERS: Final = Adoption("users", encrypt={"name": None}, seal={"age": None})
CROWD: Final = people(120)
ROWS: Final = [(n, *one) for n, one in enumerate(CROWD, start=1)]
UNSEEN: Final = "changed since it was read, and no trigger saw that; --undo, then begin again"


@pytest.fixture
def users(database: Database) -> Database:
    make_users(database)
    fill(database, CROWD)
    return database


def refused(
    room: strongroom.Strongroom, moment: str, happens: Callable[[], object], **when: int
) -> list[Failure]:
    """Adopt while something happens; return the rows that stopped it."""
    found: list[Failure] = []
    with before(moment, happens, **when), pytest.raises(UnfinishedError):
        adopt(room, USERS, found=found.append)
    with pytest.raises(strongroom.NoTableError):
        room.table("users")
    return found


@pytest.mark.parametrize("change", ["name = 'x'", "age = 200"])
def test_a_change_that_no_trigger_saw_is_named(
    users: Database, room: strongroom.Strongroom, change: str
) -> None:
    def unseen() -> None:
        drop_triggers(users)
        users.execute(f"UPDATE users SET {change} WHERE id = 70")

    assert refused(room, "carry_out", unseen, call=2) == [Failure((70,), UNSEEN)]
    undo(room, "users")
    assert traces(users) == set()
    assert adopt(room, USERS).records == 120
    assert strongroom.verify(room).intact


def test_triggers_that_are_gone_stop_the_cut_over(
    users: Database, room: strongroom.Strongroom
) -> None:
    assert refused(room, "catch_up", lambda: drop_triggers(users)) == []
    adopt(room, USERS)
    check_adopted(users, room, ROWS)


def test_triggers_that_are_off_stop_the_cut_over(postgresql_database: Database, key: str) -> None:
    users = postgresql_database
    make_users(users)
    fill(users, CROWD)
    with strongroom.open(users.url, key, password=users.password) as room:
        off = "ALTER TABLE users DISABLE TRIGGER ALL"
        assert refused(room, "catch_up", lambda: users.execute(off)) == []
        users.execute("UPDATE users SET name = 'unseen' WHERE id = 3")
        # What nobody watched is proved again, from the first row on.
        found: list[Failure] = []
        with pytest.raises(UnfinishedError):
            adopt(room, USERS, found=found.append)
        assert found == [Failure((3,), UNSEEN)]


def test_a_row_put_in_while_nothing_watched_is_taken_over(
    users: Database, room: strongroom.Strongroom
) -> None:
    def unseen() -> None:
        drop_triggers(users)
        users.execute("INSERT INTO users (id, name, age) VALUES (-5, 'Grace', 85)")

    assert refused(room, "catch_up", unseen) == []
    adopt(room, USERS)
    check_adopted(users, room, [*ROWS, (-5, "Grace", 85)])


def test_exchanged_cells_are_found(users: Database, room: strongroom.Strongroom) -> None:
    found = refused(room, "carry_out", lambda: exchange(users, 7, 90), call=2)
    assert found == [Failure((7,), UNSEEN), Failure((90,), UNSEEN)]


def test_exchanged_cells_of_noted_rows_are_made_anew(
    users: Database, room: strongroom.Strongroom
) -> None:
    """Rows in the table of changed keys only make more work."""

    def tamper() -> None:
        name = changed_keys(users)
        for number in (7, 90, 90, 5_000):
            users.execute(f"INSERT INTO {name} (k1) VALUES (?)", [number])
        exchange(users, 7, 90)

    with before("carry_out", tamper, call=2):
        adopt(room, USERS)
    check_adopted(users, room, ROWS)


@pytest.mark.parametrize("shadow", ["strongroom_name", "record_found", "strongroom_record_seal"])
def test_an_emptied_shadow_is_filled_again_or_found(
    users: Database, room: strongroom.Strongroom, shadow: str
) -> None:
    def empty() -> None:
        users.execute(f"UPDATE users SET {shadow} = NULL WHERE id = 11")

    with before("carry_out", empty, call=2):
        adopt(room, USERS)
    check_adopted(users, room, ROWS)


JOBS: Final = {
    "its document": "UPDATE strongroom_jobs SET document = REPLACE(document, '\"done\":0', "
    "'\"done\":9')",
    "where it is": "UPDATE strongroom_jobs SET document = REPLACE(document, '\"at\":null', "
    '\'"at":[["int","110"]]\')',
}


@contextmanager
def once_claimed(happens: Callable[[], object]) -> Iterator[None]:
    """Do something after each claim of a job, before its first batch."""
    place: Any = engine
    real = place.claim

    def claim(*given: Any, **named: Any) -> Any:
        claimed = real(*given, **named)
        happens()
        return claimed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(place, "claim", claim)
        yield


@pytest.mark.parametrize("what", JOBS)
def test_an_edited_checkpoint_is_refused(
    users: Database, room: strongroom.Strongroom, what: str
) -> None:
    changed = "a job's checkpoint was changed outside"
    with (
        once_claimed(lambda: users.execute(JOBS[what])),
        pytest.raises(IntegrityError, match=changed),
    ):
        adopt(room, USERS)
    with pytest.raises(IntegrityError, match=changed):
        adopt(room, USERS)
    undo(room, "users")
    adopt(room, USERS)
    check_adopted(users, room, ROWS)


def test_a_deleted_checkpoint_stops_the_run_and_not_the_next(
    users: Database, room: strongroom.Strongroom
) -> None:
    with (
        once_claimed(lambda: users.execute("DELETE FROM strongroom_jobs")),
        pytest.raises(BusyError, match="another process has taken this job over"),
    ):
        adopt(room, USERS)
    adopt(room, USERS)
    check_adopted(users, room, ROWS)


def test_an_index_made_meanwhile_stops_the_cut_over(
    users: Database, room: strongroom.Strongroom
) -> None:
    if users.kind == "mariadb":
        made = "CREATE INDEX by_name ON users (name(20))"
    else:
        made = "CREATE INDEX by_name ON users (name)"
    with (
        before("cut_over", lambda: users.execute(made)),
        pytest.raises(StrongroomError, match="by_name is an index over name"),
    ):
        adopt(room, USERS)
    users.execute("DROP INDEX by_name" + (" ON users" if users.kind == "mariadb" else ""))
    adopt(room, USERS)
    check_adopted(users, room, ROWS)


def test_offline_proves_every_row_while_nobody_can_write(
    users: Database, room: strongroom.Strongroom
) -> None:
    offline = Adoption("users", USERS.encrypt, USERS.seal, offline=True)
    found: list[Failure] = []

    def change() -> None:
        users.execute("UPDATE users SET name = 'late' WHERE id = 64")

    with before("cut_over", change), pytest.raises(UnfinishedError):
        adopt(room, offline, found=found.append)
    assert found == [Failure((64,), UNSEEN)]
    undo(room, "users")
    adopt(room, offline)
    rows = [(n, "late" if n == 64 else name, age) for n, name, age in ROWS]
    check_adopted(users, room, rows)
