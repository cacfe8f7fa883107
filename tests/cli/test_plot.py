"""The plot of leakage: a PNG or SVG that shows shares and no value, the same each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from strongroom.cli.plot import check_plot, draw
from strongroom.errors import InputError, StrongroomError

CURVES = {"name_exact (tokens)": [0.5, 0.3, 0.2], "surnames (public)": [0.1, 0.05]}


@pytest.mark.parametrize(
    ("ending", "begins"), [("png", b"\x89PNG\r\n\x1a\n"), ("svg", b"<?xml"), ("SVG", b"<?xml")]
)
def test_it_is_drawn_and_the_same_each_time(tmp_path: Path, ending: str, begins: bytes) -> None:
    first, second = (tmp_path / f"{one}.{ending}" for one in "ab")
    for file in (first, second):
        check_plot(str(file))
        draw(CURVES, str(file))
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes().startswith(begins)
    if begins == b"<?xml":
        assert b"name_exact (tokens)" in first.read_bytes()


def test_nothing_to_draw_is_an_empty_plot(tmp_path: Path) -> None:
    draw({}, str(tmp_path / "empty.svg"))
    assert (tmp_path / "empty.svg").stat().st_size > 1_000


@pytest.mark.parametrize("file", ["x", "x.pdf", ".png.gz"])
def test_other_forms_are_refused_before_anything_is_measured(file: str) -> None:
    with pytest.raises(InputError, match=r"ends in \.png or \.svg"):
        check_plot(file)


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StrongroomError, match="ENOENT"):
        draw(CURVES, str(tmp_path / "nowhere" / "x.png"))


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("strongroom.cli.plot.find_spec", lambda _: None)
    with pytest.raises(InputError, match="needs matplotlib") as caught:
        check_plot("x.png")
    assert "strongroom[plot]" in str(caught.value.hint)
