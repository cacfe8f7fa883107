"""Large values, many records, and streams that end early or speak another encoding."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.program import SCRIPT, environment, strongroom

MIB = 1024 * 1024


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Make an empty store."""
    assert strongroom("init", folder=tmp_path).returncode == 0
    return tmp_path


def test_a_name_of_one_mebibyte_comes_back_as_it_is(store: Path) -> None:
    name = ("é" * (MIB // 2)).encode()
    assert len(name) == MIB
    done = strongroom(folder=store, stdin=name + b"\n36\nexit\n")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == b"id\tname\tage\n1\t" + name + b"\t36\n"
    shown = strongroom("get", "users", "1", "--json", folder=store)
    assert json.loads(shown.stdout)["name"].encode() == name
    refused = strongroom(folder=store, stdin=name + b"x\nexit\n")
    assert (refused.returncode, refused.stdout) == (0, done.stdout)
    assert refused.stderr == b"users.name must take at most 1,048,576 bytes\n"


def test_a_line_without_end_is_refused_in_bounded_memory(store: Path) -> None:
    line = b"x" * (17 * MIB)
    done = strongroom(folder=store, stdin=line + b"\nAda\n36\n")
    assert done.stderr == b"the line is too long (a line holds at most 16 MiB)\n"
    assert done.stdout == b"id\tname\tage\n1\tAda\t36\n"


def test_a_reader_that_goes_away(store: Path) -> None:
    people = b"".join(b"%d %s\n%d\n" % (n, b"x" * 4000, n) for n in range(60))
    assert strongroom(folder=store, stdin=people).returncode == 0
    listing = subprocess.Popen(
        [str(SCRIPT), "list", "users"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=store,
        env=environment(store),
    )
    assert listing.stdout is not None
    assert listing.stdout.readline() == b"id\tname\tage\n"
    listing.stdout.close()
    assert listing.stderr is not None
    with listing.stderr:
        assert listing.stderr.read() == b""
    assert listing.wait(60) == 141


def test_output_in_another_encoding(store: Path) -> None:
    name = "Zoë 👩‍👧"
    assert strongroom("add", "users", f"name={name}", "age=7", folder=store).returncode == 0
    ascii_only = {"PYTHONIOENCODING": "ascii"}
    listed = strongroom("list", "users", folder=store, extra=ascii_only)
    assert listed.stdout == b"id\tname\tage\n1\tZo\\xeb \\U0001f469\\u200d\\U0001f467\t7\n"
    shown = strongroom("list", "users", "--json", folder=store, extra=ascii_only)
    assert shown.stdout.isascii()
    assert json.loads(shown.stdout)["name"] == name


def test_a_name_that_is_not_utf8_in_an_argument(store: Path) -> None:
    done = subprocess.run(
        [str(SCRIPT).encode(), b"add", b"users", b"name=Zo\xeb", b"age=7"],
        capture_output=True,
        check=False,
        cwd=store,
        env=environment(store),
    )
    assert done.returncode == 2
    assert b"surrogate" in done.stderr
    assert b"Zo" not in done.stderr
    assert strongroom("list", "users", folder=store).stdout == b"id\tname\tage\n"
