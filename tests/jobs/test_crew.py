"""Several forked processes: what they say arrives, what they hide stays, and none is left over.

Each test is a program of its own, since the tests' processes have threads.
"""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from strongroom.errors import InputError
from strongroom.jobs.crew import Crew
from tests.cli.program import environment, warm_script

_HEAD = """
import os, sys, time
from strongroom import errors
from strongroom.jobs.crew import Crew
"""


def program(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(warm_script()), "-c", _HEAD + code],
        capture_output=True,
        check=False,
        text=True,
        cwd=folder,
        env=environment(folder),
        timeout=60,
    )


def told(code: str, folder: Path) -> list[str]:
    """Run a program that succeeds and is silent on stderr, and return its lines."""
    done = program(code, folder)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout.splitlines()


def gone(pid: int) -> bool:
    """Wait until a process is no more."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state[0] == "Z":  # nobody waits for it here
            return True
        time.sleep(0.02)
    return False


def test_all_wait_for_each_other_before_they_go_on(tmp_path: Path) -> None:
    lines = told(
        """
def task(number, link):
    time.sleep(0.2 * number)
    link.tell(("before", number))
    link.wait()
    link.tell(("behind", number))

with Crew(3, task) as crew:
    for number, said in crew.heard():
        assert said == ("before", number)
        print(*said)
    print("all wait")
    crew.go_on()
    for number, said in crew.heard():
        assert said == ("behind", number)
        print(*said)
""",
        tmp_path,
    )
    assert lines[:4] == ["before 0", "before 1", "before 2", "all wait"]
    assert sorted(lines[4:]) == ["behind 0", "behind 1", "behind 2"]


def test_an_error_arrives_with_its_kind_and_its_hint(tmp_path: Path) -> None:
    lines = told(
        """
def task(number, link):
    if number == 1:
        error = errors.BusyError("taken", hint="wait")
        error.retryable = False
        raise error
    link.wait()

try:
    with Crew(2, task) as crew:
        for _ in crew.heard():
            pass
except errors.StrongroomError as error:
    print(type(error).__name__, error, error.hint, error.retryable, error.__context__)
""",
        tmp_path,
    )
    assert lines == ["BusyError taken wait False None"]


def test_a_cell_that_does_not_open_is_an_error_of_integrity(tmp_path: Path) -> None:
    lines = told(
        """
def task(number, link):
    raise errors.DecryptionError(3)

try:
    with Crew(2, task) as crew:
        for _ in crew.heard():
            pass
except errors.IntegrityError as error:
    print(type(error).__name__, error)
""",
        tmp_path,
    )
    assert lines == ["IntegrityError the value cannot be opened"]


@pytest.mark.parametrize("failure", ["ValueError('Ada Lovelace')", "KeyboardInterrupt('Ada')"])
def test_of_an_unforeseen_error_only_the_name_leaves_the_process(
    failure: str, tmp_path: Path
) -> None:
    lines = told(
        f"""
def task(number, link):
    raise {failure}

try:
    with Crew(2, task) as crew:
        for _ in crew.heard():
            pass
except errors.UnfinishedError as error:
    print(error, "|", error.hint)
""",
        tmp_path,
    )
    name = failure.partition("(")[0]
    said = f"a process of the job failed ({name})"
    assert lines == [f"{said} | the same command goes on from where it was"]


def test_a_process_that_dies_ends_the_others(tmp_path: Path) -> None:
    """The second dies: nobody else holds the end of its pipe."""
    lines = told(
        """
def task(number, link):
    link.tell(os.getpid())
    if number == 1:
        os.kill(os.getpid(), 9)
    link.wait()
    time.sleep(60)

pids = []
try:
    with Crew(3, task) as crew:
        for number, pid in crew.heard():
            pids.append(pid)
        crew.go_on()
        for _ in crew.heard():
            pass
except errors.UnfinishedError as error:
    print(error)
for pid in pids:
    try:
        os.kill(pid, 0)
        print("still there")
    except ProcessLookupError:
        pass
""",
        tmp_path,
    )
    assert lines == ["a process of the job died"]


@pytest.mark.parametrize("wish", ["SIG_DFL", "SIG_IGN"])
def test_they_end_with_the_block_that_is_left_by_an_error(wish: str, tmp_path: Path) -> None:
    """Whatever the program does with a signal that ends it."""
    lines = told(
        f"""
import signal
signal.signal(signal.SIGTERM, signal.{wish})
"""
        """
def task(number, link):
    link.tell(os.getpid())
    time.sleep(60)

pids = []
try:
    with Crew(2, task) as crew:
        for number, pid in crew.heard():
            pids.append(pid)
            if len(pids) == 2:
                raise KeyboardInterrupt
except KeyboardInterrupt:
    for pid in pids:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            print("gone")
""",
        tmp_path,
    )
    assert lines == ["gone", "gone"]


@pytest.mark.parametrize("waiting", [False, True])
def test_they_end_when_the_one_that_began_them_is_killed(waiting: bool, tmp_path: Path) -> None:  # noqa: FBT001
    behind = "link.wait()" if waiting else "while True:\n        time.sleep(0.05); link.tell(0)"
    code = f"""
def task(number, link):
    link.tell(os.getpid())
    {behind}

with Crew(3, task) as crew:
    for number, said in crew.heard():
        if said:
            print(said, flush=True)
    time.sleep(60)
"""
    begun = subprocess.Popen(
        [str(warm_script()), "-c", f"{_HEAD}print(os.getpid(), flush=True)\n{code}"],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=environment(tmp_path),
    )
    assert begun.stdout is not None
    try:
        pids = [int(begun.stdout.readline()) for _ in range(4)]
        os.kill(pids[0], signal.SIGKILL)
        assert all(gone(pid) for pid in pids)
    finally:
        begun.kill()
        begun.communicate(timeout=30)


def test_no_fork_beside_other_threads() -> None:
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    other.start()
    try:
        with pytest.raises(InputError, match="forked before there are other threads"):
            Crew(2, lambda _number, _link: None)
    finally:
        done.set()
        other.join()
