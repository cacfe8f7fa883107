"""A program that asks the indexes of `people`, opened once, until it is told to stop.

`python -m tests.jobs.indexing_asker URL KEY NUMBER LOGS STOP REFUSED KIND…`: LOGS is the folder of
what writers announce. What was announced before a question began must be found by it, by each kind
of index. REFUSED is `never`, or `sometimes` where an index is gone now and then: then a question
may be refused, and an answer must be right all the same. It ends with an error at a wrong answer,
and at its end prints how many answers and refusals there were of each kind.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path

import strongroom
from strongroom.errors import QueryError
from tests.jobs.indexing import NAME, person, question
from tests.jobs.indexing_processes import LONGEST


class Announced:
    """The records that writers have committed and will not touch again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._at: dict[Path, int] = {}
        self.all: list[tuple[int, int]] = []

    def news(self) -> list[tuple[int, int]]:
        """Return what was announced since the last time."""
        found: list[tuple[int, int]] = []
        for path in sorted(self._folder.glob("*.log")):
            with path.open("rb") as file:
                file.seek(self._at.get(path, 0))
                whole = file.read().rpartition(b"\n")[0]
            self._at[path] = self._at.get(path, 0) + len(whole) + bool(whole)
            lines = [json.loads(line) for line in whole.splitlines()]
            found += [(line[0], line[1]) for line in lines if isinstance(line, list)]
        self.all += found
        return found


def ask(table: strongroom.Table, kind: str, number: int, wanted: int) -> None:
    """Ask for one record by its values."""
    asked = question(kind, person(number))
    assert asked is not None
    found = [one.id for one in table.find(**asked)]
    assert wanted in found, f"{kind} misses record {wanted}, of the person {number}: {found[:9]}"


def main(  # noqa: PLR0913, PLR0917  # a command line
    url: str, key: str, number: str, logs: str, stop: str, refused: str, *kinds: str
) -> None:
    """Ask until somebody says stop."""
    rng, announced = random.Random(int(number)), Announced(Path(logs))
    answers: Counter[str] = Counter()
    refusals: Counter[str] = Counter()
    deadline = time.monotonic() + LONGEST
    with strongroom.open(url, key, password=os.environ.get("STRONGROOM_PASSWORD")) as room:
        table = room.table(NAME)
        while not Path(stop).exists():
            assert time.monotonic() < deadline
            time.sleep(0.002)  # the others want the processor too
            news = announced.news()[-3:]
            for wanted, of in [*news, rng.choice(announced.all)]:
                for kind in kinds:
                    try:
                        ask(table, kind, of, wanted)
                        answers[kind] += 1
                    except QueryError:
                        if refused == "never":
                            raise
                        refusals[kind] += 1
    print(json.dumps([answers, refusals]))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
