"""Marked values and keys occur nowhere but where they may: in what the caller gets."""

from __future__ import annotations

import base64
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa

import strongroom
from strongroom.keys.provider import open_provider
from strongroom.room.sealing import Sealer
from tests.room.canary import FILE, NAME, NOTE, PHONE, PHOTO, SECRETS, forms, in_files, marks, seen
from tests.room.engines import engine_of
from tests.room.thief import Straight, Thief, replaced

FIELDS: Final = {
    "name": strongroom.Text(),
    "note": strongroom.Text(optional=True),
    "phone": strongroom.Integer(optional=True),
    "photo": strongroom.Bytes(optional=True),
    "file": strongroom.Json(optional=True),
    "age": strongroom.Integer(plain=True, minimum=0, maximum=150),
}
PERSON: Final[dict[str, Any]] = {
    "name": NAME, "note": NOTE, "phone": PHONE, "photo": PHOTO, "file": FILE, "age": 36,
}  # fmt: skip


def keys_of(room: strongroom.Strongroom, key: str) -> list[bytes]:
    """Return every key there is: root, store, data and index keys."""
    root = Path(key.removeprefix("file:")).read_bytes()
    ring = room._store.state.keyring
    return [root, room._store._store_key.reveal(), *(one.reveal() for one in ring._keys.values())]


@pytest.fixture
def wanted(room: strongroom.Strongroom, key: str) -> tuple[bytes, ...]:
    return marks(keys_of(room, key))


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """Collect everything that is logged while the test runs, by whomever."""
    records: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(self.format(record) + repr(record.args) + repr(record.__dict__))

    handler, root = Collect(), logging.getLogger()
    names = ("", "sqlalchemy", "sqlalchemy.engine", "sqlalchemy.pool", "strongroom", "pymysql")
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield records
    root.removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def work(room: strongroom.Strongroom, name: str = "people") -> strongroom.Table:
    """Do everything that can be done with marked values."""
    people = room.create_table(name, FIELDS)
    number = people.add(**PERSON)
    people.add_many([PERSON] * 3)
    people.update(number, name=NAME, age=37)
    people.update(people.get(number), note=NOTE + "!")
    people.update(number, note=None)
    assert people.find(name=NAME).scan().count() == 4
    assert people.find(age=36, file=FILE).scan().count() == 3
    people.delete(number)
    with room.transaction():
        people.update(2, photo=PHOTO)
        people.add(**PERSON)
    return people


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    wanted = marks([b"k" * 32])
    key = b"k" * 32
    for leak in (NAME, repr(PERSON), f"x{NOTE}y".encode("utf-16-le"), NAME.encode().hex(),
                 str(PHONE), PHOTO, key, key.hex(), repr(b"\x01" + PHOTO)):  # fmt: skip
        assert seen(leak, wanted), leak
    for shift in range(3):
        text = base64.b64encode(b"xyz"[:shift] + NAME.encode() + b"...")
        assert seen(text, wanted)
    assert not seen("Ada Lovelace, 36", wanted)
    assert in_files([(tmp_path / "leak", bytes(4096) + NOTE.encode())], wanted)[1]
    assert all(list(forms(text)) for text in SECRETS)


def test_no_file_of_the_database_holds_one(
    room: strongroom.Strongroom, thief: Thief, wanted: tuple[bytes, ...]
) -> None:
    """Tables, indexes, journals, redo and binary logs, statement logs."""
    work(room)
    thief.database.settle()
    size, found = in_files(thief.database.written(), wanted)
    assert found == []
    assert size > 10_000
    cell = thief.sql("SELECT name FROM people WHERE id = 2")[0][0].encode()
    assert thief.database.files_with(cell) != []  # the search looks where the records are


