"""Where the time of bulk work goes: a clock stops the main thread, and what runs then is counted.

What a C library does counts for the file of strongroom that called it. A main thread that waits
for the one that writes waits for the database.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

import strongroom
from bench.adopting import fill_users
from bench.core import taken
from bench.page import NOT, table
from bench.peers import Column
from bench.people import people
from bench.places import NAMES, place
from bench.rounds import LARGE
from bench.shapes import USERS
from tests.servers.database import Database

_COUNT: Final = LARGE // 20
_EVERY: Final = 0.001
"""Seconds between two looks at the thread."""
_STAGES: Final = ("HMAC", "AES", "cells and seals", "records", "database")
_ROOT: Final = str(Path(strongroom.__file__).parent)
_PLACES: Final = (
    ("/crypto/mac.py", "HMAC"),
    ("/crypto/lockstep.py", "AES"),
    ("/crypto/", "cells and seals"),
    ("/room/behind.py", "database"),
    ("/storage/row.py", "records"),
    ("/storage/plain_values.py", "records"),
    ("/storage/key_values.py", "records"),
    ("/storage/", "database"),
    ("/", "records"),
)
"""The first that a file of strongroom begins with says what it is for."""
_REASONS: Final = (
    (
        "Cells beside Tink: the tag alone, one HMAC-SHA-512 from a state that was keyed before, is "
        "the largest part of sealing, and about half of what Tink takes for all of its work: "
        "compare their rows in the first table. AES-GCM makes its tag in the call that encrypts; "
        "the format keeps CBC with HMAC because such a cell commits to its key. Opening is text "
        "taken apart, beside the tag."
    ),
    (
        "`add_many` on SQLite: plaintext costs so little there that two tags for each record, of "
        "the cell and of the seal, are most of that price alone, and five columns are stored where "
        "plaintext has three."
    ),
    (
        "`all`, beside the ORM on MariaDB, and beside Core on PostgreSQL in some runs and by "
        "little: of each record five columns are read where plaintext has three, which MariaDB's "
        "driver takes apart in Python, a value at a time. Two tags are checked for each, and seal "
        "and cell are taken apart, before a value is given out: nothing of that can be left out, "
        "and each part is done for a whole column already."
    ),
    (
        "`update_many`, `adopt` and building an index beside one `UPDATE`: there no value leaves "
        "the database. Here each row is read, its seal and cell are checked, and it is sealed anew "
        "and written by its key; what the database alone has to do for that is mostly several "
        "times one `UPDATE`. Adopting also reads each row once more, to prove what it wrote."
    ),
    (
        "`add` of one record, on SQLite and PostgreSQL by little: the table's generation is read "
        "under a lock in the same transaction, so that nobody writes by a layout that is no longer "
        "the table's. That is one trip to a server more than plaintext makes; on SQLite the id "
        "comes from a counter of our own besides."
    ),
)
"""Why what is asked for elsewhere on the page is not met everywhere."""


def section() -> Iterator[str]:
    """Give the lines of the section, without its heading."""
    yield (
        f"Of the time of {_COUNT:,} cells or `users`, how many of a hundred parts the main thread "
        "spent where, as seen by a clock that stopped it every millisecond. `HMAC` makes and "
        "compares the tags of cells, seals and tokens; `AES` includes the padding; `cells and "
        "seals` is base64 and the bytes that are authenticated; `records` is values to and from "
        "bytes, checks, and records; `database` is SQLAlchemy, the driver, and waiting for the "
        "server or for the thread that writes."
    )
    yield ""
    found = {"25 bytes": _cells(), **{NAMES[kind]: _measure(kind) for kind in NAMES}}
    rows = [
        [f"{where}, {name}", *_shares(seen)]
        for where, operations in found.items()
        for name, seen in operations.items()
    ]
    yield from table(["", *_STAGES], rows)
    yield ""
    yield "What keeps the lines that are asked for and not met from being met:"
    yield ""
    yield from (f"- {reason}" for reason in _REASONS)


def _shares(seen: Counter[str]) -> Iterator[str]:
    for stage in _STAGES:
        yield f"{100 * seen[stage] / seen.total():.0f}" if seen else NOT


def _cells() -> dict[str, Counter[str]]:
    column = Column(_COUNT)
    plaintexts = [name.encode() for name, _ in people(_COUNT)]
    texts = column.seal(plaintexts)
    return {
        "seal": _watch(lambda: column.seal(plaintexts)),
        "open": _watch(lambda: column.open(texts)),
    }


def _measure(kind: str) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    with place(kind) as (database, folder):
        records = USERS.records(_COUNT)
        with _room(database, folder) as room:
            users = room.create_table("users", USERS.fields)
            changes = [(key, {"name": f"{one['name']}'"}) for key, one in enumerate(records, 1)]
            index = strongroom.Index.exact("name")
            operations: dict[str, Callable[[], Any]] = {
                "add_many": lambda: users.add_many(records),
                "all": lambda: taken(users.all(), ["id", *USERS.fields]),
                "update_many": lambda: users.update_many(changes),
                "building an exact index": lambda: strongroom.add_index(room, "users", index),
                "delete_many": lambda: users.delete_many(range(1, _COUNT + 1)),
            }
            for name, operation in operations.items():
                found[name] = _watch(operation)
    with place(kind) as (database, folder):
        fill_users(database, _COUNT)
        with _room(database, folder) as room:
            plan = strongroom.Adoption("users", encrypt={"name": strongroom.Text()}, seal=("age",))
            found["adopt"] = _watch(lambda: strongroom.adopt(room, plan))
    return found


@contextmanager
def _room(database: Database, folder: Path) -> Iterator[Any]:
    """Open the store of a fresh database."""
    key = f"file:{folder / 'bench.bin'}"
    with strongroom.open(database.url, key, password=database.password) as room:
        yield room


def _watch(operation: Callable[[], object]) -> Counter[str]:
    """Return how often the operation was seen at each stage."""
    seen: Counter[str] = Counter()

    def look(_: int, frame: FrameType | None) -> None:
        stage = _stage(frame)
        if stage:
            seen[stage] += 1

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, _EVERY, _EVERY)
    try:
        operation()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    return seen


def _stage(frame: FrameType | None) -> str | None:
    """Return what the innermost file of strongroom is for."""
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(_ROOT):
            own = file.removeprefix(_ROOT)
            return next(stage for start, stage in _PLACES if own.startswith(start))
        frame = frame.f_back
    return None
