"""Programs without their start: a process that has imported everything forks for each call.

The tests start hundreds of processes, and two thirds of the time of a short one is Python importing
the same modules. Here a script that a shell finds as `strongroom` hands its arguments, variables,
folder and streams to a process that has loaded these modules; that one forks, and the fork is the
command, in a session of its own, until it ends or whoever called it is killed. With `-m MODULE` or
`-c CODE` it is what Python would run so. What depends on the start itself (terminals, languages,
what is loaded when) is tested with the installed script.
"""

from __future__ import annotations

import atexit
import functools
import gc
import importlib
import os
import pkgutil
import random
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NoReturn

_ROOT: Final = Path(__file__).parents[2]
_LOADED: Final = ("pymysql", "psycopg", "sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.mysql")
_LEFT_OUT: Final = ("parquet", "plot", "workbook", "spreadsheet")
"""Modules of extras: slow to load, and used by few."""
_LONGEST: Final = 1 << 20
_COMMAND: Final = """#!{python} -IS
import os, socket, sys
given = [sys.argv[0].encode(), *map(os.fsencode, sys.argv[1:])]
variables = [name + b"=" + value for name, value in os.environb.items()]
try:
    [os.fstat(number) for number in (0, 1, 2)]
except OSError:  # a stream is closed, and cannot be handed over
    os.execv({installed!r}, [{installed!r}, *sys.argv[1:]])
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    parts = [str(len(given)).encode(), os.getcwdb(), *given, *variables]
    socket.send_fds(server, [b"\\0".join(parts) + b"\\0\\0"], [0, 1, 2])
    ended = int(server.recv(16) or b"-9")
if ended < 0:
    os.kill(os.getpid(), -ended)
sys.exit(ended)
"""


@functools.cache
def command(installed: Path, environment: tuple[tuple[str, str], ...]) -> Path:
    """Return the script, having started the process that it asks.

    Args:
        installed: the script that it stands for.
        environment: of that process; each call has its own.
    """
    holder = tempfile.TemporaryDirectory(prefix="strongroom-warm-")
    folder = Path(holder.name)
    address = str(folder / "socket")
    script = folder / "strongroom"
    text = _COMMAND.format(python=sys.executable, address=address, installed=str(installed))
    script.write_text(text, encoding="utf-8")
    script.chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, address],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # a pipe, as it is in each call: Python asks that once
        cwd=_ROOT,
        env=dict(environment),
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def end() -> None:
        process.communicate()  # closes its stdin, which is what it ends at
        holder.cleanup()

    atexit.register(end)
    assert process.stdout.readline() == b"ready\n"
    return script


def _serve(address: str) -> None:
    """Fork for each call until stdin is closed. In the fork: return, with all set as it asked."""
    _load()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen()
    os.write(1, b"ready\n")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait
    while True:
        ready, _, _ = select.select([listener.fileno(), 0], [], [])
        if 0 in ready:
            sys.exit()
        call, _ = listener.accept()
        if not os.fork():
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return _answer(call)
        call.close()


def _answer(call: socket.socket) -> None:
    message, streams, _, _ = socket.recv_fds(call, _LONGEST, 3)
    while not message.endswith(b"\0\0"):
        message += call.recv(_LONGEST)
    count, folder, *rest = message[:-2].split(b"\0")
    worker = os.fork()
    if worker:
        for one in (0, 1, 2, *streams):
            os.close(one)
        _wait(call, worker)
    call.close()
    os.setsid()
    os.chdir(folder)
    for number, one in enumerate(streams):
        os.dup2(one, number)
        os.close(one)
    given = rest[: int(count)]
    os.environb.clear()
    os.environb.update(dict(one.split(b"=", 1) for one in rest[int(count) :]))
    sys.argv[:] = [os.fsdecode(one) for one in given]
    random.seed()  # each fork would draw the same pauses


def _wait(call: socket.socket, worker: int) -> NoReturn:
    """Tell how the worker ended, or kill it when whoever called is gone."""
    while True:
        ended, status = os.waitpid(worker, os.WNOHANG)
        if ended:
            break
        if select.select([call], [], [], 0.002)[0]:
            os.kill(worker, signal.SIGKILL)
    call.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _load() -> None:
    package = importlib.import_module("strongroom")
    for module in pkgutil.walk_packages(package.__path__, "strongroom."):
        if not any(one in module.name for one in _LEFT_OUT):
            importlib.import_module(module.name)
    for name in _LOADED:
        importlib.import_module(name)
    gc.freeze()  # else the first collection of a fork copies all that was loaded


def is_of_the_start(extra: Mapping[str, str]) -> bool:
    """Say whether variables are read when Python starts."""
    return any(name.startswith(("PYTHON", "LANG", "LC_")) for name in extra)


def _run(given: list[str]) -> None:
    if given[:1] == ["-m"]:
        sys.argv[:] = given[1:]
        runpy.run_module(given[1], run_name="__main__", alter_sys=True)
    elif given[:1] == ["-c"]:
        sys.argv[:] = ["-c", *given[2:]]
        exec(given[1], {"__name__": "__main__"})  # noqa: S102  # the caller's own program
    else:
        importlib.import_module("strongroom.cli.main").main()


def _leave(code: object) -> NoReturn:
    """End as Python does, but without taking apart what the system frees at once."""
    atexit._run_exitfuncs()  # there is no other way to run them before the end
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    _serve(sys.argv[1])
    code: object = 1
    try:
        _run(sys.argv[1:])
        code = 0
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001  # as Python shows what nobody caught
        traceback.print_exc()
    _leave(code)
