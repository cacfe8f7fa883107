"""Imports and exports at a terminal, in a pipe that ends early or never, and their progress."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from strongroom.cli import progress as display
from strongroom.jobs.engine import Progress
from tests.cli.program import SCRIPT, Terminal, environment, strongroom


def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    rows = "".join(f"{at} {'x' * 100},{at % 90}\n" for at in range(3_000))
    (tmp_path / "a.csv").write_text(f"name,age\n{rows}")
    assert strongroom("import", "users", "a.csv", folder=tmp_path).returncode == 0
    with subprocess.Popen(
        [str(SCRIPT), "export", "users"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment(tmp_path),
    ) as export:
        assert export.stdout is not None
        assert export.stderr is not None
        assert export.stdout.readline() == b"id,name,age\n"
        export.stdout.close()
        assert export.stderr.read() == b""
        assert export.wait(30) == 141


def test_a_terminal_gets_no_export(tmp_path: Path) -> None:
    assert strongroom("add", "users", "name=Ada", "age=36", folder=tmp_path).returncode == 0
    with Terminal("export", "users", folder=tmp_path) as terminal:
        terminal.expect("error: an export is not for a terminal, which its values could drive")
        terminal.expect("strongroom list users")
        assert terminal.end() == 2
    assert "Ada" not in terminal.screen


def test_ctrl_c_in_a_pipe_without_end(tmp_path: Path) -> None:
    """However many rows there are, they are stored as they come, and the end can be any time."""
    assert strongroom("add", "users", "name=Ada", "age=36", folder=tmp_path).returncode == 0
    import_command = [str(SCRIPT), "import", "users", "-", "--format", "csv"]
    with subprocess.Popen(
        import_command,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        env=environment(tmp_path),
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b"name,age\n" + b"Eve,41\n" * 2_500)
        process.stdin.flush()
        deadline = time.monotonic() + 30
        while stored_in(tmp_path) < 2_001 and time.monotonic() < deadline:
            time.sleep(0.05)
        # A pipe that is waited for holds no lock: others write meanwhile.
        added = strongroom("add", "users", "name=Bob", "age=40", folder=tmp_path)
        assert added.returncode == 0
        os.kill(process.pid, signal.SIGINT)
        said = process.stderr.read().decode()
        assert process.wait(30) == 130
        process.stdin.close()
    assert said == "interrupted: 2,000 records stored; the same command goes on from there\n"
    assert stored_in(tmp_path) == 2_002


def stored_in(folder: Path) -> int:
    import sqlite3

    database = sqlite3.connect(folder / "strongroom.db")
    [(count,)] = database.execute("SELECT COUNT(*) FROM users").fetchall()
    database.close()
    return int(count)


def test_a_bar_at_a_terminal_and_none_if_quiet(tmp_path: Path) -> None:
    rows = "".join(f"n{at},{at % 90}\n" for at in range(3_000))
    (tmp_path / "a.csv").write_text(f"name,age\n{rows}")
    with Terminal("import", "users", "a.csv", folder=tmp_path) as terminal:
        terminal.expect("3,000 of 3,000")
        terminal.expect("imported 3,000 records into users")
        assert terminal.end() == 0
    with Terminal("import", "users", "a.csv", "--again", "--quiet", folder=tmp_path) as terminal:
        assert terminal.end() == 0
    assert terminal.screen == "imported 3,000 records into users\n"


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress(0, 0, None, 0, 0.0), "0"),
        (Progress(900, 100, None, 500, 2.0), "1,000, 100 failed, 250/s"),
        (
            Progress(6_000, 0, 1_000_000, 5_000, 2.0),
            "6,000 of 1,000,000, 2,500/s, 6:37 left",
        ),
        (Progress(10, 0, 10, 10, 1.0), "10 of 10, 10/s"),
        (Progress(1, 0, 9_001, 1, 1.0), "1 of 9,001, 1/s, 2:30:00 left"),
    ],
)
def test_figures(progress: Progress, text: str) -> None:
    assert display.figures(progress) == text


def test_lines_of_progress_come_in_their_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with display.shown("importing") as watch:
        for second in range(12):
            now[0] = 100.0 + second
            watch(Progress(second * 10, 0, 200, second * 10, float(second)))
    assert capsys.readouterr().err.splitlines() == [
        "importing: 50 of 200, 10/s, 0:15 left",
        "importing: 100 of 200, 10/s, 0:10 left",
    ]


def test_a_part_of_a_job_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with display.shown("adopting people") as watch:
        now[0] += 5
        watch(Progress(10, 0, 20, 10, 5.0, "proving"))
    assert capsys.readouterr().err == "adopting people, proving: 10 of 20, 2/s, 0:05 left\n"


def test_a_named_pipe_is_read_once(tmp_path: Path) -> None:
    line = "strongroom import users <(printf 'name,age\\nAda,36\\nBob,40\\n') --format csv"
    done = subprocess.run(
        ["/bin/bash", "-c", line],
        capture_output=True,
        check=False,
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    assert done.stderr.decode().splitlines()[-1] == "imported 2 records into users"
    assert (done.returncode, stored_in(tmp_path)) == (0, 2)
