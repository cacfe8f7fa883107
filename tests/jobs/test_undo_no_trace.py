"""What was written in plaintext beside the cells is gone from the files once that is undone."""

from __future__ import annotations

import secrets

import pytest

import strongroom
from strongroom.errors import BusyError
from strongroom.jobs.rewriting.convert import convert, release, undo
from strongroom.schema.pending import Kind
from strongroom.storage.rewriting import shadows
from tests.jobs.moments import before
from tests.jobs.table_files import holding
from tests.servers.database import Database


class StoppedError(Exception):
    """Somebody pressed Ctrl-C."""


def stop() -> None:
    raise StoppedError


def fill(room: strongroom.Strongroom) -> list[bytes]:
    """Make a table of 300 and return what no file may hold."""
    names = [f"Ada {secrets.token_hex(12)}" for _ in range(300)]
    room.create_table("users", {"name": strongroom.Text()}).add_many([{"name": n} for n in names])
    return [name.encode() for name in names]


def interrupted(room: strongroom.Strongroom, kind: Kind) -> None:
    with before("cut_over", stop), pytest.raises(StoppedError):
        if kind is Kind.RELEASE:
            release(room, "users")
        else:
            convert(room, "users", {"name": strongroom.Text(plain=True)})


@pytest.mark.parametrize("kind", [Kind.RELEASE, Kind.CONVERT])
def test_undoing_rids_the_files_of_plaintext(
    database: Database, room: strongroom.Strongroom, kind: Kind
) -> None:
    names = fill(room)
    interrupted(room, kind)
    assert undo(room, "users", kind) == ()
    assert holding(database, names) == 0
    assert room.store.state.catalogue.pending == ()
    assert room.table("users").update(1, name="Grace").name == "Grace"
    assert strongroom.verify(room).intact


def test_without_the_rebuild_it_is_said_what_removes_it(
    database: Database, room: strongroom.Strongroom
) -> None:
    names = fill(room)
    interrupted(room, Kind.RELEASE)
    left = undo(room, "users", Kind.RELEASE, rebuild=False)
    assert len(left) == {"sqlite": 2, "mariadb": 1, "postgresql": 1}[database.kind]
    # SQLite wrote the rows anew when the column was dropped.
    assert holding(database, names) == (0 if database.kind == "sqlite" else 300)
    for statement in left:
        database.execute(statement)
    assert holding(database, names) == 0
    assert strongroom.verify(room).intact


def test_a_rebuild_that_fails_is_not_forgotten(
    database: Database, room: strongroom.Strongroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = fill(room)
    interrupted(room, Kind.RELEASE)

    def busy(*_: object) -> None:
        raise BusyError("the database is busy")

    with monkeypatch.context() as patch:
        patch.setattr(shadows, "run", busy)
        with pytest.raises(BusyError):
            undo(room, "users", Kind.RELEASE)
    assert room.table("users").get(1).name == names[0].decode()
    undo(room, "users", Kind.RELEASE)
    assert holding(database, names) == 0
    assert room.store.state.catalogue.pending == ()
    assert strongroom.verify(room).intact
