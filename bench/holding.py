"""One bulk operation of the library in a process of its own, over a stream that holds nothing.

python -m bench.holding OPERATION URL KEY-FILE COUNT
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

import strongroom
from bench.people import people


def _records(count: int) -> Iterator[dict[str, object]]:
    for name, age in people(count):
        yield {"name": name, "age": age}


def _changes(count: int) -> Iterator[tuple[int, dict[str, object]]]:
    for key, (name, _) in enumerate(people(count), start=1):
        yield key, {"name": f"{name}'"}


def _read(table: Any, count: int) -> None:  # noqa: ANN401  # a table, with operations to come
    found = sum(len(one.name) > 0 and one.age >= 0 and one.id > 0 for one in table.all())
    assert found == count


OPERATIONS: Final[dict[str, Callable[[Any, int], object]]] = {
    "add_many": lambda table, count: table.add_many(_records(count)),
    "all": _read,
    "update_many": lambda table, count: table.update_many(_changes(count)),
    "delete_many": lambda table, count: table.delete_many(iter(range(1, count + 1))),
}


def main() -> None:
    """Do what the arguments say."""
    operation, url, key, count = sys.argv[1:]
    room = strongroom.open(url, f"file:{key}", password=os.environ.get("STRONGROOM_PASSWORD"))
    OPERATIONS[operation](room.table("users"), int(count))
    room.close()


if __name__ == "__main__":
    main()
