"""A process that adopts a table: `python -m tests.jobs.adopting URL KEY TABLE SCHEME OLD-KEY`.

The database's password comes from STRONGROOM_PASSWORD. A line tells that the work begins.
"""

from __future__ import annotations

import os
import sys

import strongroom
from strongroom.crypto.decrepit.schemes import SCHEMES
from strongroom.jobs.engine import Pace
from strongroom.jobs.rewriting.adopt import adopt
from strongroom.jobs.rewriting.adoption_plan import Adoption


def main(url: str, key: str, table: str, scheme: str, old_key: str) -> None:
    """Adopt, or go on; do nothing if it is done."""
    password = os.environ.get("STRONGROOM_PASSWORD")
    keys = SCHEMES[scheme].derive(bytes.fromhex(old_key)) if scheme != "plaintext" else ()
    with strongroom.open(url, key, password=password) as room:
        print("begin", flush=True)  # noqa: T201
        catalogue = room.store.state.catalogue
        if catalogue.knows(table) and catalogue.rewriting(table) is None:
            return
        wanted = Adoption(table, encrypt={"name": None}, seal={"age": None}, scheme=scheme)
        # Slow enough that a kill comes in the middle of something.
        adopt(room, wanted, keys=keys, pace=Pace(throttle=4_000))


if __name__ == "__main__":
    main(*sys.argv[1:])
