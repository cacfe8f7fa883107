"""Adding, rebuilding and dropping an index, ended at any statement, and called again.

On MariaDB this decides: its DDL commits by itself, so between it and the commit of the catalogue
the two may disagree. What is left of a beginning there is an empty column or table of tokens.
"""

from __future__ import annotations

import pytest

import strongroom
from strongroom.errors import QueryError
from strongroom.schema.search.index import Phase
from tests.jobs.indexing import INDEXES, NAME, check, index, person, question, schema
from tests.jobs.indexing_ends import (
    KINDS,
    LATEST,
    all_ended,
    check_left,
    exists,
    filled,
    found_in,
    jobs,
    nothing,
)
from tests.servers.database import Database


@pytest.mark.parametrize("kind", KINDS)
def test_adding_goes_on(
    database: Database, room: strongroom.Strongroom, key: str, kind: str
) -> None:
    filled(room)

    def act(one: strongroom.Strongroom) -> None:
        strongroom.add_index(one, NAME, INDEXES[kind])

    def between(new: strongroom.Strongroom) -> None:
        if exists(room, kind) and index(room, kind).answers:
            found_in(kind, room, new)
            return
        asked = question(kind, person(1))
        assert asked is not None
        for one in (room, new):
            with pytest.raises(QueryError):
                one.table(NAME).find(**asked).first()

    def again() -> None:
        if not (exists(room, kind) and index(room, kind).answers):
            act(room)
        check(database, room)
        assert jobs(database) == []
        strongroom.drop_index(room, NAME, INDEXES[kind].called)

    all_ended(database, room, key, act, between=between, again=again)
    check_left(database, room, LATEST)


@pytest.mark.parametrize("kind", KINDS)
def test_rebuilding_goes_on(
    database: Database, room: strongroom.Strongroom, key: str, kind: str
) -> None:
    filled(room, kind)
    bits = [40]

    def act(one: strongroom.Strongroom) -> None:
        strongroom.rebuild_index(one, NAME, INDEXES[kind].called, bits=bits[0], partitions=2)

    def again() -> None:
        if index(room, kind).phase is not Phase.ACTIVE or index(room, kind).bits != bits[0]:
            act(room)
        assert [(one.bits, one.phase) for one in schema(room).indexes] == [(bits[0], Phase.ACTIVE)]
        check(database, room)
        assert jobs(database) == []
        bits[0] += 1

    all_ended(
        database, room, key, act,
        between=lambda new: found_in(kind, room, new), again=again,
    )  # fmt: skip
    check_left(database, room, LATEST)


@pytest.mark.parametrize("kind", KINDS)
def test_dropping_goes_on(
    database: Database, room: strongroom.Strongroom, key: str, kind: str
) -> None:
    filled(room, kind)

    def act(one: strongroom.Strongroom) -> None:
        strongroom.drop_index(one, NAME, INDEXES[kind].called)

    def again() -> None:
        if exists(room, kind):
            act(room)
        assert schema(room).indexes == ()
        check(database, room)
        check_left(database, room, 0)
        assert jobs(database) == []
        strongroom.add_index(room, NAME, INDEXES[kind])
        check(database, room)

    all_ended(database, room, key, act, between=nothing, again=again)
