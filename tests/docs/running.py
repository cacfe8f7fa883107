"""How the blocks of a document are run: Python as a doctest, commands as a terminal shows them.

All blocks of one document run in their order, so that a document reads like a session: Python in
one fresh folder, commands in another. `...` in what is shown stands for anything.
"""

from __future__ import annotations

import doctest
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.docs.documents import Block

FLAGS: Final = doctest.ELLIPSIS | doctest.FAIL_FAST
_PARSER: Final = doctest.DocTestParser()
_CHECKER: Final = doctest.OutputChecker()
_SECONDS: Final = 60
QUESTIONS: Final = ("Name (exit to finish): ", "Age: ", "(yes/no): ")
"""After which a block for a terminal shows what is typed."""


def run(block: Block, names: dict[str, Any], folder: Path) -> int:
    """Run one block and return how many examples it holds.

    Args:
        block: the block, in a language that is run.
        names: what the Python blocks of its document have defined so far.
        folder: where commands run; Python runs in the current folder.
    """
    if block.run == "terminal":
        return run_terminal(block, folder)
    runs: dict[str, Callable[[], int]] = {
        "python": lambda: run_python(block, names),
        "console": lambda: run_console(block, folder),
        "sh": lambda: runshell(block, folder),
    }
    return runs[block.language]()


def run_python(block: Block, names: dict[str, Any]) -> int:
    """Run a block of Python as a doctest: what is shown must come out, exceptions too."""
    test = _PARSER.get_doctest(block.text, {}, block.place, block.document, block.line - 1)
    test.globs = names
    assert test.examples, f"{block.place}: nothing to run: write it with >>>"
    said: list[str] = []
    failed = doctest.DocTestRunner(optionflags=FLAGS).run(test, out=said.append, clear_globs=False)
    if failed.failed:
        pytest.fail("".join(said), pytrace=False)
    return failed.attempted


def run_console(block: Block, folder: Path) -> int:
    """Run a block of commands, each behind a `$`, and compare everything that they print."""
    count, code = 0, 0
    for command, expected in commands(block):
        # `$?` shows how the command before ended, as it does in a terminal.
        done = shell(f"(exit {code}); {command}", folder)
        code, count = done.returncode, count + 1
        compare(block, command, expected, done.stdout)
    assert count, f"{block.place}: nothing to run: write commands behind a $"
    return count


def compare(block: Block, command: str, expected: str, printed: str) -> None:
    """Fail unless a command of the block printed what is shown for it."""
    if not _CHECKER.check_output(expected, printed, doctest.ELLIPSIS):
        text = f"{block.place}: $ {command}\nshown:\n{expected}\nprinted:\n{printed}"
        pytest.fail(text, pytrace=False)


def runshell(block: Block, folder: Path) -> int:
    """Run a block of commands without their output: each of them must succeed."""
    done = shell(f"set -euo pipefail\n{block.text}", folder)
    if done.returncode:
        pytest.fail(f"{block.place}: exit code {done.returncode}\n{done.stdout}", pytrace=False)
    return len(block.text.splitlines())


def run_terminal(block: Block, folder: Path) -> int:
    """Run the one command of a block in a terminal, type what it shows typed, and compare."""
    [(command, expected)] = commands(block)
    typed = [
        line.partition(question)[2]
        for line in expected.splitlines()
        for question in QUESTIONS
        if question in line
    ]
    assert typed, f"{block.place}: nothing is typed: use a console block"
    shown = _typing(command, typed, folder)
    compare(block, command, expected, shown)
    return len(typed)


def _typing(command: str, typed: list[str], folder: Path) -> str:
    """Return everything that a terminal shows of a command, the echo of what is typed included."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        ["bash", "-c", f"timeout {_SECONDS} {command}"],
        cwd=folder,
        env=environment(folder) | {"TERM": "dumb"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ):
        os.close(theirs)
        answers, shown = iter(typed), b""
        try:
            while part := os.read(ours, 4096):
                shown += part
                if shown.decode("utf-8", "replace").endswith(QUESTIONS):
                    os.write(ours, f"{next(answers)}\n".encode())
        except OSError:
            pass  # how a terminal says that the last program in it has ended
        finally:
            os.close(ours)
    # Nobody sees the spaces at the end of a line.
    return "".join(f"{line.rstrip()}\n" for line in shown.decode("utf-8").splitlines())


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block with the output that is shown for it."""
    command: str | None = None
    output = ""
    for line in block.text.splitlines(keepends=True):
        if line.startswith("$ "):
            if command is not None:
                yield command, output
            command, output = line[2:].rstrip("\n"), ""
        else:
            assert command is not None, f"{block.place}: output before the first command"
            output += line
    if command is not None:
        yield command, output


def shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a script in `folder` as a newcomer would; stdout and stderr come out as one."""
    return subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=_SECONDS,
        check=False,
    )


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of a newcomer: `strongroom` on the path, and no settings."""
    programs = folder.parent / "programs"
    programs.mkdir(exist_ok=True)
    program = programs / "strongroom"
    if not program.exists():
        # The installed command, made anew for this interpreter, so that no other one is tested.
        start = (
            "import sys; sys.argv[0] = 'strongroom'; from strongroom.cli.main import main; main()"
        )
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{start}" "$@"\n')
        program.chmod(0o700)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STRONGROOM")}
    path = f"{programs}:{Path(sys.executable).parent}:{kept['PATH']}"
    return kept | {"PATH": path, "HOME": str(folder.parent), "LC_ALL": "C.UTF-8", "COLUMNS": "100"}
