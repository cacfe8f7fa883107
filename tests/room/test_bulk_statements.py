"""What bulk work sends to a database, and what it leaves in logs."""

from __future__ import annotations

import logging

import pytest
import sqlalchemy as sa

import strongroom
from strongroom import Integer, Text
from tests.room.thief import Thief
from tests.servers.database import Database


@pytest.fixture
def towns(room: strongroom.Strongroom) -> strongroom.Table:
    """Give a table with an encrypted name and two plain columns."""
    fields = {
        "name": Text(),
        "county": Text(plain=True, optional=True),
        "size": Integer(plain=True),
    }
    return room.create_table("towns", fields)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_row_security_lets_no_stream_through(
    towns: strongroom.Table, database: Database, thief: Thief
) -> None:
    """PostgreSQL refuses COPY where it is active: the rows go in as others do."""
    for statement in ("ENABLE ROW LEVEL SECURITY", "FORCE ROW LEVEL SECURITY"):
        database.execute(f"ALTER TABLE towns {statement}")
    database.execute("CREATE POLICY large ON towns USING (true) WITH CHECK (size > 17)")
    before = thief.rows(towns)
    with pytest.raises(strongroom.StorageError):
        towns.add_many([{"name": "x", "size": 3} for n in range(20)])
    assert thief.rows(towns) == before
    towns.add_many([{"name": "x", "size": 18} for n in range(20)])
    assert len(thief.rows(towns)) == 20


def test_whoever_listens_hears_no_values(
    room: strongroom.Strongroom, towns: strongroom.Table
) -> None:
    """Tracers keep the text of statements, and not their parameters."""
    heard: list[str] = []

    def hear(*given: object) -> None:
        heard.append(str(given[2]))

    engine = room._store.database._main
    sa.event.listen(engine, "before_cursor_execute", hear)
    towns.add_many([{"name": "x", "county": "Canary", "size": n} for n in range(30)])
    towns.update_many([(key, {"county": "Canaries"}) for key in range(1, 30)])
    sa.event.remove(engine, "before_cursor_execute", hear)
    assert any(one.startswith("UPDATE") and "towns" in one for one in heard)
    assert not [one for one in heard if "Canar" in one or "sr1." in one]
    assert {one.county for one in towns.all()} == {"Canary", "Canaries"}


def test_values_that_a_statement_holds_are_in_no_log(
    towns: strongroom.Table, caplog: pytest.LogCaptureFixture
) -> None:
    """SQLAlchemy logs the text of every statement that it runs, if somebody has it on."""
    with caplog.at_level(logging.INFO, logger="sqlalchemy.engine"):
        towns.add_many([{"name": "x", "county": "Canary", "size": n} for n in range(30)])
        towns.update_many([(key, {"county": "Canary"}) for key in range(1, 30)])
        towns.delete_many(range(1, 30))
    assert "DELETE FROM" in caplog.text  # it was on
    assert "Canary" not in caplog.text
    assert "sr1." not in caplog.text
