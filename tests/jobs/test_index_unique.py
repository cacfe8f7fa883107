"""A unique index on an encrypted field: the database refuses a duplicate, and no value is told.

What is a duplicate is decided under the index's normaliser.
"""

from __future__ import annotations

import subprocess
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

import strongroom
from strongroom import DuplicateError, ImportOptions, Index, Integer, Text, UnfinishedError
from tests.cli.program import environment, warm_script
from tests.jobs.files_of_people import write_csv
from tests.jobs.indexing import left_over, schema
from tests.servers.database import Database

CANARY: Final = "Zq7Kanary"
EMAIL: Final = Index.exact("email", normaliser="email", unique=True)
PAIR: Final = Index.compound("name", "email", unique=True)
TAKEN: Final = "people.email must be unique: another record has this value"
AT_ONCE: Final = 4
VALUES: Final = 5


def _made(room: strongroom.Strongroom) -> strongroom.Table:
    fields = {"name": Text(), "email": Text(optional=True), "age": Integer(plain=True)}
    return room.create_table("people", fields)


def _all(table: strongroom.Table) -> list[tuple[object, ...]]:
    return [(one.id, one.name, one.email, one.age) for one in table.all()]


def _is_refusal(
    error: strongroom.StrongroomError,
    text: str = TAKEN,
    kind: type[strongroom.StrongroomError] = DuplicateError,
) -> None:
    assert type(error) is kind
    assert str(error) == text
    assert not error.retryable
    assert CANARY.lower() not in "".join(traceback.format_exception(error)).lower()


def test_a_duplicate_is_refused_by_every_way_of_writing(
    database: Database, room: strongroom.Strongroom, tmp_path: Path
) -> None:
    table = _made(room)
    table.add(name="Ada", email=f"ada@{CANARY}.org", age=1)
    strongroom.add_index(room, "people", EMAIL)
    table = room.table("people")
    grace = table.add(name="Grace", email="grace@x.org", age=2)
    same = f"  ADA@{CANARY.upper()}.ORG "
    before = _all(table)
    place = schema(room).index("email_exact").place
    tokens = database.execute(f'SELECT id, "{place}" FROM people')
    path = write_csv(tmp_path / "a.csv", [("x", "new@x.org", 1), ("y", same, 2)], "name,email,age")
    over = write_csv(tmp_path / "b.csv", [(grace, same)], "id,email")
    writes: list[Callable[[], object]] = [
        lambda: table.add(name="x", email=same, age=3),
        lambda: table.add_many([{"name": "x", "email": e, "age": 3} for e in ("new@x.org", same)]),
        lambda: table.add_many([{"name": "x", "email": same[2:], "age": 3}]),
        lambda: table.add_many([{"name": "x", "email": "two@x.org", "age": 3}] * 2),
        lambda: table.update(grace, email=same),
        lambda: table.update(table.get(grace), email=same, name="x"),
    ]
    for write in writes:
        with pytest.raises(DuplicateError) as caught:
            write()
        _is_refusal(caught.value)
        assert _all(table) == before
    imports = [(path, ImportOptions(), 3), (over, ImportOptions(upsert="id"), 2)]
    for file, options, line in imports:
        with pytest.raises(strongroom.InputError) as refused:
            strongroom.import_file(room, "people", file, options)
        _is_refusal(refused.value, f"line {line}: {TAKEN}", strongroom.InputError)
        assert _all(table) == before
    assert database.execute(f'SELECT id, "{place}" FROM people') == tokens
    assert strongroom.verify(room).intact


def test_import_goes_on_past_duplicates(room: strongroom.Strongroom, tmp_path: Path) -> None:
    table = _made(room)
    strongroom.add_index(room, "people", EMAIL)
    rows = [("Ada", "a@x.org", 1), ("Eve", "A@X.ORG", 2), ("Bob", "b@x.org", 3)]
    path = write_csv(tmp_path / "a.csv", rows, "name,email,age")
    report = strongroom.import_file(room, "people", path, ImportOptions(on_error="skip"))
    assert (report.added, report.rejected) == (2, 1)
    assert Path(f"{path}.rejects.csv").read_text().splitlines()[1:] == [f"3,{TAKEN},Eve,A@X.ORG,2"]
    assert [one.name for one in table.all()] == ["Ada", "Bob"]
    assert strongroom.verify(room).intact


