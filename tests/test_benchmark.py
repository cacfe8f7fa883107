"""The benchmark's page: a part measured alone leaves the others, who is missing is named."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from bench import cells, page, peers
from bench.parts import PARTS
from bench.rounds import Taken, turned


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "performance.md"
    monkeypatch.setattr(page, "_PAGE", path)
    return path


def test_a_part_measured_alone_leaves_the_others(written: Path) -> None:
    page.write({"One": "## One\n\nold", "Two": "## Two\n\n| a |\n|---|"}, ["One", "Two"])
    known = page.read()
    known["One"] = "## One\n\nnew"
    page.write(known, ["Two", "One", "Three"])
    text = written.read_text(encoding="utf-8")
    assert text.startswith("# Performance\n")
    assert text.endswith("\n\n## Two\n\n| a |\n|---|\n\n## One\n\nnew\n")


def test_the_page_has_no_part_that_nobody_measures() -> None:
    assert set(page.read()) <= {title for title, _ in PARTS.values()}


@pytest.mark.parametrize("name", PARTS)
def test_every_part_can_be_measured_without_its_peers(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for peer in ("bson", "pymongocrypt", "tink"):
        monkeypatch.setitem(sys.modules, peer, None)
    assert callable(importlib.import_module(PARTS[name][1]).section)


def test_who_is_missing_is_named_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tink", None)
    monkeypatch.setitem(sys.modules, "pymongocrypt", None)
    monkeypatch.delitem(sys.modules, "bench.mongo", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(cells, "SIZES", (25,))
    monkeypatch.setattr(cells, "_MOST_CELLS", 20)
    monkeypatch.setattr(cells, "draw_cells", lambda found: f"{sorted(found)}.svg")
    lines = list(cells.section())
    for name in (peers.TINK, peers.MONGO, peers.FLOOR):
        assert sum(line.startswith(f"| {name} | - |") for line in lines) == len(("seal", "open"))
        assert sum(line.startswith(f"{name} is missing here: ") for line in lines) == 1
    assert lines[-1].endswith("(['open', 'seal'].svg)")


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        (0.0666, "0.067"),
        (0.0996, "0.10"),
        (1.994, "1.99"),
        (1.996, "2.0"),
        (12.34, "12.3"),
        (99.6, "100"),
        (1234.5, "1,234"),
        (None, "-"),
    ],
)
def test_a_ratio_is_shown_with_the_digits_that_mean_something(
    ratio: float | None, shown: str
) -> None:
    assert page.figure(ratio) == shown


def test_medians_and_turns() -> None:
    taken = Taken()
    for seconds in (1.0, 9.0, 2.0):
        taken.keep("a", seconds)
        taken.keep("b", 2 * seconds)
    assert (taken["a"], taken.ratio("a", "b")) == (2.0, 0.5)
    assert [turned("abc", number)[0] for number in range(4)] == ["a", "b", "c", "a"]
