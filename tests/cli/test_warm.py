"""A command without its start does what the installed one does."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.program import SCRIPT, environment, shell, strongroom


@pytest.mark.parametrize(
    "arguments",
    [("--version",), ("--nope",), ("list", "users"), ("get", "users", "1", "--json"), ("status",)],
)
def test_it_ends_and_says_the_same(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert strongroom(folder=tmp_path, stdin=b"Ada\n36\nexit\n").returncode == 0
    warm = strongroom(*arguments, folder=tmp_path)
    cold = subprocess.run(
        [str(SCRIPT), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env=environment(tmp_path),
        start_new_session=True,
    )
    assert (warm.returncode, warm.stdout, warm.stderr) == (
        cold.returncode,
        cold.stdout,
        cold.stderr,
    )


def test_it_reads_what_stands_where_it_is_called(tmp_path: Path) -> None:
    done = shell("umask 077; printf 'Ada\\n36\\n' | strongroom | tail -1; id -u", folder=tmp_path)
    assert done.stdout.decode() == f"1\tAda\t36\n{os.getuid()}\n"
    assert (tmp_path / "strongroom.db").exists()


def test_it_is_killed_with_whoever_called_it(tmp_path: Path) -> None:
    line = "exec strongroom --key 'command:sleep 50' init"
    called = subprocess.Popen(
        ["/bin/sh", "-c", line], cwd=tmp_path, env=_with_warm(tmp_path), start_new_session=True
    )
    deadline = time.monotonic() + 30
    while not _workers(tmp_path):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    called.send_signal(signal.SIGKILL)
    assert called.wait() == -signal.SIGKILL
    while _workers(tmp_path):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _with_warm(folder: Path) -> dict[str, str]:
    found = shell("command -v strongroom", folder=folder).stdout.decode().strip()
    variables = environment(folder)
    return {**variables, "PATH": f"{Path(found).parent}:{variables['PATH']}"}


def _workers(folder: Path) -> list[Path]:
    """Return the processes of strongroom whose folder this is."""
    found = []
    for one in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if (
                one.readlink() == folder
                and b"tests.cli.warm" in (one.parent / "cmdline").read_bytes()
            ):
                found.append(one)
        except OSError:
            continue
    return found
