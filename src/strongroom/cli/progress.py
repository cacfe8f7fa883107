"""How far a job is, on stderr: a bar at a terminal, now and then a line elsewhere.

with shown("importing", quiet=quiet) as display:
    carry_out(store, work, Pace(throttle, display))
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from strongroom.cli import terminal

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from strongroom.jobs.engine import Progress

_SECONDS: Final = 5.0
"""Between two lines; shorter jobs write none."""
_MINUTE: Final = 60


class Display:
    """Shows the progress of one job: what its `Pace` calls after each batch.

    Attributes:
        last: what was heard last, or None.
    """

    def __init__(self, title: str, *, quiet: bool) -> None:
        self.last: Progress | None = None
        self._title = title
        self._quiet = quiet
        self._terminal = terminal.stderr_is_terminal()
        self._bar: tuple[Bar, TaskID] | None = None
        self._due = time.monotonic() + _SECONDS

    def __call__(self, progress: Progress) -> None:
        """Show how far the job is."""
        self.last = progress
        if self._quiet:
            return
        if self._terminal:
            self._draw(progress)
        elif time.monotonic() >= self._due:
            self._due = time.monotonic() + _SECONDS
            terminal.notice(f"{self._named(progress)}: {figures(progress)}")

    def _draw(self, progress: Progress) -> None:
        if self._bar is None:
            self._bar = _bar(self._title)
        bar, task = self._bar
        looked = progress.done + progress.failed
        bar.update(
            task,
            description=self._named(progress),
            completed=looked,
            total=progress.total,
            figures=figures(progress),
        )

    def _named(self, progress: Progress) -> str:
        return f"{self._title}, {progress.stage}" if progress.stage else self._title

    def clear(self) -> None:
        """Take the bar away: something else is going to be said."""
        if self._bar is not None:
            self._bar[0].stop()
            self._bar = None


@contextmanager
def shown(title: str, *, quiet: bool = False) -> Iterator[Display]:
    """Give what a job calls after each batch.

    Args:
        title: what is being done, one or two words.
        quiet: whether to show nothing.
    """
    display = Display(title, quiet=quiet)
    try:
        yield display
    finally:
        display.clear()


def figures(progress: Progress) -> str:
    """Return the progress as text: records, rate, and the time that is left."""
    looked = progress.done + progress.failed
    parts = [f"{looked:,} of {progress.total:,}" if progress.total else f"{looked:,}"]
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


def _bar(title: str) -> tuple[Bar, TaskID]:
    # Imported here: it is for terminals only.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[figures]}", markup=False),
    )
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.start()
    return bar, bar.add_task(title, total=None, figures="")
