"""The section on search of docs/performance.md."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from bench.page import NOT, figure, table
from bench.places import NAMES
from bench.plain import LIMIT
from bench.rounds import LARGE, SMALL
from bench.search import QUERIES, Found, measure

_KINDS = ("exact", "prefix", "words", "range", "contains")
_INDEX = {"contains": "trigram"}
Pair = tuple[Found, Found]


def section() -> Iterator[str]:
    """Give the lines of the section, without its heading."""
    searches = [(measure(kind, SMALL), measure(kind, LARGE)) for kind in NAMES]
    yield (
        f"Medians of {QUERIES} queries for whole records of a name (encrypted, about 23 bytes) and "
        "a birthday (encrypted), beside the same query on plaintext columns with ordinary indexes "
        "(for words a table of them; for a part of a name there is none that helps), through the "
        f"same driver, in alternation, all answers equal. All but exact stop after {LIMIT} records."
    )
    yield ""
    yield f"Our median ÷ that of plaintext, {LARGE:,} people (in brackets {SMALL:,}):"
    yield ""
    yield from _by_kind(
        searches,
        _KINDS,
        lambda few, many, kind: f"{_said(many.ratios, kind)} ({figure(few.ratios[kind])})",
    )
    yield ""
    yield f"Our median with {LARGE:,} people ÷ our median with {SMALL:,}:"
    yield ""
    yield from _by_kind(
        searches,
        _KINDS,
        lambda few, many, kind: (
            figure(many.ours[kind] / few.ours[kind]) if kind in many.ours else NOT
        ),
    )
    yield from _indexes(searches)


def _indexes(searches: Sequence[Pair]) -> Iterator[str]:
    kinds = [_INDEX.get(one, one) for one in _KINDS]
    over = f"over {LARGE:,} records, trigram over {SMALL:,}"
    yield ""
    yield f"What an index adds to a record, in bytes of the database's files; {over}:"
    yield ""
    yield from _by_kind(
        searches, kinds, lambda few, many, kind: f"{_of(few, many, kind).added[kind]:,.0f} B"
    )


def _by_kind(
    searches: Sequence[Pair], kinds: Sequence[str], cell: Callable[[Found, Found, str], str]
) -> Iterator[str]:
    rows = [[NAMES[few.kind], *(cell(few, many, kind) for kind in kinds)] for few, many in searches]
    return table(["", *kinds], rows)


def _said(ratios: dict[str, float], kind: str) -> str:
    return figure(ratios.get(kind))


def _of(few: Found, many: Found, kind: str) -> Found:
    return many if kind in many.added else few
