"""The documents: every link inside the project leads to a file and a heading that exist."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NEEDED = {"README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"}
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)


def prose(path: Path) -> str:
    """Return a document without its fenced code."""
    return FENCE.sub("", path.read_text(encoding="utf-8"))


def anchors(path: Path) -> set[str]:
    """Return the anchors that a forge gives to the headings of a document."""
    found = set()
    for heading in HEADING.findall(prose(path)):
        plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        kept = [
            letter for letter in plain if letter in " -_" or unicodedata.category(letter)[0] in "LN"
        ]
        found.add("".join(kept).replace(" ", "-"))
    return found


def broken(path: Path) -> list[str]:
    """Return the links of a document that lead nowhere."""
    lost = []
    for link in LINK.findall(prose(path)):
        if re.match(r"[a-z]+:", link):
            continue  # another site, or a mail address
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        if not target.exists() or (anchor and anchor not in anchors(target)):
            lost.append(link)
    return lost


def test_the_documents_are_there() -> None:
    assert {path.name for path in DOCUMENTS if path.parent == ROOT} >= NEEDED


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    assert broken(path) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A `title`, here\n[a](page.md) [b](gone.md) [c](#a-title-here) [d](#b) [e](https://a.b)\n"
        "```\n[f](also-gone.md)\n```\n",
        encoding="utf-8",
    )
    assert broken(page) == ["gone.md", "#b"]
