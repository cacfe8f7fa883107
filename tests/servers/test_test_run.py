"""A test run as a whole: it leaves no server behind, and hides no skip where none is allowed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SAME_FIXTURES = "from tests.conftest import *  # noqa: F403\n"
HOLDS_A_SERVER = """
import pathlib, time
def test_holds_a_server(postgresql):
    pathlib.Path(__file__).with_name("held").write_text(f"{postgresql.pid} {postgresql.data}")
    time.sleep(60)
"""
SKIPS = """
import pytest
from tests.servers.required import unavailable
def test_that_passes():
    pass
@pytest.mark.skip(reason="not today")
def test_left_out():
    pass
def test_without_a_driver():
    unavailable("no driver x: pip install x")
"""
SKIPS_AN_OPTIONAL_ONE = """
import pytest
@pytest.mark.skip(reason="optional: only another suite has this server")
def test_left_out():
    pass
@pytest.mark.xfail(reason="known")
def test_known():
    assert False
"""
NEEDS_LINUX = pytest.mark.skipif(
    sys.platform != "linux", reason="optional: only Linux ends a child with its parent"
)
EXPLICIT = ("CI", "STRONGROOM_REQUIRE_SERVERS")


def pytest_in(folder: Path, code: str, *options: str, **env: str) -> subprocess.Popen[str]:
    """Start a pytest of its own on `code`, with the fixtures and the hooks of these tests."""
    (folder / "conftest.py").write_text(SAME_FIXTURES, encoding="utf-8")
    (folder / "test_inner.py").write_text(code, encoding="utf-8")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in EXPLICIT and not name.startswith(("PYTEST_", "STRONGROOM_TEST_"))
    }
    command = [sys.executable, "-m", "pytest", "-c", os.devnull, "--rootdir", str(folder), "-ra"]
    return subprocess.Popen(
        [*command, "-p", "no:cacheprovider", *options, str(folder)],
        cwd=ROOT,
        env={**kept, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def gone(pid: int, within: float = 20.0) -> bool:
    """Tell whether a process ends within so many seconds."""
    give_up = time.monotonic() + within
    while time.monotonic() < give_up:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass  # it is there, under another user
        if "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text(encoding="utf-8"):
            return True  # dead, and waiting for a parent to say so
        time.sleep(0.05)
    return False


@pytest.mark.usefixtures("postgresql")  # where it can't run, this says so and skips
@pytest.mark.parametrize(
    ("how", "options"),
    [
        pytest.param(signal.SIGINT, [], id="interrupted"),
        pytest.param(signal.SIGINT, ["-n", "1"], id="interrupted, with a worker"),
        pytest.param(signal.SIGKILL, [], id="killed", marks=NEEDS_LINUX),
    ],
)
def test_no_server_outlives_the_run(
    tmp_path: Path, how: signal.Signals, options: list[str]
) -> None:
    process = pytest_in(tmp_path, HOLDS_A_SERVER, *options)
    held, give_up = tmp_path / "held", time.monotonic() + 60
    while not (held.exists() and held.read_text(encoding="utf-8")):
        assert process.poll() is None and time.monotonic() < give_up
        time.sleep(0.05)
    pid, data = held.read_text(encoding="utf-8").split()
    assert Path(data).exists()
    process.send_signal(how)
    process.communicate(timeout=60)
    assert gone(int(pid))
    left = Path(data).parent.parent
    if how is signal.SIGINT:
        assert not left.exists()
    else:
        shutil.rmtree(left)  # nobody was there to do it


def test_a_skip_is_only_a_line_on_a_developers_machine(tmp_path: Path) -> None:
    process = pytest_in(tmp_path, SKIPS)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 0, said
    assert "1 passed, 2 skipped" in said
    assert "not available: no driver x: pip install x" in said


@pytest.mark.parametrize(
    ("name", "options"), [("CI", []), ("STRONGROOM_REQUIRE_SERVERS", ["-n", "1"])]
)
def test_a_skip_fails_the_run_where_everything_is_required(
    tmp_path: Path, name: str, options: list[str]
) -> None:
    process = pytest_in(tmp_path, SKIPS, *options, **{name: "1"})
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 1, said
    assert "1 failed, 1 passed, 1 skipped" in said
    assert "test_inner.py::test_left_out: not today" in said
    assert "no skip is allowed here: no driver x: pip install x" in said


def test_a_lone_skip_fails_the_run_too(tmp_path: Path) -> None:
    code = "import pytest\npytest.skip('no such module', allow_module_level=True)\n"
    (tmp_path / "test_passes.py").write_text("def test_passes():\n    pass\n", encoding="utf-8")
    process = pytest_in(tmp_path, code, CI="true")
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 1, said
    assert "1 passed, 1 skipped" in said
    assert "test_inner.py: no such module" in said


def test_an_optional_skip_and_an_expected_failure_are_allowed(tmp_path: Path) -> None:
    process = pytest_in(tmp_path, SKIPS_AN_OPTIONAL_ONE, CI="true")
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 0, said
    assert "1 skipped, 1 xfailed" in said
