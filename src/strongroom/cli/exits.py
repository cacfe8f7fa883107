"""How a command ends: its exit code, and at most two lines on stderr that say why.

No expected failure shows a traceback, and no failure at all shows a value: of an error that nobody
foresaw only the type is named, since its text may hold anything.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import Final, NoReturn

import click

from strongroom.cli.terminal import ReaderGoneError, notice
from strongroom.cli.text import visible
from strongroom.errors import (
    BusyError,
    ConflictError,
    InputError,
    IntegrityError,
    NoStoreError,
    NoTableError,
    NotFoundError,
    RootKeyError,
    StrongroomError,
    UnfinishedError,
    UnreachableError,
)

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
CHANGED: Final = 3
MISSING: Final = 4
ROOT_KEY: Final = 5
BUSY: Final = 6
UNREACHABLE: Final = 7
UNFINISHED: Final = 8
INTERRUPTED: Final = 130
READER_GONE: Final = 141

MEANINGS: Final = {
    OK: "done",
    FAILED: "any other failure, or the answer to a question was no",
    USAGE: "wrong usage or bad input; nothing was stored",
    CHANGED: "something in the database was changed outside strongroom",
    MISSING: "no such record, table or store",
    ROOT_KEY: "the root key is missing, refused or another store's",
    BUSY: "somebody else changed it first, or the database is busy: try again",
    UNREACHABLE: "the database cannot be reached or refuses the login",
    UNFINISHED: "not everything could be done: see what was listed",
    INTERRUPTED: "interrupted (Ctrl-C)",
    READER_GONE: "whoever read the output went away, as in: strongroom list users | head -1",
}
DEBUG: Final = "STRONGROOM_DEBUG"

# Looked through from the top: a class stands above those it is derived from.
_CODES: Final[tuple[tuple[type[StrongroomError], int], ...]] = (
    (InputError, USAGE),
    (IntegrityError, CHANGED),
    (RootKeyError, ROOT_KEY),
    (NotFoundError, MISSING),
    (NoTableError, MISSING),
    (NoStoreError, MISSING),
    (ConflictError, BUSY),
    (BusyError, BUSY),
    (UnreachableError, UNREACHABLE),
    (UnfinishedError, UNFINISHED),
)


def code_of(error: StrongroomError) -> int:
    """Return the exit code for an error of the library."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), FAILED)


def report(error: StrongroomError) -> None:
    """Write an error and its hint to stderr."""
    # A name or an id may come from a database that somebody else writes to.
    notice(f"error: {visible(str(error))}")
    if error.hint:
        notice(f"hint: {visible(error.hint)}")


def stop(code: int) -> NoReturn:
    """End the command with an exit code; what there was to say has been said.

    Raises:
        click.exceptions.Exit: always.
    """
    raise click.exceptions.Exit(code)


def ending(error: BaseException) -> int:
    """Say how a command failed and return its exit code.

    Args:
        error: whatever ended it.
    """
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, ReaderGoneError):
        return READER_GONE
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        notice("interrupted")
        return INTERRUPTED
    expected = _expected(error)
    if expected is not None:
        report(expected)
        return code_of(expected)
    notice(f"error: unexpected failure ({type(error).__name__})")
    if os.environ.get(DEBUG) == "1":
        _trace(error)
    else:
        notice(f"hint: this is a defect; {DEBUG}=1 shows where, without values, to report it")
    return FAILED


def _expected(error: BaseException) -> StrongroomError | None:
    """Return the error to report, or None for one that nobody foresaw."""
    if isinstance(error, StrongroomError):
        return error
    if isinstance(error, click.ClickException):
        message, hint = _usage(error)
        return InputError(message, hint=hint)
    if isinstance(error, OSError):
        return StrongroomError(f"the system refused ({errno.errorcode.get(error.errno or 0, '?')})")
    return None


def _usage(error: click.ClickException) -> tuple[str, str | None]:
    """Return message and hint for a wrong command line, without repeating what stood there.

    An argument at the wrong place may be a person's name: click's own texts quote it.
    """
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context is not None else "strongroom"
    hint = f"see: {path} --help"
    if isinstance(error, click.NoSuchOption):
        known = ", ".join(sorted(error.possibilities)) if error.possibilities else ""
        return "there is no such option", f"did you mean {known}?" if known else hint
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return f"{error.param.human_readable_name} is missing", hint
    if isinstance(error, click.BadOptionUsage):
        needs = "needs a" if "requires" in error.message else "takes no"
        return f"the option {error.option_name} {needs} value", hint
    if isinstance(error, click.BadParameter) and error.param is not None:
        return f"{_spelled(error.param)} {error.message}", hint
    return "there are too many arguments", f"quote values that hold spaces; {hint}"


def _spelled(param: click.Parameter) -> str:
    return param.opts[-1] if isinstance(param, click.Option) else param.human_readable_name


def _trace(error: BaseException) -> None:
    """Show the places of a failure and the types that were raised, and no message: it may quote."""
    import traceback  # noqa: PLC0415  # only for whoever looks for a defect

    seen: BaseException | None = error
    while seen is not None:
        for line in traceback.format_tb(seen.__traceback__):
            sys.stderr.write(line)
        sys.stderr.write(f"{type(seen).__module__}.{type(seen).__qualname__}\n")
        seen = seen.__cause__ or seen.__context__
