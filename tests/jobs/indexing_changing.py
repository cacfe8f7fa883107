"""A process that changes an index: `python -m tests.jobs.indexing_changing URL KEY ACT KIND`.

ACT is `add`, `rebuild` or `drop`; it goes on where an earlier one ended, and does nothing if it is
done. The password comes from STRONGROOM_PASSWORD. A line tells that the work begins.
"""

from __future__ import annotations

import os
import sys
from typing import Final

import strongroom
from strongroom import Pace
from tests.jobs.indexing import INDEXES, NAME, schema

BITS: Final = 40
PARTITIONS: Final = 4
# Slow enough that a kill comes in the middle of something.
_PACE: Final = Pace(throttle=1_500)


def main(url: str, key: str, act: str, kind: str) -> None:
    """Do it, or go on."""
    declared = INDEXES[kind]
    with strongroom.open(url, key, password=os.environ.get("STRONGROOM_PASSWORD")) as room:
        print("begin", flush=True)  # noqa: T201
        there = [one for one in schema(room).indexes if one.name == declared.called]
        if act == "add":
            if not any(one.answers for one in there):
                strongroom.add_index(room, NAME, declared, pace=_PACE)
        elif act == "rebuild":
            if not (there[-1].answers and there[-1].bits == BITS):
                strongroom.rebuild_index(
                    room, NAME, declared.called, bits=BITS, partitions=PARTITIONS, pace=_PACE
                )
        elif there:
            strongroom.drop_index(room, NAME, declared.called, pace=_PACE)


if __name__ == "__main__":
    main(*sys.argv[1:])
