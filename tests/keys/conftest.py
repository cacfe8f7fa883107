"""Fixtures of the key tests."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make an empty folder the current one, so that paths and messages are short and exact."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
