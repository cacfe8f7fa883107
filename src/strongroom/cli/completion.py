"""The command that prints what a shell needs to complete strongroom's commands and options."""

from __future__ import annotations

from typing import Final

import click
from click.shell_completion import get_completion_class

from strongroom.cli import terminal
from strongroom.cli.options import examples
from strongroom.errors import InputError

VARIABLE: Final = "_STRONGROOM_COMPLETE"
SHELLS: Final = ("bash", "zsh", "fish")


@click.command(
    epilog=examples(
        "strongroom completion bash > ~/.local/share/bash-completion/completions/strongroom",
        "strongroom completion zsh > ~/.zfunc/_strongroom",
        "strongroom completion fish > ~/.config/fish/completions/strongroom.fish",
    )
)
@click.argument("shell", metavar="bash|zsh|fish")
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a shell's completion script."""
    found = get_completion_class(shell) if shell in SHELLS else None
    if found is None:
        raise InputError("there is no completion for that shell", hint=f"for: {', '.join(SHELLS)}")
    root = context.find_root()
    terminal.write(found(root.command, {}, "strongroom", VARIABLE).source() + "\n")
