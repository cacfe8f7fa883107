"""Imports that several processes share, as commands: begun, awaited, and what they leave."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.program import SCRIPT, environment
from tests.cli.program import strongroom as program
from tests.servers.database import Database

Import = Callable[..., tuple[int, dict[str, Any], str]]


def extra(database: Database) -> dict[str, str]:
    return {} if database.password is None else {"STRONGROOM_PASSWORD": database.password}


def count(database: Database) -> int:
    [(found,)] = database.execute("SELECT COUNT(*) FROM users")
    return int(found)


def jobs(database: Database) -> int:
    [(found,)] = database.execute("SELECT COUNT(*) FROM strongroom_jobs")
    return int(found)


def begun(
    database: Database, key: str, folder: Path, path: str, *options: str, script: Path = SCRIPT
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            *(str(script), "import", "users", path, "--url", database.url, "--key", key),
            *("--processes", "2", "--no-check-first", *options),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment(folder, extra(database)),
        start_new_session=True,
    )


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    _, err = process.communicate(timeout=90)
    return process.returncode, err.decode()


def wait_for_records(database: Database, least: int) -> None:
    deadline = time.monotonic() + 60
    while count(database) < least:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def importer(database: Database, key: str, folder: Path) -> Import:
    """Return a function that imports by the command: its exit code, its report, what it says."""

    def run(path: str, *options: str) -> tuple[int, dict[str, Any], str]:
        place = ("--url", database.url, "--key", key, "--json")
        done = program(
            "import", "users", path, *options, *place, folder=folder, extra=extra(database)
        )
        report = json.loads(done.stdout) if done.stdout else {}
        return done.returncode, report, done.stderr.decode()

    return run
