"""What a query finds and in which order: Python's own answers, on every database."""

from __future__ import annotations

import decimal
from dataclasses import replace
from operator import itemgetter

import pytest

import strongroom
from strongroom import Bytes, Decimal, FieldType, Integer, Json, Text
from strongroom.schema.values import canonical_json
from tests.room.edits import during
from tests.room.every_type import PLAIN, exactly
from tests.room.thief import Thief, message
from tests.servers.database import Database


def sortable(kind: FieldType) -> FieldType:
    """Bound a type so that every database can order by it."""
    return replace(kind, max_bytes=1_000) if isinstance(kind, (Text, Bytes)) else kind


@pytest.fixture
def kinds(room: strongroom.Strongroom) -> strongroom.Table:
    """Give a table with every plain value of every type, the last first, and a record of none."""
    fields = {name: sortable(kind) for name, (kind, _) in PLAIN.items()}
    table = room.create_table("kinds", fields)
    count = max(len(values) for _, values in PLAIN.values())
    table.add_many(
        {name: values[n] for name, (_, values) in PLAIN.items() if n < len(values)}
        for n in reversed(range(count + 1))
    )
    return table


def test_find_answers_by_exact_equality(kinds: strongroom.Table) -> None:
    """1 is not True, '' is not NULL, 'a' is neither 'A' nor 'a ' nor 'á'."""
    everything = list(kinds.all())
    for name, (_, values) in PLAIN.items():
        wanted: dict[tuple[type, str], list[int]] = {}
        for record in everything:
            wanted.setdefault(exactly(record[name]), []).append(record.id)
        assert len(wanted) == len(values) + 1
        for value in (*values, None):
            with during(f"{name} = {value!r:.80}"):
                found = [record.id for record in kinds.find(**{name: value})]
                assert found == wanted[exactly(value)]


@pytest.mark.parametrize(
    "names",
    [["word"], ["amount"], ["number", "day", "time", "moment", "flag", "data", "ratio"]],
    ids=["text", "decimal", "the rest"],
)
def test_order_is_pythons_with_nothing_last(
    kinds: strongroom.Table, database: Database, names: list[str]
) -> None:
    """In either direction, ties by key, and the same when read page after page."""
    if database.kind == "sqlite" and names == ["amount"]:
        with pytest.raises(strongroom.QueryError, match=r"keeps kinds\.amount as text"):
            list(kinds.all().order_by("amount"))
        return
    everything = list(kinds.all())
    for name in names:
        given = [record for record in everything if record[name] is not None]
        nothing = [record.id for record in everything if record[name] is None]
        for spelled in (name, f"-{name}"):
            backwards = spelled.startswith("-")
            ranked = sorted(given, key=itemgetter(name), reverse=backwards)
            expected = [record.id for record in ranked] + nothing
            with during(spelled):
                assert [one.id for one in kinds.all().order_by(spelled)] == expected
                assert paged(kinds.all().order_by(spelled), 3) == expected


def paged(query: strongroom.Query, size: int) -> list[int]:
    """Read a query as a caller does who shows one page at a time."""
    found = list(query.limit(size))
    ids: list[int] = []
    while found:
        ids += [record.id for record in found]
        found = list(query.after(found[-1]).limit(size))
    return ids


@pytest.mark.parametrize("long", [100, 997, 5_000])
def test_no_record_is_lost_between_pages_of_long_texts(
    room: strongroom.Strongroom, database: Database, long: int
) -> None:
    """Texts that only differ far behind, where a database may stop to compare."""
    word = Text(plain=True, max_bytes=1_000 if long < 1_000 else 10_000)
    table = room.create_table("long", {"word": word, "name": Text()})
    words = ["x" * long + f"{number:03}" for number in range(100)]
    if database.kind == "mariadb" and long > 1_000:
        with pytest.raises(strongroom.QueryError, match="may be too long for MySQL"):
            list(table.all().order_by("word"))
        return
    table.add_many({"word": word, "name": word[-3:]} for word in reversed(words))
    for spelled, expected in (("word", words), ("-word", words[::-1])):
        query = table.all().order_by(spelled)
        found = [record.word for record in query]
        assert sorted(found) == words  # each of them once
        assert found == expected
        assert sorted(paged(query, 7)) == list(range(1, 101))


