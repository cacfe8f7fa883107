"""The section on search of docs/performance.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.places import NAMES
from bench.plain import LIMIT
from bench.search import QUERIES, Found

_KINDS = ("exact", "prefix", "words", "range", "contains")
_INDEX = {"contains": "trigram"}
_NOT = "-"
Pair = tuple[Found, Found]


def section(searches: Sequence[Pair]) -> Iterator[str]:
    """Give the lines of the section, without its heading.

    Args:
        searches: of each database, with few people and with many.
    """
    few, many = searches[0][0].count, searches[0][1].count
    yield ""
    yield (
        f"Medians of {QUERIES} queries for whole records of a name (encrypted, about 23 bytes) and "
        "a birthday (encrypted), beside the same query on plaintext columns with ordinary indexes "
        "(for words a table of them; for a part of a name there is none that helps), through the "
        f"same driver, in alternation, all answers equal. All but exact stop after {LIMIT} records."
    )
    yield ""
    yield f"Our median ÷ that of plaintext, {many:,} people (in brackets {few:,}):"
    yield ""
    yield f"| | {' | '.join(_KINDS)} |"
    yield f"|---|{'---|' * len(_KINDS)}"
    for small, large in searches:
        ratios = (f"{_said(large.ratios, one)} ({small.ratios[one]:.1f})" for one in _KINDS)
        yield f"| {NAMES[large.kind]} | {' | '.join(ratios)} |"
    yield ""
    yield f"Our median with {many:,} people ÷ our median with {few:,}:"
    yield ""
    yield f"| | {' | '.join(_KINDS)} |"
    yield f"|---|{'---|' * len(_KINDS)}"
    for small, large in searches:
        grown = (
            f"{large.ours[one] / small.ours[one]:.1f}" if one in large.ours else _NOT
            for one in _KINDS
        )
        yield f"| {NAMES[large.kind]} | {' | '.join(grown)} |"
    yield ""
    yield (
        "What an index adds to a record, in bytes of the database's files, and what building it "
        f"takes ÷ one plain `UPDATE` of a column of all records; over {many:,} records, trigram "
        f"over {few:,}:"
    )
    yield ""
    kinds = [_INDEX.get(one, one) for one in _KINDS]
    yield f"| | {' | '.join(kinds)} |"
    yield f"|---|{'---|' * len(kinds)}"
    for small, large in searches:
        cells = (_price(large if one in large.added else small, one) for one in kinds)
        yield f"| {NAMES[large.kind]} | {' | '.join(cells)} |"


def _said(ratios: dict[str, float], kind: str) -> str:
    return f"{ratios[kind]:.1f}" if kind in ratios else _NOT


def _price(found: Found, kind: str) -> str:
    return f"{found.added[kind]:,.0f} B, {found.built[kind]:,.0f}"
