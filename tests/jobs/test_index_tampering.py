"""Tokens that somebody changed, on an index of each kind: verify names the record and the index.

A token in a column is under its record's seal: such a record is refused by every way of reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

import strongroom
from tests.jobs.indexing import FIELDS, INDEXES, NAME, index, person
from tests.room.thief import hold, message
from tests.servers.database import Database

COLUMNS: Final = ["exact", "compound"]
BESIDE: Final = ["prefix", "words", "trigram", "range"]
GONE: Final = 999


class Scene:
    """Three records, the fourth without values, and an index of one kind."""

    def __init__(self, database: Database, room: strongroom.Strongroom, kind: str) -> None:
        self.database = database
        self.room = room
        table = room.create_table(NAME, FIELDS)
        table.add_many([person(1), person(2), person(3), {"age": 5}])
        self.sealed = self.rows("record_seal")
        strongroom.add_index(room, NAME, INDEXES[kind])
        self.called = INDEXES[kind].called
        self.place = index(room, kind).place
        self.now: dict[int, list[Any]] = {}
        self.tokens: list[tuple[Any, ...]] = []
        if kind in COLUMNS:
            self.now = self.rows("record_seal", self.place)
        else:
            self.tokens = self.postings()

    def rows(self, *columns: str) -> dict[int, list[Any]]:
        names = ", ".join(f'"{one}"' for one in columns)
        found = self.database.execute(f"SELECT id, {names} FROM {NAME}")
        return {number: list(rest) for number, *rest in found}

    def put(self, number: int, column: str, value: object) -> None:
        self.database.execute(f'UPDATE {NAME} SET "{column}" = ? WHERE id = ?', [value, number])

    def postings(self) -> list[tuple[Any, ...]]:
        return sorted(self.database.execute(f'SELECT token, record_id FROM "{self.place}"'))

    def of(self, number: int) -> list[bytes]:
        return [token for token, mine in self.tokens if mine == number]

    def take(self, number: int, *tokens: bytes) -> None:
        for token in tokens:
            self.database.execute(
                f'DELETE FROM "{self.place}" WHERE token = ? AND record_id = ?', [token, number]
            )

    def give(self, number: int, *tokens: object) -> None:
        for token in tokens:
            self.database.execute(f'INSERT INTO "{self.place}" VALUES (?, ?)', [token, number])

    def findings(self) -> list[str]:
        found: list[str] = []
        report = strongroom.verify(self.room, found=lambda one: found.append(str(one.error)))
        assert report.broken == len(found)
        assert report.intact is (not found)
        return found

    def other_tokens(self, number: int) -> str:
        name = f"the index {self.called}"
        return f"record {number} of {NAME} has other tokens in {name} than it should"

    def of_nobody(self, number: int) -> str:
        name = f"the index {self.called} of {NAME}"
        return f"{name} has tokens of record {number}, which is not there"


def _copied(scene: Scene) -> Iterator[int]:
    scene.put(1, scene.place, scene.now[2][1])
    yield 1


def _copied_where_there_is_none(scene: Scene) -> Iterator[int]:
    scene.put(4, scene.place, scene.now[2][1])
    yield 4


def _emptied(scene: Scene) -> Iterator[int]:
    scene.put(3, scene.place, None)
    yield 3


def _swapped(scene: Scene) -> Iterator[int]:
    for number, other in ((1, 2), (2, 1)):
        scene.put(number, scene.place, scene.now[other][1])
        yield number


def _flipped(scene: Scene) -> Iterator[int]:
    token = bytearray(scene.now[2][1])
    token[0] ^= 1
    scene.put(2, scene.place, bytes(token))
    yield 2


IN_COLUMNS: Final[dict[str, Callable[[Scene], Iterator[int]]]] = {
    "copied": _copied,
    "copied where there is none": _copied_where_there_is_none,
    "emptied": _emptied,
    "swapped": _swapped,
    "a bit flipped": _flipped,
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_token_in_a_column_is_under_the_seal(
    database: Database, room: strongroom.Strongroom, kind: str
) -> None:
    scene = Scene(database, room, kind)
    assert scene.findings() == []
    table = room.table(NAME)
    for edit in IN_COLUMNS.values():
        broken = list(edit(scene))
        assert scene.findings() == [message(NAME, number) for number in broken]
        for number in broken:
            with pytest.raises(strongroom.IntegrityError) as caught:
                table.get(number)
            hold(caught.value, NAME, number)
            with pytest.raises(strongroom.IntegrityError):
                table.update(number, age=6)
            scene.put(number, scene.place, scene.now[number][1])
        assert scene.findings() == []


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_seal_from_before_the_index_covers_no_token(
    database: Database, room: strongroom.Strongroom, kind: str
) -> None:
    """The record as it was then: it opens, as one of an older version does, and is named."""
    scene = Scene(database, room, kind)
    for token in (scene.now[2][1], None, scene.now[1][1]):
        scene.put(2, "record_seal", scene.sealed[2][0])
        scene.put(2, "record_version", 1)
        scene.put(2, scene.place, token)
        assert scene.findings() == [scene.other_tokens(2)]
        assert room.table(NAME).get(2).name == person(2)["name"]
    strongroom.rebuild_index(room, NAME, scene.called)
    assert scene.findings() == []


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_seal_over_an_index_that_is_gone_opens_nothing(
    database: Database, room: strongroom.Strongroom, kind: str
) -> None:
    scene = Scene(database, room, kind)
    version = scene.rows("record_version")[2][0]
    strongroom.rebuild_index(room, NAME, scene.called)
    assert scene.findings() == []
    scene.put(2, "record_seal", scene.now[2][0])
    scene.put(2, "record_version", version)
    assert scene.findings() == [message(NAME, 2)]
    with pytest.raises(strongroom.IntegrityError) as caught:
        room.table(NAME).get(2)
    hold(caught.value, NAME, 2)


def _one_deleted(scene: Scene) -> list[str]:
    scene.take(2, scene.of(2)[0])
    return [scene.other_tokens(2)]


def _all_deleted(scene: Scene) -> list[str]:
    scene.take(3, *scene.of(3))
    return [scene.other_tokens(3)]


def _one_copied(scene: Scene) -> list[str]:
    [token, *_] = set(scene.of(2)) - set(scene.of(1))
    scene.give(1, token)
    return [scene.other_tokens(1)]


def _copied_to_one_without(scene: Scene) -> list[str]:
    scene.give(4, *scene.of(2))
    return [scene.other_tokens(4)]


def _exchanged(scene: Scene) -> list[str]:
    mine, other = scene.of(1), scene.of(2)
    scene.take(1, *mine)
    scene.take(2, *other)
    scene.give(1, *other)
    scene.give(2, *mine)
    return [scene.other_tokens(1), scene.other_tokens(2)]


def _made_up(scene: Scene) -> list[str]:
    scene.give(3, bytes(len(scene.of(3)[0])))
    return [scene.other_tokens(3)]


def _of_nobody(scene: Scene) -> list[str]:
    scene.give(GONE, *scene.of(2))
    return [scene.of_nobody(GONE)]


def _record_deleted(scene: Scene) -> list[str]:
    scene.database.execute(f"DELETE FROM {NAME} WHERE id = 1")
    return [scene.of_nobody(1)]


BESIDE_EDITS: Final[dict[str, Callable[[Scene], list[str]]]] = {
    "one deleted": _one_deleted,
    "all deleted": _all_deleted,
    "one copied": _one_copied,
    "copied to a record without values": _copied_to_one_without,
    "exchanged": _exchanged,
    "made up": _made_up,
    "of nobody": _of_nobody,
    "the record deleted": _record_deleted,
}


@pytest.mark.parametrize("kind", BESIDE)
def test_a_token_beside_the_table_is_made_again_to_compare(
    database: Database, room: strongroom.Strongroom, kind: str
) -> None:
    scene = Scene(database, room, kind)
    assert scene.findings() == []
    for what, edit in BESIDE_EDITS.items():
        wanted = edit(scene)
        assert scene.findings() == wanted, what
        strongroom.rebuild_index(room, NAME, scene.called)
        assert scene.findings() == [], what
        scene.place = index(room, kind).place
        scene.tokens = scene.postings()


@pytest.mark.parametrize("kind", BESIDE)
def test_an_update_writes_tokens_that_are_in_the_way(
    database: Database, room: strongroom.Strongroom, kind: str
) -> None:
    """Somebody put those of its new values there already."""
    scene = Scene(database, room, kind)
    table = room.table(NAME)
    table.update(1, **person(2))
    after = scene.postings()
    table.update(1, **person(1))
    there = set(scene.postings())
    new = [token for token, number in after if number == 1 and (token, 1) not in there]
    assert new
    scene.give(1, *new)
    table.update(1, **person(2))
    assert scene.postings() == after
    assert scene.findings() == []


@pytest.mark.parametrize("kind", BESIDE)
def test_a_record_can_be_added_where_tokens_of_nobody_are(
    database: Database, room: strongroom.Strongroom, kind: str
) -> None:
    scene = Scene(database, room, kind)
    number = room.table(NAME).add(**person(2))
    scene.tokens = scene.postings()
    common = set(scene.of(2)) & set(scene.of(number))  # all but fillers, which differ
    assert common
    scene.give(number + 1, *common)
    assert room.table(NAME).add(**person(2)) == number + 1
    assert scene.findings() == []


@pytest.mark.parametrize("kind", BESIDE)
@pytest.mark.parametrize("token", ["x", 1, 1.5])
def test_a_token_of_another_type_is_a_finding(
    sqlite_database: Database, key: str, kind: str, token: object
) -> None:
    """SQLite keeps any type in any column."""
    with strongroom.open(sqlite_database.url, key) as room:
        scene = Scene(sqlite_database, room, kind)
        scene.give(2, token)
        assert scene.findings() == [scene.other_tokens(2)]
