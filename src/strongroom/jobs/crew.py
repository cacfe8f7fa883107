"""Several processes that do one job together, forked from the one that began it.

A fork has the keys in its memory, so that none of them travels, and makes connections of its own.
Forks are made before there are other threads: what those hold would stay locked for ever. They end
with the process that began them: at its call, and within a batch if it was killed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from enum import Enum
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Final, NamedTuple, Self, cast

from strongroom.errors import DecryptionError, InputError, StrongroomError, UnfinishedError

_HINT: Final = "the same command goes on from where it was"


class _Sign(Enum):
    WAITS = "waits"
    ENDED = "ended"


class _Failure(NamedTuple):
    """An error, as it goes from one process to another: no value is in it, nor a traceback."""

    kind: str
    text: str
    hint: str | None
    retryable: bool = False


class Link:
    """What one of the processes says to the one that began it, and hears from it."""

    def __init__(self, pipe: Connection[Any, Any]) -> None:
        self._pipe = pipe

    def tell(self, what: object) -> None:
        """Say something that can be pickled; end the process if nobody is there to hear it."""
        try:
            self._pipe.send(what)
        except OSError:
            os._exit(1)

    def wait(self) -> None:
        """Wait until all others do, and are told to go on; end likewise."""
        self.tell(_Sign.WAITS)
        try:
            self._pipe.recv()
        except (EOFError, OSError):
            os._exit(1)


Task = Callable[[int, Link], None]


class Crew:
    """Processes that do one task each, inside a ``with`` block."""

    def __init__(self, size: int, task: Task) -> None:
        """Get ready.

        Args:
            size: how many processes.
            task: what each does, given its number from 0.

        Raises:
            InputError: this system or this process cannot fork.
        """
        if "fork" not in multiprocessing.get_all_start_methods():
            raise InputError("this system has no forks: one process has to do it")
        if threading.active_count() > 1:
            raise InputError(
                "processes are forked before there are other threads",
                hint="use the command, or begin with it in the program's first thread",
            )
        self._task = task
        self._size = size
        self._processes: list[BaseProcess] = []
        self._pipes: list[Connection[Any, Any]] = []
        self._waiting: set[int] = set()

    def __enter__(self) -> Self:
        try:
            for number in range(self._size):
                self._begin(number)
        except BaseException:
            self.end()
            raise
        return self

    def _begin(self, number: int) -> None:
        # No process holds another's end of a pipe: so it is seen when one dies, here and there.
        ours, theirs = multiprocessing.Pipe()
        self._pipes.append(ours)
        fork = multiprocessing.get_context("fork")
        process = fork.Process(target=self._run, args=(number, theirs), daemon=True)
        process.start()
        self._processes.append(process)
        theirs.close()

    def _run(self, number: int, pipe: Connection[Any, Any]) -> None:
        """Do one task, in a process of its own: nothing leaves it but what it tells."""
        # Whoever interrupts it at a terminal interrupts the one that began it, which ends it.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        for ours in self._pipes:
            ours.close()
        link = Link(pipe)
        try:
            self._task(number, link)
        except StrongroomError as error:
            kind = "IntegrityError" if isinstance(error, DecryptionError) else type(error).__name__
            link.tell(_Failure(kind, str(error), error.hint, error.retryable))
        except BaseException as error:  # noqa: BLE001  # its text may hold a value
            link.tell(_Failure("", type(error).__name__, None))
        else:
            link.tell(_Sign.ENDED)

    def heard(self) -> Iterator[tuple[int, Any]]:
        """Give what each says, as it comes, until all of them have ended or wait.

        Raises:
            StrongroomError: what one of them failed with.
            UnfinishedError: one of them died.
        """
        left = {
            pipe: number
            for number, pipe in enumerate(self._pipes)
            if number not in self._waiting and not pipe.closed
        }
        while left:
            for ready in wait(list(left)):
                pipe = cast("Connection[Any, Any]", ready)
                said = self._received(pipe)
                if said is _Sign.WAITS:
                    self._waiting.add(left.pop(pipe))
                elif said is _Sign.ENDED:
                    del left[pipe]
                    pipe.close()
                else:
                    yield left[pipe], said

    @staticmethod
    def _received(pipe: Connection[Any, Any]) -> Any:  # noqa: ANN401  # whatever a task says
        try:
            said = pipe.recv()
        except (EOFError, OSError):
            said = None
        if said is None:
            raise UnfinishedError("a process of the job died", hint=_HINT)
        if isinstance(said, _Failure):
            if not said.kind:
                raise UnfinishedError(f"a process of the job failed ({said.text})", hint=_HINT)
            error = _kinds(StrongroomError)[said.kind](said.text, hint=said.hint)
            error.retryable = said.retryable
            raise error
        return said

    def go_on(self) -> None:
        """Let all that wait go on."""
        for number in self._waiting:
            self._pipes[number].send(None)
        self._waiting.clear()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end()

    def end(self) -> None:
        """End those that still run, at whatever they are: their transactions are undone."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join()
        for pipe in self._pipes:
            pipe.close()


def _kinds(base: type[StrongroomError]) -> dict[str, type[StrongroomError]]:
    """Return errors by their names: `base` and all that are derived from it."""
    kinds = {base.__name__: base}
    for kind in base.__subclasses__():
        kinds |= _kinds(kind)
    return kinds
