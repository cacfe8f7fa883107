"""Text where an integer primary key was: it is someone else's, and no message repeats it.

SQLite keeps any value in a column that is not INTEGER PRIMARY KEY. A message is shown on
terminals and its hint is pasted into shells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

import strongroom
from tests.room.refusal import reopen
from tests.room.test_answers_in_order import without_primary_key
from tests.room.thief import Thief

CANARY = "1; canary|sh #\n\x1b[2J"
TWICE = "the database gave rows of users twice or out of order"
OTHER_TYPE = "users has a record with a primary key of another type"

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def users(room: strongroom.Strongroom) -> strongroom.Table:
    table = room.table("users")
    table.add_many([{"name": f"n{number}", "age": number} for number in range(40)])
    return table


def silent(error: BaseException) -> None:
    seen: BaseException | None = error
    while seen is not None:
        said = f"{seen} {seen!r} {seen.args} {vars(seen)}"
        assert "canary" not in said
        assert "\x1b" not in said
        seen = seen.__cause__ or seen.__context__


def errors(room: strongroom.Strongroom, users: strongroom.Table) -> Iterator[BaseException]:
    """Give every error of every way to come upon the record."""
    found: list[BaseException] = []
    asks: list[Callable[[], object]] = [
        users.all().count,
        lambda: list(users.all()),
        lambda: list(users.all().order_by("-id")),
        lambda: list(users.all().order_by("age")),
        lambda: list(users.find(name="n39").scan()),
        lambda: users.find(age=39).one(),
        lambda: room.check_counter("users"),
        lambda: strongroom.verify(room, found=lambda one: found.append(one.error)),
        lambda: users.get(CANARY),
        lambda: users.update(CANARY, age=1),
        lambda: users.delete(CANARY),
        room.status,
    ]
    for ask in asks:
        try:
            ask()
        except strongroom.StrongroomError as error:
            yield error
    yield from found


def test_one_text_is_in_no_message(
    room: strongroom.Strongroom, users: strongroom.Table, thief: Thief, key: str
) -> None:
    without_primary_key(thief)
    thief.sql("UPDATE users SET id = ? WHERE id = 40", CANARY)
    met = list(errors(room, users))
    assert len(met) >= 9
    for error in met:
        silent(error)
    with reopen(thief, key) as again, pytest.raises(strongroom.StorageError) as caught:
        again.table("users")
    silent(caught.value)


@pytest.mark.parametrize("several", [1, 9, 40])
def test_many_texts_are_never_a_foreign_error(
    users: strongroom.Table, thief: Thief, several: int
) -> None:
    """Integers and texts cannot be compared: no reason to fall over."""
    without_primary_key(thief)
    thief.sql("UPDATE users SET id = id || ? WHERE id > ?", CANARY, 40 - several)
    for query in (users.all(), users.all().order_by("age"), users.all().order_by("-id")):
        met = errors_of(query)
        assert {(str(one), one.hint) for one in met} <= {(OTHER_TYPE, None), (TWICE, None)}
        assert met


def test_texts_alone_are_named_by_their_kind(users: strongroom.Table, thief: Thief) -> None:
    without_primary_key(thief)
    thief.sql("UPDATE users SET id = CHAR(97 + id) || ?", CANARY)
    for order in ("id", "-id", "age"):
        met = errors_of(users.all().order_by(order))
        assert [(str(one), one.hint) for one in met] == [(OTHER_TYPE, None)] * 40


def errors_of(query: strongroom.Query) -> list[strongroom.IntegrityError]:
    met: list[strongroom.IntegrityError] = []
    try:
        met += [one for one in query.outcomes() if not isinstance(one, strongroom.Record)]
    except strongroom.IntegrityError as error:
        met.append(error)
    return met
