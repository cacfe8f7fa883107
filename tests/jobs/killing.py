"""Commands and programs that are killed at random moments and started again, until they end.

`STRONGROOM_KILLS` says how often each is killed: 5 times in `make test`, 50 in `make soak`. A kill
is SIGKILL: nothing of the process gets to run after it.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.cli.program import SCRIPT, environment, warm_script

KILLS = int(os.environ.get("STRONGROOM_KILLS", "5"))
_SECONDS = 110.0


@dataclass(frozen=True)
class Ended:
    """A command that was killed, again and again, and then not any more.

    Attributes:
        struck: how many of the kills met it alive.
        code: the exit code of its last run.
        err: what its last run wrote to stderr.
    """

    struck: int
    code: int
    err: str


def killed_and_finished(
    arguments: Sequence[str],
    *,
    folder: Path,
    extra: Mapping[str, str] | None = None,
    chance: random.Random,
    kills: int = KILLS,
) -> Ended:
    """Run a command of strongroom, kill it so often, and let it come to its end.

    Args:
        arguments: without the program's name.
        folder: where it runs.
        extra: variables of its environment.
        chance: where the moments come from; seeded, so that a failure can be repeated.
        kills: how often.
    """
    start = _seconds_of(["--version"], folder, extra)
    struck = 0
    for _ in range(kills):
        with _started(arguments, folder, extra) as process:
            try:
                # From before the first statement until well behind the last, on a slow machine too.
                process.wait(chance.uniform(0.5, 6.0) * start)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
            struck += process.wait(_SECONDS) == -signal.SIGKILL
    last = _started(arguments, folder, extra)
    _, err = last.communicate(timeout=_SECONDS)
    return Ended(struck, last.returncode, err.decode())


def _seconds_of(arguments: Sequence[str], folder: Path, extra: Mapping[str, str] | None) -> float:
    began = time.monotonic()
    _started(arguments, folder, extra).communicate(timeout=_SECONDS)
    return time.monotonic() - began


def _started(
    arguments: Sequence[str], folder: Path, extra: Mapping[str, str] | None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(SCRIPT), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=folder,
        env=environment(folder, extra),
        start_new_session=True,
    )


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
        argv: `-m` or `-c`, and what follows. The program prints a line when its work begins.
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
        with _begun(argv, env) as process:
            _wait_for_work(process)
            time.sleep(rng.uniform(0, longest))
            process.send_signal(signal.SIGKILL)
            _, errors = process.communicate(timeout=_SECONDS)
        if process.returncode != -signal.SIGKILL:
            assert process.returncode == 0, errors
            return number
    with _begun(argv, env) as process:
        _, errors = process.communicate(timeout=_SECONDS)
    assert process.returncode == 0, errors
    return rounds


def _begun(argv: Sequence[str], env: Mapping[str, str] | None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [str(warm_script()), *argv],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **(env or {})},
    )


def _wait_for_work(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        _, errors = process.communicate(timeout=_SECONDS)
        raise AssertionError(errors)
