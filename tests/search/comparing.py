"""One question after another, asked of the store and of the model: what differs is written down."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import strongroom
from tests.search.model import Model, exactly
from tests.search.people import Person
from tests.search.question import Question, needs_scan
from tests.search.questions import KINDS, SORTED, Asker

PAGED: Final = "read page by page"
ENDS: Final = "`count`, `exists`, `first`, `one`"
EXPLAINED: Final = "`explain`"
DROPPED: Final = "candidates dropped, since they did not meet the question"
_PAGES: Final = 4
_EVERY: Final = 5


class Comparison:
    """Questions about the people of one table.

    Attributes:
        equal: how many questions of each kind were answered as the model answers them.
        found: how many questions found somebody.
        wrong: what was not equal.
    """

    def __init__(self, table: strongroom.Table, crowd: list[Person], seed: str) -> None:
        self._table = table
        self._model = Model(crowd)
        self._asker = Asker(crowd, seed)
        self._rng = random.Random(f"{seed} pages")
        self.equal: Counter[str] = Counter()
        self.found = 0
        self.wrong: list[str] = []

    def ask(self, kind: str, number: int) -> None:
        """Ask one question; some are read by pages too, explained, or ended in other ways."""
        question = self._asker.question(kind)
        wanted = self._wanted(question)
        self.found += bool(wanted)
        try:
            query = self._query(question)
            self._records(list(query), wanted)
            self.equal[kind] += 1
            if number % _EVERY == 0 and question.limit is None:
                self._pages(query, question, wanted)
                self.equal[PAGED] += 1
            if number % _EVERY == 1:
                self._explained(question, kind)
                self.equal[EXPLAINED] += 1
            if number % _EVERY == 2:
                self._ends(query, wanted)
                self.equal[ENDS] += 1
        except (AssertionError, strongroom.StrongroomError) as error:
            what = f"{type(error).__name__}: {str(error)[:300]}"
            self.wrong.append(f"{kind}: {ascii(question)[:1_000]}\n{what}")

    def _query(self, question: Question) -> strongroom.Query:
        """Return the question as the store answers it: by a scan where it refuses otherwise."""
        query, scans = question.of(self._table), needs_scan(question.asked)
        try:
            query.explain(run=False)
        except strongroom.QueryError:
            # Without any index to choose them by, every record is opened to be sorted.
            if scans or question.order in SORTED:
                return query.scan()
            raise
        assert not scans, "it was answered without an index and without a scan"
        return query

    def _wanted(self, question: Question, **more: Any) -> list[int]:
        return self._model.answer(
            question.asked, question.order, **{"limit": question.limit, **more}
        )

    def _records(self, found: list[strongroom.Record], wanted: list[int]) -> None:
        """Hold what was found to be the people wanted, in this order and with all they have."""
        assert [record.id for record in found] == wanted
        for record in found[:20]:
            person = self._model.people[record.id]
            assert {name: exactly(value) for name, value in dict(record).items()} == {
                name: exactly(value) for name, value in person.items()
            }

    def _pages(self, query: strongroom.Query, question: Question, wanted: list[int]) -> None:
        """Read pages until the end, and one that starts behind a person who may not be wanted."""
        size = len(wanted) // (_PAGES - 1) + 1
        read: list[strongroom.Record] = []
        while found := list(query.limit(size) if not read else query.after(read[-1]).limit(size)):
            read += found
        self._records(read, wanted)
        somebody = self._rng.choice(list(self._model.people))
        last = somebody if question.order in ("id", "-id") else self._table.get(somebody)
        behind = list(query.after(last).limit(size))
        self._records(behind, self._wanted(question, after=somebody, limit=size))

    def _explained(self, question: Question, kind: str) -> None:
        """Hold what did not meet the question to be counted, and nothing else."""
        if is_scan(kind):  # of one that a limit ends early nobody knows how many it drops
            question = replace(question, limit=None)
        wanted = self._wanted(question)
        figures = self._query(question).explain().figures
        assert figures is not None
        assert figures.broken == 0
        assert figures.found == len(wanted)
        if question.limit is None:
            assert figures.fetched == figures.opened
        if question.limit is None or question.order not in SORTED:
            assert figures.opened == figures.found + figures.dropped
        else:
            # Sorted here, more may meet the question than come out.
            assert figures.opened >= figures.found + figures.dropped
        self.equal[DROPPED] += figures.dropped

    def _ends(self, query: strongroom.Query, wanted: list[int]) -> None:
        assert query.count() == len(wanted)
        assert query.exists() is bool(wanted)
        first = query.first()
        assert (None if first is None else first.id) == next(iter(wanted), None)
        try:
            assert [query.one().id] == wanted
        except strongroom.NotFoundError:
            assert wanted == []
        except strongroom.QueryError:
            assert len(wanted) > 1


def plan(each: int, scans: int) -> Iterator[tuple[str, int]]:
    """Give every question's kind and number: so many of each kind, fewer of those that scan."""
    for kind in KINDS:
        for number in range(scans if is_scan(kind) else each):
            yield kind, number


def is_scan(kind: str) -> bool:
    """Tell whether questions of a kind are answered by opening every record."""
    return kind.startswith("by a scan")
