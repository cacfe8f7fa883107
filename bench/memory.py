"""The most memory that each bulk operation holds, with few records and with many."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bench.adopting import adopt, fill_users
from bench.command import module, strongroom
from bench.page import table
from bench.people import write_csv
from bench.places import NAMES, place
from bench.rounds import LARGE, SMALL

_IMPORT: Final = ("import", "users")
_EXPORT: Final = ("export", "users", "--fields", "name,age")
_INDEX: Final = ("add-index", "users", "exact:name")


def section() -> Iterator[str]:
    """Give the lines of the section, without its heading."""
    few, many = ({kind: _measure(kind, count) for kind in NAMES} for count in (SMALL, LARGE))
    yield (
        f"The most that a process held, in MiB, over {LARGE:,} people, and how much more that is "
        f"than over {SMALL:,}: at most +50 is asked for. The library's operations are each one "
        "transaction over a stream; the others are commands."
    )
    yield ""
    rows = [
        [
            name,
            *(
                f"{many[kind][name]:.0f} ({many[kind][name] - few[kind][name]:+.0f})"
                for kind in NAMES
            ),
        ]
        for name in next(iter(many.values()))
    ]
    yield from table(["", *NAMES.values()], rows)


def _measure(kind: str, count: int) -> dict[str, float]:
    """Return the peak of each operation."""
    found = {}
    with place(kind) as (database, folder):
        given, back = folder / "people.csv", folder / "back.csv"
        key = folder / "aes_key.bin"

        def hold(operation: str) -> float:
            arguments = (operation, database.url, str(key), str(count))
            return module(database, "bench.holding", *arguments).peak

        write_csv(given, count)
        strongroom(database, folder, "create-table", "users", "name:text", "age:integer,plain")
        found["add_many"] = hold("add_many")
        found["all"] = hold("all")
        found["update_many"] = hold("update_many")
        found["export"] = strongroom(database, folder, *_EXPORT, "--output", str(back)).peak
        found["delete_many"] = hold("delete_many")
        found["import"] = strongroom(database, folder, *_IMPORT, str(given), "--quiet").peak
        found["building an exact index"] = strongroom(database, folder, *_INDEX, "--quiet").peak
    with place(kind) as (database, folder):
        fill_users(database, count)
        found["adopt"] = adopt(database, folder).peak
    return found
