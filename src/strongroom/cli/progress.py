"""How far a bulk job is, on stderr: a bar at a terminal, else a line every few seconds.

with Display(quiet=quiet) as display:
    carry_out(store, work, Pace(throttle, display.watch))
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from strongroom.cli import terminal

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from strongroom.jobs.engine import Progress

_SECONDS: Final = 5.0
"""Between two lines; shorter jobs write none."""
_MINUTE: Final = 60
_HOUR: Final = 3600


class Display:
    """Shows the progress of one job, and takes it away at the end.

    Attributes:
        last: what was heard last, or None.
    """

    def __init__(self, *, quiet: bool) -> None:
        self.last: Progress | None = None
        self._quiet = quiet
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._due = time.monotonic() + _SECONDS

    def watch(self, progress: Progress) -> None:
        """Show how far the job is: what an engine's `Pace` calls after each batch."""
        self.last = progress
        if self._quiet:
            return
        if terminal.stderr_is_terminal():
            self._draw(progress)
        elif time.monotonic() >= self._due:
            self._due = time.monotonic() + _SECONDS
            terminal.notice(line(progress))

    def _draw(self, progress: Progress) -> None:
        if self._bar is None:
            self._bar, self._task = _bar()
        if self._task is not None:
            self._bar.update(
                self._task,
                completed=progress.done + progress.failed,
                total=progress.total,
                said=line(progress),
            )

    def clear(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.clear()


def line(progress: Progress) -> str:
    """Return the progress as a line: records, rate, and the time that is left."""
    looked = progress.done + progress.failed
    parts = [
        f"{looked:,} of {progress.total:,} records" if progress.total else f"{looked:,} records"
    ]
    if progress.failed:
        parts.append(f"{progress.failed:,} of them not done")
    if progress.rate:
        parts.append(f"{progress.rate:,.0f} a second")
    if progress.remaining is not None:
        parts.append(f"{span(progress.remaining)} left")
    return ", ".join(parts)


def span(seconds: float) -> str:
    """Return a length of time in its two largest units."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def _bar() -> tuple[Bar, TaskID]:
    # Imported here: it is for terminals only.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

    said = TextColumn("{task.fields[said]}", markup=False)
    bar = Progress(BarColumn(), said, console=Console(stderr=True), transient=True)
    bar.start()
    return bar, bar.add_task("", total=None, said="")
