"""Processes of their own: how long each took and how much memory it held."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.servers.database import Database

SCRIPT = Path(sys.executable).with_name("strongroom")
_LAUNCH = Path(__file__).with_name("launch.py")
_ROOT = Path(__file__).parents[1]
_KIB = 1024


@dataclass(frozen=True)
class Run:
    """One run: seconds, and the most memory it held, in MiB."""

    seconds: float
    peak: float


def strongroom(database: Database, folder: Path, *arguments: str) -> Run:
    """Run one command against a database; it must succeed."""
    key = f"file:{folder / 'aes_key.bin'}"
    return _run([str(SCRIPT), "--url", database.url, "--key", key, *arguments], database, folder)


def module(database: Database, name: str, *arguments: str) -> Run:
    """Run a module of the benchmark by itself; it must succeed."""
    return _run([sys.executable, "-m", name, *arguments], database, _ROOT)


def _run(command: Sequence[str], database: Database, folder: Path) -> Run:
    password: Mapping[str, str] = (
        {} if database.password is None else {"STRONGROOM_PASSWORD": database.password}
    )
    process = subprocess.run(
        [sys.executable, "-I", "-S", str(_LAUNCH), *command],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **password},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        failed = f"{' '.join(command[:3])} ended with {process.returncode}"
        raise RuntimeError(f"{failed}: {process.stderr}")
    seconds, most = process.stdout.split()
    return Run(float(seconds), int(most) / _KIB)