@pytest.mark.parametrize("kind", [Text, Bytes, Json])
def test_what_may_be_too_long_is_ordered_or_refused(
    room: strongroom.Strongroom, database: Database, kind: type[Text | Bytes | Json]
) -> None:
    """The declared length decides, whatever stands there."""
    fields = {
        "short": kind(plain=True, max_bytes=1_000),
        "long": kind(plain=True, max_bytes=1_001),
    }
    table = room.create_table("bounds", fields)
    words = ["b", "a  ", "a", "a ", "a\x01", "é", "\U0001f600", "\uffff"]
    values = [word.encode() if kind is Bytes else word for word in words]
    table.add_many({"short": value, "long": value} for value in values)
    ranked = sorted(values, key=canonical_json if kind is Json else None)
    for spelled, expected in (("short", ranked), ("-short", ranked[::-1])):
        query = table.all().order_by(spelled)
        assert [record.short for record in query] == expected
        assert [table.get(key).short for key in paged(query, 3)] == expected
    if database.kind != "mariadb":
        assert [record.long for record in table.all().order_by("long")] == ranked
        return
    with pytest.raises(strongroom.QueryError) as caught:
        list(table.all().order_by("-long"))
    assert str(caught.value) == "bounds.long may be too long for MySQL to order by it"
    assert caught.value.hint == "declare it with max_bytes=1000 or less"


def test_sqlite_orders_by_no_decimal(room: strongroom.Strongroom, database: Database) -> None:
    """Where it would: 10 before 9."""
    table = room.create_table("fees", {"fee": Decimal(plain=True, precision=4, scale=0)})
    table.add_many({"fee": number} for number in map(decimal.Decimal, (9, 10, -1)))
    if database.kind != "sqlite":
        assert [record.id for record in table.all().order_by("fee")] == [3, 1, 2]
        return
    with pytest.raises(strongroom.QueryError) as caught:
        table.all().order_by("fee")  # as soon as it is asked for
    assert str(caught.value) == "SQLite keeps fees.fee as text and cannot order by it"
    assert caught.value.hint == (
        "sort the records after reading them, or use an integer of the smallest unit"
    )


def test_ties_and_nothing_over_many_pages(room: strongroom.Strongroom) -> None:
    table = room.create_table("ties", {"floor": Integer(plain=True, optional=True)})
    floors = [None if n % 3 == 0 else n % 2 for n in range(150)]
    table.add_many({"floor": floor} for floor in floors)
    ids = {floor: [n for n, one in enumerate(floors, 1) if one == floor] for floor in (0, 1, None)}
    upwards, down = ids[0] + ids[1] + ids[None], ids[1] + ids[0] + ids[None]
    for spelled, expected in (("floor", upwards), ("-floor", down)):
        query = table.all().order_by(spelled)
        assert [record.id for record in query] == expected
        assert paged(query, 16) == expected
    assert [record.id for record in table.all().order_by("-id")] == list(range(150, 0, -1))
    assert paged(table.all().order_by("-id"), 16) == list(range(150, 0, -1))


BAD = {
    "sqlite": ("day", "'x'"),
    "mariadb": ("day", "'9999-00-00'"),
    "postgresql": ("day", "'infinity'"),
}


def test_an_unreadable_value_at_the_end_of_a_page(
    room: strongroom.Strongroom, thief: Thief
) -> None:
    """The page after it starts behind a value that nobody can name: still every record once."""
    column, value = BAD[thief.database.kind]
    table = room.create_table("kinds", {column: PLAIN[column][0]})
    good = min(PLAIN[column][1])
    table.add_many([{column: good}] * 31 + [{column: None}] * 9)
    if thief.database.kind == "mariadb":
        thief.sql("SET SESSION sql_mode = 'ALLOW_INVALID_DATES,ANSI_QUOTES'")
    thief.sql(f"UPDATE kinds SET {column} = {value} WHERE id = 31")
    table.add(**{column: good})
    errors, ids = [], []
    for outcome in table.all().order_by(column).outcomes():
        if isinstance(outcome, strongroom.IntegrityError):
            errors.append(str(outcome))
        else:
            ids.append(outcome.id)
    assert errors == [message("kinds", 31)]
    assert ids[:30] == [*range(1, 31)]
    assert sorted(ids) == [*range(1, 31), *range(32, 42)]


def test_scanning_finds_encrypted_values_exactly(room: strongroom.Strongroom) -> None:
    users = room.table("users")
    names = ["Ada", "ada", "Ada ", "", "A\u0301da", "Áda", "Ada"]
    users.add_many({"name": name, "age": 36} for name in names)
    for name in set(names):
        expected = [number for number, one in enumerate(names, 1) if one == name]
        assert [one.id for one in users.find(name=name).scan()] == expected
    with pytest.raises(strongroom.QueryError) as caught:
        list(users.find(name="Ada"))
    assert str(caught.value) == "users.name is encrypted, so the database cannot search it"
    with pytest.raises(strongroom.QueryError) as caught:
        list(users.all().order_by("name"))
    assert str(caught.value) == "users.name is encrypted, so the database cannot order by it"
