"""The provider `command:PROGRAM ARGUMENTS`: the root key as what a program prints.

For password stores, agents and the tools of key services. No shell reads the command; the program
gets no input, has no terminal, 30 seconds and 4 KiB, and its messages are thrown away, because
they may hold what it was asked for. Arguments can be seen by every user of the machine: they must
name the secret, not hold it.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shlex
import signal
import subprocess
import time
from typing import IO, Final, cast, final

from strongroom.crypto.secret import Secret
from strongroom.errors import InputError, KeyRefusedError, RootKeyError, errno_name, shown_path
from strongroom.keys.envelope import Envelope, open_store_key, seal_store_key
from strongroom.keys.material import Fault, from_text, looks_like_key

TIMEOUT_SECONDS: Final = 30.0
OUTPUT_BYTES: Final = 4096
_BY_HAND: Final = "run it by hand, without a terminal, and see"


@final
class CommandKey:
    """The provider `command:…`: base64 or hex on standard output, one newline at its end."""

    scheme = "command"

    def __init__(self, command: str, *, timeout: float = TIMEOUT_SECONDS) -> None:
        """Take the command apart as a shell would; start nothing yet.

        Args:
            command: program and arguments, quoted as in a shell.
            timeout: seconds until the program and its children are killed.

        Raises:
            InputError: it is empty, has an open quote, or looks like the key itself.
        """
        try:
            arguments = shlex.split(command)
        except ValueError:
            arguments = []
        if not arguments or not arguments[0] or "\0" in command or looks_like_key(arguments[0]):
            raise InputError(
                "command: needs a program and its arguments, quoted as in a shell",
                hint='such as "command:pass show strongroom"',
            )
        self._arguments = arguments
        self._timeout = timeout
        self.made = False

    def describe(self) -> str:
        """Return the provider's name with the program and without its arguments."""
        return f"command:{shown_path(self._arguments[0])}"

    def create(self, store_id: bytes, store_key: Secret) -> Envelope:
        """Wrap the store key under the key that the program prints.

        Raises:
            RootKeyError: the program fails, or does not print exactly a key.
        """
        return seal_store_key(self._root(), self.scheme, {}, store_id, store_key)

    def unwrap(self, store_id: bytes, envelope: Envelope) -> Secret:
        """Open the store key with the key that the program prints.

        Raises:
            RootKeyError: the program fails, does not print exactly a key, or prints another's.
            IntegrityError: the envelope was changed.
        """
        return open_store_key(self._root(), store_id, envelope)

    def _root(self) -> Secret:
        with self._started() as process:
            # What was printed is given on at once: in no local name, so in no traceback.
            outcome = from_text(_printed(process, self._timeout))
        if isinstance(outcome, Fault):
            raise KeyRefusedError(
                f"what the key command printed {outcome.reason}", hint=outcome.hint
            )
        return outcome

    def _started(self) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(  # noqa: S603 - the user's own command, and no shell
                self._arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # so that its children can be killed with it
            )
        except OSError as error:
            raise RootKeyError(
                f"the key command cannot be started ({errno_name(error)})", hint=_BY_HAND
            ) from None

    def __repr__(self) -> str:
        return f"<key provider {self.describe()}>"


def _printed(process: subprocess.Popen[bytes], timeout: float) -> bytes:
    """Return what the program printed, without one newline at its end, once it ended well.

    Raises:
        RootKeyError: it printed too much, took too long, or did not exit with 0.
    """
    output: list[bytes] = []  # filled by `_collect`, emptied before anything is raised
    failure = _collect(process, timeout, output)
    text = b"".join(output)
    output.clear()
    if failure:
        del text
        raise RootKeyError(f"the key command {failure}", hint=_BY_HAND)
    return text.removesuffix(b"\n")


def _collect(process: subprocess.Popen[bytes], timeout: float, output: list[bytes]) -> str:
    """Read to the end of the output and wait for the exit code; return what went wrong, or "".

    The program is killed with its children whenever this ends before it does. Nobody has waited
    for it then, so its id cannot be another's yet.
    """
    deadline = time.monotonic() + timeout
    late = f"did not end within {timeout:g} seconds"
    code = None
    try:
        failure = _read(cast("IO[bytes]", process.stdout), deadline, output)
        if failure is not None:
            return failure or late
        code = process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return late
    finally:
        if code is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # it ended just now
                os.killpg(process.pid, signal.SIGKILL)
    if code < 0:
        return f"was ended by signal {-code}"
    return f"failed with exit code {code}" if code else ""


def _read(pipe: IO[bytes], deadline: float, output: list[bytes]) -> str | None:
    """Read until the end of the pipe; return None then, "" when late, or what went wrong."""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            try:
                output.append(os.read(pipe.fileno(), OUTPUT_BYTES + 1))
            except OSError as error:
                return f"cannot be read ({errno_name(error)})"
            if sum(map(len, output)) > OUTPUT_BYTES:
                return f"printed more than {OUTPUT_BYTES} bytes"
            if not output[-1]:
                return None
    return ""
