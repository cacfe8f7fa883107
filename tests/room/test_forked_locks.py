"""A child that was forked while another thread held one of our locks does not wait for it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

import pytest

import strongroom
from strongroom.room.ids import IdBlocks
from tests.room.refusal import reopen
from tests.room.test_concurrency import exit_code, fork
from tests.room.thief import Thief

SECONDS = 10  # then a child that hangs is ended by a signal, and its exit code says so


def fork_holding(lock: threading.Lock, work: Callable[[], None]) -> int:
    """Fork while a thread that the child does not have holds `lock`; return the exit code."""
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            assert done.wait(60)

    def in_child() -> None:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)  # the test runner has a use for it
        signal.alarm(SECONDS)
        work()

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert held.wait(30)
        return exit_code(fork(in_child))
    finally:
        done.set()
        holder.join(30)


def test_the_lock_of_the_store_document(
    room: strongroom.Strongroom, thief: Thief, key: str
) -> None:
    users = room.table("users")
    with reopen(thief, key) as other:
        other.create_table("more", {"text": strongroom.Text()})

    def work() -> None:
        assert room.tables == ("users", "more")  # loads the newer document: under the lock
        users.add(name="child", age=1)

    assert fork_holding(room._store._guard, work) == 0
    assert room.tables == ("users", "more")  # the parent's own lock still serves
    assert [one.name for one in users.all()] == ["child"]


@pytest.mark.parametrize("database", ["mariadb", "postgresql"], indirect=True)
def test_the_lock_of_the_id_blocks(room: strongroom.Strongroom) -> None:
    users = room.table("users")
    for number in range(4):
        users.add(name=f"parent {number}", age=number)
    [kept] = room._ids._free.values()
    assert len(kept) > 0

    def work() -> None:
        for number in range(3):
            assert users.add(name=f"child {number}", age=number) not in kept

    assert fork_holding(room._ids._lock, work) == 0
    assert users.add(name="parent again", age=9) == kept[0]
    assert users.all().count() == 8


@pytest.mark.parametrize("database", ["mariadb", "postgresql"], indirect=True)
def test_no_other_thread_of_a_child_takes_the_parents_ids(room: strongroom.Strongroom) -> None:
    """The blocks are dropped before the child says that they are its own."""
    seen: list[dict[int, range]] = []

    class Watched(IdBlocks):
        def __setattr__(self, name: str, value: object) -> None:
            if name == "_process":
                seen.append(dict(self._free))
            super().__setattr__(name, value)

    ids = Watched(room._store.database)
    ids._free = {7: range(10, 20)}
    ids._process = -1  # as a child finds it
    seen.clear()
    room.table("users")
    [table] = room._store.state.catalogue.tables
    with room._store.database.write() as connection:
        ids.take(connection, table.id, 1)
    assert seen == [{}]
    assert 7 not in ids._free
