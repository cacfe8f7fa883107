"""The installed command, run as a process of its own: how long it took and how much it held."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.servers.database import Database

SCRIPT = Path(sys.executable).with_name("strongroom")
_KIB = 1024


@dataclass(frozen=True)
class Run:
    """One run: seconds, and the most memory it held, in MiB."""

    seconds: float
    peak: float


def strongroom(database: Database, folder: Path, *arguments: str) -> Run:
    """Run one command against a database; it must succeed."""
    password = {} if database.password is None else {"STRONGROOM_PASSWORD": database.password}
    began = time.perf_counter()
    process = subprocess.Popen(
        [SCRIPT, "--url", database.url, "--key", f"file:{folder / 'aes_key.bin'}", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | password,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    said = process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    if process.returncode:
        raise RuntimeError(f"strongroom {arguments[0]} ended with {process.returncode}: {said}")
    return Run(time.perf_counter() - began, used.ru_maxrss / _KIB)
