"""The form of a transcript: what was typed, what came out, how it ended.

    # a comment
    $ a line for the shell
    what came out on stdout
    ! what came out on stderr
    [3]                        the exit code, left out when it is 0

What differs from run to run stands there by its name: `<store>`, `<fingerprint>`, `<key>` and
`<time>`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.cli.program import shell

_NAMED = (
    (re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"), "<time>"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "<store>"),
    (re.compile(r"\b(?=[0-9]*[a-f])[0-9a-f]{16}\b|(?<=fingerprint )[0-9a-f]{16}"), "<fingerprint>"),
    (re.compile(r"(?<=key\t)[0-9a-f]{8}(?=,)"), "<key>"),
)


@dataclass(frozen=True)
class Step:
    """One command, and what it is expected to do."""

    line: str
    expected: str


def steps(text: str) -> list[Step]:
    """Take a transcript apart."""
    found: list[Step] = []
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        line, _, rest = part.partition("\n")
        kept = [one for one in rest.splitlines() if not one.startswith("#")]
        while kept and not kept[-1]:
            kept.pop()
        found.append(Step(line, "\n".join(kept)))
    return found


def run(step: Step, folder: Path, tools: Path) -> str:
    """Run a step and return what it did, in the form of a transcript."""
    done = shell(step.line, folder=folder, tools=[tools])
    lines = done.stdout.decode().splitlines()
    lines += [f"! {line}" for line in done.stderr.decode().splitlines()]
    if done.returncode:
        lines.append(f"[{done.returncode}]")
    text = "\n".join(lines)
    for pattern, name in _NAMED:
        text = pattern.sub(name, text)
    return text
