"""Running a query: page after page of candidates, opened, and what does not meet it dropped.

Reading goes by pages, each one statement, opened as one batch. Every condition is checked on the
opened record, so whatever a server answers, only sealed records that really meet the query come
out. What a server leaves out cannot be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from strongroom.errors import IntegrityError, QueryError, StorageError
from strongroom.room.access import access
from strongroom.room.document import State
from strongroom.room.explanation import Figures
from strongroom.room.paging import FIRST_PAGE, check_order, next_size, next_start
from strongroom.room.record import Record
from strongroom.room.store import Store
from strongroom.room.transaction import reading, state_seen
from strongroom.schema.conditions import BY_KEY, Order
from strongroom.schema.search.plan import Plan
from strongroom.schema.table import Table
from strongroom.storage.row import Row

Outcome = Record | IntegrityError
_TRIES: Final = 20
"""An index is rebuilt in two steps, and several may be; nobody changes tables so often."""


class Fetch:
    """One run of a query over one table."""

    def __init__(
        self,
        store: Store,
        table_id: int,
        planned: Callable[[Table], Plan],
        ordered: Callable[[Table], Order],
        *,
        counting: bool = False,
    ) -> None:
        """Get ready.

        Args:
            store: whose table it is.
            table_id: the table's.
            planned: makes the plan for the table as it is; an index may come or go meanwhile.
            ordered: likewise the order.
            counting: whether figures are wanted.
        """
        self._store = store
        self._table_id = table_id
        self._planned = planned
        self._ordered = ordered
        self._last: tuple[Table, Plan, Order] | None = None
        self._counting = counting
        self.figures = Figures()

    def met(self, after: tuple[Any, ...] | None, first: int = FIRST_PAGE) -> Iterator[Outcome]:
        """Stream what meets the query, and in the place of each broken record its error.

        Args:
            after: behind which record to start, or None.
            first: how many candidates to fetch at first.
        """
        size = first
        seen: set[tuple[Any, ...]] = set()
        while True:
            table, rows, outcomes = self._page(after, size)
            _, plan, by = self.of(table)
            check_order(table, by, rows, after)
            if plan.asks_nothing and not seen and not self._counting:
                yield from outcomes
            else:
                yield from self._those(plan, zip(rows, outcomes, strict=True), seen)
            if len(rows) < size:
                return
            after, seen = next_start(table, by, rows, seen)
            size = next_size([row.values for row in rows])

    def _those(
        self, plan: Plan, page: Iterable[tuple[Row, Outcome]], seen: set[tuple[Any, ...]]
    ) -> Iterator[Outcome]:
        """Give what of a page meets the query and was not given before, and count."""
        figures = self.figures
        for row, outcome in page:
            if row.key in seen:
                continue
            figures.fetched += 1
            if isinstance(outcome, Record):
                figures.opened += 1
                if not plan.holds(outcome.__getitem__):
                    figures.dropped += 1
                    continue
            else:
                figures.broken += 1  # nobody can tell whether it met the query
            yield outcome

    def of(self, table: Table) -> tuple[Table, Plan, Order]:
        """Return the plan for a table, and the order to fetch in, made once for each state of it.

        Raises:
            InputError: an unknown field, or a value that it could never hold.
            QueryError: nothing answers a condition, or gives that order.
        """
        if self._last is None or self._last[0] is not table:
            asked = self._ordered(table)
            by = BY_KEY if asked.here else asked
            if self._last is not None and (self._last[2].field is None) is not (by.field is None):
                raise QueryError("the field to order by was encrypted or decrypted meanwhile")
            self._last = (table, self._planned(table), by)
        return self._last

    def _page(
        self, after: tuple[Any, ...] | None, size: int
    ) -> tuple[Table, list[Row], list[Outcome]]:
        """Read and open one page, by a newer state as often as this one turns out to be old."""
        seen = state_seen(self._store)
        if seen is not None:
            return self._read(seen, after, size)
        for _ in range(_TRIES):
            state = self._store.state
            try:
                table, rows, outcomes = self._read(state, after, size)
            except StorageError as error:
                if not self._store.recovers(state, error):
                    raise
            else:
                failed = any(isinstance(one, IntegrityError) for one in outcomes)
                if not (failed and self._store.refresh(state)):
                    return table, rows, outcomes
        return self._read(self._store.state, after, size)

    def _read(
        self, state: State, after: tuple[Any, ...] | None, size: int
    ) -> tuple[Table, list[Row], list[Outcome]]:
        ways = access(self._store, state, self._table_id)
        table, plan, by = self.of(ways.table)
        candidates = ways.tokens.asked(plan.candidates)
        with reading(self._store) as connection:
            page = ways.rows.page(connection, candidates, by, after, size)
        return table, page, ways.sealer.open(page)
