"""The first run: sixteen processes at once make one store, one key and one table."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import strongroom
from tests.cli.program import warm_script
from tests.servers.database import Database

PROCESSES = 16
FIRST_RUN = """
import os, sys
import strongroom.room.strongroom

url, number = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
with strongroom.open(url, password=os.environ.get("STRONGROOM_PASSWORD")) as room:
    number = room.table("users").add(name=f"person {number}", age=int(number))
    print(int(room.made_store), int(room.made_key), number)
"""


def start(database: Database, folder: Path, number: int) -> subprocess.Popen[str]:
    password = {} if database.password is None else {"STRONGROOM_PASSWORD": database.password}
    return subprocess.Popen(
        [str(warm_script()), "-c", FIRST_RUN, database.url, str(number)],
        cwd=folder,
        env={**os.environ, **password},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_sixteen_first_runs_at_once_agree(database: Database, tmp_path: Path) -> None:
    processes = [start(database, tmp_path, number) for number in range(PROCESSES)]
    answers = []
    for process in processes:  # all of them wait at the same place
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        out, err = process.communicate(timeout=100)
        assert (process.returncode, err) == (0, "")
        answers.append([int(word) for word in out.split()])
    assert sorted(number for _, _, number in answers) == list(range(1, PROCESSES + 1))
    assert sum(made_key for _, made_key, _ in answers) == 1
    assert (tmp_path / "aes_key.bin").stat().st_size == 32
    assert [path.name for path in tmp_path.iterdir() if "aes_key" in path.name] == ["aes_key.bin"]
    key = f"file:{tmp_path / 'aes_key.bin'}"
    with strongroom.open(database.url, key, password=database.password) as room:
        found = {(one.name, one.age) for one in room.table("users").all()}
        assert room.status().generation == 2  # the store, then its one table
    assert found == {(f"person {number}", number) for number in range(PROCESSES)}
    assert database.execute("SELECT COUNT(*) FROM strongroom_store") == [(1,)]
    assert database.execute("SELECT COUNT(*) FROM strongroom_counters") == [(1,)]


@pytest.mark.parametrize("stop_after", range(1, 8))
def test_a_first_run_that_stops_anywhere_is_finished_by_the_next(
    database: Database, tmp_path: Path, stop_after: int
) -> None:
    """Kill the first run at its n-th statement, whatever that is."""
    script = f"""
import os, sys
import sqlalchemy as sa
import strongroom

seen = 0
@sa.event.listens_for(sa.Engine, "before_cursor_execute")
def count(connection, cursor, statement, *rest):
    global seen
    if statement.startswith(("CREATE", "INSERT", "UPDATE")):
        seen += 1
        if seen == {stop_after}:
            os._exit(9)

with strongroom.open(sys.argv[1], password=os.environ.get("STRONGROOM_PASSWORD")) as room:
    room.table("users").add(name="Ada Lovelace", age=36)
"""
    password = {} if database.password is None else {"STRONGROOM_PASSWORD": database.password}
    first = subprocess.run(
        [str(warm_script()), "-c", script, database.url],
        cwd=tmp_path,
        env={**os.environ, **password},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    # Statements: 2 tables, the store's row, the users table, the document, its counter, an id …
    assert (first.returncode, first.stderr) == (9, "")
    key = f"file:{tmp_path / 'aes_key.bin'}"
    with strongroom.open(database.url, key, password=database.password) as room:
        users = room.table("users")
        number = users.add(name="Grace Hopper", age=85)
        assert [(one.id, one.name) for one in users.all()] == [(number, "Grace Hopper")]
        assert strongroom.verify(room).intact


def test_a_first_run_asks_its_provider_once(database: Database, tmp_path: Path) -> None:
    """A passphrase would otherwise be typed a third time, and a command run twice."""
    secret, runs = tmp_path / "secret", tmp_path / "runs"
    secret.write_text(os.urandom(32).hex())
    command = f"command:sh -c 'echo run >> {runs}; cat {secret}'"
    with strongroom.open(database.url, command, password=database.password) as room:
        room.table("users").add(name="Ada Lovelace", age=36)
    assert runs.read_text() == "run\n"
