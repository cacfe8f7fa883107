"""How far a job is, on stderr: a bar on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from strongroom.cli import terminal

if TYPE_CHECKING:
    from strongroom.jobs.engine import Progress, Watch

_EVERY_SECONDS: Final = 5.0
_REDRAWN: Final = 0.2
_MINUTE: Final = 60


@contextmanager
def shown(title: str, *, quiet: bool = False) -> Iterator[Watch]:
    """Give what a job calls after each batch.

    Args:
        title: what is being done, one or two words.
        quiet: whether to show nothing.
    """
    display = _Display(title, quiet=quiet)
    try:
        yield display
    finally:
        display.clear()


class _Display:
    def __init__(self, title: str, *, quiet: bool) -> None:
        self._title = title
        self._quiet = quiet
        self._terminal = terminal.stderr_is_terminal()
        self._next = 0.0 if self._terminal else time.monotonic() + _EVERY_SECONDS
        self._drawn = False

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if self._quiet or now < self._next:
            return
        self._next = now + (_REDRAWN if self._terminal else _EVERY_SECONDS)
        line = f"{self._title}: {_figures(progress)}"
        if self._terminal:
            terminal.overwrite(line)
            self._drawn = True
        else:
            terminal.notice(line)

    def clear(self) -> None:
        if self._drawn:
            terminal.overwrite("")
            self._drawn = False


def _figures(progress: Progress) -> str:
    done = f"{progress.done:,}"
    if progress.total is not None:
        done += f" of {progress.total:,}"
    parts = [done]
    if progress.failed:
        parts.append(f"{progress.failed:,} failed")
    if progress.rate:
        parts.append(f"{progress.rate:,.0f}/s")
    left = progress.remaining
    if left is not None and left >= 1:
        parts.append(f"{_time(left)} left")
    return ", ".join(parts)


def _time(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
