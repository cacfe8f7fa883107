"""The options that every command has, given before or after its name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import click

from strongroom.cli.settings import FILE, KEY_VARIABLE, URL_VARIABLE, Options

Decorated = TypeVar("Decorated", bound=Callable[..., Any])

_SHORT: Final = {
    "--url": "The database. For its defaults: strongroom --help",
    "--key": "Where the root key is, likewise.",
    "--json": "Write results as JSON, one object on a line.",
}
_LONG: Final = _SHORT | {
    "--url": (
        "The database: sqlite:///FILE, mysql://USER@HOST/NAME or postgresql://USER@HOST/NAME. "
        f"Otherwise {URL_VARIABLE}, {FILE}, or sqlite:///strongroom.db."
    ),
    "--key": (
        "Where the root key is: file:PATH, env:NAME, passphrase: or command:PROGRAM. "
        f"Otherwise {KEY_VARIABLE}, {FILE}, or file:aes_key.bin."
    ),
}
_MOST_DIGITS: Final = 18
FORMATS: Final = "csv, tsv, jsonl, json, parquet, xlsx"
"""Of files, as the help of a command lists them."""


def given(context: click.Context) -> Options:
    """Return what was given so far on the command line."""
    return context.ensure_object(Options)


def _keep(context: click.Context, param: click.Parameter, value: Any) -> None:  # noqa: ANN401
    if value is not None and value is not False:
        setattr(given(context), param.name or "", value)


def everywhere(command: Decorated) -> Decorated:
    """Give a command the options `--url`, `--key` and `--json`; its own are listed first."""
    return _with(command, _SHORT)


def everywhere_explained(command: Decorated) -> Decorated:
    """Do as `everywhere`, with the whole of what there is to know about them."""
    return _with(command, _LONG)


def _with(command: Decorated, texts: Mapping[str, str]) -> Decorated:
    for name in ("--json", "--key", "--url"):
        command = click.option(
            name,
            metavar=None if name == "--json" else name.removeprefix("--").upper(),
            help=texts[name],
            is_flag=name == "--json",
            expose_value=False,
            callback=_keep,
        )(command)
    return command


def section(title: str, *lines: str) -> str:
    """Return a part of a command's help that is shown line by line, as it is."""
    return "\n".join(("\b", f"{title}:", *(f"  {line}" for line in lines)))


def examples(*lines: str) -> str:
    """Return the part of a command's help that shows what somebody could type."""
    return section("Examples", *lines)


def count(context: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """Read the value of an option that counts, without repeating it when it is none.

    Raises:
        click.BadParameter: it is no whole number, 0 or more.
    """
    return _whole(context, param, value, least=0)


def _whole(
    context: click.Context, param: click.Parameter, value: str | None, *, least: int
) -> int | None:
    if value is None:
        return None
    if value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS and int(value) >= least:
        return int(value)
    message = f"must be a whole number, {least} or more"
    raise click.BadParameter(message, ctx=context, param=param)


def lists(
    context: click.Context,  # noqa: ARG001  # click gives it
    param: click.Parameter,  # noqa: ARG001
    value: str | None,
) -> list[str] | None:
    """Read the value of an option that is names between commas."""
    return None if value is None else value.split(",")


def _rate(context: click.Context, param: click.Parameter, value: str | None) -> float | None:
    return _whole(context, param, value, least=1)


def throttle(command: Decorated) -> Decorated:
    """Give a command the option `--throttle`."""
    return click.option(
        "--throttle", metavar="N", callback=_rate, help="At most N records a second."
    )(command)
