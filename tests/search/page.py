"""docs/search-checked.md: how many questions of each kind were answered as plain Python does.

A run with `STRONGROOM_PEOPLE` writes it, if every question on every database came out equal. Any
other run leaves the last run's figures where they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tests.search.comparing import DROPPED, ENDS, EXPLAINED, PAGED
from tests.search.questions import KINDS
from tests.search.store import INDEXES
from tests.servers.database import KINDS as DATABASES

PAGE: Final = Path(__file__).parents[2] / "docs" / "search-checked.md"
_NAMES: Final = {"sqlite": "SQLite", "mariadb": "MariaDB", "postgresql": "PostgreSQL"}

Counts = Mapping[str, Mapping[str, int]]
"""Of each database, how many questions of each kind were equal."""


def lines(people: int, seed: int, equal: Counts) -> Iterator[str]:
    """Give the page's lines."""
    yield "# Search, checked"
    yield ""
    yield (
        f"What the last long run of `tests/search` compared: random questions over {people:,} "
        f"synthetic people with {len(INDEXES)} indexes, answered by each database and by plain "
        "Python over the same people in a list. A third of the people were there before the "
        "indexes were, the others came after; then some were changed and some deleted. Names are "
        "in many scripts and spellings, amounts and days also outside of what their index expects, "
        "and tokens short, so that many candidates are no answers. The order is the key's or that "
        f"of a field, plain or encrypted, up or down, with a limit or without; seed {seed}."
    )
    yield ""
    yield (
        "A number says how many questions were asked, and that each was answered with the same "
        "people in the same order: after one difference this page is not written. What needs a "
        "scan was refused without one."
    )
    yield ""
    yield f"| | {' | '.join(_NAMES[kind] for kind in DATABASES)} |"
    yield "|---|---|---|---|"
    for row in (*KINDS, PAGED, ENDS, EXPLAINED, DROPPED):
        yield f"| {row} | {' | '.join(f'{equal[kind][row]:,}' for kind in DATABASES)} |"


def write(people: int, seed: int, equal: Counts, path: Path = PAGE) -> bool:
    """Write the page if every database was compared in all that it says; return whether."""
    complete = all(
        equal.get(kind, {}).get(row) for kind in DATABASES for row in (*KINDS, PAGED, ENDS)
    )
    if complete:
        path.write_text("\n".join(lines(people, seed, equal)) + "\n", encoding="utf-8")
    return complete
