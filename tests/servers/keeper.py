"""The one keeper of all servers of a test run, and how the workers of that run reach it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import threading
from multiprocessing.connection import Client, Listener
from types import ModuleType

from tests.servers import mariadb, postgresql
from tests.servers.certificates import Certificates, make_certificates
from tests.servers.server import MissingError, Server, run_folder, stop

ADDRESS = "STRONGROOM_TEST_KEEPER"
SECRET = "STRONGROOM_TEST_KEEPER_SECRET"
KINDS: dict[str, ModuleType] = {"mariadb": mariadb, "postgresql": postgresql}

Answer = Server | MissingError | RuntimeError


class Keeper:
    """Starts a server when one is asked for, and stops all of them at the end.

    It lives in the process that runs pytest; with `-n` that is the controller, whose children the
    workers are: they inherit the address to ask at. Requests are served one after another by a
    thread that lives as long as the keeper, so no server is started twice.
    """

    def __init__(self) -> None:
        self._folder = run_folder()
        self._certificates: Certificates | None = None
        self._answers: dict[tuple[str, str], Answer] = {}
        self._running: list[tuple[ModuleType, subprocess.Popen[bytes]]] = []
        private = self._folder / "keeper"
        private.mkdir(mode=0o700)
        secret = secrets.token_hex(16)
        os.environ[ADDRESS] = str(private / "s")
        os.environ[SECRET] = secret
        self._listener = Listener(os.environ[ADDRESS], "AF_UNIX", authkey=secret.encode())
        self._thread = threading.Thread(target=self._serve, name="keeper", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop every server and remove every file of the run."""
        with Client(os.environ[ADDRESS], authkey=os.environ[SECRET].encode()) as line:
            line.send(None)
        self._thread.join()
        self._listener.close()
        for module, process in self._running:
            stop(process, module.STOP)
        shutil.rmtree(self._folder, ignore_errors=True)
        del os.environ[ADDRESS], os.environ[SECRET]

    def _serve(self) -> None:
        while True:
            with contextlib.suppress(OSError, EOFError), self._listener.accept() as line:
                wanted = line.recv()
                if wanted is None:
                    return
                line.send(self._answer(*wanted))

    def _answer(self, kind: str, variant: str) -> Answer:
        if (kind, variant) not in self._answers:
            try:
                self._answers[kind, variant] = self._start(kind, variant)
            except (MissingError, RuntimeError) as error:
                self._answers[kind, variant] = error
            except Exception as error:  # noqa: BLE001 - the thread must answer every worker
                self._answers[kind, variant] = RuntimeError(f"{type(error).__name__}: {error}")
        return self._answers[kind, variant]

    def _start(self, kind: str, variant: str) -> Server:
        if self._certificates is None:
            self._certificates = make_certificates(self._folder / "certificates")
        folder = self._folder / f"{kind}-{variant}"
        folder.mkdir()
        server, process = KINDS[kind].start(folder, self._certificates, variant)
        self._running.append((KINDS[kind], process))
        assert isinstance(server, Server)
        return server


def ask(kind: str, variant: str = "good") -> Server:
    """Return the running server of that kind and certificate variant, started if need be.

    Raises:
        MissingError: a program is not installed.
        RuntimeError: the server did not start.
    """
    with Client(os.environ[ADDRESS], authkey=os.environ[SECRET].encode()) as line:
        line.send((kind, variant))
        answer = line.recv()
    if isinstance(answer, Server):
        return answer
    assert isinstance(answer, MissingError | RuntimeError)
    raise answer
