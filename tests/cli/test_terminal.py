"""The command at a terminal: what a person sees and types."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from tests.cli.program import Terminal, strongroom

NAME = "Name (exit to finish): "
AGE = "Age: "
CTRL_C, CTRL_D = "\x03", "\x04"


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Make a store with two people."""
    done = strongroom(folder=tmp_path, stdin=b"Ada Lovelace\n36\nGrace Hopper\n85\n")
    assert done.returncode == 0
    return tmp_path


def stored(folder: Path) -> list[tuple[int, int]]:
    """Return what the database says of everyone."""
    database = sqlite3.connect(folder / "strongroom.db")
    try:
        return database.execute("select id, age from users order by id").fetchall()
    finally:
        database.close()


def plain(screen: str) -> str:
    """Return what was written, without colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", screen)


def test_the_dialogue_asks_again_and_shows_everyone(tmp_path: Path) -> None:
    with Terminal(folder=tmp_path) as terminal:
        terminal.expect("made a new store: strongroom.db\nmade a new key: aes_key.bin\nback the")
        terminal.answer(NAME, "Ada Lovelace")
        terminal.answer(AGE, "abc")
        terminal.expect("users.age must be an integer between 0 and 150")
        terminal.answer(AGE, "151")
        terminal.expect("users.age must be between 0 and 150")
        terminal.answer(AGE, "36")
        terminal.expect("stored as users 1")
        terminal.answer(NAME, "")
        terminal.expect("users.name must not be empty")
        terminal.answer(NAME, "Gr\x1b[Dace")
        terminal.expect("that answer holds the code of a key such as an arrow")
        terminal.answer(NAME, "[bold]Zoë[/bold] 👩‍👧")
        terminal.answer(AGE, "7")
        terminal.answer(NAME, " EXIT ")
        assert terminal.end() == 0
        shown = plain(terminal.screen).splitlines()[-4:]
    assert [line.rstrip() for line in shown] == [
        "id   name                  age",
        "──────────────────────────────",
        " 1   Ada Lovelace           36",
        " 2   [bold]Zoë[/bold] 👩‍👧     7",
    ]
    assert stored(tmp_path) == [(1, 36), (2, 7)]


@pytest.mark.parametrize("typed", ["", "Grace Hopper"])
def test_interrupted_at_either_question(people: Path, typed: str) -> None:
    with Terminal(folder=people) as terminal:
        if typed:
            terminal.answer(NAME, typed)
            terminal.expect(AGE)
        else:
            terminal.expect(NAME)
        terminal.type(CTRL_C)
        terminal.expect("interrupted: everyone entered so far is stored")
        assert terminal.end() == 130
        assert "Ada Lovelace" not in terminal.screen
    assert stored(people) == [(1, 36), (2, 85)]


@pytest.mark.parametrize("typed", ["", "Alan Turing"])
def test_end_of_input_at_either_question(people: Path, typed: str) -> None:
    with Terminal(folder=people) as terminal:
        if typed:
            terminal.answer(NAME, typed)
            terminal.expect(AGE)
        else:
            terminal.expect(NAME)
        terminal.type(CTRL_D)
        if typed:
            terminal.expect("the input ended before the age: nothing was stored for the last name")
        terminal.expect("Grace Hopper")
        assert terminal.end() == 0
    assert stored(people) == [(1, 36), (2, 85)]


@pytest.mark.parametrize(
    ("typed", "code", "left"), [("y", 0, [(1, 36)]), ("", 1, [(1, 36), (2, 85)])]
)
def test_deleting_asks(people: Path, typed: str, code: int, left: list[tuple[int, int]]) -> None:
    with Terminal("delete", "users", "2", folder=people) as terminal:
        terminal.answer("delete record 2 of users for good? (yes/no): ", typed)
        terminal.expect("nothing was deleted" if code else "deleted users 2")
        assert terminal.end() == code
    assert stored(people) == left


def test_adding_asks_for_what_is_missing_until_it_is_right(people: Path) -> None:
    with Terminal("add", "users", "age=50", folder=people) as terminal:
        terminal.answer("name: ", "Mary Somerville")
        terminal.expect("\n3\n")
        assert terminal.end() == 0
    with Terminal("add", "users", "name=Emmy", folder=people) as terminal:
        terminal.answer("age: ", "old")
        terminal.expect("users.age must be an integer")
        terminal.answer("age: ", "53")
        terminal.expect("\n4\n")
        assert terminal.end() == 0
    assert stored(people)[2:] == [(3, 50), (4, 53)]


def test_resealing_shows_what_stands_there_and_asks(people: Path) -> None:
    database = sqlite3.connect(people / "strongroom.db")
    with database:
        database.execute("update users set age = 95 where id = 2")
    database.close()
    with Terminal("reseal", "users", "2", folder=people) as terminal:
        terminal.expect("record 2 of users was changed outside strongroom; it now says:\n")
        terminal.expect("name (encrypted)  Grace Hopper\nage (plain)       95\n")
        terminal.expect("these values were not written together")
        terminal.answer("accept all of them for users? (yes/no): ", "no")
        terminal.expect("nothing was changed")
        assert terminal.end() == 1
    assert strongroom("get", "users", "2", folder=people).returncode == 3
    with Terminal("reseal", "users", "2", folder=people) as terminal:
        terminal.answer("accept all of them for users? (yes/no): ", "yes")
        terminal.expect("resealed users 2 (version 2)")
        assert terminal.end() == 0
    assert b"Grace Hopper\t95\t2\n" in strongroom("get", "users", "2", folder=people).stdout


def test_an_older_name_put_in_while_the_question_stands_is_not_accepted(people: Path) -> None:
    database = sqlite3.connect(people / "strongroom.db", isolation_level=None)
    [[older]] = database.execute("select name from users where id = 2")
    assert strongroom("update", "users", "2", "name=Grace Murray", folder=people).returncode == 0
    database.execute("update users set age = 95 where id = 2")
    with Terminal("reseal", "users", "2", folder=people) as terminal:
        terminal.expect("name (encrypted)  Grace Murray\nage (plain)       95\n")
        terminal.expect("accept all of them for users? (yes/no): ")
        database.execute("update users set name = ? where id = 2", [older])
        terminal.type("yes\r")
        terminal.expect("error: the values of the record of users are not the accepted ones")
        assert terminal.end() == 6
    assert strongroom("get", "users", "2", folder=people).returncode == 3
    database.close()


def test_one_record_is_shown_line_by_line(people: Path) -> None:
    with Terminal("get", "users", "1", folder=people) as terminal:
        assert terminal.end() == 0
        assert terminal.screen == (
            "id              1\nname            Ada Lovelace\nage             36\n"
            "record_version  1\n"
        )


def test_a_passphrase_is_typed_without_echo(tmp_path: Path) -> None:
    words = "correct horse battery"
    with Terminal("init", "--key", "passphrase:", folder=tmp_path) as terminal:
        terminal.answer("new passphrase: ", words)
        terminal.answer("the same again: ", words)
        made = "made a new store: strongroom.db"
        if terminal.expect("passphrase: ", made) != made:  # it may be proved by opening with it
            terminal.type(f"{words}\r")
            terminal.expect(made)
        assert terminal.end() == 0
        assert words not in terminal.screen
    with Terminal("verify", "--key", "passphrase:", folder=tmp_path) as terminal:
        terminal.answer("passphrase: ", words)
        terminal.expect("0 records in 0 tables")
        assert terminal.end() == 0
        assert words not in terminal.screen


def test_a_long_list_keeps_its_columns_and_folds_long_values(people: Path) -> None:
    entries = "".join(f"person {number}\n{number % 150}\n" for number in range(3, 251))
    assert strongroom(folder=people, stdin=f"{entries}exit\n".encode()).returncode == 0
    long = "word " * 60 + "end"
    assert strongroom("add", "users", f"name={long}", "age=1", folder=people).returncode == 0
    with Terminal("list", "users", folder=people) as terminal:
        assert terminal.end() == 0
        lines = plain(terminal.screen).splitlines()
    assert sum("name" in line for line in lines) == 1
    assert max(map(len, lines)) <= 80
    ends = {line.rindex(" ") for line in lines[2:] if re.match(r" *\d+ .* \d+$", line)}
    assert len(ends) <= 3  # ages of one to three digits end in one column
    folded = "".join(line.strip() for line in lines if "word" in line or line.strip() == "end")
    assert folded.count("word") == 60
