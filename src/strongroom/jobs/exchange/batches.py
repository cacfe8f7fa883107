"""A file's records in batches: what they mean, and which of them mean nothing.

A batch can be asked for again, since the transaction that stores it may have to be run again. What
lies behind it is read once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from strongroom.errors import InputError, UnfinishedError
from strongroom.files.source import Item, Source
from strongroom.jobs.exchange.columns import Plan, Taken
from strongroom.jobs.exchange.consumed import Consumed, another_content, line
from strongroom.jobs.exchange.opened_file import place
from strongroom.jobs.exchange.options import Refusal
from strongroom.jobs.exchange.share import WHOLE, Share
from strongroom.room.batches import MOST_BYTES, MOST_RECORDS


@dataclass
class Batch:
    """Some records of a file that follow each other.

    Attributes:
        start: how many records are in front of it.
        taken: those that mean something.
        refused: the others, with the reason.
        end: how many records there are up to its end.
        content: what stands for all of these.
        last: whether there is none behind it.
    """

    start: int
    taken: list[Taken] = field(default_factory=list)
    refused: list[tuple[Item, str]] = field(default_factory=list)
    end: int = 0
    content: str = ""
    last: bool = False


class Batches:
    """The records of one file, in batches of bounded number and size."""

    def __init__(  # noqa: PLR0913  # a file, whose records, and how many at a time
        self,
        source: Source,
        plan: Plan,
        consumed: Consumed,
        *,
        stop: bool,
        share: Share = WHOLE,
        most: int = MOST_RECORDS,
    ) -> None:
        """Begin in front of the first record.

        Args:
            source: the file.
            plan: what its columns are for.
            consumed: nothing yet.
            stop: whether a record that means nothing is an error and not a part of a batch.
            share: which of its records.
            most: records of a batch.
        """
        self.consumed = consumed
        self._source = source
        self._plan = plan
        self._stop = stop
        self._most = most
        self._items: Iterator[Item] = share.items(source)
        self._ended = False
        self._waiting: tuple[Item, str] | None = None  # it is refused, behind the last batch

    def skip(self, count: int, content: str) -> None:
        """Pass over records that were consumed before.

        Raises:
            InputError: they are others than they were.
        """
        if not count:
            return
        while self.consumed.count < count:
            item = next(self._items, None)
            if item is None:
                raise another_content()
            self.consumed.add([line(item)])
        if self.consumed.count != count or self.consumed.mac() != content:
            raise another_content()

    def next(self) -> Batch:
        """Return the next batch; of the last one, `last` is true.

        Raises:
            InputError: the rest of the file cannot be read, or the file changed meanwhile.
            UnfinishedError: the next record means nothing, and that is to be an error.
        """
        if self._waiting is not None:
            raise self.stopped(*self._waiting)
        batch = Batch(self.consumed.count)
        items, lines, failure = self._read()
        good = self._sort(items, batch)
        if failure is not None and good == len(items):
            raise failure
        self.consumed.add(lines[:good])
        check_unchanged(self._source)
        batch.last = self._ended and good == len(items)
        batch.end, batch.content = self.consumed.count, self.consumed.mac()
        return batch

    def _read(self) -> tuple[list[Item], list[str], InputError | None]:
        """Return the next items, the `line` of each, and why no more of them can be read."""
        items, lines, size = list[Item](), list[str](), 0
        try:
            for item in self._items:
                items.append(item)
                lines.append(line(item))
                size += len(lines[-1])
                if len(items) == self._most or size >= MOST_BYTES:
                    return items, lines, None
        except InputError as error:
            return items, lines, error
        self._ended = True
        return items, lines, None

    def _sort(self, items: Sequence[Item], batch: Batch) -> int:
        """Put records into the batch; return how many of them, up to where it must end."""
        taken = self._plan.take_all(items)
        if taken is not None:
            batch.taken = taken
            return len(items)
        for number, item in enumerate(items):
            try:
                batch.taken.append(self._plan.take(item))
            except InputError as error:
                reason = str(error)
            else:
                continue
            if not self._stop:
                batch.refused.append((item, reason))
                continue
            if not batch.taken:
                raise self.stopped(item, reason)
            self._waiting = (item, reason)
            return number
        return len(items)

    def refusal(self, item: Item, reason: str) -> Refusal:
        """Return what is said of a record that is not taken."""
        return Refusal(place(self._source, item.line), reason)

    def stopped(self, item: Item, reason: str) -> UnfinishedError:
        """Return the error that a record which is not taken is."""
        return UnfinishedError(str(self.refusal(item, reason)))


def check_unchanged(source: Source) -> None:
    """Refuse a file that is another one now than when it was opened.

    Raises:
        InputError: it is.
    """
    if source.changed():
        raise InputError(
            "the file changed while it was read", hint="import it when nobody writes to it"
        )


def estimate(source: Source, count: int) -> int | None:
    """Return how many records a file has if the rest is like the `count` that were read."""
    size, position = source.size, source.position
    if size is None or not position or not count:
        return None
    return max(count, count * size // position)
