"""Run everything and write docs/performance.md: `python -m bench`, or `make bench`."""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

from bench import adopting, exchange, search, searching
from bench.places import NAMES, servers

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
KINDS = ("sqlite", "mariadb", "postgresql")
SMALL, LARGE = 10_000, int(os.environ.get("STRONGROOM_BENCH_ROWS", "1000000"))
ADOPTED = LARGE // 10


def main() -> None:
    """Measure, and write the page."""
    with servers():
        exchanges = [
            (exchange.measure(kind, SMALL), exchange.measure(kind, LARGE)) for kind in KINDS
        ]
        adoptions = [adopting.measure(kind, ADOPTED) for kind in KINDS]
        searches = [(search.measure(kind, SMALL), search.measure(kind, LARGE)) for kind in KINDS]
    lines = [*_page(exchanges, adoptions), "", *searching.section(searches)]
    PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write(PAGE.read_text(encoding="utf-8"))


def _page(
    exchanges: list[tuple[exchange.Exchange, exchange.Exchange]],
    adoptions: list[adopting.Adopted],
) -> Iterator[str]:
    yield "# Performance"
    yield ""
    yield (
        "What the last `make bench` measured. Every speed is a ratio against something measured "
        "in the same run; memory is the most that the process held."
    )
    yield ""
    yield (
        f"Machine: {os.cpu_count()} cores, {platform.machine()}, Python "
        f"{platform.python_version()}, SQLite {sqlite3.sqlite_version}. The servers keep a binary "
        "log and log every statement."
    )
    yield ""
    yield "## Import and export of CSV"
    yield ""
    yield (
        f"{LARGE:,} people of a name (encrypted, about 25 bytes) and an age (plain). What was "
        "exported held the same rows as what was imported, by SHA-256 over the sorted rows. "
        "Plaintext is the same file through the same driver in batches of 1,000, without any check."
    )
    yield ""
    yield "| | import ÷ plaintext | export ÷ import | import, MiB | export, MiB |"
    yield "|---|---|---|---|---|"
    for small, large in exchanges:
        times = large.imported.seconds / large.plaintext
        out = large.exported.seconds / large.imported.seconds
        yield (
            f"| {NAMES[large.kind]} | {times:.1f} | {out:.1f} "
            f"| {large.imported.peak:.0f} ({_more(small.imported.peak, large.imported.peak)}) "
            f"| {large.exported.peak:.0f} ({_more(small.exported.peak, large.exported.peak)}) |"
        )
    yield ""
    yield f"In brackets: how much more than the same with {SMALL:,} people."
    yield ""
    yield from _adoptions(adoptions)


def _adoptions(adoptions: list[adopting.Adopted]) -> Iterator[str]:
    yield "## Adopting a plaintext table"
    yield ""
    yield (
        f"{ADOPTED:,} rows, filled, proven, cut over and rebuilt, against one plain `UPDATE` of "
        "the encrypted column of every row."
    )
    yield ""
    yield "| | adopt ÷ UPDATE | rows a second | MiB |"
    yield "|---|---|---|---|"
    for one in adoptions:
        yield (
            f"| {NAMES[one.kind]} | {one.adopted.seconds / one.update:.0f} "
            f"| {one.count / one.adopted.seconds:,.0f} | {one.adopted.peak:.0f} |"
        )


def _more(small: float, large: float) -> str:
    return f"{large - small:+.0f}"


if __name__ == "__main__":
    main()
