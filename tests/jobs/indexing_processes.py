"""Writers and askers of the table `people`, each a process of its own, started and stopped."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.program import warm_script
from tests.jobs.indexing import person
from tests.jobs.killing import KILLS
from tests.servers.database import Database

_SECONDS = 60.0
LONGEST = 90.0 + 20.0 * KILLS  # seconds that one of them lives, if nobody stops it


class Crowd:
    """The processes of one test.

    Attributes:
        folder: of the files by which they are told, and tell.
    """

    def __init__(self, database: Database, key: str, folder: Path) -> None:
        self._database = database
        self._key = key
        self.folder = folder
        self._stop = folder / "stop"
        self._writers: list[subprocess.Popen[str]] = []
        self._askers: list[subprocess.Popen[str]] = []
        self._logs: list[Path] = []

    def write(self, count: int, *, first: int = 0) -> None:
        """Start so many writers, and wait until each of them has announced something.

        Args:
            count: how many.
            first: the number of the first: each number has persons of its own.
        """
        for number in range(first, first + count):
            log = self.folder / f"{number}.log"
            self._writers.append(self._started("indexing_writer", number, log, self._stop))
            self._logs.append(log)
        self._wait(dict.fromkeys(self._logs, 2))

    def ask(self, count: int, *kinds: str, refused: str = "never") -> None:
        """Start so many askers of these kinds of indexes."""
        for number in range(count):
            given = (number, self.folder, self._stop, refused, *kinds)
            self._askers.append(self._started("indexing_asker", *given))

    def announce(self, records: dict[int, int]) -> None:
        """Tell askers of records that were there before: ids, and the persons that they hold."""
        lines = [json.dumps(one) for one in records.items()]
        (self.folder / "before.log").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def wait_for_news(self, more: int) -> None:
        """Wait until each writer has announced so many more records."""
        self._wait({log: more + _lines(log) for log in self._logs})

    def stop(self) -> None:
        """Stop all, and hold them to their having done their work."""
        self._stop.touch()
        for process in [*self._writers, *self._askers]:
            _, errors = process.communicate(timeout=_SECONDS)
            assert process.returncode == 0, errors

    def check_alive(self) -> None:
        """Fail with what it said if one has ended by itself."""
        for process in [*self._writers, *self._askers]:
            if process.poll() is not None:
                _, errors = process.communicate(timeout=_SECONDS)
                raise AssertionError(errors)

    def written(self) -> dict[int, int]:
        """Return the persons that the records of stopped writers hold, by id."""
        held: dict[int, int] = {}
        for log in self._logs:
            last = log.read_text(encoding="utf-8").splitlines()[-1]
            held |= {int(key): of for key, of in json.loads(last)["mine"].items()}
        return held

    def kill_after(self, seconds: float) -> None:
        """Kill all of them, in the middle of whatever they do, with SIGKILL."""
        time.sleep(seconds)
        self.check_alive()
        self.kill()

    def announced(self) -> dict[int, int]:
        """Return the records that writers announced, and the persons that they hold."""
        texts = [log.read_text(encoding="utf-8") for log in self._logs]
        whole = [line for text in texts for line in text.split("\n")[:-1]]
        return {line[0]: line[1] for line in map(json.loads, whole) if isinstance(line, list)}

    def kill(self) -> None:
        """End what is still there."""
        for process in [*self._writers, *self._askers]:
            process.kill()
            process.communicate()
        self._writers, self._askers = [], []

    def _wait(self, wanted: dict[Path, int]) -> None:
        deadline = time.monotonic() + _SECONDS
        while not all(_lines(log) >= lines for log, lines in wanted.items()):
            self.check_alive()
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def _started(self, module: str, *given: object) -> subprocess.Popen[str]:
        argv = [f"tests.jobs.{module}", self._database.url, self._key, *map(str, given)]
        with (self.folder / f"{module}{given[0]}.out").open("w") as out:
            return subprocess.Popen(
                [str(warm_script()), "-m", *argv],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, "STRONGROOM_PASSWORD": self._database.password or ""},
            )


def _lines(log: Path) -> int:
    return log.read_bytes().count(b"\n") if log.exists() else 0


def answered(folder: Path, count: int) -> list[tuple[dict[str, int], dict[str, int]]]:
    """Return how many answers and refusals of each kind the askers got."""
    texts = [(folder / f"indexing_asker{number}.out").read_text() for number in range(count)]
    return [(answers, refusals) for answers, refusals in map(json.loads, texts)]


@contextmanager
def crowd(database: Database, key: str, folder: Path) -> Iterator[Crowd]:
    """Give the processes of a test, and end them whatever happens."""
    folder.mkdir()
    made = Crowd(database, key, folder)
    try:
        yield made
    finally:
        made.kill()


def expected(records: dict[int, int]) -> list[tuple[int, str, str]]:
    """Return id, name and email of records that hold these persons."""
    return sorted((key, person(of)["name"], person(of)["email"]) for key, of in records.items())
