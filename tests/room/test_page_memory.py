"""What a reader keeps in memory follows the size of a page, not of the table.

The size of a page is guessed from the one before, so small records followed by large ones are the
worst: the guess may only grow slowly.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import pytest

import strongroom
from strongroom.storage.row import Row
from strongroom.storage.rows import Rows

MEBI = 1024 * 1024


def peak_of_reading(table: strongroom.Table, records: int) -> int:
    """Return the most bytes that Python held at once while the table was read."""
    tracemalloc.start()
    try:
        assert sum(1 for _ in table.all()) == records
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def people(small: int, large: int, length: int) -> Iterator[dict[str, object]]:
    for _ in range(small):
        yield {"name": "x", "age": 1}
    for _ in range(large):
        yield {"name": "y" * length, "age": 2}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_forty_small_records_and_forty_of_a_megabyte(room: strongroom.Strongroom) -> None:
    users = room.table("users")
    users.add_many(people(40, 40, 1_000_000))
    assert peak_of_reading(users, 80) < 256 * MEBI  # 205 measured: all 40 in one page, 5 times


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_full_page_of_small_records_and_many_large_ones(room: strongroom.Strongroom) -> None:
    users = room.table("users")
    users.add_many(people(32, 128, 250_000))
    assert peak_of_reading(users, 160) < 110 * MEBI


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_page_at_most_doubles(
    room: strongroom.Strongroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = room.table("users")
    users.add_many(people(32, 128, 100_000))
    real, pages = Rows.page, []

    def page(self: Rows, *arguments: object) -> list[Row]:
        pages.append(real(self, *arguments))  # type: ignore[arg-type]
        return pages[-1]

    monkeypatch.setattr(Rows, "page", page)
    assert users.all().count() == 160
    # 64 at the most behind the 32 small ones, then as many as come to 4 MiB of cells.
    cell = len(pages[-1][0].values[0])
    assert [len(one) for one in pages[:2]] == [32, 64]
    assert all(len(one) * cell <= 4 * MEBI for one in pages[2:])
    assert sum(len(one) for one in pages) == 160


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_page_of_small_records_is_bounded_too(
    room: strongroom.Strongroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = room.table("users")
    users.add_many(people(1_600, 0, 0))
    real, asked = Rows.page, []

    def page(self: Rows, *arguments: object) -> list[Row]:
        asked.append(arguments[-1])
        return real(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Rows, "page", page)
    assert users.all().count() == 1_600
    assert asked == [32, 64, 128, 256, 512, 1000]
