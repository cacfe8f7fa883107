"""What a person sees of an adoption: the rows in the way, how far it is, and what goes on."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.cli.program import Terminal, strongroom

TOO_LONG = "people.name must take at most 3 bytes"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a store, and a table of 25 rows beside it."""
    assert strongroom("init", folder=tmp_path).returncode == 0
    with sqlite3.connect(tmp_path / "strongroom.db") as database:
        database.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, age INTEGER)")
        rows = [(f"Guest {at}", at) for at in range(25)]
        database.executemany("INSERT INTO people (name, age) VALUES (?, ?)", rows)
    database.close()
    return tmp_path


def test_rows_in_the_way_are_all_listed_but_at_a_terminal(folder: Path) -> None:
    command = ("adopt", "people", "--encrypt", "name:text,max_bytes=3", "--dry-run")
    said = [f"people {at}: {TOO_LONG}" for at in range(1, 26)]
    piped = strongroom(*command, folder=folder)
    assert piped.stderr.decode().splitlines()[4:] == [
        *said,
        "25 rows cannot be taken over; nothing was changed",
    ]
    assert piped.returncode == 8
    with Terminal(*command, folder=folder) as terminal:
        assert terminal.end() == 8
    for line in said[:20]:
        assert line in terminal.screen
    assert said[20] not in terminal.screen
    assert "and 5 more; to have them all, send them to a file: 2> FILE\n" in terminal.screen


def test_an_interrupted_one_says_what_goes_on_and_what_does_not(folder: Path) -> None:
    begun = ("adopt", "people", "--encrypt", "name", "--throttle", "1")
    with Terminal(*begun, folder=folder) as terminal:
        terminal.expect("adopting people, filling")
        terminal.type("\x03")
        terminal.expect("interrupted: the same command goes on from there; or add --undo")
        assert terminal.end() == 130
    other = strongroom("adopt", "people", "--encrypt", "age", folder=folder)
    assert other.stderr.decode().splitlines() == [
        "error: people is being adopted already, and not as it is asked now",
        "hint: finish that with: strongroom adopt people; or add --undo",
    ]
    status = strongroom("status", folder=folder)
    line = "unfinished adopt\tpeople: go on with strongroom adopt people, or add --undo"
    assert status.stdout.decode().splitlines()[-1] == line
    done = strongroom("adopt", "people", folder=folder)
    assert done.stderr.decode().splitlines() == [
        "going on with the adoption of people",
        "adopted people: 25 records",
    ]


def test_a_rehearsal_does_not_pass_where_something_is_in_the_way(folder: Path) -> None:
    with sqlite3.connect(folder / "strongroom.db") as database:
        database.execute("CREATE INDEX by_name ON people (name)")
    database.close()
    done = strongroom("adopt", "people", "--encrypt", "name", "--dry-run", folder=folder)
    assert done.returncode == 8
    assert done.stderr.decode().splitlines()[-2:] == [
        "by_name is an index over name: in the way",
        "every row can be taken over, but 1 thing is in the way; nothing was changed",
    ]


def test_a_type_behind_several_names_is_refused(folder: Path) -> None:
    done = strongroom("adopt", "people", "--encrypt", "name,age:integer", folder=folder)
    assert (done.returncode, done.stderr.decode().splitlines()) == (
        2,
        [
            "error: a field with a type needs an option of its own",
            "hint: for example: --encrypt name,email --encrypt born:date,optional",
        ],
    )
