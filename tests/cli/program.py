"""Running the installed command as a user does: in a shell, or at a terminal of its own."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from tests.cli import warm

SCRIPT = Path(sys.executable).with_name("strongroom")
_SECONDS = 60.0
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)


def environment(folder: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return a clean environment: nothing of the tester's settings, the script found by name."""
    return {
        "PATH": f"{SCRIPT.parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "TERM": "xterm",
        **(extra or {}),
    }


def warm_script() -> Path:
    """Return what runs as `strongroom`, or as Python with `-m` or `-c`, but without a start."""
    return warm.command(SCRIPT, tuple(environment(Path("/nonexistent")).items()))


def strongroom(
    *arguments: str,
    folder: Path,
    stdin: bytes = b"",
    extra: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """Run one command with piped input and output, without a terminal to ask on."""
    program = SCRIPT if warm.is_of_the_start(extra or {}) else warm_script()
    return subprocess.run(
        [str(program), *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        cwd=folder,
        env=environment(folder, extra),
        timeout=_SECONDS,
        start_new_session=True,  # no controlling terminal, so /dev/tty cannot be opened
    )


class Terminal:
    """A command at a terminal of 80 columns, whose screen is what it wrote there."""

    def __init__(
        self, *arguments: str, folder: Path, extra: Mapping[str, str] | None = None
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._process = subprocess.Popen(
            [sys.executable, "-c", _TAKE_TERMINAL, str(SCRIPT), *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=folder,
            env=environment(folder, extra),
            start_new_session=True,
        )
        os.close(slave)
        self.screen = ""
        self._seen = 0
        self._raw = b""

    def expect(self, *texts: str) -> str:
        """Wait until one of `texts` is written, behind what was expected before; say which."""
        deadline = time.monotonic() + _SECONDS
        while not (found := [one for one in texts if one in self.screen[self._seen :]]):
            assert time.monotonic() < deadline, f"none of {texts} in {self.screen!r}"
            assert self._read(deadline), f"ended without any of {texts}: {self.screen!r}"
        first = min(found, key=lambda one: self.screen.index(one, self._seen))
        self._seen = self.screen.index(first, self._seen) + len(first)
        return first

    def type(self, keys: str) -> None:
        """Type: a carriage return is Enter, 0x03 is Ctrl-C, 0x04 is Ctrl-D."""
        os.write(self._master, keys.encode())

    def answer(self, question: str, keys: str) -> None:
        """Wait for a question and type the answer and Enter."""
        self.expect(question)
        self.type(f"{keys}\r")

    def end(self) -> int:
        """Wait for the command's end and return its exit code."""
        deadline = time.monotonic() + _SECONDS
        while self._read(deadline):
            assert time.monotonic() < deadline, f"still running: {self.screen!r}"
        return self._process.wait(_SECONDS)

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._master], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return True
        try:
            read = os.read(self._master, 65536)
        except OSError:  # Linux says so when the last one has closed the terminal
            return False
        self._raw += read
        self.screen = self._raw.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(read)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(_SECONDS)
        os.close(self._master)


def shell(
    line: str, *, folder: Path, tools: Sequence[Path] = ()
) -> subprocess.CompletedProcess[bytes]:
    """Run a line in the shell, as it stands in a transcript."""
    variables = environment(folder)
    variables["PATH"] = ":".join([*map(str, tools), str(warm_script().parent), variables["PATH"]])
    return subprocess.run(
        ["/bin/sh", "-c", line],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        cwd=folder,
        env=variables,
        timeout=_SECONDS,
        start_new_session=True,
    )
