"""How long it takes to start: the command's help, and the library's import."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Final

from bench.command import SCRIPT
from bench.page import NOT, figure, table
from bench.rounds import ROUNDS, Taken, turned

_ROUNDS: Final = 4 * ROUNDS
_SQLALCHEMY: Final = "import sqlalchemy"
_COMMANDS: Final = {
    "strongroom --help": [str(SCRIPT), "--help"],
    "import strongroom": [sys.executable, "-c", "import strongroom"],
    "python, nothing imported": [sys.executable, "-c", ""],
    _SQLALCHEMY: [sys.executable, "-c", _SQLALCHEMY],
}
_ASKED: Final = {"strongroom --help": "0.6"}


def section() -> Iterator[str]:
    """Give the lines of the section, without its heading."""
    taken = Taken()
    for command in _COMMANDS.values():  # compiled and read from the disk once
        _run(command)
    for number in range(_ROUNDS):
        for name in turned(list(_COMMANDS), number):
            taken.time(name, lambda: _run(_COMMANDS[name]))  # noqa: B023  # called at once
    yield (
        f"Processes of their own, medians of {_ROUNDS} rounds in alternation, ÷ "
        f'`python -c "{_SQLALCHEMY}"`.'
    )
    yield ""
    rows = [
        [
            f"`{name}`" if "," not in name else name,
            figure(taken.ratio(name, _SQLALCHEMY)),
            _ASKED.get(name, NOT),
        ]
        for name in _COMMANDS
        if name != _SQLALCHEMY
    ]
    yield from table(["", f"÷ {_SQLALCHEMY}", "asked for, at most"], rows)


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
