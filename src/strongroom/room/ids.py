"""Where new primary keys come from: a counter in the database, so that ids are known beforehand.

A record's id is bound into its cells, so it exists before the insert. On SQLite it is taken in the
writing transaction itself; on servers in blocks, each in a short transaction of its own, so that
writers do not wait for each other. Gaps are normal; an id is never given out twice.
"""

from __future__ import annotations

import os
import threading
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, overload

import sqlalchemy as sa

from strongroom.storage.connect import Database
from strongroom.storage.system import reserve_ids

_LARGEST_BLOCK: Final = 64


class IdBlocks:
    """The ids that this process has reserved and not yet used."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._start()

    def _start(self) -> None:
        self._lock = threading.Lock()
        self._free: dict[int, range] = {}
        self._size: dict[int, int] = {}
        # Last, so that no other thread of a child takes the parent's ids for its own.
        self._process = os.getpid()

    def take(self, connection: sa.Connection, table_id: int, count: int) -> range:
        """Return `count` ids that nobody else will get.

        Args:
            connection: the writing transaction; used on SQLite only.
            table_id: whose ids.
            count: at least 1; more than one take a block of exactly that size.
        """
        if self._database.kind == "sqlite":
            first = reserve_ids(connection, table_id, count)
            return range(first, first + count)
        if count > 1:
            return self._reserve(table_id, count)
        if self._process != os.getpid():
            # The parent's block is the parent's, and its lock may be held for ever here.
            self._start()
        with self._lock:
            free = self._free.get(table_id) or self._next_block(table_id)
            self._free[table_id] = free[1:]
            return free[:1]

    def _next_block(self, table_id: int) -> range:
        size = self._size.get(table_id, 1)
        self._size[table_id] = min(size * 2, _LARGEST_BLOCK)
        return self._reserve(table_id, size)

    def _reserve(self, table_id: int, count: int) -> range:
        with self._database.reserve() as connection:
            first = reserve_ids(connection, table_id, count)
        return range(first, first + count)


class Ids(Sequence[int]):
    """The ids of added records, in their order, kept as ranges."""

    def __init__(self, ranges: Iterable[range] = ()) -> None:
        self.ranges = [one for one in ranges if len(one)]
        self._ends: list[int] = []
        total = 0
        for one in self.ranges:
            total += len(one)
            self._ends.append(total)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def __iter__(self) -> Iterator[int]:
        for one in self.ranges:
            yield from one

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[int]: ...
    def __getitem__(self, place: int | slice) -> int | Sequence[int]:
        if isinstance(place, slice):
            return [self[n] for n in range(*place.indices(len(self)))]
        number = range(len(self))[place]
        which = bisect_right(self._ends, number)
        return self.ranges[which][number - (self._ends[which - 1] if which else 0)]

    def __eq__(self, other: object) -> bool:
        if isinstance(other, (Ids, list, tuple, range)):
            return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]  # equal to lists, which have none

    def __repr__(self) -> str:
        shown = ", ".join(
            str(one.start) if len(one) == 1 else f"{one.start}…{one.stop - 1}"
            for one in self.ranges
        )
        return f"<ids {shown or 'none'}>"
