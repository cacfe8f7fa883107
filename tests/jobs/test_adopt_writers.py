"""Programs that know nothing of strongroom write while their table is adopted: nothing is lost."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
import sqlalchemy as sa

import strongroom
from strongroom.errors import UnfinishedError
from strongroom.jobs.engine import Pace
from strongroom.jobs.rewriting.adopt import adopt
from strongroom.jobs.rewriting.adoption_plan import Adoption
from strongroom.room.settling import Failure
from tests.jobs.aftermath import check_adopted
from tests.jobs.moments import before
from tests.jobs.someone import fill, make_users, people
from tests.jobs.tampering import exchange
from tests.servers.database import Database, ServerDatabase, SQLiteDatabase

USERS: Final = Adoption("users", encrypt={"name": None}, seal={"age": None})
# Where case and spaces at the end make no difference: what is told apart is told by bytes.
CARELESS: Final = {
    "sqlite": "TEXT COLLATE NOCASE",
    "mariadb": "VARCHAR(300) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
    "postgresql": "TEXT",
}
WRITERS: Final = 3


def arguments(database: Database) -> dict[str, Any]:
    """Return what a driver connects with, as an account that may use the table and no other."""
    if isinstance(database, SQLiteDatabase):
        return {"path": str(database.path)}
    assert isinstance(database, ServerDatabase)
    server = database.server
    url, password = (
        database.account("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
        if (database.kind == "postgresql")
        else database.account("SELECT", "INSERT", "UPDATE", "DELETE")
    )
    user = sa.make_url(url).username
    common = {"host": server.host, "port": server.port, "user": user, "password": password}
    if database.kind == "mariadb":
        return {**common, "database": database.name, "ssl_ca": str(server.ca)}
    verified = {"sslmode": "verify-full", "sslrootcert": str(server.ca)}
    return {**common, "dbname": database.name, **verified}


@contextmanager
def writing(database: Database, folder: Path) -> Iterator[list[Path]]:
    """Run writers; give their logs; at the end wait until each of them met the new shape."""
    logs = [folder / f"writer-{number}.log" for number in range(WRITERS)]
    given = json.dumps(arguments(database))
    running = []
    try:
        for number, log in enumerate(logs):
            argv = ["-m", "tests.jobs.writer", database.kind, str(number), str(log)]
            process = subprocess.Popen(
                [sys.executable, *argv], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            running.append(process)
            assert process.stdin is not None
            process.stdin.write(given)
            process.stdin.close()
            process.stdin = None
        yield logs
        for process in running:
            _, errors = process.communicate(timeout=60)
            assert process.returncode == 0, errors
    finally:
        for process in running:
            process.kill()
            process.communicate()


def wait_for(logs: list[Path], lines: int) -> None:
    """Wait until every writer has committed so often."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if all(log.exists() and len(log.read_text().splitlines()) >= lines for log in logs):
            return
        time.sleep(0.02)
    raise TimeoutError


def outcome(logs: list[Path]) -> dict[int, tuple[str, int]]:
    """Return the rows that the writers left, by what they committed."""
    rows: dict[int, tuple[str, int]] = {}
    for log in logs:
        for line in log.read_text().splitlines():
            for number, row in json.loads(line).items():
                rows.pop(int(number), None)
                if row is not None:
                    rows[int(number)] = tuple(row)
    return rows


def test_nothing_that_writers_committed_is_lost(
    database: Database, room: strongroom.Strongroom, tmp_path: Path
) -> None:
    make_users(database, text=CARELESS[database.kind])
    crowd = people(1_500)
    fill(database, crowd)
    with writing(database, tmp_path) as logs:
        wait_for(logs, 5)
        adopt(room, USERS, pace=Pace(throttle=2_000))
    written = outcome(logs)
    committed = sum(len(log.read_text().splitlines()) for log in logs)
    assert committed > 15 * WRITERS
    assert len(written) > WRITERS
    rows = [(n, *one) for n, one in enumerate(crowd, start=1)]
    check_adopted(database, room, rows + [(n, *one) for n, one in written.items()])


