"""Where new primary keys come from: a counter in the database, so that ids are known beforehand.

A record's id is bound into its cells, so it exists before the insert. On SQLite it is taken in the
writing transaction itself; on servers in blocks, each in a short transaction of its own, so that
writers do not wait for each other. Gaps are normal; an id is never given out twice.
"""

from __future__ import annotations

import os
import threading
from typing import Final

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
