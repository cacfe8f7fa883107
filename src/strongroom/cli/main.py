"""The command `strongroom`: without arguments the dialogue, otherwise one of its commands."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final, cast

import click

from strongroom.cli import exits, terminal
from strongroom.cli.options import everywhere_explained, given, section
from strongroom.cli.settings import FILE, KEY_VARIABLE, PASSWORD_VARIABLE, URL_VARIABLE
from strongroom.errors import InputError, StrongroomError
from strongroom.version import __version__

NAME: Final = "strongroom"

# In the order of `--help`: the everyday ones first.
COMMANDS: Final = {
    "add": "strongroom.cli.records:add",
    "list": "strongroom.cli.records:list_records",
    "get": "strongroom.cli.records:get",
    "find": "strongroom.cli.find:find",
    "update": "strongroom.cli.records:update",
    "delete": "strongroom.cli.records:delete",
    "import": "strongroom.cli.importing:import_command",
    "export": "strongroom.cli.exporting:export",
    "init": "strongroom.cli.store:init",
    "create-table": "strongroom.cli.tables:create_table",
    "alter-table": "strongroom.cli.altering:alter_table",
    "schema": "strongroom.cli.tables:schema",
    "add-index": "strongroom.cli.indexes:add_index",
    "rebuild-index": "strongroom.cli.indexes:rebuild_index",
    "drop-index": "strongroom.cli.indexes:drop_index",
    "leakage": "strongroom.cli.leakage:leakage",
    "adopt": "strongroom.cli.adopt:adopt",
    "release": "strongroom.cli.adopt:release",
    "status": "strongroom.cli.store:status",
    "verify": "strongroom.cli.repair:verify",
    "reseal": "strongroom.cli.repair:reseal",
    "completion": "strongroom.cli.completion:completion",
}

EPILOG: Final = "\n\n".join(
    (
        section(
            "Examples",
            "strongroom",
            "strongroom add users name='Ada Lovelace' age=36",
            "strongroom list users",
            "strongroom find users age=36",
            "strongroom verify",
        ),
        section(
            "Exit codes", *(f"{code:>3}  {meaning}" for code, meaning in exits.MEANINGS.items())
        ),
        section(
            "Environment",
            f"{URL_VARIABLE}       the database, as for --url; it may hold a password",
            f"{KEY_VARIABLE}       the root key's place, as for --key",
            f"{PASSWORD_VARIABLE}  the database's password, otherwise asked for without echo",
            f"{exits.DEBUG}=1   where an unexpected failure happened, without values",
        ),
        section(
            "Settings",
            f"{FILE} in the current folder may set url and key, if nobody else can write it",
        ),
    )
)


class _Commands(click.Group):
    """The group of all commands, each imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        return cast("click.Command", getattr(import_module(module), name))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        # click's own message repeats the word, which may be a name in the wrong place.
        if self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing:
            from difflib import get_close_matches  # noqa: PLC0415  # only now

            close = get_close_matches(args[0], COMMANDS)
            known = f"did you mean {' or '.join(close)}? " if close else ""
            raise InputError("there is no such command", hint=f"{known}all of them: {NAME} --help")
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    subcommand_metavar="[COMMAND] [ARGS]...",
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name=NAME, message="%(prog)s %(version)s")
@everywhere_explained
@click.pass_context
def strongroom(context: click.Context) -> None:
    """Keep people's sensitive data encrypted in an SQL database.

    Without a command: asks for a name and an age again and again, until you give exit as the
    name; then shows everyone who is stored. The first run makes the database and its key.
    """
    if context.invoked_subcommand is None:
        from strongroom.cli.dialogue import dialogue  # noqa: PLC0415

        dialogue(given(context))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: without the program's name; those of the process when not given.
    """
    code = exits.OK
    try:
        terminal.prepare()
        result = strongroom.main(arguments, prog_name=NAME, standalone_mode=False)
        # click turns the end by `Exit` into its code.
        code = result if isinstance(result, int) else exits.OK
    except BaseException as error:  # this is where every failure gets its line
        if isinstance(error, SystemExit):
            raise
        code = exits.ending(error)
    try:
        terminal.flush()
    except (terminal.ReaderGoneError, StrongroomError) as error:
        # What failed first has been said.
        code = exits.ending(error) if code == exits.OK else code
    return code


def main() -> None:
    """Run the command of this process and leave with its exit code."""
    sys.exit(run())
