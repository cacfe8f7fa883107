"""The three streams: lines in, results out, notices and questions on stderr.

Input is read as bytes, so that what is not UTF-8 is refused instead of being guessed. Questions
are written only where a person sits at the other end; piped input gets none.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import getpass
import os
import sys
from typing import Final, TextIO

from strongroom.cli.text import visible
from strongroom.errors import InputError, StrongroomError

MOST_LINE_BYTES: Final = 16 * 1024 * 1024 + 2
"""The largest text field, and its line ending."""
_CHUNK: Final = 1024 * 1024
_YES: Final = ("y", "yes")


class ReaderGoneError(Exception):
    """Whoever read our output closed it. Nothing to say: there is nobody to say it to."""


class EndOfInputError(InputError):
    """The input ended where an answer was needed."""


def prepare() -> None:
    """Set the streams up so that no text can make them fail, whatever the locale."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace", newline="\n")


def is_terminal(stream: TextIO | None) -> bool:
    """Say whether a person sits at the other end of `stream`."""
    return stream is not None and not stream.closed and stream.isatty()


def someone_answers() -> bool:
    """Say whether questions can be asked."""
    return is_terminal(sys.stdin)


def stderr_is_terminal() -> bool:
    """Say whether a line on stderr may be written over."""
    return is_terminal(sys.stderr)


def stdout_is_terminal() -> bool:
    """Say whether what is written to stdout drives a terminal."""
    return is_terminal(sys.stdout)


def speaks_utf8() -> bool:
    """Say whether stdout can carry every character."""
    try:
        return sys.stdout is not None and codecs.lookup(sys.stdout.encoding).name == "utf-8"
    except LookupError:
        return False


def notice(line: str, *, end: str = "\n") -> None:
    """Write one line to stderr, with what would drive a terminal spelled out.

    Newlines and backslashes stay as they are. Where nothing can be written there is no one to tell.
    """
    _say("".join(one if one in "\n\\" else visible(one) for one in line) + end)


def overwrite(line: str) -> None:
    """Write over the last line of a terminal's stderr, or take it away if `line` is empty."""
    _say(f"\r{visible(line)}\x1b[K")


def _say(text: str) -> None:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(text)
        sys.stderr.flush()


def write(text: str) -> None:
    """Write a result to stdout.

    Raises:
        ReaderGoneError: the reader closed the pipe.
        StrongroomError: the output cannot be written.
    """
    if sys.stdout is None or sys.stdout.closed:
        raise StrongroomError("there is no standard output to write to")
    try:
        sys.stdout.write(text)
    except OSError as error:
        raise _failed(error) from None


def flush() -> None:
    """Hand over what was written.

    Raises:
        ReaderGoneError, StrongroomError: as `write`.
    """
    if sys.stdout is None or sys.stdout.closed:
        return
    try:
        sys.stdout.flush()
    except OSError as error:
        raise _failed(error) from None


def forget_output() -> None:
    """Write to nowhere from now on.

    What is left in the buffer of a stdout that failed would fail again, loudly, when Python exits.
    """
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _failed(error: OSError) -> Exception:
    forget_output()
    if error.errno == errno.EPIPE:
        return ReaderGoneError()
    name = errno.errorcode.get(error.errno or 0, "unknown error")
    return StrongroomError(f"the output could not be written ({name})")


# Linux keeps 4,095 bytes of a typed line and drops the rest.
_TERMINAL_LINE: Final = 4_095


def read_line(question: str) -> str | None:
    """Ask, and return the answer without its line ending, or None at the end of the input.

    Raises:
        InputError: the line is not UTF-8, too long, or holds what only a key such as an arrow
            sends. It has been consumed, and the question may be asked again.
    """
    asked = someone_answers()
    if asked:
        notice(question, end="")
    if sys.stdin is None or sys.stdin.closed:
        return None
    raw = sys.stdin.buffer.readline(MOST_LINE_BYTES)
    if not raw:
        if asked:
            notice("")
        return None
    if not raw.endswith(b"\n") and len(raw) == MOST_LINE_BYTES:
        _skip_line()
        raise InputError("the line is too long", hint="a line holds at most 16 MiB")
    if raw.endswith(b"\n"):
        raw = raw[:-1].removesuffix(b"\r")
    if asked and len(raw) >= _TERMINAL_LINE:
        raise InputError(
            "the line is too long for a terminal, which cuts it without a word",
            hint="pipe it in, for example: strongroom add users name=- < FILE",
        )
    text = _decoded(raw)
    if asked and "\x1b" in text:
        raise InputError(
            "that answer holds the code of a key such as an arrow",
            hint="correct with backspace; other characters can be piped in",
        )
    return text


def _skip_line() -> None:
    while (rest := sys.stdin.buffer.readline(_CHUNK)) and not rest.endswith(b"\n"):
        pass


def read_rest() -> str:
    """Return the whole input, without one newline at its end.

    Raises:
        InputError: it is not UTF-8, or longer than any field.
    """
    if sys.stdin is None or sys.stdin.closed:
        return ""
    raw = sys.stdin.buffer.read(MOST_LINE_BYTES + 1)
    if len(raw) > MOST_LINE_BYTES:
        raise InputError("the input is too long", hint="a value holds at most 16 MiB")
    return _decoded(raw.removesuffix(b"\n"))


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass  # raised below: the caught exception holds the bytes
    raise InputError(
        "the input is not UTF-8", hint="convert it first, for example with: iconv -t UTF-8"
    )


def agrees(question: str, otherwise: str) -> bool:
    """Ask for a yes; anything else is a no.

    Raises:
        InputError: there is no terminal to ask on.
    """
    if not someone_answers():
        raise InputError("this has to be confirmed", hint=otherwise)
    answer = read_line(question)
    return answer is not None and answer.strip().lower() in _YES


def secret(question: str, otherwise: str) -> str:
    """Ask for a password on the terminal, without echo.

    Raises:
        StrongroomError: there is no terminal.
    """
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        raise InputError("a password is needed, and there is no terminal", hint=otherwise) from None
    try:
        return getpass.getpass(question)
    except EOFError:
        raise EndOfInputError("no password was given", hint=otherwise) from None
