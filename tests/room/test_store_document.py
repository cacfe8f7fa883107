"""The store's own row under attack: a typed error before any record is opened, nothing made."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

import strongroom
from strongroom.schema.values import canonical_json
from tests.room.edits import during
from tests.room.refusal import does_not_open, reopen
from tests.room.thief import Thief, bits, only
from tests.servers.database import SQLiteDatabase

CHANGED: Final = "the store document was changed outside strongroom"
Row = dict[str, Any]


@pytest.fixture
def users(room: strongroom.Strongroom) -> strongroom.Table:
    table = room.table("users")
    table.add_many([{"name": "Ada Lovelace", "age": 36}, {"name": "Grace Hopper", "age": 85}])
    return table


def other_document(row: Row, alter: Callable[[Any], None]) -> str:
    content = json.loads(row["document"])
    alter(content)
    return canonical_json(content).decode()


def documents(row: Row) -> Iterator[tuple[str, str]]:
    text = row["document"]
    yield "empty", ""
    yield "cut", text[:-1]
    yield "longer", text + " "
    yield "spaced", json.dumps(json.loads(text))
    yield "another order", json.dumps(dict(reversed(json.loads(text).items())))
    yield "null", "null"
    yield "deep", "[" * 100_000
    yield "generation", other_document(row, lambda one: one.update(generation=1))
    yield "no tables", other_document(row, lambda one: one["catalogue"].update(tables=[]))
    yield "another id", other_document(row, lambda one: one["catalogue"]["tables"][0].update(id=9))
    yield "no keys", other_document(row, lambda one: one.update(keys=[]))

    def plain(content: Any) -> None:
        content["catalogue"]["tables"][0]["fields"][0]["type"]["plain"] = True

    def swap(content: Any) -> None:
        one, two = content["keys"]
        one["wrapped"], two["wrapped"] = two["wrapped"], one["wrapped"]

    def range_of(content: Any) -> None:
        content["catalogue"]["tables"][0]["fields"][1]["type"]["maximum"] = 200

    yield "a field made plain", other_document(row, plain)
    yield "wraps swapped", other_document(row, swap)
    yield "another range", other_document(row, range_of)
    yield "a key revived", other_document(row, lambda one: one["keys"][0].update(state="retired"))


@pytest.mark.usefixtures("room")
def test_an_edited_document_or_mac(thief: Thief, users: strongroom.Table, key: str) -> None:
    row = thief.store()
    for name, document in documents(row):
        with during(name):
            assert document != row["document"]
            thief.put_store(document=document)
            error = does_not_open(thief, key)
            assert str(error) == CHANGED
            thief.put_store(document=row["document"])
    for number, mac in enumerate(bits(row["mac"])):
        if number % 17 == 0:
            thief.put_store(mac=mac)
            assert str(does_not_open(thief, key)) == CHANGED
    for mac in (bytes(32), b"\xff" * 32, row["mac"][:31] + b"\0"):
        thief.put_store(mac=mac)
        assert str(does_not_open(thief, key)) == CHANGED
    thief.put_store(mac=row["mac"])
    with reopen(thief, key) as again:
        assert again.table("users").get(1) == users.get(1)


@pytest.mark.usefixtures("users")
def test_another_generation(thief: Thief, key: str) -> None:
    row = thief.store()
    for generation in (row["generation"] - 1, row["generation"] + 1, 0, -1, 2**63 - 1):
        thief.put_store(generation=generation)
        assert str(does_not_open(thief, key)) == (
            "the store's own row is not as strongroom wrote it"
        )


@pytest.mark.usefixtures("users")
def test_another_store_id(thief: Thief, key: str) -> None:
    """Every key is derived with the store's id: with another one, the right key is another key."""
    row = thief.store()
    for store_id in (bytes(16), os.urandom(16), row["store_id"][::-1]):
        thief.put_store(store_id=store_id)
        error = does_not_open(thief, key, strongroom.WrongKeyError)
        assert json.loads(row["root"])["fingerprint"] in str(error)


