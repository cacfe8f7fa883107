"""The page `docs/cli.md`, made from the help of every command; a test compares the two.

python -m strongroom.cli.reference > docs/cli.md
"""

from __future__ import annotations

import sys
from typing import Final

import click

from strongroom.cli.main import COMMANDS, NAME, strongroom

_WIDTH: Final = 80
_HEAD: Final = """\
# The command line

Prompts, notices and errors go to stderr, results to stdout. Values in arguments can be seen by
every user of the machine and stay in the shell's history: leave personal ones out and be asked,
or give `-` and pipe them in.

This page is the help of every command, made by `python -m strongroom.cli.reference`.
"""


def page() -> str:
    """Return the whole page."""
    helps = ["-h", "--help"]
    root = click.Context(strongroom, info_name=NAME, terminal_width=_WIDTH, help_option_names=helps)
    parts = [_HEAD, _section(NAME, strongroom.get_help(root))]
    for name in COMMANDS:
        command = strongroom.get_command(root, name)
        if command is not None:
            inner = click.Context(command, parent=root, info_name=name, terminal_width=_WIDTH)
            parts.append(_section(f"{NAME} {name}", command.get_help(inner)))
    return "\n".join(parts)


def _section(title: str, text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.rstrip().splitlines())
    return f"## {title}\n\n```text\n{lines}\n```\n"


if __name__ == "__main__":
    sys.stdout.write(page())
