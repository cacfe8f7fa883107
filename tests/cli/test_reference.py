"""`docs/cli.md` is the help of the commands as they are."""

from __future__ import annotations

import re
from pathlib import Path

from strongroom.cli import exits
from strongroom.cli.main import COMMANDS
from strongroom.cli.reference import page

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def test_the_page_is_what_the_commands_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_command_has_a_part_with_examples() -> None:
    parts = re.split(r"^## strongroom ?", page(), flags=re.MULTILINE)[1:]
    assert [part.splitlines()[0] for part in parts] == ["", *COMMANDS]
    assert all("\n  Examples:\n    strongroom" in part for part in parts)


def test_every_exit_code_is_documented() -> None:
    listed = {int(code) for code in re.findall(r"^ +(\d+)  [a-z]", page(), flags=re.MULTILINE)}
    assert listed == set(exits.MEANINGS)
