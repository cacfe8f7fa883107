"""A person at a terminal: a program runs on a pseudo-terminal, and answers are typed into it."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import strongroom.errors

SOURCE = Path(strongroom.errors.__file__).parents[1]
SECONDS = 30.0
_OWN_TERMINAL = "import fcntl, termios\nfcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"


def converse(code: str, dialogue: Sequence[tuple[str, str]]) -> tuple[str, int]:
    """Run Python code on a terminal of its own.

    Args:
        code: what to run.
        dialogue: what to wait for on the screen, and what to type then.

    Returns:
        All that stood on the screen, and the exit code.
    """
    ours, theirs = os.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", _OWN_TERMINAL + code],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env=os.environ | {"PYTHONPATH": str(SOURCE), "PYTHONUTF8": "1"},
        )
        os.close(theirs)
        screen = ""
        for awaited, answer in dialogue:
            screen += _until(ours, awaited)
            os.write(ours, answer.encode())
        screen += _until(ours, None)
        return screen, process.wait(SECONDS)
    finally:
        os.close(ours)


def _until(descriptor: int, awaited: str | None) -> str:
    """Read until the text is on the screen, or until the program is gone."""
    seen, deadline = b"", time.monotonic() + SECONDS
    while awaited is None or awaited.encode() not in seen:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"waited for {awaited!r}, and there is {seen!r}"
        try:
            piece = os.read(descriptor, 4096)
        except OSError:  # Linux says so when the last program has left the terminal
            piece = b""
        if not piece:
            assert awaited is None, f"waited for {awaited!r}, and the end is {seen!r}"
            break
        seen += piece
    return seen.decode()
