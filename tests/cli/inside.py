"""Running a command in the test's own process: as `program`, without the half second of a start."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from strongroom.cli.main import run


@dataclass(frozen=True)
class Done:
    """How a command ended.

    Attributes:
        code: its exit code.
        out: what it wrote to stdout.
        err: what it wrote to stderr.
    """

    code: int
    out: str
    err: str

    @property
    def said(self) -> list[str]:
        """The lines on stderr."""
        return self.err.splitlines()


class Inside:
    """Commands in one folder, which is the current one."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        self.folder = folder
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        for name in ("STRONGROOM_URL", "STRONGROOM_KEY", "STRONGROOM_PASSWORD"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.chdir(folder)

    def __call__(self, *arguments: str, stdin: bytes = b"") -> Done:
        """Run one command."""
        self._capsys.readouterr()
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(_raw(stdin))))
        code = run(arguments)
        out, err = self._capsys.readouterr()
        return Done(code, out, err)

    def file(self, name: str, content: str | bytes) -> str:
        """Write a file into the folder and return its name."""
        data = content.encode() if isinstance(content, str) else content
        (self.folder / name).write_bytes(data)
        return name


def _raw(data: bytes) -> io.RawIOBase:
    class Raw(io.RawIOBase):
        def __init__(self) -> None:
            self._rest = memoryview(data)

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # a buffer
            some = self._rest[: len(buffer)]
            buffer[: len(some)] = some
            self._rest = self._rest[len(some) :]
            return len(some)

    return Raw()
