"""Small statements that run for every record, straight through the driver.

SQLAlchemy takes 35 µs to run a statement that SQLite answers in 4. Here its text is compiled once
and the driver's cursor is used, on our own engines only, and only while nobody listens to what they
execute. Errors are the same on both ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy import exc

from strongroom.storage.failure import mapped

OURS: Final = {"strongroom_direct": True}
"""The execution options of an engine whose statements may go this way."""
_AS_THEY_ARE: Final = frozenset({int, str, bytes, type(None)})
"""What no dialect converts on its way to the driver."""


Statement = TypeVar("Statement", bound=sa.Select[Any] | sa.UpdateBase)


class Direct(Generic[Statement]):
    """One statement, and its text for each dialect that it ran on."""

    __slots__ = ("_texts", "statement")

    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self._texts: dict[tuple[str, str, str], _Text] = {}

    def all(self, connection: sa.Connection, values: Mapping[str, Any]) -> Sequence[Any]:
        """Run it and return its rows.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: as `Connection.execute` does.
        """
        if not _is_plain(connection, values):
            return connection.execute(self.statement, values).all()
        return self._executed(connection, values, rows=True)

    def run(self, connection: sa.Connection, values: Mapping[str, Any]) -> None:
        """Run one that gives no rows; it raises as `all` does."""
        if _is_plain(connection, values):
            self._executed(connection, values, rows=False)
        else:
            connection.execute(self.statement, values)

    def _executed(
        self, connection: sa.Connection, values: Mapping[str, Any], *, rows: bool
    ) -> Sequence[Any]:
        text = self._text(connection.dialect)
        parameters = text.parameters(values)
        writing = connection.in_transaction()
        try:
            return _run(connection, text.sql, parameters, rows=rows)
        except exc.DBAPIError as error:
            if writing or not error.connection_invalidated:
                raise
        # Nothing was written: a transaction that writes is begun for SQLAlchemy too. The server may
        # have ended an idle connection a moment before it was used, so now on another one.
        return _run(connection, text.sql, parameters, rows=rows)

    def _text(self, dialect: sa.Dialect) -> _Text:
        sort = (dialect.name, dialect.driver, dialect.paramstyle)
        text = self._texts.get(sort)
        if text is None:
            text = self._texts[sort] = _Text(self.statement.compile(dialect=dialect))
        return text


class _Text:
    """A statement as a driver takes it."""

    __slots__ = ("_fixed", "_order", "sql")

    def __init__(self, compiled: Any) -> None:  # noqa: ANN401  # an SQLCompiler, whose type is vague
        self.sql = str(compiled)
        self._fixed = dict(compiled.params)
        self._order = compiled.positiontup if compiled.positional else None

    def parameters(self, values: Mapping[str, Any]) -> Any:  # noqa: ANN401  # by position or by name
        whole = {**self._fixed, **values}
        return whole if self._order is None else tuple(whole[name] for name in self._order)


def fetched(
    connection: sa.Connection,
    statement: sa.Select[Any] | Direct[sa.Select[Any]],
    values: Mapping[str, Any] | None = None,
) -> Sequence[Any] | None:
    """Run a statement that reads; return None if the driver cannot hand over what it found.

    Some values it cannot: an infinite date, bytes that are not text. The statement itself
    succeeded then, so the transaction goes on.
    """
    with mapped():
        try:
            if isinstance(statement, Direct):
                return statement.all(connection, values or {})
            return connection.execute(statement, values).all()
        except exc.DataError:
            return None
        except exc.OperationalError as error:
            if "Could not decode to UTF-8" not in str(error.orig):
                raise
            return None


def _is_plain(connection: sa.Connection, values: Mapping[str, Any]) -> bool:
    """Tell whether the connection is ours, nobody listens, and no value needs a conversion."""
    return (
        "strongroom_direct" in connection.get_execution_options()
        and not is_heard(connection)
        and _AS_THEY_ARE.issuperset(map(type, values.values()))
    )


def is_heard(connection: sa.Connection) -> bool:
    """Tell whether somebody listens to what is executed: a tracer, say, that keeps its text."""
    heard: Any = connection.engine.dispatch
    return bool(heard.before_cursor_execute or heard.after_cursor_execute)


def changed_by(connection: sa.Connection, sql: str) -> int:
    """Run a statement that holds the values that it writes; return how many rows it changed.

    Past SQLAlchemy, which shows the text of a statement to its log whenever somebody has it on, and
    to whoever listens: those are to be given a statement without values (`is_heard`).

    Raises:
        sqlalchemy.exc.DBAPIError: as `Connection.execute` does.
    """
    with _cursor(connection, sql) as cursor:
        cursor.execute(sql, ())
        return int(cursor.rowcount)


def _run(connection: sa.Connection, sql: str, parameters: Any, *, rows: bool) -> Sequence[Any]:  # noqa: ANN401
    with _cursor(connection, sql) as cursor:
        cursor.execute(sql, parameters)
        found: Sequence[Any] = cursor.fetchall() if rows else ()
    return found


@contextmanager
def _cursor(connection: sa.Connection, sql: str) -> Iterator[Any]:
    """Give the driver's cursor; raise what it raises as SQLAlchemy does."""
    dialect, driver = connection.dialect, connection.connection
    cursor = driver.cursor()
    try:
        yield cursor
    except dialect.loaded_dbapi.Error as error:
        failed = dialect.loaded_dbapi.Error
        lost = dialect.is_disconnect(error, driver.dbapi_connection, cursor)
        if lost:
            connection.invalidate()
        raise exc.DBAPIError.instance(
            sql, None, error, failed, hide_parameters=True, connection_invalidated=lost
        ) from error
    except BaseException:
        # Interrupted in the middle of an answer: nothing more can be read from it.
        connection.invalidate()
        raise
    cursor.close()
