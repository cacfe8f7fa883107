"""The shape of the house: what import contracts and style checks can't see.

Which layer may import which is checked by `lint-imports`, from the contracts in pyproject.toml.
"""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import strongroom

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "strongroom"

MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 50
VAGUE = re.compile(r"(^|_)(utils?|helpers?|common|misc|managers?)($|_)|\d$")
UNTRACKED = re.compile(r"^(\.git|\.venv|dist|htmlcov|\.hypothesis|__pycache__|.*_cache)$")


def tracked() -> list[Path]:
    """Return every file of the project: what git would commit, or all there is without git."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=False,
        capture_output=True,
    )
    if listed.returncode == 0 and (ROOT / ".git").exists():
        found = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        found = []
        for folder, folders, names in os.walk(ROOT):
            folders[:] = [name for name in folders if not UNTRACKED.search(name)]
            found += [Path(folder, name) for name in names]
    return sorted(path for path in found if path.is_file())


def sources(*, tests: bool = True) -> list[Path]:
    """Return the Python files: the library's, and the tests' unless told otherwise."""
    folders = ("src", "tests", "tools", "bench") if tests else ("src",)
    found = [
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if "vectors" not in path.relative_to(ROOT).parts
    ]
    assert len(found) > 20, "the search itself is broken"
    return sorted(found)


def modules() -> list[str]:
    """Return the dotted name of every module of the library."""
    names = []
    for path in sources(tests=False):
        parts = path.relative_to(ROOT / "src").with_suffix("").parts
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield every function and method."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


# Forks once per module from a process that has loaded only what others made, so each module of
# ours is the first of ours to be imported there, and the whole takes a second.
EACH_ALONE = """
import importlib, os, sys, traceback
import click, rich.table, sqlalchemy
from cryptography.hazmat.primitives.ciphers import Cipher
assert not any(name.startswith("strongroom") for name in sys.modules)
failed = []
for name in sys.argv[1:]:
    child = os.fork()
    if child == 0:
        try:
            importlib.import_module(name)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        failed.append(name)
print(*failed)
"""


def test_every_module_can_be_imported_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", EACH_ALONE, *modules()],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.split() == [], done.stderr


def test_importing_the_package_loads_neither_database_nor_cipher() -> None:
    heavy = ("sqlalchemy", "cryptography", "click", "rich", "pymysql", "psycopg")
    code = f"import strongroom, sys; print(*sorted(set(sys.modules) & set({heavy!r})))"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == []


def test_the_installed_version_is_the_one_the_source_says() -> None:
    assert importlib.metadata.version("strongroom") == strongroom.__version__


def test_inside_the_package_nothing_below_the_command_line_uses_its_front_door() -> None:
    offenders = []
    for path in sources(tests=False):
        inner = path.relative_to(PACKAGE).parts[0]
        if inner in ("cli", "__init__.py"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                named = {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                named = {str(node.module)}
            else:
                continue
            if "strongroom" in named:
                offenders.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert offenders == []


def test_every_file_opens_with_a_docstring() -> None:
    without = [
        str(path.relative_to(ROOT))
        for path in sources()
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert without == []


def test_no_file_and_no_function_is_too_long() -> None:
    long = []
    for path in sources():
        name, text = path.relative_to(ROOT), path.read_text(encoding="utf-8")
        lines = len(text.splitlines())
        if lines >= MOST_LINES_OF_A_FILE:
            long.append(f"{name}: {lines} lines")
        for function in functions(ast.parse(text)):
            size = (function.end_lineno or function.lineno) - function.lineno + 1
            if size >= MOST_LINES_OF_A_FUNCTION:
                long.append(f"{name}:{function.lineno} {function.name}: {size} lines")
    assert long == []


def test_no_file_or_folder_has_a_vague_name() -> None:
    vague = {
        part
        for path in sources()
        for part in path.relative_to(ROOT).with_suffix("").parts
        if VAGUE.search(part)
    }
    assert vague == set()


@pytest.mark.parametrize(
    "name", ["utils", "row_utils", "helper", "common", "misc", "key_manager", "cell2"]
)
def test_the_vague_names_are_recognised(name: str) -> None:
    assert VAGUE.search(name)


# Put together from parts, so that this file does not hold what it looks for.
FOREIGN = {
    "a path of one machine": r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)" + "/",
    "a package registry": r"(?i)\b(?:pypi\.(?:org|python)|python" + r"hosted\.org|registry\.npm)",
    "a registry setting": r"--(?:(?:extra-)?index" + "-url|find" + "-links)",
}


@pytest.mark.parametrize("what", FOREIGN)
def test_no_file_names(what: str) -> None:
    pattern = re.compile(FOREIGN[what])
    files = tracked()
    assert ROOT / "pyproject.toml" in files
    found = []
    for path in files:
        text = path.read_bytes().decode("utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if pattern.search(line) and path != Path(__file__).resolve():
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert found == []


def test_pinned_versions_are_names_and_versions_only() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert len(pins) > 20
    for pin in pins:
        assert re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9_.!+-]+", pin), pin
