"""What a test may know of a running server, and the parts of starting one that all share."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 20.0


class MissingError(Exception):
    """A program or a driver is not installed; the text says what to install."""


@dataclass(frozen=True)
class Account:
    """A name and a password at a server."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        kind: `mariadb` or `postgresql`.
        port: on 127.0.0.1 only.
        pid: of the server's main process, a child of the process that runs pytest.
        socket: its Unix socket, reachable without TLS by whoever may enter the folder.
        data: its data folder: tables, write-ahead or redo log, binary log.
        logs: text logs with every statement the server was given.
        ca: the certificate of the authority that signed the server's; what `tls_ca=` takes.
        wrong_ca: another authority's certificate, which signed nothing here.
        administrator: may do everything; the thief and the administrator of the tests.
        ordinary: owns the databases that tests get, and nothing else.
    """

    kind: str
    port: int
    pid: int
    socket: Path
    data: Path
    logs: tuple[Path, ...]
    ca: Path
    wrong_ca: Path
    administrator: Account
    ordinary: Account
    host: str = HOST

    def files(self) -> list[Path]:
        """Return every file in which the server may have written something down."""
        kept = [Path(folder, name) for folder, _, names in os.walk(self.data) for name in names]
        return sorted([*kept, *self.logs])


@dataclass(frozen=True)
class Place:
    """A folder for one server, and the system user it runs as (None: the one running tests)."""

    folder: Path
    user: str | None

    def own(self, path: Path, mode: int = 0o600) -> Path:
        """Give `path` to the server's user, readable to nobody else unless `mode` says so."""
        path.chmod(mode)
        if self.user is not None:
            shutil.chown(path, self.user, _group(self.user))
        return path

    def folder_for(self, name: str) -> Path:
        """Make a folder that belongs to the server's user."""
        path = self.folder / name
        path.mkdir()
        return self.own(path, 0o700)

    def file(self, name: str, content: str) -> Path:
        """Write a file that belongs to the server's user, mode 0600."""
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        return self.own(path)


def server_user(name: str, package: str) -> str | None:
    """Return the user a server must run as: `name` under root, else the one running the tests."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(name)
    except KeyError:
        raise MissingError(f"no system user {name}: install the package {package}") from None
    return name


def program(name: str, package: str, folders: Sequence[Path] = ()) -> str:
    """Find a program in `folders`, in PATH or in the system's own folders."""
    places = [*map(str, folders), os.environ.get("PATH", ""), "/usr/sbin", "/sbin"]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found is None:
        raise MissingError(f"no program {name}: install the package {package}")
    return found


def run_folder() -> Path:
    """Make the temporary folder of one test run.

    Short, because a socket's path may have 107 bytes; searchable by other users, because a server
    under root runs as its own user.
    """
    wanted = Path(tempfile.gettempdir()).resolve()
    open_to_all = all(folder.stat().st_mode & 0o001 for folder in (wanted, *wanted.parents))
    base = wanted if open_to_all and len(str(wanted)) <= 40 else Path("/tmp")
    folder = Path(tempfile.mkdtemp(prefix="strongroom-", dir=base))
    folder.chmod(0o711)
    return folder


def free_port() -> int:
    """Return a port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def launch(
    command: Sequence[str], *, user: str | None, log: Path, stop: signal.Signals
) -> subprocess.Popen[bytes]:
    """Start a server as a child, out of reach of the terminal's Ctrl-C.

    Where the system has `setpriv`, the kernel sends `stop` to the server if pytest is killed, so
    that nothing is left behind even then.
    """
    guard = shutil.which("setpriv")
    ahead = [guard, "--pdeathsig", stop.name.removeprefix("SIG"), "--"] if guard else []
    with log.open("ab") as output:
        return subprocess.Popen(
            [*ahead, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"},
            user=user,
            group=_group(user),
            extra_groups=None if user is None else [],
        )


def _group(user: str | None) -> int | None:
    return None if user is None else pwd.getpwnam(user).pw_gid


def wait_until(answers: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for a server to answer; raise with the end of its log when it died or took too long."""
    give_up = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < give_up:
        if answers():
            return
        time.sleep(0.05)
    if process.poll() is None:
        process.kill()
        process.wait()
    tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
    raise RuntimeError(f"a server did not start; the end of its log:\n{tail}")


def run(command: Sequence[str], *, user: str | None = None, given: str = "") -> None:
    """Run a preparing command as `user`, with `given` as its input; raise when it fails."""
    done = subprocess.run(
        command,
        check=False,
        input=given.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd="/",
        user=user,
        group=_group(user),
        extra_groups=None if user is None else [],
    )
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout.decode(errors='replace')[-2000:]}")


def stop(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """End a server by its own process id and wait for it to be gone."""
    if process.poll() is None:
        process.send_signal(how)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
