"""Search inside of a caller's own transaction, and where keys have an order of their own."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

import strongroom
from strongroom import Index, Text
from strongroom.jobs.engine import Progress
from strongroom.jobs.rewriting.adoption_plan import Adoption
from tests.jobs.someone import grant
from tests.room.engines import engine_of
from tests.servers.database import Database

_KEYS = {
    "sqlite": "code TEXT NOT NULL PRIMARY KEY",
    "mariadb": "code VARCHAR(20) COLLATE utf8mb4_general_ci NOT NULL PRIMARY KEY",
    "postgresql": 'code VARCHAR(20) COLLATE "en-US-x-icu" NOT NULL PRIMARY KEY',
}


def test_a_transaction_that_sees_less_asks_by_what_it_sees(
    room: strongroom.Strongroom, database: Database, key: str
) -> None:
    """Its snapshot is from the middle of an index's building: by it the index is not whole."""
    people = room.create_table("people", {"name": Text()})
    people.add_many({"name": f"same {n}"} for n in range(1_200))
    engine = engine_of(database)
    if database.kind != "sqlite":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with (
        strongroom.open(database.url, key, password=database.password) as other,
        engine.connect() as theirs,
    ):
        taken: list[int] = []

        def watch(progress: Progress) -> None:
            if progress.here >= 300 and not taken:
                if database.kind == "sqlite":
                    theirs.exec_driver_sql("BEGIN")
                taken.append(theirs.execute(sa.text("SELECT COUNT(*) FROM people")).scalar_one())

        pace = strongroom.Pace(watch=watch)
        strongroom.add_index(room, "people", Index.words("name", bits=64), pace=pace)
        assert taken == [1_200]
        asked = strongroom.words("same")
        assert people.find(name=asked).count() == 1_200
        with other.using(theirs):
            seen = other.table("people")
            assert seen.all().count() == 1_200
            with pytest.raises(strongroom.QueryError, match="no index yet"):
                seen.find(name=asked).count()
            assert seen.find(name=asked).scan().count() == 1_200
            assert seen.get(1).name == "same 0"
        theirs.rollback()
        with other.using(theirs):
            assert other.table("people").find(name=asked).count() == 1_200
    engine.dispose()


@pytest.mark.parametrize("spelled", ["name", "-name"])
def test_records_with_keys_of_another_order_are_paged_through_once(
    room: strongroom.Strongroom, database: Database, spelled: str
) -> None:
    text = " CHARACTER SET utf8mb4" if database.kind == "mariadb" else ""
    database.execute(f"CREATE TABLE coded ({_KEYS[database.kind]}, name VARCHAR(100){text})")
    grant(database, "coded")
    codes = [f"{letter}{n:02}" for n in range(20) for letter in "aBcD"]
    for n, code in enumerate(codes):
        database.execute("INSERT INTO coded VALUES (?, ?)", (code, f"n{n % 2}"))
    strongroom.adopt(room, Adoption("coded", {"name": Text(max_bytes=100)}))
    coded = room.table("coded")
    found: list[str] = []
    last: strongroom.Record | None = None
    while True:
        query = coded.all().scan().order_by(spelled).limit(7)
        page = list(query if last is None else query.after(last))
        found += [one.code for one in page]
        if len(page) < 7:
            break
        last = page[-1]
    assert sorted(found) == sorted(codes)
    names = [coded.get(code).name for code in found]
    assert names == sorted(names, reverse=spelled.startswith("-"))
    strongroom.add_index(room, "coded", Index.words("name", bits=64))
    assert coded.find(name=strongroom.words("N1")).count() == 40
    assert strongroom.verify(room).intact
    # Deleted by another tool, and added again: tokens of the one before are not in the way.
    database.execute("DELETE FROM coded WHERE code = ?", ("a00",))
    coded.add(code="a00", name="n1 again")
    assert strongroom.verify(room).intact
