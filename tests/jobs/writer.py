"""Somebody else's program, which writes to its table while that is being adopted.

`python -m tests.jobs.writer KIND NUMBER LOG`: the driver's arguments come as JSON on stdin. Each
transaction looks first, with the table in its hands, whether the table has the new shape, and ends
there. A line of JSON for every commit goes to LOG: what each of its rows is now, or null.
"""

from __future__ import annotations

import json
import random
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

OWN = 1_000_000  # each writer has a range of ids of its own, so that its log tells the outcome


class Writer:
    """One connection, and what it knows of its own rows."""

    def __init__(self, kind: str, number: int, arguments: dict[str, Any], log: Path) -> None:
        self.kind = kind
        self.first = OWN * (number + 1)
        self.rng = random.Random(number)
        self.rows: dict[int, tuple[str, int]] = {}
        self.log = log.open("a", encoding="utf-8")
        self.connection = _connect(kind, arguments)
        self.count = 0

    def run(self) -> None:
        """Write until the table has its new shape."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            cursor = self.connection.cursor()
            cursor.execute("BEGIN IMMEDIATE" if self.kind == "sqlite" else "BEGIN")
            try:
                if self._is_new(cursor):
                    cursor.execute("ROLLBACK")
                    return
                changes = self._change(cursor)
                cursor.execute("COMMIT")
            except Exception as error:
                if not _again(error):
                    raise
                cursor.execute("ROLLBACK")
                continue
            for key, row in changes.items():
                self.rows.pop(key, None)
                if row is not None:
                    self.rows[key] = row
            self.log.write(json.dumps({str(key): row for key, row in changes.items()}) + "\n")
            self.log.flush()
            time.sleep(self.rng.uniform(0, 0.004))
        raise TimeoutError

    def _is_new(self, cursor: Any) -> bool:
        # Read from the table itself: from then on it keeps its shape until this ends.
        cursor.execute("SELECT * FROM users WHERE id = 0")
        cursor.fetchall()
        return "record_seal" in [one[0] for one in cursor.description]

    def _change(  # noqa: PLR0911  # one for each way to write
        self, cursor: Any
    ) -> dict[int, tuple[str, int] | None]:
        self.count += 1
        if not self.rows or self.rng.random() < 0.3:
            return self._insert(cursor)
        key = self.rng.choice(sorted(self.rows))
        name, age = self.rows[key]
        what = self.rng.randrange(8)
        if what == 0:
            self._do(cursor, "UPDATE users SET name = ? WHERE id = ?", self._name(), key)
            return {key: (self._name(), age)}
        if what == 1:
            self._do(cursor, "UPDATE users SET age = ? WHERE id = ?", self.count, key)
            return {key: (name, self.count)}
        if what == 2:
            self._do(
                cursor, "UPDATE users SET name = ?, age = ? WHERE id = ?", self._name(), 1, key
            )
            return {key: (self._name(), 1)}
        if what == 3:
            other = self.first + 500_000 + self.count
            self._do(cursor, "UPDATE users SET id = ? WHERE id = ?", other, key)
            return {key: None, other: (name, age)}
        if what == 4:
            self._do(cursor, "DELETE FROM users WHERE id = ?", key)
            return {key: None}
        if what == 5:
            self._do(cursor, "DELETE FROM users WHERE id = ?", key)
            self._do(
                cursor, "INSERT INTO users (id, name, age) VALUES (?, ?, 7)", key, self._name()
            )
            return {key: (self._name(), 7)}
        if what == 6:
            spelled = name.swapcase() + " "  # the same to many collations
            self._do(cursor, "UPDATE users SET name = ? WHERE id = ?", spelled, key)
            return {key: (spelled, age)}
        return self._upsert(cursor, key)

    def _upsert(self, cursor: Any, key: int) -> dict[int, tuple[str, int] | None]:
        head = "INSERT INTO users (id, name, age) VALUES (?, ?, 8) "
        if self.kind != "postgresql" and self.rng.random() < 0.5:
            head, tail = head.replace("INSERT", "REPLACE"), ""
        elif self.kind == "mariadb":
            tail = "ON DUPLICATE KEY UPDATE name = VALUES(name), age = 8"
        else:
            tail = "ON CONFLICT (id) DO UPDATE SET name = excluded.name, age = 8"
        self._do(cursor, head + tail, key, self._name())
        return {key: (self._name(), 8)}

    def _insert(self, cursor: Any) -> dict[int, tuple[str, int] | None]:
        key = self.first + self.rng.randrange(400_000)
        while key in self.rows:
            key += 1
        if self.kind == "postgresql" and self.rng.random() < 0.5:
            with cursor.copy("COPY users (id, name, age) FROM STDIN") as copy:
                copy.write_row((key, self._name(), 9))
            return {key: (self._name(), 9)}
        self._do(cursor, "INSERT INTO users (id, name, age) VALUES (?, ?, 9)", key, self._name())
        return {key: (self._name(), 9)}

    def _name(self) -> str:
        return f"Writer {self.first} wrote {self.count}"

    def _do(self, cursor: Any, sql: str, *given: object) -> None:
        cursor.execute(sql if self.kind == "sqlite" else sql.replace("?", "%s"), given)


def _connect(kind: str, arguments: dict[str, Any]) -> Any:
    if kind == "sqlite":
        return sqlite3.connect(arguments["path"], timeout=30, isolation_level=None)
    if kind == "mariadb":
        import pymysql

        return pymysql.connect(**arguments, autocommit=True, charset="utf8mb4")
    import psycopg

    return psycopg.connect(**arguments, autocommit=True, prepare_threshold=None)


def _again(error: Exception) -> bool:
    code = getattr(error, "sqlstate", None) or (error.args or ("",))[0]
    return code in {1205, 1213, 1412, "40001", "40P01", "55P03", "database is locked"}


def main(kind: str, number: str, log: str) -> None:
    """Write until the table has its new shape."""
    Writer(kind, int(number), json.load(sys.stdin), Path(log)).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
