"""What the tests of commands share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.inside import Inside


@pytest.fixture
def inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Inside:
    """Give the way to run commands in this process, in a fresh folder."""
    folder = tmp_path / "here"
    folder.mkdir(mode=0o700)
    return Inside(folder, monkeypatch, capsys)