def test_no_log_holds_one(
    database: Any, key: str, logged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At DEBUG, with SQLAlchemy's echo of every statement, parameter and row on."""
    made: list[sa.Engine] = []
    create = sa.create_engine

    def remember(*arguments: Any, **options: Any) -> sa.Engine:
        made.append(create(*arguments, **options))
        return made[-1]

    monkeypatch.setattr(sa, "create_engine", remember)
    with strongroom.open(database.url, key, password=database.password) as room:
        assert made and all(engine.hide_parameters for engine in made)
        for engine in made:
            engine.echo = "debug"
        work(room)
        wanted = marks(keys_of(room, key))
    text = "\n".join(logged)
    assert "INSERT INTO" in text
    assert seen(text, wanted) == []
    assert database.password is None or database.password not in text


def test_no_log_of_a_callers_engine_holds_one(database: Any, key: str, logged: list[str]) -> None:
    """Theirs may show parameters: these are cells by then."""
    engine = engine_of(database)
    engine.echo = "debug"
    with strongroom.open(engine, key) as room:
        work(room)
        wanted = marks(keys_of(room, key))
        with engine.connect() as connection, room.using(connection):
            room.table("people").add(**PERSON)
            connection.commit()
    engine.dispose()
    text = "\n".join(logged)
    assert "sr1." in text
    assert seen(text, wanted) == []


def failures(
    room: strongroom.Strongroom, thief: Thief
) -> Iterator[tuple[str, Callable[[], object]]]:
    """Give ways to fail with marked values in reach."""
    people = work(room)
    bad: list[dict[str, Any]] = [
        {"age": NAME}, {"age": PHONE}, {"name": PHONE}, {"name": NAME + "\udc80"},
        {"name": NAME * 100_000}, {"note": [NOTE]}, {"phone": str(PHONE)}, {"photo": NAME},
        {"file": {1: NAME}}, {"file": {NAME: {NOTE}}}, {"file": [float("nan"), NAME]},
        {NAME: 1}, {NOTE: NAME},
    ]  # fmt: skip
    for number, values in enumerate(bad):
        yield f"add {number}", partial(people.add, **{**PERSON, **values})
        yield f"update {number}", partial(people.update, 2, **values)
        yield (
            f"many {number}",
            partial(people.add_many, [PERSON, {**PERSON, **values}]),
        )
        yield f"find {number}", partial(asked, people, values)
    yield "no mapping", lambda: people.add_many([NAME])  # type: ignore[list-item]
    yield "no scan", lambda: list(people.find(name=NAME))
    yield "order", lambda: list(people.all().order_by("name"))
    yield "unknown order", lambda: people.all().order_by(NAME)
    yield "one of many", lambda: people.find(name=NAME).scan().one()
    yield "none", lambda: people.find(name=NAME + "x").scan().one()
    yield "key", lambda: people.get(NAME)
    yield "no key", lambda: people.get({NAME: NOTE})
    yield "after", lambda: people.all().after(NAME)
    yield "limit", lambda: people.all().limit(NAME)  # type: ignore[arg-type]
    yield "table", lambda: room.table(NAME)
    yield "new table", lambda: room.create_table(NAME, {NOTE: strongroom.Text()})
    yield "reseal", lambda: people.reseal(2, accept={"age": NAME})
    yield "reseal field", lambda: people.reseal(2, accept={NAME: 1})
    yield "pickle", lambda: pickle.dumps(people.get(2))
    yield "attribute", lambda: people.get(2).nmae
    yield "assign", lambda: setattr(people.get(2), "name", NOTE)
    yield "item", lambda: people.get(2)[NAME]
    yield from stale_or_changed(people, thief)
    yield "lost table", lambda: lost(people, thief)


def stale_or_changed(
    people: strongroom.Table, thief: Thief
) -> Iterator[tuple[str, Callable[[], object]]]:
    held = people.get(2)
    people.update(2, age=1)
    yield "conflict", lambda: people.update(held, name=NAME)
    yield "old record", lambda: people.delete(held)
    good = thief.row(people, 2)
    for column, value in {
        "age": 99,
        "name": "canary-remedy-4711",
        "note": "",
        "record_version": 0,
    }.items():
        yield f"changed {column}", partial(broken, people, thief, {**good, column: value})


def asked(people: strongroom.Table, conditions: dict[str, Any]) -> None:
    list(people.find(**conditions))


def broken(people: strongroom.Table, thief: Thief, row: dict[str, Any]) -> None:
    good = thief.row(people, 2)
    thief.put(people, 2, **row)
    try:
        people.update(2, name=NAME)
    finally:
        thief.put(people, 2, **good)


def lost(people: strongroom.Table, thief: Thief) -> None:
    thief.sql("DROP TABLE people")
    people.add(**PERSON)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error and whatever it carries along, shown or not."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def test_no_error_holds_one(
    room: strongroom.Strongroom, thief: Thief, wanted: tuple[bytes, ...]
) -> None:
    """Neither its text, nor its hint, nor its traceback, nor what hangs on it out of sight."""
    tried, leaks = 0, set()
    for name, fail in failures(room, thief):
        with pytest.raises((strongroom.StrongroomError, TypeError, AttributeError)) as caught:
            fail()
        for error in chain(caught.value):
            text = [
                str(error),
                repr(error),
                repr(vars(error)),
                str(getattr(error, "hint", "")),
                *traceback.format_exception(error),
                *traceback.format_exception_only(error),
            ]
            text += [repr(getattr(error, part, "")) for part in ("name", "obj", "object")]
            if seen("\n".join(text), wanted):
                leaks.add(f"{name}: {type(error).__name__}")
        tried += 1
    assert leaks == set()
    assert tried == 77


def test_no_repr_holds_one(
    room: strongroom.Strongroom, key: str, wanted: tuple[bytes, ...]
) -> None:
    people = work(room)
    record = people.get(2)
    assert record.name == NAME
    query = people.find(name=NAME, phone=PHONE).scan()
    straight = Straight(room, people)
    bad = replaced(straight.rows[0], 0, NAME)
    things: dict[str, object] = {
        "room": room, "status": room.status(), "tables": room.tables, "table": people,
        "fields": people.fields, "record": record, "records": list(people.all()),
        "query": query, "query after": people.all().after(record), "explain": query.explain(),
        "all": people.all(), "ids": people.add_many([PERSON]), "report": strongroom.verify(room),
        "store": room._store, "state": room._store.state,
        "keyring": room._store.state.keyring, "envelope": room._store.envelope,
        "database": room._store.database, "sealer": straight.sealer, "row": straight.rows[0],
        "broken": straight.sealer.open([bad]), "iterator": iter(query), "class": type(record),
        "provider": open_provider(key),
        "outcomes": list(people.all().outcomes()), "sealer class": Sealer,
    }  # fmt: skip
    leaks = set()
    for name, thing in things.items():
        for text in (repr(thing), str(thing), f"{thing}", ascii(thing), repr([thing])):
            if seen(text, wanted):
                leaks.add(name)
    assert leaks == set()
    assert repr(record) == "<people id=2 name=… note=… phone=… photo=… file=… age=36>"
