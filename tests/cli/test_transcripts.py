"""Every transcript of `transcripts/` comes out as it stands there."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli import transcript

FOLDER = Path(__file__).parent / "transcripts"
NAMES = (
    "dialogue",
    "first_run",
    "keys",
    "records",
    "schema",
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


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """Make what the transcripts need beside strongroom: `sql`, the administrator's way in."""
    folder = tmp_path / "tools"
    folder.mkdir()
    program = folder / "sql"
    program.write_text(_SQL)
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
