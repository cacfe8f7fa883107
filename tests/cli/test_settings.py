"""Whose `strongroom.toml` is believed. What it may say stands in the transcript `settings`."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from strongroom.cli import settings
from strongroom.cli.settings import Options
from strongroom.errors import InputError


def found_as(monkeypatch: pytest.MonkeyPatch, owner: int, us: int, mode: int = 0o600) -> None:
    """Have the open file belong to `owner`, and this process to `us`."""
    status = os.stat_result((stat.S_IFREG | mode, 1, 1, 1, owner, 0, 0, 0, 0, 0))
    monkeypatch.setattr(os, "fstat", lambda _: status)
    monkeypatch.setattr(os, "geteuid", lambda: us)


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder with a settings file, with no variable set."""
    (tmp_path / settings.FILE).write_text('url = "sqlite:///theirs.db"\n')
    monkeypatch.chdir(tmp_path)
    for name in (settings.URL_VARIABLE, settings.KEY_VARIABLE):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("owner", "us"), [(1000, 1000), (0, 1000), (0, 0)])
def test_ones_own_and_roots_is(monkeypatch: pytest.MonkeyPatch, owner: int, us: int) -> None:
    found_as(monkeypatch, owner, us)
    place = Options().place("default", "file:k")
    assert (place.url, place.key, place.url_is_private) == ("sqlite:///theirs.db", "file:k", False)


@pytest.mark.parametrize("us", [0, 1000])
def test_somebody_elses_is_not(monkeypatch: pytest.MonkeyPatch, us: int) -> None:
    found_as(monkeypatch, 1001, us)
    with pytest.raises(InputError, match=f"belongs to user 1001, and this is user {us}"):
        Options().place("default", "file:k")


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_one_that_others_can_write_is_not(monkeypatch: pytest.MonkeyPatch, mode: int) -> None:
    found_as(monkeypatch, 1000, 1000, mode)
    with pytest.raises(InputError, match="can be written by others"):
        Options().place("default", "file:k")


def test_it_is_not_even_looked_at_when_everything_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    found_as(monkeypatch, 1001, 1000)
    monkeypatch.setenv(settings.URL_VARIABLE, "sqlite:///variable.db")
    place = Options(key="file:option").place("default", "file:k")
    assert (place.url, place.key) == ("sqlite:///variable.db", "file:option")
    assert place.url_is_private
