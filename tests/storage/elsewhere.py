"""Code run in other processes: forked children, and a user without rights."""

from __future__ import annotations

import os
import pickle
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

Answer = TypeVar("Answer")
NOBODY = 65534


def in_children(
    number: int,
    work: Callable[[int], Answer],
    *,
    meanwhile: Callable[[], object] | None = None,
) -> list[Answer]:
    """Fork `number` children that run `work(0)`, `work(1)`, … at once; return their answers.

    `meanwhile` runs in the parent until it returns. What a child raises is raised here.
    """
    started = [_start(lambda place=place: work(place)) for place in range(number)]  # type: ignore[misc]
    if meanwhile is not None:
        meanwhile()
    return [_finish(*child) for child in started]


def as_nobody(work: Callable[[], Answer]) -> Answer:
    """Run `work` in a child that, under root, gives up root's right to write everywhere."""

    def without_rights() -> Answer:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        return work()

    return _finish(*_start(without_rights))


@contextmanager
def open_folder() -> Iterator[Path]:
    """Make a folder that another user can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def wait_for(sign: Path) -> None:
    """Wait until another process has made a file."""
    deadline = time.monotonic() + 60
    while not sign.exists():
        assert time.monotonic() < deadline, f"{sign.name} never came"
        time.sleep(0.01)


def _start(work: Callable[[], Answer]) -> tuple[int, int]:
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reading)
            try:
                told = (True, work())
            except BaseException:  # noqa: BLE001  # reported to the parent
                told = (False, traceback.format_exc())  # type: ignore[assignment]
            with os.fdopen(writing, "wb") as pipe:
                pickle.dump(told, pipe)
        finally:
            os._exit(0)
    os.close(writing)
    return pid, reading


def _finish(pid: int, reading: int) -> Answer:  # type: ignore[type-var]
    with os.fdopen(reading, "rb") as pipe:
        content = pipe.read()
    os.waitpid(pid, 0)
    worked, answer = pickle.loads(content)  # noqa: S301  # from our own child
    if not worked:
        raise AssertionError(f"a child failed:\n{answer}")
    return answer  # type: ignore[no-any-return]
