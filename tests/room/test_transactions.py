"""Transactions of our own and of the caller: all or nothing, on one connection, in one context."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

import strongroom
from tests.room.engines import engine_of
from tests.servers.database import Database, SQLiteDatabase


class Undo(Exception):  # noqa: N818  # not an error: how a block is left
    """Leave a transaction."""


@pytest.fixture
def engine(database: Database) -> Iterator[sa.Engine]:
    engine = engine_of(database)
    yield engine
    engine.dispose()


def test_a_transaction_keeps_all_or_nothing(room: strongroom.Strongroom) -> None:
    users = room.table("users")
    with room.transaction():
        ada = users.add(name="Ada Lovelace", age=36)
        users.update(ada, age=37)
        assert users.get(ada).age == 37
    with pytest.raises(Undo), room.transaction():
        users.add(name="Grace Hopper", age=85)
        users.update(ada, age=38)
        assert [one.age for one in users.all()] == [38, 85]
        raise Undo
    assert [(one.name, one.age) for one in users.all()] == [("Ada Lovelace", 37)]


def test_a_transaction_inside_joins_the_outer_one(room: strongroom.Strongroom) -> None:
    users = room.table("users")
    with pytest.raises(Undo), room.transaction():
        with room.transaction():
            users.add(name="Ada Lovelace", age=36)
        raise Undo
    assert users.all().count() == 0


def test_a_stream_goes_on_while_records_change(room: strongroom.Strongroom) -> None:
    users = room.table("users")
    users.add_many({"name": f"n{number}", "age": 0} for number in range(500))
    with room.transaction():
        for person in users.all():
            users.update(person, age=1)
    assert users.find(age=1).count() == 500
    for person in users.all():
        users.update(person, age=2)
    assert users.find(age=2).count() == 500


def test_other_contexts_do_not_see_the_transaction(room: strongroom.Strongroom) -> None:
    users = room.table("users")

    async def inside(begun: asyncio.Event, done: asyncio.Event) -> None:
        with pytest.raises(Undo), room.transaction():
            users.add(name="Ada Lovelace", age=36)
            begun.set()
            await done.wait()
            raise Undo

    async def outside(begun: asyncio.Event, done: asyncio.Event) -> int:
        await begun.wait()
        try:
            return users.all().count()
        finally:
            done.set()

    async def both() -> int:
        begun, done = asyncio.Event(), asyncio.Event()
        _, count = await asyncio.gather(inside(begun, done), outside(begun, done))
        return count

    assert asyncio.run(both()) == 0


def test_a_transaction_that_ended_is_not_used(room: strongroom.Strongroom) -> None:
    users = room.table("users")

    async def late(ended: asyncio.Event) -> None:
        await ended.wait()
        users.add(name="Ada Lovelace", age=36)

    async def main() -> None:
        ended = asyncio.Event()
        with room.transaction():
            task = asyncio.create_task(late(ended))  # copies the context, transaction and all
            await asyncio.sleep(0)
        ended.set()
        with pytest.raises(strongroom.ClosedError, match="has ended"):
            await task

    asyncio.run(main())
    assert users.all().count() == 0


def test_the_callers_transaction_decides(room: strongroom.Strongroom, engine: sa.Engine) -> None:
    users = room.table("users")
    with engine.connect() as connection:
        with room.using(connection):
            users.add(name="Ada Lovelace", age=36)
            assert users.all().count() == 1
        connection.rollback()
        assert users.all().count() == 0
        with room.using(connection):
            ada = users.add(name="Ada Lovelace", age=36)
            users.update(ada, age=37)
        connection.execute(sa.text("CREATE TABLE others (id INTEGER)"))
        connection.execute(sa.text("INSERT INTO others VALUES (1)"))
        connection.commit()
    assert users.get(ada).age == 37


def test_a_callers_engine_is_a_store_too(
    room: strongroom.Strongroom, key: str, engine: sa.Engine
) -> None:
    room.table("users").add(name="Ada Lovelace", age=36)
    with strongroom.open(engine, key) as other:
        assert not other.made_store
        users = other.table("users")
        users.add(name="Grace Hopper", age=85)
        assert [one.name for one in users.all()] == ["Ada Lovelace", "Grace Hopper"]
    with engine.connect() as connection:  # closing our strongroom left the caller's engine alone
        assert connection.execute(sa.text("SELECT COUNT(*) FROM users")).scalar_one() == 2


def test_a_table_is_not_made_inside_a_transaction(room: strongroom.Strongroom) -> None:
    with room.transaction(), pytest.raises(strongroom.InputError, match="inside a transaction"):
        room.create_table("patients", {"name": strongroom.Text()})
    assert room.tables == ()


def test_add_many_is_one_transaction_or_one_for_each_batch(room: strongroom.Strongroom) -> None:
    users = room.table("users")

    def people() -> Iterator[dict[str, object]]:
        for number in range(25):
            yield {"name": f"n{number}", "age": number if number < 23 else 151}

    with pytest.raises(strongroom.InputError) as refused:
        users.add_many(people())
    assert str(refused.value) == "record 24: users.age must be between 0 and 150"
    assert users.all().count() == 0
    with pytest.raises(strongroom.InputError) as refused:
        users.add_many(people(), batch=10)
    assert str(refused.value) == "record 24: users.age must be between 0 and 150"
    assert list(refused.value.stored) == [one.id for one in users.all()]
    assert [one.age for one in users.all()] == list(range(20))
    with pytest.raises(strongroom.InputError):
        users.add_many(people(), batch=0)


def test_a_closed_strongroom_refuses_everything(room: strongroom.Strongroom) -> None:
    users = room.table("users")
    users.add(name="Ada Lovelace", age=36)
    room.close()
    for use in (
        lambda: room.table("users"),
        lambda: room.tables,
        room.status,
        lambda: users.get(1),
        lambda: users.add(name="Grace Hopper", age=85),
        lambda: list(users.all()),
        lambda: users.update(1, age=37),
        lambda: users.delete(1),
    ):
        with pytest.raises(strongroom.ClosedError):
            use()


def test_a_connection_to_another_store_is_refused(
    room: strongroom.Strongroom, database: Database, tmp_path: Path
) -> None:
    users = room.table("users")
    users.add(name="Ada Lovelace", age=36)
    other = SQLiteDatabase(tmp_path / "elsewhere")
    other.path.parent.mkdir()
    with strongroom.open(other.url, f"file:{tmp_path / 'other.bin'}") as another:
        another.table("users")
    engine = engine_of(other)
    with engine.connect() as connection:
        wrong = strongroom.InputError if database.kind != "sqlite" else strongroom.IntegrityError
        with pytest.raises(wrong, match=r"another store|is not to a"), room.using(connection):
            users.add(name="Grace Hopper", age=85)
    engine.dispose()
    assert other.execute("SELECT COUNT(*) FROM users") == [(0,)]
    other.close()
