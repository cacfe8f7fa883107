"""How bulk work beside plaintext changes with the number of records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from bench.many import CORE, OURS, STATEMENT, measure
from bench.page import figure, table
from bench.places import NAMES
from bench.rounds import LARGE, ROUNDS, SMALL, Taken
from bench.shapes import USERS

_COUNTS: Final = tuple(sorted({SMALL, LARGE // 10, LARGE}))
_RATIOS: Final = (
    ("add_many ÷ executemany", "add", CORE),
    ("all ÷ Core's rows", "read", CORE),
    ("update_many ÷ one UPDATE", "update", STATEMENT),
)


def section() -> Iterator[str]:
    """Give the lines of the section, without its heading."""
    beside = {f"{what} {other}" for _, what, other in _RATIOS}
    found = {
        kind: {count: measure(kind, USERS, count, ROUNDS, beside) for count in _COUNTS}
        for kind in NAMES
    }
    yield (
        f"Strongroom ÷ plaintext as above, for `users` of so many records; medians of {ROUNDS} "
        "rounds. The last column is strongroom's own time for each of the most records, ÷ that for "
        "each of the fewest."
    )
    for title, what, other in _RATIOS:
        yield ""
        head = [title, *(f"{count:,}" for count in _COUNTS), "grown"]
        yield from table(head, [[NAMES[kind], *_row(found[kind], what, other)] for kind in NAMES])


def _row(found: Mapping[int, Taken], what: str, other: str) -> Iterator[str]:
    for taken in found.values():
        yield figure(taken.ratio(f"{what} {OURS}", f"{what} {other}"))
    ours = [taken[f"{what} {OURS}"] / count for count, taken in found.items()]
    yield figure(ours[-1] / ours[0])
