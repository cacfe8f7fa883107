"""Rows in and out of users' tables: pages over the primary key, and compare-and-set writes.

Reading never uses a server cursor: every
page is one statement, so nothing that happens between two pages can end a stream early.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import sqlalchemy as sa

from strongroom.schema.conditions import Order
from strongroom.schema.search.candidates import Candidates
from strongroom.schema.table import SEAL_COLUMN, VERSION_COLUMN, Field, Table
from strongroom.storage import key_values
from strongroom.storage.binding import named, parameters
from strongroom.storage.candidates import Condition, Parameters
from strongroom.storage.dialect import Dialect
from strongroom.storage.direct import Direct, fetched
from strongroom.storage.failure import mapped
from strongroom.storage.mass_insert import MassInsert
from strongroom.storage.mass_update import MassUpdate
from strongroom.storage.ordering import Ordering
from strongroom.storage.packet import check_sizes
from strongroom.storage.plain_values import UNREADABLE
from strongroom.storage.row import Columns, Row, read, written
from strongroom.storage.unique import refused

_MOST_STATEMENTS: Final = 200
MOST_KEYS: Final = 200
"""In one condition: SQLite's older versions take 999 parameters, and a key has several."""


@dataclass(frozen=True)
class Rows:
    """Reads and writes the rows of one table.

    Attributes:
        dialect: of the database.
        table: as the catalogue knows it, or will.
        shadows: what columns are called while the table is being rewritten, by their final names.
    """

    dialect: Dialect
    table: Table
    shadows: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def sql(self) -> sa.TableClause:
        """The table, with a column for each part of a `Row`, in their order."""
        names = [*self.table.key_names, VERSION_COLUMN, SEAL_COLUMN]
        names += [field.name for field in self.table.fields]
        names += [index.place for index in self.table.columns]
        schema, _, bare = self.table.name.rpartition(".")
        columns: list[sa.ColumnClause[Any]] = [
            sa.column(sa.quoted_name(self.shadows.get(name, name), quote=True)) for name in names
        ]
        return sa.table(sa.quoted_name(bare, quote=True), *columns, schema=schema or None)

    def column(self, name: str) -> sa.ColumnClause[Any]:
        """Return the column that is, or will be, called so."""
        return self.sql.c[self.shadows.get(name, name)]

    @cached_property
    def _statements(self) -> dict[Any, Direct[sa.Select[Any]]]:
        """Statements that read, by what they ask."""
        return {}

    @cached_property
    def ordering(self) -> Ordering:
        """How the rows are put into an order."""
        return Ordering(self.dialect, self.table, self.column)

    @cached_property
    def _key(self) -> list[sa.ColumnElement[Any]]:
        return [self.column(column.name) for column in self.table.key]

    def get(self, connection: sa.Connection, key: tuple[Any, ...]) -> Row | None:
        """Return the row with exactly that key, or None.

        A database may answer with another key than the one asked for (a case-insensitive
        collation, a text compared with a number): such an answer is no answer.
        """
        parts = self.ordering.key_to_sql(key)
        values = named("k", parts)
        found = fetched(connection, self._by_key(parts), values)
        if found is None:
            row: Row | None = self._bare(connection, key)
        else:
            row = self.read(found)[0] if found else None
        if row is None:
            return None
        same = all(type(a) is type(b) and a == b for a, b in zip(row.key, key, strict=True))
        return row if same else None

    def _by_key(self, parts: tuple[Any, ...]) -> Direct[sa.Select[Any]]:
        """Return the statement that reads one row: made once for each sort of key."""
        shape = ("key", *map(type, parts))
        statement = self._statements.get(shape)
        if statement is None:
            pairs = zip(self._key, parameters("k", parts), strict=True)
            same = (column == part for column, part in pairs)
            statement = self._statements[shape] = Direct(sa.select(self.sql).where(*same))
        return statement

    def page(  # noqa: PLR0913  # one for each thing that says which rows
        self,
        connection: sa.Connection,
        candidates: Candidates,
        order: Order,
        after: tuple[Any, ...] | None,
        limit: int,
        *,
        lock: bool = False,
    ) -> list[Row]:
        """Return up to `limit` rows in the order asked for.

        Args:
            connection: inside a transaction.
            candidates: which of them.
            order: a plain field, or the primary key.
            after: the last row's (order value, key…), or (key…) when ordered by key; None to
                start.
            limit: at least 1.
            lock: whether nobody else may change these rows until the transaction ends.
        """
        asked = Parameters(self, candidates)
        start = None if after is None else self.ordering.start(order, after)
        sorts = None if start is None else tuple(map(type, start))
        shape = (asked.shape, order.field and order.field.name, order.descending, lock, sorts)
        statement = self._statements.get(shape)
        if statement is None:
            where = Condition(self, asked.values).of(candidates)
            bound = None if start is None else parameters("a", start)
            select = self.ordering.ordered(sa.select(self.sql).where(where), order, bound)
            select = select.limit(sa.bindparam("most", type_=sa.Integer()))
            statement = Direct(select.with_for_update() if lock else select)
            if len(self._statements) < _MOST_STATEMENTS:
                self._statements[shape] = statement
        values = asked.values | {"most": limit} | named("a", start or ())
        found = fetched(connection, statement, values)
        if found is not None:
            return self.read(found)
        # Row by row, so that only what holds the unreadable value is lost.
        with mapped():
            narrow = statement.statement.with_only_columns(*self._key)
            keys = connection.execute(narrow, values).all()
        rows = [self._alone(connection, self.key_of(key)) for key in keys]
        return [row for row in rows if row is not None]

    def _alone(self, connection: sa.Connection, key: tuple[Any, ...]) -> Row | None:
        unreadable = UNREADABLE in key
        return Row(key, None, None, ()) if unreadable else self.get(connection, key)

    def _bare(self, connection: sa.Connection, key: tuple[Any, ...]) -> Row:
        """Return a row that nobody can open: its version and seal, if those can be read."""
        narrow = sa.select(self.column(VERSION_COLUMN), self.column(SEAL_COLUMN))
        found = fetched(connection, narrow.where(*self.matches(key)))
        version, seal = found[0] if found else (None, None)
        return Row(key, version, seal, ())

    def insert(self, connection: sa.Connection, new: Columns) -> None:
        """Write new rows, of which there is one at least."""
        check_sizes(connection, self.dialect, self.table, new.values)
        rows = new.written(self.dialect, self.table)
        with mapped(), refused(self.table):
            if len(rows) > 1:
                self._insert.run(connection, rows)
            else:
                self._insert_one.run(
                    connection, dict(zip(self._insert.columns, rows[0], strict=True))
                )

    def update(self, connection: sa.Connection, old: Row, new: Row) -> bool:
        """Write `new` over `old` if `old` still stands; say whether it did."""
        check_sizes(connection, self.dialect, self.table, [[value] for value in new.values])
        [parts] = written(self.dialect, self.table, [new])
        changed = dict(zip((column.name for column in self.sql.c), parts, strict=True))
        for name in self.table.key_names:
            del changed[name]
        statement = sa.update(self.sql).where(*self._stands(old)).values(changed)
        with mapped(), refused(self.table):
            return connection.execute(statement).rowcount == 1

    def update_all(
        self, connection: sa.Connection, pairs: Sequence[tuple[Row, Row]], fields: Sequence[Field]
    ) -> bool:
        """Write rows over those that still stand, with the same keys; say whether all stood.

        Args:
            connection: inside a transaction, which is to be undone if not all did.
            pairs: each row as it stands, and as it is to be.
            fields: those whose values differ in any of the pairs.
        """
        if not pairs:
            return True
        news = [new for _, new in pairs]
        values = list(zip(*(new.values for new in news), strict=True))
        check_sizes(connection, self.dialect, self.table, values)
        parts = zip(*written(self.dialect, self.table, news), strict=True)
        columns = dict(zip((column.name for column in self.sql.c), parts, strict=True))
        keys = [columns[name] for name in self.table.key_names]
        stands = (VERSION_COLUMN, SEAL_COLUMN)
        sets = (*stands, *(one.name for one in fields), *(one.place for one in self.table.columns))
        update = MassUpdate(
            dialect=self.dialect,
            place=self.dialect.quote_table(self.table.name),
            where=(*self.table.key_names, *stands),
            sets=sets,
            joined=self.table.counted,
        )
        old = zip(*((row.version, row.seal) for row, _ in pairs), strict=True)
        rows = list(zip(*keys, *old, *(columns[name] for name in sets), strict=True))
        with mapped(), refused(self.table):
            return update.run(connection, rows) == len(rows)

    def delete(self, connection: sa.Connection, old: Row) -> bool:
        """Delete `old` if it still stands; say whether it did."""
        with mapped():
            return connection.execute(sa.delete(self.sql).where(*self._stands(old))).rowcount == 1

    def delete_all(self, connection: sa.Connection, keys: Sequence[tuple[Any, ...]]) -> int:
        """Delete the rows of these keys, which are locked; return how many there were."""
        deleted = 0
        with mapped():
            for start in range(0, len(keys), MOST_KEYS):
                among = self.among(keys[start : start + MOST_KEYS])
                deleted += connection.execute(sa.delete(self.sql).where(among)).rowcount
        return deleted

    def among(self, keys: Sequence[tuple[Any, ...]]) -> sa.ColumnElement[bool]:
        """Return the condition that the rows of some keys meet, and on some databases others."""
        values = [self.ordering.key_to_sql(key) for key in keys]
        return key_values.among(self._key, values)

    def count(self, connection: sa.Connection) -> int:
        """Return how many rows there are."""
        statement = sa.select(sa.func.count()).select_from(self.sql)
        with mapped():
            return int(connection.execute(statement).scalar_one())

    def figures(self, connection: sa.Connection) -> tuple[int, float]:
        """Return how many rows there are and how often they were written, as the database says."""
        # As floating point: a version that someone put there may not fit a sum of integers.
        written = sa.func.coalesce(sa.func.sum(self.column(VERSION_COLUMN) * 1.0), 0)
        with mapped():
            rows, versions = connection.execute(sa.select(sa.func.count(), written)).one()
            return int(rows), float(versions)

    def largest_key(self, connection: sa.Connection) -> Any:  # noqa: ANN401  # what the driver gives
        """Return the largest value of a key of one column, or None in an empty table."""
        with mapped():
            return connection.execute(sa.select(sa.func.max(self._key[0]))).scalar_one()

    def unsealed(self, connection: sa.Connection, limit: int) -> list[tuple[Any, ...]]:
        """Return the keys of rows without a seal, at most `limit`, as the driver has them."""
        seal = self.column(SEAL_COLUMN)
        with mapped():
            found = connection.execute(sa.select(*self._key).where(seal.is_(None)).limit(limit))
            return [tuple(row) for row in found.all()]

    def matches(self, key: tuple[Any, ...]) -> list[sa.ColumnElement[bool]]:
        """Return the conditions that the row of that key meets, and on some databases others."""
        values = self.ordering.key_to_sql(key)
        return [column == value for column, value in zip(self._key, values, strict=True)]

    def key_of(self, raw: Sequence[Any]) -> tuple[Any, ...]:
        """Return a key as its columns' types have it, from what the driver gave."""
        return tuple(
            key_values.from_sql(column, part)
            for column, part in zip(self.table.key, raw, strict=True)
        )

    def _stands(self, old: Row) -> list[sa.ColumnElement[bool]]:
        unchanged = [
            self.column(VERSION_COLUMN) == old.version,
            self.column(SEAL_COLUMN) == old.seal,
        ]
        # Neither can be NULL: None is what the driver could not read, and only deletes go on.
        return self.matches(old.key) + ([] if old.seal is None else unchanged)

    def read(self, found: Sequence[Sequence[Any]]) -> list[Row]:
        """Return what rows of the columns of `sql` hold."""
        return read(self.dialect, self.table, found)

    @cached_property
    def _insert_one(self) -> Direct[sa.Insert]:
        return Direct(sa.insert(self.sql))

    @cached_property
    def _insert(self) -> MassInsert:
        names = tuple(column.name for column in self.sql.c)
        return MassInsert(self.dialect, self.table.name, names)
