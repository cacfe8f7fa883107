"""What a document holds: its fenced blocks, its headings and its links, read as Markdown.

A block that is not run says why, in a comment right before it: ``<!-- not run: it needs … -->``.
One that is run in another way than its language's says how: ``<!-- run: mariadb -->`` at that
server, ``<!-- run: terminal -->`` in a terminal, with what is shown behind its questions typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT: Final = Path(__file__).parents[2]
_NOTE: Final = re.compile(r"<!-- (not run|run): (.+?) -->", re.DOTALL)
_MARKDOWN: Final = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Block:
    """One fenced block.

    Attributes:
        document: relative to the project's root.
        line: of its first line of text, counted from 1.
        language: what stands behind the fence.
        text: the block itself.
        not_run: the reason why it is not run, or None.
        run: `mariadb`, `postgresql` or `terminal`, or None for the way of its language.
    """

    document: str
    line: int
    language: str
    text: str
    not_run: str | None
    run: str | None

    @property
    def place(self) -> str:
        """Where it is, for messages."""
        return f"{self.document}:{self.line}"


def documents() -> list[str]:
    """Return every document of the project, relative to its root."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(str(path.relative_to(ROOT)) for path in found)


@cache
def tokens(document: str) -> tuple[Token, ...]:
    """Return the parsed document."""
    return tuple(_MARKDOWN.parse((ROOT / document).read_text(encoding="utf-8")))


def blocks(document: str, *languages: str) -> list[Block]:
    """Return the document's fenced blocks in these languages, in their order."""
    found = []
    notes: dict[str, str] = {}
    for token in tokens(document):
        if token.type == "html_block":
            notes = {note[1]: note[2] for note in _NOTE.finditer(token.content)}
            continue
        if token.type == "fence" and token.info in languages:
            assert token.map is not None
            line = token.map[0] + 2
            reason, way = notes.get("not run"), notes.get("run")
            found.append(Block(document, line, token.info, token.content, reason, way))
        notes = {}
    return found


def languages(document: str) -> set[str]:
    """Return what stands behind the fences of the document."""
    return {token.info for token in tokens(document) if token.type == "fence"}


def headings(document: str) -> list[str]:
    """Return the text of every heading, code marks left out."""
    parsed = tokens(document)
    return [
        "".join(part.content for part in parsed[place + 1].children or ())
        for place, token in enumerate(parsed)
        if token.type == "heading_open"
    ]


def links(document: str) -> Iterator[str]:
    """Yield the target of every link and image of the document."""
    for token in tokens(document):
        for part in token.children or ():
            target = part.attrGet("href" if part.type == "link_open" else "src")
            if target is not None:
                yield str(target)
