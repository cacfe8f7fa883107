"""The rejects file: what was not taken, once each, across an interruption, for its owner alone."""

from __future__ import annotations

import csv
import datetime as dt
import errno
import io
import os
import stat
from pathlib import Path

import pytest

from strongroom.errors import InputError, StrongroomError
from strongroom.files.reading import open_source
from strongroom.files.rejects import Rejects, open_rejects
from strongroom.files.source import Item, Source
from tests.files.attempts import Stream, refusal

DATA = b'name,age\nAda,36\nBob\n"Cy\nY",1,x\n"D"x,1\nEve,old\n'
HEADER = "line,reason,name,age\n"
ALL = (
    f"{HEADER}3,has 1 value for 2 columns,Bob\n"
    '4,has 3 values for 2 columns,"Cy\nY",1,x\n'
    '6,has text after a closing quote,"""D""x,1"\n'
    "7,users.age must be an integer,Eve,old\n"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rejects.csv"


def source(data: bytes = DATA, kind: str = "csv") -> Source:
    return open_source(None, kind=kind, stream=Stream([data]))  # type: ignore[arg-type]


def reject_all(rejects: Rejects, found: list[Item]) -> None:
    for item in found:
        if item.problem is not None:
            rejects.add(item)
        elif (item.values or {})["age"] == "old":
            rejects.add(item, "users.age must be an integer")


def test_the_bytes_of_a_rejects_file(path: Path) -> None:
    found = source()
    with open_rejects(str(path), found) as rejects:
        reject_all(rejects, list(found))
        assert rejects.count == 4
        assert rejects.sync() == len(ALL)
    assert path.read_bytes().decode() == ALL
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_its_first_two_columns_it_can_be_imported(path: Path) -> None:
    found = source()
    with open_rejects(str(path), found) as rejects:
        reject_all(rejects, list(found))
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][2:] == ["name", "age"]
    assert rows[4][2:] == ["Eve", "old"]


def test_nothing_is_made_when_nothing_is_rejected(path: Path) -> None:
    with open_rejects(str(path), source()) as rejects:
        assert rejects.sync() == 0
    assert not path.exists()
    with open_rejects(str(path), source(), resume=0):
        pass
    assert not path.exists()


def test_the_umask_makes_it_neither_wider_nor_narrower(path: Path) -> None:
    found = source()
    old = os.umask(0o277)
    try:
        with open_rejects(str(path), found) as rejects:
            reject_all(rejects, list(found))
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("checkpoint", range(4))
@pytest.mark.parametrize("torn", [0, 1, 7, 1000])
def test_every_record_is_there_once_after_an_interruption(
    path: Path, checkpoint: int, torn: int
) -> None:
    """The process dies with some records behind the checkpoint, the last one cut anywhere."""
    found = source()
    bad = [item for item in found if item.line != 2]
    rejects = open_rejects(str(path), found)
    reject_all(rejects, bad[:checkpoint])
    kept = rejects.sync()
    reject_all(rejects, bad[checkpoint:])
    end = rejects.sync()
    os.close(rejects._descriptor)
    os.truncate(path, max(kept, end - torn))
    with open_rejects(str(path), found, resume=kept) as again:
        assert path.stat().st_size == kept
        reject_all(again, bad[checkpoint:])
        assert again.sync() == end
    assert path.read_bytes().decode() == ALL


def test_a_file_of_that_name_is_not_touched(path: Path) -> None:
    path.write_text("mine")
    path.chmod(0o600)
    message = f"the rejects file {path} is there already"
    refusal(lambda: open_rejects(str(path), source()), InputError, message)
    message = f"the rejects file {path} is not the one that the import has written"
    for resume in (0, 3, 4, 5, 1000):
        refusal(
            lambda at=resume: open_rejects(str(path), source(), resume=at),  # type: ignore[misc]
            InputError,
            message,
            "bring it back, or start the import anew",
        )
    path.write_text(HEADER + "3,x,y\n")
    for resume in (len(HEADER) + 1, len(HEADER) + 60):
        refusal(lambda at=resume: open_rejects(str(path), source(), resume=at), InputError, message)  # type: ignore[misc]
    assert path.read_text() == HEADER + "3,x,y\n"


def test_a_file_that_comes_meanwhile_is_not_touched(path: Path) -> None:
    found = source()
    rejects = open_rejects(str(path), found)
    path.write_text("mine")
    reject_all(rejects, list(found))
    refusal(rejects.sync, InputError, f"the rejects file {path} is there already")
    assert path.read_text() == "mine"


def test_a_file_that_is_gone_is_missed(path: Path) -> None:
    refusal(
        lambda: open_rejects(str(path), source(), resume=5),
        InputError,
        f"the rejects file {path} is not there, but the import has written to it",
        "bring it back, or start the import anew",
    )


def test_a_file_that_others_can_read_or_a_link_is_refused(path: Path, tmp_path: Path) -> None:
    path.write_text(HEADER)
    path.chmod(0o644)
    message = f"the rejects file {path} is not a file that only its owner can read"
    at = len(HEADER)
    refusal(lambda: open_rejects(str(path), source(), resume=at), InputError, message)
    path.chmod(0o600)
    path.rename(tmp_path / "other")
    path.symlink_to(tmp_path / "other")
    message = f"the rejects file {path} cannot be used (ELOOP)"
    refusal(lambda: open_rejects(str(path), source(), resume=at), InputError, message)


def test_a_full_disk_loses_nothing_that_was_rejected(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = source()
    rejects = open_rejects(str(path), found)
    reject_all(rejects, list(found))

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "Lovelace")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        refusal(rejects.sync, StrongroomError, "the file could not be written (ENOSPC)")
    rejects.close()
    assert path.read_bytes().decode() == ALL


def test_a_record_of_json_is_its_text(path: Path) -> None:
    found = source(b'{"name":"A"}\n {"a":1,"a":"\\ud800"}\n', "jsonl")
    with open_rejects(str(path), found) as rejects:
        for item in found:
            rejects.add(item, "is not wanted")
    assert path.read_text() == (
        'line,reason,record\n1,is not wanted,"{""name"":""A""}"\n'
        '2,is not wanted,"{""a"":1,""a"":""\\ud800""}"\n'
    )


def test_values_of_other_files_have_their_spelling(path: Path) -> None:
    raw = [None, "\\N", 5, 1.5, True, b"\0", dt.date(2024, 2, 29), "a,b"]
    item = Item(7, {}, None, raw)
    with Rejects(str(path), [f"c{n}" for n in range(8)], "parquet", None) as rejects:
        rejects.add(item, "is not wanted")
    row = next(csv.reader(io.StringIO(path.read_text().split("\n")[1])))
    assert row == [
        "7", "is not wanted", "\\N", "\\\\N", "5", "1.5", "true", "AA==", "2024-02-29", "a,b",
    ]  # fmt: skip


def test_a_file_of_somebody_else_is_not_written_to(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Put there empty before the first rejected record, it would give its owner what is in them.
    path.touch(mode=0o600)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(InputError, match=r"belongs to somebody else$"):
        open_rejects(str(path), source(), resume=0)
    assert path.read_bytes() == b""
