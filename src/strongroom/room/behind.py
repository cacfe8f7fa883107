"""Database work that goes on behind the sealing of the next batch.

The wait for a server leaves a core free, and most of a bulk write is either sealing here or work
there. One piece of work is under way at most, in a thread of its own, and every piece ends before
the operation does. Where anybody else may use the connection meanwhile, nothing overlaps.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self


class Behind:
    """Runs pieces of work one after the other, behind its caller or, if it must be, before."""

    def __init__(self, *, overlapping: bool) -> None:
        """Get ready.

        Args:
            overlapping: whether the caller goes on while a piece of work is done.
        """
        self._pool = ThreadPoolExecutor(max_workers=1) if overlapping else None
        self._under_way: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def run(self, work: Callable[[], None]) -> None:
        """Do a piece of work, after the one before has ended.

        Raises:
            StrongroomError: that one failed, or this one where nothing overlaps.
        """
        self.wait()
        if self._pool is None:
            work()
        else:
            self._under_way = self._pool.submit(work)

    def wait(self) -> None:
        """Let the piece of work under way end, and raise what it raised."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End all work. An error of the caller's own goes before one of the work under way."""
        try:
            if error is None:
                self.wait()
        finally:
            if self._pool is not None:
                self._pool.shutdown(wait=True)
