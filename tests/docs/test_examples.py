"""Every example in README.md and docs/ runs, and shows what comes out.

How many there are is asserted, since an extractor that finds nothing would pass.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from tests.docs.documents import Block, blocks, documents, languages
from tests.docs.running import run

RUN: Final = frozenset({"python", "console", "sh"})
SHOWN: Final = frozenset({"", "text", "toml", "sql"})
"""What is only shown, unless a note says how it is run."""

ELSEWHERE: Final = {
    "docs/format.md": "its recipe has a test of its own, with cells of its own",
    "docs/cli.md": "it is generated from the commands and compared with them",
}
EXAMPLES: Final = {
    "README.md": 51,
    "docs/adopting.md": 39,
    "docs/databases.md": 7,
    "docs/errors.md": 7,
    "docs/import-export.md": 36,
    "docs/keys.md": 32,
    "docs/library.md": 95,
    "docs/search.md": 64,
}
"""How many examples each document has: Python statements, commands, typed answers."""


@pytest.mark.parametrize("document", EXAMPLES)
def test_examples_run_in_their_order(
    document: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, terminal = tmp_path / "python", tmp_path / "terminal"
    here.mkdir()
    terminal.mkdir()
    monkeypatch.chdir(here)
    names: dict[str, Any] = {}
    assert sum(run(block, names, terminal) for block in to_run(document)) == EXAMPLES[document]


def to_run(document: str) -> list[Block]:
    """Return the blocks that are run here, and not against a server."""
    return [
        block
        for block in blocks(document, *languages(document))
        if block.run == "terminal"
        or (block.language in RUN and block.run is None and block.not_run is None)
    ]


def test_no_document_with_examples_is_forgotten() -> None:
    found = {document for document in documents() if to_run(document)}
    assert found - ELSEWHERE.keys() == set(EXAMPLES)


@pytest.mark.parametrize("document", documents())
def test_every_block_is_run_or_meant_to_be_shown(document: str) -> None:
    if document not in ELSEWHERE:
        assert languages(document) <= RUN | SHOWN


@pytest.mark.parametrize("document", documents())
def test_what_is_not_run_has_a_reason(document: str) -> None:
    for block in blocks(document, *RUN):
        if block.not_run is not None:
            assert len(block.not_run.split()) >= 3, f"{block.place}: say why"


@pytest.mark.parametrize("document", documents())
def test_every_way_of_running_is_known(document: str) -> None:
    ways = {block.run for block in blocks(document, *languages(document))}
    assert ways <= {None, "mariadb", "postgresql", "terminal"}
