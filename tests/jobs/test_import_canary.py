"""A marked name of an imported file: as a cell in the target, in the rejects, and nowhere else."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import strongroom
from tests.room.canary import forms, in_files, seen
from tests.servers.database import Database

NAME = "Canäry Zwergelstern of Ockham"
MARKS = tuple(sorted({mark for mark in forms(NAME[:16]) if len(mark) >= 8}))
PATH = "Canary-ward-of-the-incurable.csv"
GOOD = f"name,age\n{NAME},36\n{NAME},37\n"
BAD = f"name,age\n{NAME},36\n{NAME},x\n{NAME}\n"
FAILING = (
    (BAD, ()),
    (BAD, ("--no-check-first",)),
    (f"{NAME},36\n", ()),
    (f"name,age,{NAME}\nAda,1,2\n", ()),
    (f'name,age\n"{NAME},36\n', ()),
    (f'name,age\n"{NAME}"x,36\n', ()),
    (BAD, ("--map", f"{NAME}=name")),
    (BAD, ("--map", f"name={NAME}")),
    (BAD, ("--skip", NAME)),
    (BAD, ("--upsert", NAME)),
    (BAD, ("--columns", NAME)),
    (BAD, ("--format", NAME)),
    (BAD, ("--encoding", NAME)),
    (BAD, ("--null", NAME)),
)


@pytest.fixture
def secret(database: Database) -> dict[str, str]:
    """Give the database's password as a variable, and a folder for temporary files."""
    return {} if database.password is None else {"STRONGROOM_PASSWORD": database.password}


@pytest.fixture
def temporary(tmp_path: Path) -> Iterator[Path]:
    """Give a folder that nothing may be written to."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    yield folder
    assert list(folder.iterdir()) == []


def test_the_name_is_where_it_may_be_and_nowhere_else(
    database: Database, secret: dict[str, str], tmp_path: Path, temporary: Path
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    reach = ("--url", database.url, "--key", f"file:{tmp_path / 'key.bin'}")
    extra = {**secret, "TMPDIR": str(temporary), "STRONGROOM_DEBUG": "1"}
    (folder / PATH).write_text(BAD, encoding="utf-8")
    done = strongroom(
        "import", "users", PATH, "--on-error", "skip", *reach, folder=folder, extra=extra
    )
    assert done.returncode == 8
    assert seen(done.stdout + done.stderr, MARKS) == []
    rejects = (folder / f"{PATH}.rejects.csv").read_text(encoding="utf-8")
    assert [line.count(NAME) for line in rejects.splitlines()] == [0, 1, 1]
    before = {path.name for path in Path(tempfile.gettempdir()).iterdir()}
    out = ("--output", "out.csv")
    assert strongroom("export", "users", *out, *reach, folder=folder, extra=extra).returncode == 0
    assert NAME in (folder / "out.csv").read_text(encoding="utf-8")
    sealed = ("--output", "out.srp", "--sealed", "--parcel-key", "file:parcel.bin")
    assert (
        strongroom("export", "users", *sealed, *reach, folder=folder, extra=extra).returncode == 0
    )
    assert seen((folder / "out.srp").read_bytes(), MARKS) == []
    database.settle()
    size, found = in_files(database.written(), MARKS)
    assert size > 10_000
    assert found == []
    # The name of the file is a secret too: of it the database has a MAC.
    assert in_files(database.written(), (PATH.encode(), os.fsencode(str(folder / PATH))))[1] == []
    new = {path.name for path in Path(tempfile.gettempdir()).iterdir()} - before
    assert not {name for name in new if name.startswith(("strongroom.", "import", "export"))}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("which", range(len(FAILING)))
def test_no_failure_repeats_it(database: Database, tmp_path: Path, which: int) -> None:
    content, options = FAILING[which]
    (tmp_path / "a.csv").write_text(content, encoding="utf-8")
    done = strongroom(
        "import", "users", "a.csv", *options, "--url", database.url,
        folder=tmp_path, extra={"STRONGROOM_DEBUG": "1"},
    )  # fmt: skip
    assert done.returncode in {2, 8}
    assert done.stderr.startswith((b"error: ", b"line ", b"made a new store"))
    assert b"unexpected failure" not in done.stderr
    assert seen(done.stdout + done.stderr, MARKS) == []
