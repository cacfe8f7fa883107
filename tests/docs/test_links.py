"""Every document can be reached from the README; tests/test_documents.py follows each link."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.docs.documents import ROOT, documents, headings, links

LEAST: Final = {"README.md": 8, "docs/adr/README.md": 15}
OUTSIDE: Final = ("https://",)


@pytest.mark.parametrize("document", LEAST)
def test_links_are_found_at_all(document: str) -> None:
    assert len(list(links(document))) >= LEAST[document]


@pytest.mark.parametrize("document", documents())
def test_a_document_has_one_title_and_no_heading_twice(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    assert text.startswith("# ")
    found = headings(document)
    if document != "CHANGELOG.md":
        assert len(found) == len(set(found))


def test_every_document_can_be_reached_from_the_readme() -> None:
    reached: set[Path] = set()
    todo = [ROOT / "README.md"]
    while todo:
        here = todo.pop()
        if here in reached or here.suffix != ".md":
            continue
        reached.add(here)
        for target in links(str(here.relative_to(ROOT))):
            path = target.partition("#")[0]
            if path and not target.startswith(OUTSIDE):
                todo.append((here.parent / path).resolve())
    assert {str(path.relative_to(ROOT)) for path in reached} == set(documents())