@pytest.mark.usefixtures("users")
def test_an_edited_envelope(thief: Thief, key: str) -> None:
    row = thief.store()
    root = json.loads(row["root"])
    wrapped = base64.b64decode(root["wrapped"])

    def envelope(**changes: object) -> str:
        return canonical_json({**root, **changes}).decode()

    def wrap(data: bytes) -> str:
        return envelope(wrapped=base64.b64encode(data).decode())

    broken = [json.dumps(root), "", "null", "[]", "{}", "{", "x", "[" * 100_000, "5",
              envelope(more=1),
              envelope(wrapped=None), envelope(wrapped="AAAA"), envelope(fingerprint="x"),
              envelope(provider=5), envelope(parameters=[]), wrap(wrapped[:-1]),
              wrap(wrapped + bytes(16)), wrap(bytes(96)),
              *(wrap(one) for one in list(bits(wrapped))[::53])]  # fmt: skip
    for text in broken:
        with during(text[:60]):
            thief.put_store(root=text)
            does_not_open(thief, key)
    zeros = base64.b64encode(bytes(96)).decode()
    for fingerprint in ("0" * 16, "f" * 16):
        thief.put_store(root=envelope(fingerprint=fingerprint))
        does_not_open(thief, key)
        thief.put_store(root=envelope(fingerprint=fingerprint, wrapped=zeros))
        does_not_open(thief, key, strongroom.WrongKeyError)
    thief.put_store(root=envelope(fingerprint=None))
    does_not_open(thief, key)


@pytest.mark.usefixtures("users")
def test_an_envelope_that_names_another_provider(thief: Thief, key: str) -> None:
    """The envelope is not under the MAC: what it says of the provider must not be believed."""
    root = json.loads(thief.store()["root"])
    for changes in ({"provider": "env"}, {"provider": "passphrase"}, {"parameters": {"x": 1}}):
        with during(str(changes)):
            thief.put_store(root=canonical_json({**root, **changes}).decode())
            assert str(does_not_open(thief, key)) == (
                "the store's own row is not as strongroom wrote it"
            )


def test_the_row_is_gone(
    room: strongroom.Strongroom, thief: Thief, users: strongroom.Table, key: str
) -> None:
    """Of a store that had tables: no new one is made over what is left, and no write goes on."""
    row = thief.store()
    thief.sql("DELETE FROM strongroom_store")
    assert str(does_not_open(thief, key)) == "the store's own row is gone, but it had tables"
    with pytest.raises(strongroom.IntegrityError):
        users.add(name="new", age=1)
    with pytest.raises(strongroom.IntegrityError):
        users.update(1, age=1)
    thief.insert("strongroom_store", {"id": 1, **row})
    assert users.get(1).age == 36
    only(room, {"users": []})


@pytest.mark.usefixtures("counted_ids")
def test_the_row_of_another_store(
    room: strongroom.Strongroom, thief: Thief, users: strongroom.Table, key: str, tmp_path: Path
) -> None:
    """Under the same root key and of the same generation: whole, but not these records'."""
    (tmp_path / "other").mkdir()
    database = SQLiteDatabase(tmp_path / "other")
    other = Thief(database)
    with strongroom.open(database.url, key) as foreign:
        foreign.table("users").add(name="Ada Lovelace", age=36)
        assert other.store()["generation"] == thief.store()["generation"]
        own = thief.store()
        thief.put_store(**other.store())
        before = thief.rows(users)
        for write in (
            lambda: users.update(1, age=37),
            lambda: users.add(name="new", age=1),
            lambda: users.delete(1),
            lambda: room.create_table("more", {"name": strongroom.Text()}),
        ):
            with pytest.raises(strongroom.IntegrityError) as caught:
                write()
            assert str(caught.value) == (
                "the database holds another store than the one that was opened"
            )
        assert thief.rows(users) == before
        with reopen(thief, key) as again:
            only(again, {"users": [1, 2]})
            for number in (1, 2):
                with pytest.raises(strongroom.IntegrityError):
                    again.table("users").salvage(number)
        for column in ("store_id", "root", "document", "mac"):  # and a mix of both
            thief.put_store(**own)
            thief.put_store(**{column: other.store()[column]})
            kind = strongroom.WrongKeyError if column == "store_id" else None
            with pytest.raises(kind or strongroom.StrongroomError) as refusal:
                reopen(thief, key).close()
            assert isinstance(refusal.value, strongroom.IntegrityError | strongroom.WrongKeyError)
        thief.put_store(**own)
    database.close()
    only(room, {"users": []})


def test_an_older_document_while_a_process_runs(
    room: strongroom.Strongroom, thief: Thief, users: strongroom.Table
) -> None:
    old = thief.store()
    room.create_table("more", {"name": strongroom.Text()}).add(name="x")
    assert thief.store()["generation"] == old["generation"] + 1
    thief.put_store(**old)
    before = thief.rows(users)
    for write in (
        lambda: users.update(1, age=37),
        lambda: users.add(name="new", age=1),
        lambda: room.table("more").add(name="y"),
        lambda: room.create_table("third", {"name": strongroom.Text()}),
    ):
        with pytest.raises(strongroom.IntegrityError) as caught:
            write()
        assert str(caught.value) == (
            "the store document is not a later one than this process has seen"
        )
    assert thief.rows(users) == before
