"""A program that writes to the table `people` until it is told to stop.

`python -m tests.jobs.indexing_writer URL KEY NUMBER LOG STOP`: the password comes from
STRONGROOM_PASSWORD. It adds, updates and deletes records of its own. A record that it will not
touch again is announced by a line in LOG, once it is committed: its id and the number of the person
that it holds. It ends when the file STOP is there; its last line, `{"mine": …}`, says which person
each of its records holds.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path

import strongroom
from tests.jobs.indexing import NAME, person
from tests.jobs.indexing_processes import LONGEST

OWN = 1_000_000  # each writer has persons of its own
_SILENT = 20


class Writer:
    """One opened store, and what it holds of this writer's."""

    def __init__(self, table: strongroom.Table, number: int, log: Path) -> None:
        self._table = table
        self._rng = random.Random(number)
        self._next = OWN * (number + 1)
        self._log = log.open("a", encoding="utf-8")
        self._silent: list[int] = []
        self.mine: dict[int, int] = {}

    def run(self, stop: Path) -> None:
        """Write until somebody says stop."""
        deadline = time.monotonic() + LONGEST
        while not stop.exists():
            assert time.monotonic() < deadline
            self._turn()
            time.sleep(self._rng.uniform(0, 0.01))
        self._say({"mine": self.mine})

    def _turn(self) -> None:
        rng, table = self._rng, self._table
        what = rng.randrange(6)
        if what == 0:
            numbers = [self._new() for _ in range(3)]
            made = table.add_many([person(one) for one in numbers])
            self.mine.update(zip(made, numbers, strict=True))
            return
        number = self._new()
        made = table.add(**person(number))
        if what == 1:
            table.delete(made)
            return
        if what == 2:  # no tokens, then some
            table.update(made, name=None, email=None, born=None)
        if what in (2, 3):
            number = self._new()
            table.update(made, **person(number))
        if what == 4:
            table.update(made, age=rng.randrange(90))
        self.mine[made] = number
        self._say([made, number])
        self._change_another()

    def _change_another(self) -> None:
        """Change a record that nobody was told of, or delete it; it may be an old one."""
        if len(self._silent) < _SILENT:
            number = self._new()
            self._silent.append(self._table.add(**person(number)))
            self.mine[self._silent[-1]] = number
            return
        place = self._rng.randrange(_SILENT)
        silent = self._silent[place]
        if self._rng.random() < 0.2:
            self._table.delete(silent)
            del self._silent[place], self.mine[silent]
            return
        number = self._new()
        self._table.update(silent, name=person(number)["name"])
        self._table.update(silent, **person(number))
        self.mine[silent] = number

    def _new(self) -> int:
        self._next += 1
        return self._next

    def _say(self, line: object) -> None:
        self._log.write(json.dumps(line) + "\n")
        self._log.flush()


def main(url: str, key: str, number: str, log: str, stop: str) -> None:
    """Write until somebody says stop."""
    with strongroom.open(url, key, password=os.environ.get("STRONGROOM_PASSWORD")) as room:
        Writer(room.table(NAME), int(number), Path(log)).run(Path(stop))


if __name__ == "__main__":
    main(*sys.argv[1:])
