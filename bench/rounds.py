"""Timing several things in alternation, so that a slow moment of the machine meets all of them."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

ROUNDS: Final = int(os.environ.get("STRONGROOM_BENCH_ROUNDS", "5"))
"""How often each side is measured; the page gives medians of so many."""
LARGE: Final = int(os.environ.get("STRONGROOM_BENCH_ROWS", "1000000"))
SMALL: Final = min(10_000, LARGE)

T = TypeVar("T")


class Taken:
    """How long each of several things took, in each round."""

    def __init__(self) -> None:
        self._seconds: dict[str, list[float]] = {}

    def time(self, name: str, action: Callable[[], T]) -> T:
        """Do it once, and keep how long it took."""
        began = time.perf_counter()
        result = action()
        self.keep(name, time.perf_counter() - began)
        return result

    def keep(self, name: str, seconds: float) -> None:
        """Keep how long something took once."""
        self._seconds.setdefault(name, []).append(seconds)

    def __contains__(self, name: str) -> bool:
        return name in self._seconds

    def __getitem__(self, name: str) -> float:
        """Return the median, in seconds."""
        return statistics.median(self._seconds[name])

    def ratio(self, name: str, other: str) -> float:
        """Return median ÷ median."""
        return self[name] / self[other]


def turned(sides: Sequence[T], round_number: int) -> list[T]:
    """Return the sides in an order of this round's own: each is first in its turn."""
    shift = round_number % len(sides)
    return [*sides[shift:], *sides[:shift]]
