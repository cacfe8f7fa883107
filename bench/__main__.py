"""Measure and write docs/performance.md: `make bench`, or `python -m bench search` for one part."""

from __future__ import annotations

import os
import platform
import re
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import adopting, exchange, search, searching
from bench.places import NAMES, servers

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
SMALL, LARGE = 10_000, int(os.environ.get("STRONGROOM_BENCH_ROWS", "1000000"))
ADOPTED = LARGE // 10


def main() -> None:
    """Measure all parts, or those that are named, and write them into the page."""
    wanted = sys.argv[1:] or list(PARTS)
    known = _sections()
    with servers():
        for name in wanted:
            lines = list(PARTS[name]())
            known[lines[0]] = "\n".join(lines)
    titles = [title for title in TITLES.values() if title in known]
    parts = ["\n".join(_head()), *(known[title] for title in titles)]
    PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    sys.stdout.write(PAGE.read_text(encoding="utf-8"))


def _sections() -> dict[str, str]:
    """Return the sections that the page has, by their headings."""
    text = PAGE.read_text(encoding="utf-8")
    found = re.split(r"^(?=## )", text, flags=re.MULTILINE)[1:]
    return {one.partition("\n")[0]: one.rstrip() for one in found}


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
        "log and log every statement."
    )


def _exchanges() -> Iterator[str]:
    yield TITLES["exchange"]
    found = [(exchange.measure(kind, SMALL), exchange.measure(kind, LARGE)) for kind in NAMES]
    yield ""
    yield (
        f"{LARGE:,} people of a name (encrypted, about 25 bytes) and an age (plain). What was "
        "exported held the same rows as what was imported, by SHA-256 over the sorted rows. "
        "Plaintext is the same file through the same driver in batches of 1,000, without any check."
    )
    yield ""
    yield "| | import ÷ plaintext | export ÷ import | import, MiB | export, MiB |"
    yield "|---|---|---|---|---|"
    for small, large in found:
        times = large.imported.seconds / large.plaintext
        out = large.exported.seconds / large.imported.seconds
        yield (
            f"| {NAMES[large.kind]} | {times:.1f} | {out:.1f} "
            f"| {large.imported.peak:.0f} ({_more(small.imported.peak, large.imported.peak)}) "
            f"| {large.exported.peak:.0f} ({_more(small.exported.peak, large.exported.peak)}) |"
        )
    yield ""
    yield f"In brackets: how much more than the same with {SMALL:,} people."


def _adoptions() -> Iterator[str]:
    yield TITLES["adopt"]
    yield ""
    yield (
        f"{ADOPTED:,} rows, filled, proven, cut over and rebuilt, against one plain `UPDATE` of "
        "the encrypted column of every row."
    )
    yield ""
    yield "| | adopt ÷ UPDATE | rows a second | MiB |"
    yield "|---|---|---|---|"
    for kind in NAMES:
        one = adopting.measure(kind, ADOPTED)
        yield (
            f"| {NAMES[one.kind]} | {one.adopted.seconds / one.update:.0f} "
            f"| {one.count / one.adopted.seconds:,.0f} | {one.adopted.peak:.0f} |"
        )


def _searches() -> Iterator[str]:
    found = [(search.measure(kind, SMALL), search.measure(kind, LARGE)) for kind in NAMES]
    yield TITLES["search"]
    yield from searching.section(found)


def _more(small: float, large: float) -> str:
    return f"{large - small:+.0f}"


PARTS: dict[str, Callable[[], Iterator[str]]] = {
    "exchange": _exchanges,
    "adopt": _adoptions,
    "search": _searches,
}
TITLES = {
    "exchange": "## Import and export of CSV",
    "adopt": "## Adopting a plaintext table",
    "search": "## Search",
}


if __name__ == "__main__":
    main()
