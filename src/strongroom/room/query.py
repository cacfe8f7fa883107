"""A lazy query: nothing is asked of the database until its records are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from strongroom.errors import IntegrityError, NotFoundError, QueryError
from strongroom.room.explanation import Explanation, asked
from strongroom.room.fetching import Fetch, Outcome
from strongroom.room.paging import FIRST_PAGE
from strongroom.room.record import Record, key_of
from strongroom.room.sorting import check_sortable, in_order
from strongroom.room.store import Store
from strongroom.schema.conditions import BY_KEY, Order, order
from strongroom.schema.search.candidates import Everything
from strongroom.schema.search.plan import Plan, Planner
from strongroom.schema.search.where import Where, resolve
from strongroom.schema.table import Field, Table
from strongroom.storage.rows import Rows


@dataclass(frozen=True, repr=False)
class Query:
    """Records of one table that meet some conditions. Each method returns a new query or runs it.

    Iterating streams: memory does not grow with the number of records. Pages are read one after
    the other and are not one snapshot; inside `transaction()` they are what it sees.
    """

    _store: Store
    _table_id: int
    _asked: Mapping[str, object]
    _more: tuple[Where, ...] = ()
    _order: str | None = None
    _limit: int | None = None
    _after: object = None
    _scan: bool = False

    def _table(self) -> Table:
        return self._store.state.catalogue.by_id(self._table_id)

    def __repr__(self) -> str:
        return f"<query of {self._table().name}>"

    def scan(self) -> Query:
        """Allow decrypting and comparing every record, where no index can answer."""
        return replace(self, _scan=True)

    def order_by(self, field: str) -> Query:
        """Order by a field, ``"-age"`` for descending; NULLs come last, ties by key.

        By a plain field the database orders. By an encrypted one records are sorted here, after
        every one that meets the query was opened: it needs a condition that an index or a plain
        column answers, or `.scan()`.

        Raises:
            QueryError: this database would order it otherwise, or it has no order.
        """
        self._store.known(self._table_id, lambda table: self._orderable(table, field))
        return replace(self, _order=field)

    def limit(self, count: int) -> Query:
        """Stop after `count` records."""
        if type(count) is not int or count < 0:
            raise QueryError("a limit is a whole number, 0 or more")
        return replace(self, _limit=count)

    def after(self, last: object) -> Query:
        """Start behind a record: the next page of the same query.

        Args:
            last: the last record of the page before; its primary key is enough while the order
                is the key's.
        """
        key_of(self._table(), last)
        return replace(self, _after=last)

    def __iter__(self) -> Iterator[Record]:
        """Stream the records.

        Raises:
            IntegrityError: at the first record that is not as strongroom wrote it. `outcomes`
                goes on past it.
            QueryError: a condition needs a scan that was not allowed.
        """
        for outcome in self.outcomes():
            if isinstance(outcome, IntegrityError):
                raise outcome
            yield outcome

    def outcomes(self) -> Iterator[Outcome]:
        """Stream records, and in the place of each broken one its error, without stopping.

        A broken record comes out whether or not it met the conditions: nobody can tell.
        """
        yield from self._run(self._fetch())

    def _run(self, fetch: Fetch) -> Iterator[Outcome]:
        table = self._store.known(self._table_id, fetch.of)
        if self._limit == 0:
            return
        stream = self._stream(fetch, table)
        yield from stream if self._limit is None else islice(stream, self._limit)

    def _stream(self, fetch: Fetch, table: Table) -> Iterator[Outcome]:
        start = self._start(table)
        by = self._ordering(table)
        if by.here:
            last = self._after if isinstance(self._after, Record) else None
            return in_order(fetch.met(None), by, last, self._limit)
        return fetch.met(start, FIRST_PAGE if self._limit is None else min(self._limit, FIRST_PAGE))

    def _fetch(self, *, counting: bool = False) -> Fetch:
        return Fetch(self._store, self._table_id, self._plan, self._ordering, counting=counting)

    def one(self) -> Record:
        """Return the only record.

        Raises:
            NotFoundError: there is none.
            QueryError: there are several.
        """
        found = list(self._at_most(2))
        if not found:
            raise NotFoundError(f"{self._table().name} has no such record")
        if len(found) > 1:
            raise QueryError(f"{self._table().name} has several such records")
        return found[0]

    def _at_most(self, count: int) -> Query:
        return self if self._limit is not None and self._limit < count else self.limit(count)

    def first(self) -> Record | None:
        """Return the first record, or None where there is none."""
        return next(iter(self._at_most(1)), None)

    def exists(self) -> bool:
        """Say whether there is such a record."""
        return self.first() is not None

    def count(self) -> int:
        """Count the records. Each is opened: a count that the database gives proves nothing."""
        return sum(1 for _ in self)

    def explain(self, *, run: bool = True) -> Explanation:
        """Say how the query is answered, what it shows to the database, and what it took.

        Args:
            run: whether to run it to its end, or limit, and count; otherwise no record is read.

        Raises:
            QueryError: it cannot be answered: a condition needs a scan that was not allowed.
        """
        fetch = self._fetch(counting=True)
        table, plan, _ = fetch.of(self._store.known(self._table_id, fetch.of))
        by = self._ordering(table)
        if run:
            for outcome in self._run(fetch):
                fetch.figures.found += isinstance(outcome, Record)
        named = "the primary key" if by.field is None else f"{by.field.name}, then the primary key"
        direction = ", descending" if by.descending else ""
        return Explanation(
            table.name,
            tuple(asked(use) for use in plan.uses),
            plan.scanned,
            f"{named}{direction}{', sorted here' if by.here else ''}",
            fetch.figures if run else None,
        )

    def _ordering(self, table: Table) -> Order:
        return BY_KEY if self._order is None else self._orderable(table, self._order)

    def _orderable(self, table: Table, name: str) -> Order:
        """Return the order of that name, if this database keeps to it."""
        found = order(table, name)
        if found.field is not None and found.here:
            check_sortable(table, found.field)
        elif found.field is not None:
            Rows(self._store.dialect, table).ordering.sortable(found.field)
        return found

    def _plan(self, table: Table) -> Plan:
        """Return how the query is answered.

        Raises:
            InputError: an unknown field, or a value that it could never hold.
            QueryError: nothing answers a condition, and a scan was not allowed.
        """
        planner = Planner(table, self._comparable(table), scan=self._scan)
        plan = planner.plan(resolve(table, self._asked, self._more))
        by = self._ordering(table)
        everything = isinstance(plan.candidates, Everything)
        if by.here and by.field is not None and everything and not self._scan:
            raise QueryError(
                f"{table.name}.{by.field.name} is encrypted, so the database cannot order by it",
                hint="to open every record and sort them here: .scan() (--scan for a command)",
            )
        return plan

    def _comparable(self, table: Table) -> Callable[[Field], bool]:
        def comparable(field: Field) -> bool:
            try:
                Rows(self._store.dialect, table).ordering.sortable(field)
            except QueryError:
                return False
            return True

        return comparable

    def _start(self, table: Table) -> tuple[Any, ...] | None:
        if self._after is None:
            return None
        key, by = key_of(table, self._after), self._ordering(table)
        if by.field is None:
            return key
        if not isinstance(self._after, Record):
            raise QueryError(
                f"after() needs the whole record, not its key, when ordered by {by.field.name}"
            )
        return (self._after[by.field.name], *key)
