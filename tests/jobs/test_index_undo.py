"""An index that is not finished, or that is being rebuilt, is given up: it leaves nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest

import strongroom
from strongroom.errors import UnfinishedError
from strongroom.schema.search.index import Phase
from tests.jobs.indexing import INDEXES, NAME, check, index, schema, values
from tests.jobs.indexing_ended import ended_at
from tests.jobs.indexing_ends import (
    FEWEST,
    KINDS,
    LATEST,
    all_ended,
    check_left,
    exists,
    filled,
    found_in,
    jobs,
    nothing,
    opened,
)
from tests.servers.database import Database


@pytest.mark.parametrize("kind", KINDS)
def test_an_unfinished_addition_is_undone(
    database: Database, room: strongroom.Strongroom, key: str, kind: str
) -> None:
    filled(room)
    before = values(room)

    def begin() -> None:
        unfinished(database, lambda: strongroom.add_index(room, NAME, INDEXES[kind]))
        assert index(room, kind).phase is Phase.BUILDING

    def act(one: strongroom.Strongroom) -> None:
        strongroom.drop_index(one, NAME, INDEXES[kind].called)

    def again() -> None:
        if exists(room, kind):
            act(room)
        assert schema(room).indexes == ()
        check_left(database, room, 0)
        assert values(room) == before
        check(database, room)
        begin()

    begin()
    all_ended(database, room, key, act, between=nothing, again=again)


@pytest.mark.parametrize("kind", KINDS)
def test_an_unfinished_rebuilding_is_undone(
    database: Database, room: strongroom.Strongroom, key: str, kind: str
) -> None:
    filled(room, kind)
    before = [values(room), schema(room).indexes]

    def begin() -> None:
        name = INDEXES[kind].called
        unfinished(database, lambda: strongroom.rebuild_index(room, NAME, name, bits=40))
        assert index(room, kind).phase is Phase.BUILDING

    def act(one: strongroom.Strongroom) -> None:
        strongroom.drop_index(one, NAME, INDEXES[kind].called)

    def again() -> None:
        if index(room, kind).phase is not Phase.ACTIVE:
            act(room)
        check_left(database, room, 0)
        assert [values(room), schema(room).indexes] == before
        check(database, room)
        begin()

    begin()
    all_ended(
        database, room, key, act,
        between=lambda new: found_in(kind, room, new), again=again,
    )  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_rebuilding_that_ended_anywhere_can_be_given_up(
    database: Database, room: strongroom.Strongroom, key: str, kind: str
) -> None:
    """Dropped until there is none: the new index, then the old one."""
    filled(room, kind)
    before = values(room)
    number, ended = 0, True
    while ended:
        number += 1
        with opened(database, key) as dying, ended_at(dying, number) as line:
            strongroom.rebuild_index(dying, NAME, INDEXES[kind].called, bits=40)
        ended = line.crossed
        try:
            while schema(room).indexes:
                with contextlib.suppress(strongroom.InputError):
                    # Where the last step had been interrupted it is finished first, and that said.
                    strongroom.drop_index(room, NAME, INDEXES[kind].called)
            assert schema(room).indexes == ()
            assert values(room) == before
            assert jobs(database) == []
            strongroom.add_index(room, NAME, INDEXES[kind])
            check(database, room)
        except BaseException as error:
            error.add_note(f"it had ended at {line.last}, the statement {number}")
            raise
    assert number > FEWEST
    check_left(database, room, LATEST)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_undone_leaves_no_checkpoint(
    database: Database, room: strongroom.Strongroom, kind: str
) -> None:
    filled(room)
    unfinished(database, lambda: strongroom.add_index(room, NAME, INDEXES[kind]))
    assert len(jobs(database)) == 1
    strongroom.drop_index(room, NAME, INDEXES[kind].called)
    assert jobs(database) == []


def unfinished(database: Database, act: Callable[[], object]) -> None:
    """Have somebody's change of a record stop a job behind the record before it; put it back."""
    database.execute(f"UPDATE {NAME} SET age = age + 1 WHERE id = 2")
    with pytest.raises(UnfinishedError, match=rf"^1 record of {NAME} cannot be indexed"):
        act()
    database.execute(f"UPDATE {NAME} SET age = age - 1 WHERE id = 2")
