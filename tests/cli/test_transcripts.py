"""Every transcript of `transcripts/` comes out as it stands there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli import transcript

FOLDER = Path(__file__).parent / "transcripts"
NAMES = (
    "adopting",
    "dialogue",
    "exchange",
    "first_run",
    "keys",
    "records",
    "schema",
    "search",
    "settings",
    "store",
    "tables",
    "tampering",
    "usage",
    "values",
)
_SQL = f"""#!{sys.executable}
import sqlite3, sys
with sqlite3.connect("strongroom.db", isolation_level=None) as database:
    for row in database.execute(sys.argv[1]):
        print(*row, sep="|")
database.close()
"""
_LEGACY = f"""#!{sys.executable}
import os, pathlib, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.oracle import seal_legacy
print(seal_legacy(pathlib.Path(sys.argv[1]).read_bytes(), os.urandom(16), sys.argv[2]))
"""


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Make what the transcripts need beside strongroom.

    `sql` is the administrator's way in, and `legacy KEYFILE TEXT` encrypts as the legacy scheme.
    """
    folder = tmp_path / "tools"
    folder.mkdir()
    for name, text in (("sql", _SQL), ("legacy", _LEGACY)):
        program = folder / name
        program.write_text(text)
        program.chmod(0o755)
    return folder


def test_every_transcript_is_run() -> None:
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_transcript(name: str, tmp_path: Path, tools: Path) -> None:
    found = transcript.steps((FOLDER / f"{name}.txt").read_text(encoding="utf-8"))
    assert len(found) > 3
    folder = tmp_path / "here"
    folder.mkdir(mode=0o700)
    for number, step in enumerate(found, start=1):
        done = transcript.run(step, folder, tools)
        assert done == step.expected, f"step {number} of {name}: $ {step.line}"
