"""Sixteen processes make the key file at the same time, again and again: all have one key."""

from __future__ import annotations

import collections
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import strongroom.errors

SOURCE = str(Path(strongroom.errors.__file__).parents[1])
PROCESSES = 16
ROUNDS = 100

# A process of its own without threads, so that it may fork. The children wait for the gate of each
# round, which opens for all of them at once, and say whether they made the key, and which it is.
RACE = """
import os, sys
from strongroom.crypto.secret import Secret
from strongroom.keys.keyfile import KeyFile

processes, rounds = int(sys.argv[1]), int(sys.argv[2])

def run(gates, results):
    for _, opener in gates:
        os.close(opener)
    for number, (gate, _) in enumerate(gates):
        os.read(gate, 1)  # returns at the end of the pipe
        provider = KeyFile(f"{number}/aes_key.bin")
        try:
            mark = provider.create(bytes(16), Secret(bytes(range(32)))).fingerprint.hex()
        except Exception as error:
            mark = type(error).__name__
        os.write(results, f"{number} {provider.made:d} {mark}\\n".encode())

for number in range(rounds):
    os.mkdir(str(number))
gates = [os.pipe() for _ in range(rounds)]
results, report = os.pipe()
for _ in range(processes):
    if os.fork() == 0:
        try:
            run(gates, report)
            os._exit(0)
        finally:
            os._exit(1)
os.close(report)
with os.fdopen(results) as lines:
    for _, opener in gates:
        os.close(opener)
        for _ in range(processes):
            sys.stdout.write(next(lines))
codes = [os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(processes)]
assert codes == [0] * processes
"""


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: nobody waits for a disk, so more of them collide."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.mark.timeout(60)
def test_sixteen_first_runs_agree_on_one_key(memory: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", RACE, str(PROCESSES), str(ROUNDS)],
        cwd=memory,
        env=os.environ | {"PYTHONPATH": SOURCE},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stderr == ""
    makers: collections.Counter[str] = collections.Counter()
    marks: dict[str, list[str]] = collections.defaultdict(list)
    for line in ended.stdout.splitlines():
        number, made, mark = line.split()
        makers[number] += int(made)
        marks[number].append(mark)
    assert len(marks) == ROUNDS
    assert {len(those) for those in marks.values()} == {PROCESSES}
    assert {len(set(those)) for those in marks.values()} == {1}
    assert all(re.fullmatch("[0-9a-f]{16}", those[0]) for those in marks.values())
    assert set(makers.values()) == {1}
    for one in range(ROUNDS):
        assert [path.name for path in (memory / str(one)).iterdir()] == ["aes_key.bin"]
