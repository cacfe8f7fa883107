"""What programs that know nothing of strongroom change while their table is being adopted.

Triggers write the key of every row that is inserted or updated into a table of changed keys, in
the program's own transaction. Our own writes give a row a new seal, and are so told from others.
A deleted row takes its shadows with it.

    strongroom_changed_ID(seq, k1, k2…)        ID: the table's id, 8 hex digits
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import sqlalchemy as sa

from strongroom.schema.pending import Pending, shadow
from strongroom.schema.table import SEAL_COLUMN
from strongroom.storage.binding import one_of
from strongroom.storage.dialect import Dialect
from strongroom.storage.failure import mapped
from strongroom.storage.inspection import ask
from strongroom.storage.rewriting.obstacles import triggers

_OFF: Final = (
    "SELECT tgname FROM pg_trigger "
    "WHERE tgrelid = to_regclass(:name) AND tgenabled NOT IN ('O', 'A')"
)


@dataclass(frozen=True)
class Capture:
    """The triggers and the table of changed keys of one adoption."""

    dialect: Dialect
    pending: Pending

    @cached_property
    def _id(self) -> str:
        return f"{self.pending.table.id:08x}"

    @cached_property
    def table(self) -> str:
        """The name of the table of changed keys, in the schema of the table itself."""
        schema, dot, _ = self.pending.table.name.rpartition(".")
        return f"{schema}{dot}strongroom_changed_{self._id}"

    @cached_property
    def triggers(self) -> tuple[str, str]:
        """The names of the triggers: that of inserts, that of updates."""
        return f"strongroom_insert_{self._id}", f"strongroom_update_{self._id}"

    @cached_property
    def _parts(self) -> list[str]:
        return [f"k{number}" for number, _ in enumerate(self.pending.table.key, start=1)]

    @cached_property
    def _sql(self) -> sa.TableClause:
        schema, _, bare = self.table.rpartition(".")
        columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in ("seq", *self._parts)]
        return sa.table(bare, *columns, schema=schema or None)

    def start(self, connection: sa.Connection) -> bool:
        """Make what is missing; say whether that was anything.

        From its commit on no change goes unnoticed. What was read before that is to be read again.
        """
        if self.tables(connection) and self.is_watching(connection):
            # Never dropped and made anew while it watches: MySQL would let changes slip through
            # between the two.
            return False
        # A table that is there alone may be somebody else's, with triggers that ours would set off.
        self.stop(connection)
        with mapped():
            for statement in self._made():
                connection.exec_driver_sql(statement)
            for statement in self._triggers(self._place(connection)):
                connection.exec_driver_sql(statement)
        return True

    def tables(self, connection: sa.Connection) -> list[str]:
        """Return the table of changed keys, if there is one: what has to be held to drop it."""
        schema, _, bare = self.table.rpartition(".")
        with mapped():
            there = sa.inspect(connection).has_table(bare, schema=schema or None)
        return [self.table] if there else []

    def is_watching(self, connection: sa.Connection) -> bool:
        """Say whether the triggers are there and none of them is turned off."""
        there = set(triggers(connection, self.dialect, self.pending.table.name))
        if self.dialect.kind == "postgresql":
            there -= {name for (name,) in ask(connection, _OFF, name=self.pending.table.name)}
        return set(self.triggers) <= there

    def stop(self, connection: sa.Connection) -> None:
        """Drop the triggers and the table, as far as they are there."""
        # Only what is there: MySQL, while tables are locked, refuses to look at any other.
        gone = [self.dialect.quote_table(name) for name in self.tables(connection)]
        with mapped():
            for statement in [*self._dropped(), *(f"DROP TABLE {name}" for name in gone)]:
                connection.exec_driver_sql(statement)

    def pending_keys(
        self, connection: sa.Connection, limit: int
    ) -> list[tuple[int, tuple[Any, ...]]]:
        """Return the oldest changes: their numbers, and the keys as the database gave them."""
        statement = sa.select(self._sql).order_by(self._sql.c.seq).limit(limit)
        with mapped():
            found = connection.execute(statement).all()
        return [(row[0], tuple(row[1:])) for row in found]

    def has_noted(self, connection: sa.Connection, key: tuple[Any, ...]) -> bool:
        """Say whether a change of the row with that key, as the driver gave it, is not done yet."""
        columns = [self._sql.c[part] for part in self._parts]
        same = [column == value for column, value in zip(columns, key, strict=True)]
        with mapped():
            found = connection.execute(sa.select(self._sql.c.seq).where(*same).limit(1))
            return found.first() is not None

    def settled(self, connection: sa.Connection, numbers: list[int]) -> None:
        """Forget changes whose rows were dealt with in this transaction."""
        if numbers:
            with mapped():
                connection.execute(sa.delete(self._sql).where(one_of(self._sql.c.seq, numbers)))

    def _made(self) -> list[str]:
        name = self.dialect.quote_table(self.table)
        source = self.dialect.quote_table(self.pending.table.name)
        columns = ", ".join(
            f"{self.dialect.quote(column.name)} AS {part}"
            for column, part in zip(self.pending.table.key, self._parts, strict=True)
        )
        if self.dialect.kind == "mysql":
            head = f"CREATE TABLE {name} (seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY)"
            return [f"{head} ENGINE=InnoDB AS SELECT {columns} FROM {source} WHERE 1 = 0"]  # noqa: S608
        if self.dialect.kind == "postgresql":
            return [
                f"CREATE TABLE {name} AS SELECT {columns} FROM {source} WITH NO DATA",  # noqa: S608
                (
                    f"ALTER TABLE {name} ADD COLUMN seq "
                    "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
                ),
            ]
        # Without types: whatever is put there comes back as it was.
        parts = ", ".join(self._parts)
        return [f"CREATE TABLE {name} (seq INTEGER PRIMARY KEY AUTOINCREMENT, {parts})"]

    def _names(self) -> dict[str, str]:
        quoted = (self.dialect.quote(name) for name in self.triggers)
        return dict(zip(("INSERT", "UPDATE"), quoted, strict=True))

    @cached_property
    def _function(self) -> str:
        schema, dot, _ = self.table.rpartition(".")
        return self.dialect.quote_table(f"{schema}{dot}strongroom_note_{self._id}")

    def _dropped(self) -> list[str]:
        source = self.dialect.quote_table(self.pending.table.name)
        schema, dot, _ = self.pending.table.name.rpartition(".")
        place = self.dialect.quote(schema) + dot if schema else ""
        if self.dialect.kind == "postgresql":
            triggers = [
                f"DROP TRIGGER IF EXISTS {name} ON {source}" for name in self._names().values()
            ]
            return [*triggers, f"DROP FUNCTION IF EXISTS {self._function}()"]
        return [f"DROP TRIGGER IF EXISTS {place}{name}" for name in self._names().values()]

    def _place(self, connection: sa.Connection) -> str:
        """Return the table of changed keys as triggers name it.

        On PostgreSQL with its schema: nothing that somebody puts into another one, earlier in a
        search path, may run with our rights.
        """
        if self.dialect.kind != "postgresql":
            return self.dialect.quote_table(self.table)
        found = connection.execute(
            sa.text(
                "SELECT nspname FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace "
                "WHERE pg_class.oid = to_regclass(:name)"
            ),
            {"name": self.table},
        ).scalar_one()
        bare = self.table.rpartition(".")[2]
        return f"{self.dialect.quote(str(found))}.{self.dialect.quote(bare)}"

    def _triggers(self, place: str) -> list[str]:
        source = self.dialect.quote_table(self.pending.table.name)
        seal = self.dialect.quote(shadow(SEAL_COLUMN))
        noted = self._noted(place)
        names = self._names()
        if self.dialect.kind == "mysql":
            return [
                # It names the seal's column, always true as the question is: from the swap on, when
                # there is none of that name, no program can insert an old value unseen.
                (
                    f"CREATE TRIGGER {names['INSERT']} AFTER INSERT ON {source} FOR EACH ROW "
                    f"IF NEW.{seal} IS NULL OR NEW.{seal} IS NOT NULL THEN {noted}; END IF"
                ),
                (
                    f"CREATE TRIGGER {names['UPDATE']} AFTER UPDATE ON {source} FOR EACH ROW "
                    f"IF NEW.{seal} <=> OLD.{seal} THEN {noted}; END IF"
                ),
            ]
        if self.dialect.kind == "sqlite":
            return [
                (
                    f"CREATE TRIGGER {names['INSERT']} AFTER INSERT ON {source} FOR EACH ROW "
                    f"BEGIN {noted}; END"
                ),
                (
                    f"CREATE TRIGGER {names['UPDATE']} AFTER UPDATE ON {source} FOR EACH ROW "
                    f"WHEN NEW.{seal} IS OLD.{seal} BEGIN {noted}; END"
                ),
            ]
        return [
            # With our own rights: the program's account need not see the table of changed keys.
            (
                f"CREATE FUNCTION {self._function}() RETURNS trigger LANGUAGE plpgsql "
                "SECURITY DEFINER SET search_path = pg_catalog, pg_temp "
                f"AS $$ BEGIN {noted}; RETURN NULL; END $$"
            ),
            # Else anyone could put it on a table whose key has a cast of his own, run as ours.
            f"REVOKE EXECUTE ON FUNCTION {self._function}() FROM PUBLIC",
            (
                f"CREATE TRIGGER {names['INSERT']} AFTER INSERT ON {source} FOR EACH ROW "
                f"EXECUTE FUNCTION {self._function}()"
            ),
            (
                f"CREATE TRIGGER {names['UPDATE']} AFTER UPDATE ON {source} FOR EACH ROW "
                f"WHEN (NEW.{seal} IS NOT DISTINCT FROM OLD.{seal}) "
                f"EXECUTE FUNCTION {self._function}()"
            ),
        ]

    def _noted(self, place: str) -> str:
        values = ", ".join(
            f"NEW.{self.dialect.quote(column.name)}" for column in self.pending.table.key
        )
        return f"INSERT INTO {place} ({', '.join(self._parts)}) VALUES ({values})"  # noqa: S608
