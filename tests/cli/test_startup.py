"""What a command loads before it is needed: nothing that is slow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import environment, strongroom

_HEAVY = ("sqlalchemy", "cryptography", "rich", "pymysql", "psycopg", "asyncio")
_PROBE = """
import sys
from strongroom.cli.main import run
code = run(sys.argv[1:])
print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules} & set(%r)))
sys.exit(code)
"""


def loaded(*arguments: str, folder: Path) -> set[str]:
    """Return which of the heavy libraries a command loaded."""
    done = subprocess.run(
        [sys.executable, "-c", _PROBE % (_HEAVY,), *arguments],
        capture_output=True,
        check=False,
        cwd=folder,
        env=environment(folder, {"PYTHONPATH": ":".join(filter(None, sys.path))}),
    )
    last = done.stdout.decode().splitlines()[-1]
    assert last.startswith("loaded:"), done.stderr
    return set(last.split()[1:])


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("list", "--help"),
        ("create-table", "--help"),
        ("completion", "bash"),
        ("nonsense",),
        ("list",),
    ],
)
def test_nothing_heavy_is_loaded(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert loaded(*arguments, folder=tmp_path) == set()


def test_a_piped_list_needs_no_terminal_library(tmp_path: Path) -> None:
    assert strongroom("init", folder=tmp_path).returncode == 0
    found = loaded("list", "users", folder=tmp_path)
    assert {"sqlalchemy", "cryptography"} <= found
    assert "rich" not in found


def test_help_touches_no_file(tmp_path: Path) -> None:
    (tmp_path / "strongroom.toml").write_text("not toml")
    assert strongroom("--help", folder=tmp_path).returncode == 0
    assert strongroom("add", "--help", folder=tmp_path).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["strongroom.toml"]