def test_a_value_is_kept_given_up_and_taken_over(room: strongroom.Strongroom) -> None:
    table = _made(room)
    strongroom.add_index(room, "people", EMAIL)
    ada = table.add(name="Ada", email="a@x.org", age=1)
    table.update(ada, email="A@x.org")
    table.update(ada, name="Ada Lovelace")
    for _ in range(2):
        table.add(name="nobody", age=2)  # no value is no duplicate
    grace = table.add(name="Grace", email="g@x.org", age=3)
    table.update(ada, email=None)
    table.update(grace, email="a@X.ORG")
    table.delete(grace)
    table.add(name="Bob", email="a@x.org", age=4)
    assert [one.email for one in table.all()] == [None, None, None, "a@x.org"]
    assert [one.name for one in table.find(email=strongroom.alike("A@X.org", "email"))] == ["Bob"]
    assert strongroom.verify(room).intact


def test_of_several_fields_all_must_be_the_same(room: strongroom.Strongroom) -> None:
    table = _made(room)
    strongroom.add_index(room, "people", PAIR)
    table.add(name="Ada", email="a", age=1)
    table.add(name="Ada", email="b", age=1)
    table.add(name="Eve", email="a", age=1)
    eve = table.add(name="Ada", age=1)
    table.add(name="Ada", age=1)
    for write in (
        lambda: table.add(name="Ada", email="a", age=2),
        lambda: table.update(eve, email="b"),
    ):
        with pytest.raises(DuplicateError) as caught:
            write()
        _is_refusal(caught.value, TAKEN.replace("email", "name+email"))
    assert strongroom.verify(room).intact


ADDING: Final = """
import sys, strongroom, os
url, key, count = sys.argv[1:]
with strongroom.open(url, key, password=os.environ.get("STRONGROOM_PASSWORD")) as room:
    table = room.table("people")
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(int(count)):
        try:
            table.add(name="x", email=f"Ada{number}@x.org", age=os.getpid() % 1000)
            print(number, flush=True)
        except strongroom.DuplicateError:
            pass
"""


def test_of_several_processes_exactly_one_wins(
    database: Database, room: strongroom.Strongroom, key: str, tmp_path: Path
) -> None:
    table = _made(room)
    strongroom.add_index(room, "people", EMAIL)
    extra = {} if database.password is None else {"STRONGROOM_PASSWORD": database.password}
    running = [
        subprocess.Popen(
            [str(warm_script()), "-c", ADDING, database.url, key, str(VALUES)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=environment(tmp_path, extra),
        )
        for _ in range(AT_ONCE)
    ]  # fmt: skip
    try:
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        won: list[str] = []
        for process in running:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in running:
            out, errors = process.communicate(timeout=60)
            assert process.returncode == 0, errors
            won += out.split()
    finally:
        for process in running:
            process.kill()
            process.communicate()
    assert sorted(won) == [str(number) for number in range(VALUES)]
    assert sorted(one.email for one in table.all()) == [f"Ada{n}@x.org" for n in range(VALUES)]
    assert strongroom.verify(room).intact


@pytest.mark.parametrize("declared", [EMAIL, PAIR], ids=["exact", "compound"])
def test_a_table_with_duplicates_gets_no_unique_index_and_loses_nothing(
    database: Database, room: strongroom.Strongroom, declared: Index
) -> None:
    table = _made(room)
    table.add_many([{"name": "Ada", "email": f"{n % 3}@x.org", "age": n} for n in range(5)])
    before = _all(table)
    for _ in range(2):
        with pytest.raises((UnfinishedError, DuplicateError)) as caught:
            strongroom.add_index(room, "people", declared)
        assert "@x.org" not in "".join(traceback.format_exception(caught.value))
        assert _all(table) == before
        assert strongroom.verify(room).intact
    strongroom.drop_index(room, "people", declared.called)
    assert schema(room).indexes == ()
    assert left_over(database, room) == set()
    assert _all(table) == before
    table.add(name="Ada", email="1@x.org", age=9)
    assert strongroom.verify(room).intact


def test_it_is_finished_when_the_duplicates_are_gone(room: strongroom.Strongroom) -> None:
    table = _made(room)
    table.add_many([{"name": "Ada", "email": f"{n % 3}@x.org", "age": n} for n in range(4)])
    with pytest.raises((UnfinishedError, DuplicateError)):
        strongroom.add_index(room, "people", EMAIL)
    table.delete(4)
    strongroom.add_index(room, "people", EMAIL)
    with pytest.raises(DuplicateError):
        table.add(name="x", email="2@X.org", age=1)
    assert strongroom.verify(room).intact
