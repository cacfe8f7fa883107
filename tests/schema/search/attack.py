"""The thief's own program: a stolen index, a public list, and no line of ours.

It is written to share no step with `strongroom.schema.search.frequencies`, whose figure it checks:
it works on the rows one by one as a dump has them, not on sums, and ranks by heaps, not by keys.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator


def most_frequent_first(tokens: Iterable[bytes]) -> Iterator[bytes]:
    seen: dict[bytes, int] = {}
    for token in tokens:
        seen[token] = seen.get(token, 0) + 1
    heap = [(-times, token) for token, times in seen.items()]
    heapq.heapify(heap)
    while heap:
        yield heapq.heappop(heap)[1]


def most_probable_first(published: Iterable[tuple[str, float]]) -> list[str]:
    by_name = sorted(published, key=lambda line: line[0])
    by_name.sort(key=lambda line: line[1], reverse=True)  # stable: names stay in order
    return [name for name, _ in by_name]


def crack(
    tokens: Iterable[bytes], published: Iterable[tuple[str, float]], spread: int
) -> dict[bytes, str]:
    """Say of each stolen token what the thief takes it for."""
    names = most_probable_first(published)
    taken: dict[bytes, str] = {}
    for place, token in enumerate(most_frequent_first(tokens)):
        if place // spread == len(names):
            break
        taken[token] = names[place // spread]
    return taken


def right(dump: Iterable[tuple[bytes, str]], taken: dict[bytes, str]) -> int:
    """Count, with the owner's help, the rows of which the thief is right."""
    return sum(taken.get(token) == value for token, value in dump)
