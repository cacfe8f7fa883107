"""docs/performance.md: sections measured one by one, each kept until it is measured anew."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

DOCS: Final = Path(os.environ.get("STRONGROOM_BENCH_DOCS", Path(__file__).parents[1] / "docs"))
"""Where the page and its plot are; for a trial run another folder can be named."""
_PAGE: Final = DOCS / "performance.md"
NOT: Final = "-"
"""What could not be measured, or is not asked for."""

_DECIMALS: Final = ((0.0995, 3), (1.995, 2), (99.5, 1))
"""Below which ratio so many are shown; above, none."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Give the lines of a table."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def figure(ratio: float | None) -> str:
    """Return a ratio with two or three digits: more do not mean anything."""
    if ratio is None:
        return NOT
    decimals = next((n for most, n in _DECIMALS if ratio < most), 0)
    return f"{ratio:,.{decimals}f}"


def read() -> dict[str, str]:
    """Return the sections that the page has, by their headings."""
    text = _PAGE.read_text(encoding="utf-8") if _PAGE.exists() else ""
    found = re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]
    return {one.partition("\n")[0].removeprefix("## "): one.rstrip() for one in found}


def write(sections: Mapping[str, str], order: Iterable[str]) -> str:
    """Write the page with its sections in this order, and return it."""
    parts = ["\n".join(_head()), *(sections[title] for title in order if title in sections)]
    text = "\n\n".join(parts) + "\n"
    _PAGE.write_text(text, encoding="utf-8")
    return text


def _head() -> Iterator[str]:
    yield "# Performance"
    yield ""
    yield (
        "What the last `make bench` measured of each part. Every speed is a ratio against "
        "something measured in the same run; memory is the most that the process held."
    )
    yield ""
    yield (
        f"Machine: {os.cpu_count()} cores, {platform.machine()}, Python "
        f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}. The servers keep a binary "
        "log, log every statement, and do not wait for the disk at a commit."
    )
