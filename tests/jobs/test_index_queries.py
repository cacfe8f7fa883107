"""Indexes rebuilt, dropped and added while processes write and ask: no answer misses a record.

Askers are opened once, before everything. What a writer has committed and announced has to be found
by every question that begins after that, by each kind of index.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import event

import strongroom
from strongroom import Index, Pace
from tests.jobs.indexing import INDEXES, NAME, check, index, make, person, question
from tests.jobs.indexing_processes import answered, crowd
from tests.jobs.killing import KILLS
from tests.servers.database import Database

BEFORE: Final = 120
ASKERS: Final = 2
KINDS: Final = ["exact", "compound", "prefix", "words", "range"]
ROUNDS: Final = -(-KILLS // 5)  # one in `make test`, ten in `make soak`
LEAST: Final = 5  # answers of each kind that each asker got


@pytest.mark.timeout(120 + 20 * KILLS)
def test_no_query_misses_a_record_while_indexes_are_rebuilt(
    database: Database, room: strongroom.Strongroom, key: str, tmp_path: Path
) -> None:
    table = make(room, KINDS)
    there = dict(zip(table.add_many(map(person, range(BEFORE))), range(BEFORE), strict=True))
    with crowd(database, key, tmp_path / "crowd") as processes:
        processes.announce(there)
        processes.ask(ASKERS, *KINDS)
        processes.write(1)
        # What is written behind the last batch is in the new index by its writer alone.
        pace = Pace(watch=lambda _: processes.wait_for_news(1))
        for bits, partitions in [(64, 1), (12, 4), (40, 1)] * ROUNDS:
            for kind in KINDS:
                name = INDEXES[kind].called
                strongroom.rebuild_index(
                    room, NAME, name, bits=bits, partitions=partitions, pace=pace
                )
        processes.stop()
    for answers, refusals in answered(tmp_path / "crowd", ASKERS):
        assert min(answers[kind] for kind in KINDS) > LEAST
        assert refusals == {}
    check(database, room)


@pytest.mark.timeout(120 + 20 * KILLS)
def test_no_answer_misses_a_record_while_indexes_go_and_come(
    database: Database, room: strongroom.Strongroom, key: str, tmp_path: Path
) -> None:
    table = make(room, KINDS)
    there = dict(zip(table.add_many(map(person, range(BEFORE))), range(BEFORE), strict=True))
    with crowd(database, key, tmp_path / "crowd") as processes:
        processes.announce(there)
        processes.ask(ASKERS, *KINDS, refused="sometimes")
        processes.write(1)
        pace = Pace(watch=lambda _: processes.wait_for_news(1))
        for _ in range(ROUNDS):
            for kind in KINDS:
                strongroom.drop_index(room, NAME, INDEXES[kind].called)
                processes.wait_for_news(1)
                strongroom.add_index(room, NAME, INDEXES[kind], pace=pace)
        processes.stop()
    for answers, refusals in answered(tmp_path / "crowd", ASKERS):
        assert min(answers[kind] for kind in KINDS) > LEAST
        assert sum(refusals.values()) > 0
    check(database, room)


@pytest.mark.parametrize("kind", ["exact", "words"])
def test_a_query_is_answered_whose_index_is_rebuilt_again_and_again(
    database: Database, room: strongroom.Strongroom, key: str, kind: str
) -> None:
    """Each time right before the statement that asks it, as if nobody were quicker."""
    make(room, [kind]).add_many(map(person, range(3)))
    changes = [
        partial(strongroom.rebuild_index, room, NAME, INDEXES[kind].called, bits=40 + number)
        for number in range(3)
    ]
    _is_answered_meanwhile(database, key, kind, changes)
    assert index(room, kind).bits == 42


def test_a_query_is_answered_while_records_are_sealed_again_and_again(
    database: Database, room: strongroom.Strongroom, key: str
) -> None:
    """Nobody changed a record outside strongroom: no reader may say so."""
    make(room, ["words"]).add_many(map(person, range(3)))
    declared = [Index.exact("email"), Index.exact("name"), Index.compound("name", "email")]
    changes = [partial(strongroom.add_index, room, NAME, one) for one in declared]
    _is_answered_meanwhile(database, key, "words", changes)


def _is_answered_meanwhile(
    database: Database, key: str, kind: str, changes: Sequence[Callable[[], object]]
) -> None:
    """Assert that a question is answered if before each of its statements something changes."""
    asked = question(kind, person(1))
    assert asked is not None
    with strongroom.open(database.url, key, password=database.password) as reader:
        table = reader.table(NAME)
        assert [one.id for one in table.find(**asked)] == [2]
        left = list(changes)

        def change(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if left and NAME in statement:
                left.pop(0)()

        engine = reader.store.database._main
        event.listen(engine, "before_cursor_execute", change)
        try:
            assert [one.id for one in table.find(**asked)] == [2]
        finally:
            event.remove(engine, "before_cursor_execute", change)
    assert left == []


CHANGES: Final[dict[str, Callable[[strongroom.Strongroom, str], object]]] = {
    "rebuilt": lambda room, name: strongroom.rebuild_index(room, NAME, name, bits=41),
    "dropped": lambda room, name: strongroom.drop_index(room, NAME, name),
}


@pytest.mark.parametrize("kind", ["exact", "words"])
@pytest.mark.parametrize("what", CHANGES)
def test_verify_finds_nothing_wrong_while_an_index_changes(
    database: Database, room: strongroom.Strongroom, key: str, kind: str, what: str
) -> None:
    make(room, ["exact", "compound", "words"]).add_many(map(person, range(BEFORE)))
    done: list[int] = []

    def change(_: object) -> None:
        if not done:
            done.append(1)
            with strongroom.open(database.url, key, password=database.password) as other:
                CHANGES[what](other, INDEXES[kind].called)

    findings: list[str] = []
    report = strongroom.verify(
        room, found=lambda one: findings.append(str(one.error)), progress=change
    )
    assert done
    assert (findings[:3], report.records) == ([], BEFORE)
    check(database, room)
