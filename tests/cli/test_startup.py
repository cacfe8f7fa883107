"""What a command loads before it is needed: nothing that is slow."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import environment, strongroom

_HEAVY = ("sqlalchemy", "cryptography", "rich", "pymysql", "psycopg", "asyncio")
_LAYERS = ("crypto", "files", "jobs", "keys", "room", "schema", "storage")
_ALL = """
import json, sys
%s
print(json.dumps(sorted(sys.modules)))
"""
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


def modules(code: str) -> set[str]:
    """Return what a process has in `sys.modules` after `code`, without what it began with."""
    before, after = (
        json.loads(
            subprocess.run(
                [sys.executable, "-c", _ALL % one], capture_output=True, check=True
            ).stdout.splitlines()[-1]
        )
        for one in ("", code)
    )
    return set(after) - set(before)


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_the_command_line_alone(option: str) -> None:
    found = modules(f"from strongroom.cli.main import run; run([{option!r}])")
    ours = {name for name in found if name.startswith("strongroom")}
    assert ours >= {"strongroom", "strongroom.cli.main", "strongroom.errors"}
    assert not {name for name in ours if name.split(".")[1:2] and name.split(".")[1] in _LAYERS}
    assert found.isdisjoint((*_HEAVY, "decimal", "ssl", "sqlite3", "tomllib", "traceback", "numpy"))


def test_importing_the_library_loads_its_errors_alone() -> None:
    found = modules("import strongroom")
    ours = {name for name in found if name.startswith("strongroom")}
    assert ours == {"strongroom", "strongroom.errors", "strongroom.version"}
    assert found.isdisjoint((*_HEAVY, "click", "dataclasses", "decimal", "logging", "sqlite3"))


def test_what_was_not_used_yet_is_listed_and_is_the_same_when_it_is() -> None:
    code = (
        "import strongroom, strongroom.errors as e; names = dir(strongroom); "
        "assert {'open', 'Table', 'BusyError'} <= set(names); "
        "assert 'strongroom.room' not in sys.modules; "
        "assert strongroom.BusyError is e.BusyError; "
        "from strongroom.room.table import Table; assert strongroom.Table is Table"
    )
    assert "strongroom.room.table" in modules(code)


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
