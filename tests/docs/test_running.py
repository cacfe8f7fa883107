"""The runner itself: a false example fails, and one that would not be run at all does too."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.documents import Block, blocks
from tests.docs.running import run


def block(language: str, text: str) -> Block:
    return Block("made.md", 1, language, text, None, None)


@pytest.mark.parametrize(
    ("language", "text", "examples"),
    [
        ("python", ">>> x = 1\n>>> x + 1\n2\n", 2),
        ("python", ">>> {}['a']\nTraceback (most recent call last):\n    ...\nKeyError: 'a'\n", 1),
        ("console", "$ echo ada; echo grace >&2\nada\ngrace\n$ false\n$ echo $?\n1\n", 3),
        ("console", "$ echo 12:30 ada\n... ada\n", 1),
        ("sh", "touch a\ntest -f a\n", 2),
    ],
)
def test_true_examples_pass(language: str, text: str, examples: int, tmp_path: Path) -> None:
    folder = tmp_path / "people"
    folder.mkdir()
    assert run(block(language, text), {}, folder) == examples


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", ">>> 1 + 1\n3\n"),
        ("python", ">>> 1 + 1\n2\n>>> undefined\n"),
        ("python", ">>> {}['a']\n"),
        ("python", ">>> {}['a']\nTraceback (most recent call last):\n    ...\nKeyError: 'b'\n"),
        ("python", ">>> print('more than shown')\n"),
        ("console", "$ echo ada\ngrace\n"),
        ("console", "$ echo more than shown\n"),
        ("console", "$ false\n$ echo $?\n0\n"),
        ("sh", "false\ntrue\n"),
        ("sh", "false | true\n"),
    ],
)
def test_false_examples_fail(language: str, text: str, tmp_path: Path) -> None:
    folder = tmp_path / "people"
    folder.mkdir()
    with pytest.raises(pytest.fail.Exception, match=r"made\.md"):
        run(block(language, text), {}, folder)


@pytest.mark.parametrize(("language", "text"), [("python", "x = 1\n"), ("console", "echo ada\n")])
def test_blocks_without_examples_are_no_success(language: str, text: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match=r"made\.md"):
        run(block(language, text), {}, tmp_path)


def test_notes_belong_to_the_next_block_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.docs.documents.ROOT", tmp_path)
    (tmp_path / "noted.md").write_text(
        "<!-- not run: it would\nneed a network -->\n```python\n>>> a\n```\n"
        "```python\n>>> b\n```\n\n<!-- run: mariadb -->\n\nText.\n\n```python\n>>> c\n```\n"
        "<!-- run: mariadb -->\n```sql\nSELECT 1;\n```\n",
        encoding="utf-8",
    )
    found = blocks("noted.md", "python", "sql")
    assert [(one.not_run, one.run) for one in found] == [
        ("it would\nneed a network", None),
        (None, None),
        (None, None),
        (None, "mariadb"),
    ]
    assert found[0].line == 4
