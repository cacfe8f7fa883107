"""Which records of a file are whose, where several processes share one import.

The file's records are in blocks, and the blocks are dealt out in turn. Whose a record is depends on
its place alone, so one that is corrected in its place changes nothing for the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from strongroom.crypto.job import JobKey
from strongroom.files.source import Item
from strongroom.jobs.exchange.consumed import Consumed, line
from strongroom.room.batches import MOST_RECORDS

_BLOCK: Final = MOST_RECORDS


class Share(NamedTuple):
    """What one process has to do.

    Attributes:
        number: which of them it is, from 0.
        of: how many there are.
    """

    number: int
    of: int

    def items(self, source: Iterable[Item]) -> Iterator[Item]:
        """Give the records that are its own."""
        if self.of == 1:
            return iter(source)
        return (item for place, item in enumerate(source) if _owner(place, self.of) == self.number)

    def content(self, job_key: JobKey, source: Iterable[Item]) -> str:
        """Return what stands for the records that are its own."""
        consumed = Consumed(job_key)
        for item in self.items(source):
            consumed.add([line(item)])
        return consumed.mac()

    def named(self, job: str) -> str:
        """Return what its part of a job is called."""
        return f"{job} {self.number + 1}/{self.of}"


WHOLE: Final = Share(0, 1)


def shares(of: int) -> list[Share]:
    """Return what each of so many processes has to do."""
    return [Share(number, of) for number in range(of)]


def content(job_key: JobKey, source: Iterable[Item], of: int) -> str:
    """Return what stands for all records of a file that so many processes share."""
    parts = [Consumed(job_key) for _ in range(of)]
    for place, item in enumerate(source):
        parts[_owner(place, of)].add([line(item)])
    return together(part.mac() for part in parts)


def together(contents: Iterable[str]) -> str:
    """Return what stands for the records of all shares, given what stands for those of each."""
    return " ".join(contents)


def _owner(place: int, of: int) -> int:
    return place // _BLOCK % of
