"""A file is there as a whole or not at all, for its owner alone, and nothing else is left."""

from __future__ import annotations

import errno
import gc
import io
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from strongroom.errors import ClosedError, InputError, StrongroomError
from strongroom.files import outgoing
from strongroom.files.target import Column
from strongroom.files.writing import open_target
from strongroom.schema.types import Text
from tests.files.attempts import refusal

COLUMNS = [Column("name", Text())]
KINDS = ["csv", "tsv", "jsonl", "json", "parquet", "xlsx"]
FULL = "the file could not be written (ENOSPC)"


def export(path: Path, rows: list[tuple[str]], **options: Any) -> None:
    with open_target(str(path), COLUMNS, **options) as target:
        target.write(rows)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("umask", [0, 0o277])
def test_the_file_comes_at_the_end_with_mode_0600(tmp_path: Path, kind: str, umask: int) -> None:
    path = tmp_path / f"people.{kind}"
    old = os.umask(umask)
    try:
        with open_target(str(path), COLUMNS) as target:
            target.write([("Ada",)])
            assert not path.exists()
            (partial,) = tmp_path.iterdir()
            assert partial.name.startswith(f".people.{kind}.partial-")
            assert stat.S_IMODE(partial.stat().st_mode) == 0o600
    finally:
        os.umask(old)
    assert list(tmp_path.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_nlink == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_or_an_interrupt_leaves_nothing(
    tmp_path: Path, kind: str, error: type[BaseException]
) -> None:
    path = tmp_path / f"people.{kind}"
    path.write_text("before")
    with pytest.raises(error), open_target(str(path), COLUMNS, replace=True) as target:
        target.write([("Ada",)] * 1000)
        raise error
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text() == "before"


def test_a_file_that_is_there_is_refused_unless_it_may_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("before")
    path.chmod(0o644)
    message = f"the file {path} is there already"
    refusal(lambda: export(path, []), InputError, message, "take another name, or --force")
    assert path.read_text() == "before"
    export(path, [("Ada",)], replace=True)
    assert path.read_text() == "name\nAda\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_comes_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"

    def race() -> None:
        with open_target(str(path), COLUMNS) as target:
            target.write([("Ada",)])
            path.write_text("somebody else's")

    refusal(race, InputError, f"the file {path} is there already")
    assert path.read_text() == "somebody else's"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no")

    monkeypatch.setattr(os, "link", link)
    path = tmp_path / "people.csv"
    export(path, [("Ada",)])
    assert path.read_text() == "name\nAda\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_replaced_and_never_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("before")
    path = tmp_path / "people.csv"
    path.symlink_to(other)
    message = f"the file {path} is there already, and is no file"
    for replace in (False, True):
        refusal(lambda one=replace: export(path, [], replace=one), InputError, message)  # type: ignore[misc]
    assert other.read_text() == "before"


@pytest.mark.parametrize("name", ["", ".", "..", "folder/", "a\0b.csv"])
def test_a_path_that_names_no_file(tmp_path: Path, name: str) -> None:
    path = f"{tmp_path}/{name}"
    message = "a file must be named by its path"
    refusal(lambda: open_target(path, COLUMNS, kind="csv"), InputError, message)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "people.csv"
    refusal(lambda: export(path, []), InputError, f"the folder of the file {path} does not exist")


def test_a_long_name_has_a_partial_name_that_fits(tmp_path: Path) -> None:
    path = tmp_path / ("ä" * 120 + ".csv")
    export(path, [("Ada",)])
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("step", ["write", "fsync"])
def test_a_full_disk_is_one_error_and_leaves_nothing(
    tmp_path: Path, kind: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"people.{kind}"

    def fail(*_: object) -> int:
        raise OSError(errno.ENOSPC, "Ada Lovelace")

    if step == "write":
        monkeypatch.setattr(outgoing, "_AHEAD", 1)
        monkeypatch.setattr(io, "FileIO", type("Full", (io.FileIO,), {"write": fail}))
    else:
        monkeypatch.setattr(os, "fsync", fail)
    refusal(lambda: export(path, [("Ada Lovelace",)] * 10), StrongroomError, FULL)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_really_full_disk(kind: str) -> None:
    """/dev/full is no file to be replaced, so it is given as the stream."""
    with Path("/dev/full").open("wb", buffering=0) as full:
        refusal(lambda: _to(full, kind), StrongroomError, FULL)
    gc.collect()  # what a library does when it is collected is seen by the test runner


def _to(stream: Any, kind: str = "csv") -> None:
    with open_target(None, COLUMNS, kind=kind, stream=stream) as target:
        target.write([("Ada",)])


def test_a_target_that_was_left_takes_nothing(tmp_path: Path) -> None:
    with open_target(str(tmp_path / "people.csv"), COLUMNS) as target:
        target.write([("Ada",)])
    refusal(lambda: target.write([("Bob",)]), ClosedError, "the file is closed")
    assert (tmp_path / "people.csv").read_text() == "name\nAda\n"


def test_a_reader_that_went_away_is_told_apart() -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb", buffering=0) as pipe, pytest.raises(BrokenPipeError):
        _to(pipe)


@pytest.mark.parametrize("kind", ["parquet", "xlsx"])
def test_packed_kinds_can_be_piped(kind: str, tmp_path: Path) -> None:
    out = io.BytesIO()
    with open_target(None, COLUMNS, kind=kind, stream=out) as target:
        target.write([("Ada",)])
    path = tmp_path / f"people.{kind}"
    export(path, [("Ada",)])
    assert len(out.getvalue()) > 400
    assert out.getvalue()[:4] == path.read_bytes()[:4]


def test_lone_surrogates_are_refused_without_a_trace(tmp_path: Path) -> None:
    message = "a text holds lone surrogates"
    for kind in ("csv", "jsonl", "xlsx"):
        path = tmp_path / f"people.{kind}"
        refusal(lambda one=path: export(one, [("Lovelace\ud800",)]), InputError, message)  # type: ignore[misc]
    assert list(tmp_path.iterdir()) == []
