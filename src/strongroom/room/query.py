"""A lazy query: nothing is asked of the database until its records are.

Reading goes by pages over the primary key, each one statement, opened as one batch. Every
condition is checked again on the opened record, so whatever a server answers, only sealed records
that really meet the conditions come out. What a server leaves out cannot be seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from strongroom.errors import (
    IntegrityError,
    NotFoundError,
    QueryError,
    StorageError,
)
from strongroom.room.document import State
from strongroom.room.paging import FIRST_PAGE, check_order, next_size, next_start
from strongroom.room.record import Record, key_of
from strongroom.room.sealing import Sealer
from strongroom.room.store import Store
from strongroom.room.transaction import reading
from strongroom.schema.conditions import BY_KEY, Condition, Order, conditions, order
from strongroom.schema.table import Table
from strongroom.storage.rows import Row, Rows

Outcome = Record | IntegrityError


@dataclass(frozen=True)
class Explanation:
    """How a query is answered, and what it shows to the database."""

    table: str
    database: tuple[str, ...]
    scanned: tuple[str, ...]
    order: str

    def __str__(self) -> str:
        by_database = ", ".join(self.database) or "nothing: every record is read"
        lines = [f"table: {self.table}", f"answered by the database: {by_database}"]
        if self.scanned:
            lines.append(f"decrypted and compared here: {', '.join(self.scanned)}")
        return "\n".join([*lines, f"order: {self.order}"])


@dataclass(frozen=True, repr=False)
class Query:
    """Records of one table that meet some conditions. Each method returns a new query or runs it.

    Iterating streams: memory does not grow with the number of records. Pages are read one after
    the other and are not one snapshot; inside `transaction()` they are what it sees.
    """

    _store: Store
    _table_id: int
    _asked: Mapping[str, object]
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
        """Order by a plain field, ``"-age"`` for descending; NULLs come last, ties by key.

        Raises:
            QueryError: the field is encrypted, or this database would order it otherwise.
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
        if self._limit == 0:
            return
        for count, outcome in enumerate(self._met(), start=1):
            yield outcome
            if count == self._limit:
                return

    def one(self) -> Record:
        """Return the only record.

        Raises:
            NotFoundError: there is none.
            QueryError: there are several.
        """
        found = list(self.limit(2))
        if not found:
            raise NotFoundError(f"{self._table().name} has no such record")
        if len(found) > 1:
            raise QueryError(f"{self._table().name} has several such records")
        return found[0]

    def first(self) -> Record | None:
        """Return the first record, or None where there is none."""
        return next(iter(self.limit(1)), None)

    def exists(self) -> bool:
        """Say whether there is such a record."""
        return self.first() is not None

    def count(self) -> int:
        """Count the records. Each is opened: a count that the database gives proves nothing."""
        return sum(1 for _ in self)

    def explain(self) -> Explanation:
        """Say how the query is answered, without running it.

        Raises:
            QueryError: it cannot be: a condition needs a scan that was not allowed.
        """
        table = self._store.known(self._table_id, self._check)
        pushed, hidden = self._split(table)
        plan = self._ordering(table)
        by = "the primary key" if plan.field is None else f"{plan.field.name}, then the primary key"
        return Explanation(
            table.name,
            tuple(one.field.name for one in pushed),
            tuple(one.field.name for one in hidden),
            f"{by}{', descending' if plan.descending else ''}",
        )

    def _ordering(self, table: Table) -> Order:
        return BY_KEY if self._order is None else self._orderable(table, self._order)

    def _orderable(self, table: Table, name: str) -> Order:
        """Return the order of that name, if this database keeps to it."""
        found = order(table, name)
        if found.field is not None:
            Rows(self._store.dialect, table).ordering.sortable(found.field)
        return found

    def _split(self, table: Table) -> tuple[list[Condition], list[Condition]]:
        """Return the conditions that the database can answer, and those that need a scan."""
        asked = conditions(table, self._asked)
        pushed = [one for one in asked if not one.field.encrypted or one.value is None]
        hidden = [one for one in asked if one.field.encrypted and one.value is not None]
        if hidden and not self._scan:
            names = ", ".join(one.field.name for one in hidden)
            raise QueryError(
                f"{table.name}.{names} is encrypted, so the database cannot search it",
                hint="to decrypt and compare every record: .scan() (--scan on the command line)",
            )
        return pushed, hidden

    def _met(self) -> Iterator[Outcome]:
        """Stream what meets all conditions, page after page."""
        table = self._store.known(self._table_id, self._check)
        after, size = self._start(table), FIRST_PAGE
        seen: set[tuple[Any, ...]] = set()
        while True:
            table, rows, outcomes = self._page(after, size)
            by = self._ordering(table)
            check_order(table, by, rows, after)
            asked = conditions(table, self._asked)
            for row, outcome in zip(rows, outcomes, strict=True):
                if row.key in seen:
                    continue
                if isinstance(outcome, IntegrityError) or all(
                    one.holds(outcome[one.field.name]) for one in asked
                ):
                    yield outcome
            if len(rows) < size:
                return
            after, seen = next_start(table, by, rows, seen)
            size = next_size(rows)

    def _check(self, table: Table) -> None:
        self._split(table)
        self._ordering(table)

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

    def _page(
        self, after: tuple[Any, ...] | None, size: int
    ) -> tuple[Table, list[Row], list[Outcome]]:
        """Read and open one page, by a newer state if this one turns out to be old."""
        state = self._store.state
        try:
            table, rows, outcomes = self._read(state, after, size)
        except StorageError:
            if not self._store.refresh(state, wait=True):
                raise
        else:
            failed = any(isinstance(one, IntegrityError) for one in outcomes)
            if not (failed and self._store.refresh(state)):
                return table, rows, outcomes
        return self._read(self._store.state, after, size)

    def _read(
        self, state: State, after: tuple[Any, ...] | None, size: int
    ) -> tuple[Table, list[Row], list[Outcome]]:
        table = state.catalogue.by_id(self._table_id)
        pushed, _ = self._split(table)
        with reading(self._store) as connection:
            rows = Rows(self._store.dialect, table)
            page = rows.page(connection, pushed, self._ordering(table), after, size)
        return table, page, Sealer(state, table).open(page)
