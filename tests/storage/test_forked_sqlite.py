"""SQLite across forks: what a child commits stays, whoever closes the file meanwhile."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import pool

import strongroom
from tests.storage.elsewhere import in_children, wait_for

COUNT = 5


@pytest.fixture(params=["own", "engine", "engine without a pool"])
def room(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[strongroom.Strongroom]:
    """Give a store on SQLite, reached by its URL or by a caller's Engine."""
    url, key = f"sqlite:///{tmp_path / 'people.db'}", f"file:{tmp_path / 'aes_key.bin'}"
    if request.param == "own":
        with strongroom.open(url, key) as opened:
            yield opened
        return
    bare = {"poolclass": pool.NullPool} if "without" in request.param else {}
    engine = sa.create_engine(url, **bare)
    with strongroom.open(engine, key) as opened:
        yield opened
    engine.dispose()


@pytest.fixture
def users(room: strongroom.Strongroom) -> strongroom.Table:
    users = room.create_table("users", {"name": strongroom.Text()})
    users.add(name="of the parent")
    assert len(list(users.all())) == 1  # a connection waits in the pool
    return users


def open_elsewhere(tmp_path: Path) -> int:
    """Count the records in another process, which may be the last one to close the file."""

    def work(_: int) -> int:
        url, key = f"sqlite:///{tmp_path / 'people.db'}", f"file:{tmp_path / 'aes_key.bin'}"
        with strongroom.open(url, key) as room:
            return room.table("users").all().count()

    [found] = in_children(1, work)
    return found


def test_what_a_child_commits_stays_when_its_parent_closes(
    room: strongroom.Strongroom, users: strongroom.Table, tmp_path: Path
) -> None:
    closed, opened = (tmp_path / name for name in ("closed", "opened"))

    def work(_: int) -> int:
        users.add(name="before")
        (tmp_path / "ready").touch()
        for step in (closed, opened):
            wait_for(step)
            for number in range(COUNT):
                users.add(name=f"{step.name} {number}")
            (tmp_path / f"written {step.name}").touch()
        return users.all().count()

    def meanwhile() -> None:
        wait_for(tmp_path / "ready")
        room.close()
        if (engine := room.store._database._main).pool is not None:
            engine.dispose()
        closed.touch()
        wait_for(tmp_path / "written closed")
        assert open_elsewhere(tmp_path) == 2 + COUNT
        opened.touch()

    assert in_children(1, work, meanwhile=meanwhile) == [2 + 2 * COUNT]
    assert open_elsewhere(tmp_path) == 2 + 2 * COUNT


def test_no_descriptor_of_the_file_is_inherited(users: strongroom.Table, tmp_path: Path) -> None:
    def work(_: int) -> list[str]:
        return [
            target
            for opened in Path("/proc/self/fd").iterdir()
            if (target := link_of(opened)).startswith(str(tmp_path / "people.db"))
        ]

    assert in_children(1, work) == [[]]
    assert users.all().count() == 1


def link_of(opened: Path) -> str:
    try:
        return str(opened.readlink())
    except FileNotFoundError:  # that of the folder that was listed
        return ""


def test_a_child_of_a_transaction_is_refused_and_its_parent_goes_on(
    room: strongroom.Strongroom, users: strongroom.Table, tmp_path: Path
) -> None:
    def work(_: int) -> list[str]:
        url, key = f"sqlite:///{tmp_path / 'people.db'}", f"file:{tmp_path / 'aes_key.bin'}"
        said = []
        for ask in (
            lambda: users.all().count(),
            lambda: users.add(name="of the child"),
            lambda: strongroom.open(url, key),  # a new one is no better: SQLite is the same
        ):
            try:
                ask()
            except strongroom.StrongroomError as error:
                said.append(f"{type(error).__name__}: {error}")
        return said

    with room.transaction():
        users.add(name="in a transaction")
        [said] = in_children(1, work)
        users.add(name="behind the fork")
    refused = "StorageError: the SQLite database was in use when this process was forked"
    assert len(said) == 3
    assert said[2].startswith(refused)
    assert all(one.startswith((refused, "ClosedError")) for one in said), said
    assert [one.name for one in users.all()] == [
        "of the parent",
        "in a transaction",
        "behind the fork",
    ]
    # Behind the transaction a fork is as good as any.
    assert in_children(1, lambda _: users.all().count()) == [3]


def test_a_thread_that_is_connecting_delays_a_fork_and_no_more(
    room: strongroom.Strongroom, users: strongroom.Table
) -> None:
    guard = room.store.database._guard
    assert guard is not None
    with guard._lock:  # as if another thread waited for a connection, and never got one
        [said] = in_children(1, lambda _: refused(users))
    assert said.startswith("the SQLite database was in use")
    assert users.all().count() == 1
    assert in_children(1, lambda _: users.all().count()) == [1]


def test_an_engine_that_is_opened_again_and_again_is_watched_once(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'people.db'}", poolclass=pool.NullPool)
    kept = weakref.ref(engine)

    key = f"file:{tmp_path / 'aes_key.bin'}"
    with strongroom.open(engine, key) as one, strongroom.open(engine, key) as other:
        assert one.store.database._guard is other.store.database._guard is not None
    del engine, one, other
    gc.collect()
    assert kept() is None


def refused(users: strongroom.Table) -> str:
    try:
        users.all().count()
    except strongroom.StorageError as error:
        return str(error)
    return ""
