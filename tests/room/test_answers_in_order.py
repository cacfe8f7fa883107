"""A database that gives rows twice or in another order than asked: an error, never a wrong count.

Sealed rows may be copied freely where a table has lost its primary key, and a server may answer
with what it likes: no record is counted twice, none passed over, no page read for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

import strongroom
from strongroom.storage.row import Row
from strongroom.storage.rows import Rows
from tests.room.edits import during
from tests.room.refusal import reopen
from tests.room.thief import Thief

TWICE: Final = "the database gave rows of {} twice or out of order"
REBUILT: Final = {
    "sqlite": [
        "ALTER TABLE users RENAME TO former",
        (
            "CREATE TABLE users (id INTEGER NOT NULL, name TEXT NOT NULL, age INTEGER NOT NULL, "
            "record_version INTEGER NOT NULL, record_seal BLOB NOT NULL)"
        ),
        "INSERT INTO users SELECT id, name, age, record_version, record_seal FROM former",
        "DROP TABLE former",
    ],
    "mariadb": [
        "ALTER TABLE users MODIFY id BIGINT NOT NULL",
        "ALTER TABLE users DROP PRIMARY KEY",
    ],
    "postgresql": ["ALTER TABLE users DROP CONSTRAINT users_pkey"],
}


def without_primary_key(thief: Thief) -> None:
    for statement in REBUILT[thief.database.kind]:
        thief.sql(statement)


def refused(query: strongroom.Query, table: str = "users") -> None:
    """Read with a bound, so that a page read for ever is a failure too."""
    with pytest.raises(strongroom.IntegrityError) as caught:
        for count, _ in enumerate(query.outcomes()):
            assert count < 200, "the same page was read again and again"
    assert str(caught.value) == TWICE.format(table)


@pytest.mark.parametrize("several", [5, 70])
def test_copied_rows_are_not_counted_twice(
    room: strongroom.Strongroom, thief: Thief, several: int
) -> None:
    users = room.table("users")
    users.add_many([{"name": f"n{number}", "age": number} for number in range(several)])
    without_primary_key(thief)
    assert users.all().count() == several
    thief.sql(f"INSERT INTO users SELECT * FROM users WHERE id = {several}")
    for query in (users.all(), users.all().order_by("age"), users.all().order_by("-age")):
        with during(repr(query.explain(run=False))):
            refused(query)
            with pytest.raises(strongroom.IntegrityError) as caught:
                query.count()
            assert str(caught.value) == TWICE.format("users")
            with pytest.raises(strongroom.IntegrityError):
                list(query)


def test_a_table_without_its_primary_key_is_refused(
    room: strongroom.Strongroom, thief: Thief, key: str
) -> None:
    room.table("users").add(name="Ada Lovelace", age=36)
    without_primary_key(thief)
    with reopen(thief, key) as again:
        with pytest.raises(strongroom.StorageError) as caught:
            again.table("users")
        assert str(caught.value) == (
            "the table users is not as strongroom made it: its primary key is another"
        )
        assert caught.value.hint == "someone changed it with another tool; change it back"


def test_a_primary_key_of_another_column_is_refused(
    room: strongroom.Strongroom, thief: Thief, key: str
) -> None:
    room.table("users").add(name="Ada Lovelace", age=36)
    if thief.database.kind == "sqlite":
        thief.sql("DROP TABLE users")
        thief.sql(REBUILT["sqlite"][1].replace("record_seal BLOB NOT NULL", "record_seal BLOB "
                  "NOT NULL, PRIMARY KEY (id, age)"))  # fmt: skip
    else:
        without_primary_key(thief)
        thief.sql("ALTER TABLE users ADD PRIMARY KEY (id, age)")
    with reopen(thief, key) as again, pytest.raises(strongroom.StorageError) as caught:
        again.table("users")
    assert str(caught.value).endswith(": its primary key is another")


Page = list[Row]
Answer = Callable[[Page], Page]


LIES: Final[dict[str, Answer]] = {
    "every row twice": lambda page: [row for row in page for _ in range(2)],
    "the page twice": lambda page: page + page,
    "the last row again": lambda page: page + page[-1:],
    "the first row again": lambda page: page + page[:1],
    "backwards": lambda page: page[::-1],
    "two neighbours exchanged": lambda page: [page[1], page[0], *page[2:]],
    "the last two exchanged": lambda page: [*page[:-2], page[-1], page[-2]],
}
ORDERS: Final = (None, "age", "-age", "city", "-city")


@pytest.fixture
def people(room: strongroom.Strongroom) -> strongroom.Table:
    """Give 70 records: several pages, ages with ties, and no city for every third."""
    table = room.create_table(
        "people",
        {
            "name": strongroom.Text(),
            "age": strongroom.Integer(plain=True, optional=True),
            "city": strongroom.Text(plain=True, optional=True, max_bytes=40),
        },
    )
    table.add_many(
        {
            "name": f"n{number}",
            "age": None if number % 7 == 0 else number % 5,
            "city": None if number % 3 == 0 else f"city {number % 4}",
        }
        for number in range(70)
    )
    return table


def asked(table: strongroom.Table, order: str | None) -> strongroom.Query:
    return table.all() if order is None else table.all().order_by(order)


def lying(patch: pytest.MonkeyPatch, lie: Answer) -> None:
    real = Rows.page

    def page(self: Rows, *arguments: Any) -> Page:
        return lie(real(self, *arguments))

    patch.setattr(Rows, "page", page)


def expected(table: strongroom.Table, order: str) -> list[int]:
    """Return the ids as Python orders the records: NULLs last, ties by id."""
    name, records = order.removeprefix("-"), list(table.all())
    known = [one for one in records if one[name] is not None]
    known.sort(key=lambda one: one[name], reverse=order.startswith("-"))  # stable, both ways
    return [one.id for one in known] + [one.id for one in records if one[name] is None]


def test_an_honest_answer_is_accepted_in_every_order(people: strongroom.Table) -> None:
    assert [one.id for one in people.all()] == list(range(1, 71))
    for order in ORDERS[1:]:
        assert order is not None
        found = [one.id for one in people.all().order_by(order)]
        assert found == expected(people, order)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_lying_answer_is_refused_in_every_order(
    people: strongroom.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, lie in LIES.items():
        for order in ORDERS:
            with during(f"{name}, ordered by {order}"), monkeypatch.context() as patch:
                lying(patch, lie)
                refused(asked(people, order), "people")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_records_without_a_value_come_last(
    people: strongroom.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    def first(place: int) -> Answer:
        return lambda page: sorted(page, key=lambda row: row.values[place] is not None)

    for order, place in (("age", 1), ("-age", 1), ("city", 2), ("-city", 2)):
        with during(order), monkeypatch.context() as patch:
            lying(patch, first(place))
            refused(asked(people, order), "people")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_first_page_again_is_refused(
    people: strongroom.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., Page] = Rows.page

    def page(self: Rows, *arguments: Any) -> Page:
        *question, _after, limit = arguments
        return real(self, *question, None, limit)

    monkeypatch.setattr(Rows, "page", page)
    for order in ORDERS:
        with during(f"ordered by {order}"):
            refused(asked(people, order), "people")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_last_row_of_a_page_does_not_begin_the_next(
    people: strongroom.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    for order in ORDERS:
        with during(f"ordered by {order}"), monkeypatch.context() as patch:
            last: list[Row] = []

            def overlap(page: Page, last: list[Row] = last) -> Page:
                answer = [*last, *page]
                last[:] = page[-1:]
                return answer

            lying(patch, overlap)
            refused(asked(people, order), "people")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_values_that_cannot_be_ordered_do_not_keep_a_reader_for_ever(
    people: strongroom.Table, thief: Thief
) -> None:
    """SQLite keeps a text where an integer should be; a page cannot begin behind one."""
    thief.sql("UPDATE people SET age = 'old'")
    for order in ("age", "-age"):
        with pytest.raises(strongroom.IntegrityError) as caught:
            for count, _ in enumerate(asked(people, order).outcomes()):
                assert count < 200
        assert str(caught.value) == ("people cannot be read on in this order: too much was changed")
    outcomes = list(people.all().outcomes())
    assert [type(one) for one in outcomes] == [strongroom.IntegrityError] * 70


def test_a_page_is_checked_before_anything_is_given_out(
    people: strongroom.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    lying(monkeypatch, LIES["the last row again"])
    for ask in (people.all().first, people.all().exists, people.all().limit(1).one):
        with pytest.raises(strongroom.IntegrityError) as caught:
            ask()
        assert str(caught.value) == TWICE.format("people")
