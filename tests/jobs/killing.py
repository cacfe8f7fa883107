"""A process that is killed at random moments and started again until it ends by itself."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Final

KILLS: Final = int(os.environ.get("STRONGROOM_KILLS", "5"))
_LONGEST: Final = 110  # seconds that one run may take, whatever it does


def killed_until_done(
    argv: Sequence[str],
    rounds: int,
    rng: random.Random,
    *,
    env: Mapping[str, str] | None = None,
    longest: float = 1.0,
) -> int:
    """Run a Python program, kill it `rounds` times with SIGKILL, then let it end.

    Args:
        argv: what follows the interpreter. The program prints a line when its work begins.
        rounds: how often it is killed, each time at another moment of its work.
        rng: chooses the moments.
        env: beside the environment's own variables.
        longest: seconds of work after which it is killed at the latest.

    Returns:
        How often it was killed: fewer than `rounds` if it ended before that.

    Raises:
        AssertionError: it failed, or never began.
    """
    for number in range(rounds):
        with _started(argv, env) as process:
            _wait_for_work(process)
            time.sleep(rng.uniform(0, longest))
            process.send_signal(signal.SIGKILL)
            _, errors = process.communicate(timeout=_LONGEST)
        if process.returncode != -signal.SIGKILL:
            assert process.returncode == 0, errors
            return number
    with _started(argv, env) as process:
        _, errors = process.communicate(timeout=_LONGEST)
    assert process.returncode == 0, errors
    return rounds


def _started(argv: Sequence[str], env: Mapping[str, str] | None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
    )


def _wait_for_work(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        _, errors = process.communicate(timeout=_LONGEST)
        raise AssertionError(errors)
