"""Every fault of an imported file, with the exact lines that the command says about it.

Whatever is wrong, nothing is stored and the exit code is 2: the whole file is checked first.
"""

from __future__ import annotations

import os
import threading

import pytest

from tests.cli.faulty_files import AGE, FILES, HIDDEN, OPTIONS, RECORDS
from tests.cli.inside import Inside


def refused(*lines: str, of: int) -> list[str]:
    """Return what is said of records that are not taken."""
    return [
        *lines,
        f"error: {len(lines)} of {of} records of the file cannot be taken: nothing was stored",
        "hint: correct them, or leave them out with --on-error skip",
    ]


@pytest.mark.parametrize("fault", RECORDS)
def test_a_record_that_is_not_taken(fault: str, inside: Inside) -> None:
    name, content, lines, count = RECORDS[fault]
    inside("import", "users", inside.file("nobody.csv", "name,age\n"))
    done = inside("import", "users", inside.file(name, content))
    assert (done.code, done.out) == (2, "")
    assert done.said == refused(*lines, of=count)
    assert HIDDEN not in done.err
    assert inside("list", "users").out == "id\tname\tage\n"


@pytest.mark.parametrize("fault", FILES)
def test_a_file_that_is_not_taken(fault: str, inside: Inside) -> None:
    name, content, lines = FILES[fault]
    inside("add", "users", "name=Ada", "age=36")
    done = inside("import", "users", inside.file(name, content))
    assert (done.code, done.out, done.said) == (2, "", lines)
    assert HIDDEN not in done.err
    assert inside("list", "users").out == "id\tname\tage\n1\tAda\t36\n"


@pytest.mark.parametrize("fault", OPTIONS)
def test_options_that_make_no_sense(fault: str, inside: Inside) -> None:
    content, options, lines = OPTIONS[fault]
    inside("add", "users", "name=Ada", "age=36")
    done = inside("import", "users", inside.file("a.csv", content), *options)
    assert (done.code, done.out, done.said) == (2, "", lines)
    assert inside("list", "users").out == "id\tname\tage\n1\tAda\t36\n"


def test_no_file_makes_no_store(inside: Inside) -> None:
    done = inside("import", "users", "people.csv")
    assert (done.code, done.said) == (2, ["error: the file people.csv does not exist"])
    (inside.folder / "folder.csv").mkdir()
    done = inside("import", "users", "folder.csv")
    assert (done.code, done.said) == (2, ["error: the file folder.csv is a folder"])
    assert [path.name for path in inside.folder.iterdir()] == ["folder.csv"]


def test_a_file_that_changes_while_it_is_read(inside: Inside) -> None:
    path = inside.folder / inside.file("a.csv", "name,age\n" + "Ada,36\n" * 5000)
    stop = threading.Event()

    def touch() -> None:
        while not stop.wait(0.001):
            os.utime(path)

    inside("add", "users", "name=Ada", "age=36")
    toucher = threading.Thread(target=touch)
    toucher.start()
    try:
        done = inside("import", "users", "a.csv")
    finally:
        stop.set()
        toucher.join()
    assert (done.code, done.said) == (
        2,
        [
            "error: the file changed while it was read",
            "hint: import it when nobody writes to it",
        ],
    )
    assert inside("list", "users").out == "id\tname\tage\n1\tAda\t36\n"


def test_only_the_first_bad_records_are_listed(inside: Inside) -> None:
    inside("init")
    done = inside("import", "users", inside.file("a.csv", "name,age\n" + "Ada,x\n" * 1500))
    assert done.code == 2
    assert done.said[-23:-2] == [
        *(f"line {line}: {AGE}" for line in range(2, 22)),
        "and 1,480 more",
    ]
    assert done.said[-2] == (
        "error: 1,500 of 1,500 records of the file cannot be taken: nothing was stored"
    )


def test_a_mark_and_line_ends_are_no_faults(inside: Inside) -> None:
    content = '\ufeffname,age\r\n"Ada\r\nLovelace",36\r\n\r\nGrace,85'
    done = inside("import", "users", inside.file("a.csv", content))
    assert (done.code, done.said[-1]) == (0, "imported 2 records into users")
    assert inside("list", "users", "--json").out == (
        '{"id": 1, "name": "Ada\\r\\nLovelace", "age": 36}\n{"id": 2, "name": "Grace", "age": 85}\n'
    )


def test_the_encoding_can_be_named(inside: Inside) -> None:
    content = "name,age\nJürgen,36\n".encode("cp1252")
    assert (
        inside("import", "users", inside.file("a.csv", content), "--encoding", "cp1252").code == 0
    )
    assert inside("list", "users").out == "id\tname\tage\n1\tJürgen\t36\n"
