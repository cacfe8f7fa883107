"""An application without encryption: SQLAlchemy Core over the same driver and the same settings.

Its connections are made as strongroom's are (durability, TLS, isolation, the question whether a
pooled connection still lives), but nothing of strongroom stands between it and SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import orm

from strongroom.storage import engines
from strongroom.storage.address import Address
from tests.servers.database import Database

Records = Sequence[Mapping[str, object]]
_APPENDED: Final = {"mariadb": "CONCAT({0}, ' ')"}


def engine_for(database: Database) -> sa.Engine:
    """Make an engine with the settings that strongroom's own have."""
    address = Address.parse(database.url)
    if address.path is not None:
        return engines.sqlite_engine(address.url, address.path.absolute())
    return engines.server_engine(address, engines.Login(database.password))


class Core:
    """A plaintext table with a counted integer key.

    Attributes:
        table: for statements.
    """

    def __init__(self, database: Database, columns: Mapping[str, sa.types.TypeEngine[Any]]) -> None:
        self.kind = database.kind
        self._engine = engine_for(database)
        self.table = sa.Table(
            "plain",
            sa.MetaData(),
            sa.Column("id", sa.Integer(), primary_key=True),
            *(sa.Column(name, kind, nullable=False) for name, kind in columns.items()),
            mysql_charset="utf8mb4",
        )
        self.table.create(self._engine)
        self.mapped = type("Plain", (), {})
        orm.registry().map_imperatively(self.mapped, self.table)

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Give a transaction that is committed at the end."""
        with self._engine.begin() as connection:
            if self.kind == "sqlite":  # its connections begin nothing by themselves
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Give a connection to read from."""
        with self._engine.connect() as connection:
            yield connection

    def index(self, column: str) -> None:
        """Make an ordinary index."""
        sa.Index(f"plain_{column}", self.table.c[column]).create(self._engine)

    def insert(self, records: Records) -> None:
        """Store records by executemany, in one transaction."""
        with self.write() as connection:
            connection.execute(sa.insert(self.table), list(records))

    def copy(self, records: Records) -> None:
        """Store records by PostgreSQL's COPY."""
        names = [column.name for column in self.table.columns if column.name != "id"]
        with self.write() as connection:
            cursor = connection.connection.cursor()
            with cursor.copy(f"COPY plain ({', '.join(names)}) FROM STDIN") as copy:
                for record in records:
                    copy.write_row([record[name] for name in names])
            cursor.close()

    def rows(self) -> list[tuple[Any, ...]]:
        """Read all rows, and every value of them by its name."""
        names = [column.name for column in self.table.columns]
        with self.read() as connection:
            return taken(connection.execute(sa.select(self.table)), names)

    def objects(self) -> list[tuple[Any, ...]]:
        """Read all rows as the ORM's objects, and every value of them."""
        names = [column.name for column in self.table.columns]
        with orm.Session(self._engine) as session:
            return taken(session.scalars(sa.select(self.mapped)), names)

    def update_all(self, column: str) -> None:
        """Write one column of every row anew, by one statement."""
        value = _APPENDED.get(self.kind, "{0} || ' '").format(column)
        with self.write() as connection:
            connection.exec_driver_sql(f"UPDATE plain SET {column} = {value}")  # noqa: S608  # a name of our own

    def update_each(self, column: str, values: Sequence[tuple[int, object]]) -> None:
        """Write a value that the application made into each row, by executemany."""
        statement = (
            sa.update(self.table)
            .where(self.table.c.id == sa.bindparam("of"))
            .values({column: sa.bindparam("to")})
        )
        with self.write() as connection:
            connection.execute(statement, [{"of": one, "to": value} for one, value in values])

    def delete_each(self, keys: Sequence[int]) -> None:
        """Delete rows by executemany."""
        statement = sa.delete(self.table).where(self.table.c.id == sa.bindparam("of"))
        with self.write() as connection:
            connection.execute(statement, [{"of": one} for one in keys])

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


def taken(found: Any, names: Sequence[str]) -> list[tuple[Any, ...]]:  # noqa: ANN401  # rows, objects and records alike
    """Read the values of every record by their names, as a program does that uses them."""
    return [tuple([getattr(one, name) for name in names]) for one in found]