CHANGES: Final[dict[str, tuple[str, Callable[[str], str]]]] = {
    "nothing but case": ("UPDATE users SET name = UPPER(name) WHERE id = 2", str.upper),
    "a space at the end": (
        "UPDATE users SET name = name || ' ' WHERE id = 2",
        lambda name: name + " ",
    ),
}


@pytest.mark.parametrize("moment", ["carry_out", "catch_up", "cut_over"])
@pytest.mark.parametrize("what", CHANGES)
def test_a_change_that_a_collation_overlooks_is_seen(
    database: Database, room: strongroom.Strongroom, moment: str, what: str
) -> None:
    make_users(database, text=CARELESS[database.kind])
    fill(database, [("ada", 1), ("Grace", 2)])
    sql, changed = CHANGES[what]
    if database.kind == "mariadb":
        sql = sql.replace("name || ' '", "CONCAT(name, ' ')")
    with before(moment, lambda: database.execute(sql)):
        adopt(room, USERS)
    check_adopted(database, room, [(1, "ada", 1), (2, changed("Grace"), 2)])


@pytest.mark.parametrize("moment", ["carry_out", "catch_up", "cut_over"])
def test_an_emptied_table_is_adopted_empty(
    database: Database, room: strongroom.Strongroom, moment: str
) -> None:
    make_users(database)
    fill(database, people(300))
    emptied = "DELETE FROM users" if database.kind == "sqlite" else "TRUNCATE TABLE users"

    def empty() -> None:
        database.execute(emptied)
        database.execute("INSERT INTO users (id, name, age) VALUES (900, 'Grace', 85)")

    with before(moment, empty):
        adopt(room, USERS)
    check_adopted(database, room, [(900, "Grace", 85)])


@pytest.mark.parametrize("kind", ["mariadb", "postgresql"])  # SQLite has one writer
def test_a_transaction_older_than_the_triggers_is_waited_for(
    kind: str, request: pytest.FixtureRequest, key: str
) -> None:
    database: Database = request.getfixturevalue(f"{kind}_database")
    make_users(database)
    fill(database, people(300))
    older = database.connect()
    cursor = older.cursor()
    cursor.execute("BEGIN")
    cursor.execute("UPDATE users SET name = 'changed before' WHERE id = 7")
    cursor.execute("INSERT INTO users (id, name, age) VALUES (901, 'added before', 3)")
    timer = threading.Timer(0.7, lambda: cursor.execute("COMMIT"))
    timer.start()
    with strongroom.open(database.url, key, password=database.password) as room:
        adopt(room, USERS)
        timer.join()
        rows = [(n, *one) for n, one in enumerate(people(300), start=1)]
        rows[6] = (7, "changed before", rows[6][2])
        check_adopted(database, room, [*rows, (901, "added before", 3)])


def test_a_row_that_moves_while_its_page_waits_hides_no_other(
    postgresql_database: Database, key: str
) -> None:
    """PostgreSQL, once it has the lock, gives the row as it is now: behind all that follow it.

    So the proof would pass over what stands between. Two cells are exchanged there, unseen.
    """
    database = postgresql_database
    make_users(database)
    fill(database, people(300))
    cursor = database.connect().cursor()
    found: list[Failure] = []
    timer = threading.Timer(0.5, lambda: cursor.execute("COMMIT"))

    def hold() -> None:
        exchange(database, 40, 41)
        cursor.execute("BEGIN")
        cursor.execute("UPDATE users SET id = 5000 WHERE id = 32")  # the first page's last
        timer.start()

    with strongroom.open(database.url, key, password=database.password) as room:
        with before("carry_out", hold, call=2), pytest.raises(UnfinishedError, match=r"^2 rows"):
            adopt(room, USERS, found=found.append)
        timer.join()
    assert [one.key for one in found] == [(40,), (41,)]
