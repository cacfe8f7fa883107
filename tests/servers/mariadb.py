"""A private MariaDB: loopback only, TLS required, every statement logged, binary log on."""

from __future__ import annotations

import secrets
import shutil
import signal
import socket
import ssl
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.servers.certificates import Certificates
from tests.servers.server import (
    HOST,
    Account,
    MissingError,
    Place,
    Server,
    free_port,
    launch,
    program,
    run,
    server_user,
    wait_until,
)

if TYPE_CHECKING:
    import pymysql

    Connection = pymysql.connections.Connection[Any]

PACKAGE = "mariadb-server"
STOP = signal.SIGTERM

# For speed only: what a client sees is the same, what a power cut would take is not.
QUICK = (
    "--innodb-flush-log-at-trx-commit=2",
    "--sync-binlog=0",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=32M",
    "--performance-schema=OFF",
    "--max-connections=400",
    "--skip-name-resolve",
    "--server-id=1",
)


def start(
    folder: Path, certificates: Certificates, variant: str
) -> tuple[Server, subprocess.Popen[bytes]]:
    """Start a server in `folder` that shows the certificate `variant`; `none` is without TLS."""
    daemon = program("mariadbd", PACKAGE)
    place = Place(folder, server_user("mysql", PACKAGE))
    place.own(folder, 0o711)
    data = _new_data(place)
    administrator = Account("root", secrets.token_hex(12))
    ordinary = Account("strongroom", secrets.token_hex(12))
    accounts = place.file("accounts.sql", _accounts(administrator, ordinary))
    statements, socket_path, port = folder / "statements.log", folder / "s", free_port()
    process = launch(
        [
            daemon,
            "--no-defaults",
            f"--datadir={data}",
            # Of its own: with one that servers share, a statement once failed to delete its file.
            f"--tmpdir={place.folder_for('tmp')}",
            f"--bind-address={HOST}",
            f"--port={port}",
            f"--socket={socket_path}",
            f"--pid-file={folder / 'pid'}",
            f"--init-file={accounts}",
            "--general-log=1",
            f"--general-log-file={statements}",
            f"--log-bin={data / 'binlog'}",
            "--log-bin-trust-function-creators=1",  # what adopting tables in use needs
            *_tls(place, certificates, variant),
            *QUICK,
        ],
        user=place.user,
        log=folder / "server.log",
        stop=STOP,
    )
    wait_until(lambda: _greets(port), process, folder / "server.log")
    server = Server(
        kind="mariadb",
        port=port,
        pid=process.pid,
        socket=socket_path,
        data=data,
        logs=(statements, folder / "server.log"),
        ca=certificates.ca,
        wrong_ca=certificates.wrong_ca,
        administrator=administrator,
        ordinary=ordinary,
    )
    return server, process


def _new_data(place: Place) -> Path:
    data = place.folder_for("data")
    run(
        [
            program("mariadb-install-db", PACKAGE),
            "--no-defaults",
            *([] if place.user is None else [f"--user={place.user}"]),
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
        ]
    )
    return data


def connect(
    server: Server, account: Account, database: str | None = None, **options: Any
) -> Connection:
    """Connect with the driver, with TLS verified, autocommit on and `"` quoting names.

    `options` go to `pymysql.connect` and win; `ssl=None` asks for a connection without TLS.
    """
    try:
        import pymysql
    except ImportError:
        raise MissingError("no driver PyMySQL: pip install 'strongroom[mysql]'") from None
    wanted: dict[str, Any] = {
        "host": server.host,
        "port": server.port,
        "user": account.user,
        "password": account.password,
        "database": database,
        "charset": "utf8mb4",
        "autocommit": True,
        "sql_mode": "TRADITIONAL,ANSI_QUOTES",
        "ssl": ssl.create_default_context(cafile=str(server.ca)),
        "connect_timeout": 10,
        "init_command": "SET SESSION lock_wait_timeout = 20",
    }
    return pymysql.connect(**{**wanted, **options})


def _accounts(administrator: Account, ordinary: Account) -> str:
    r"""Return the first statements: passwords for every account, rights for the ordinary one.

    `\_` and `%` make one grant hold for every database whose name starts with `t_`.
    """
    root, user, secret = administrator.user, ordinary.user, ordinary.password
    kept = f"(User = '{root}' AND Host = 'localhost') OR User = 'mariadb.sys'"
    return f"""\
DELETE FROM mysql.global_priv WHERE NOT ({kept});
FLUSH PRIVILEGES;
ALTER USER '{root}'@'localhost' IDENTIFIED BY '{administrator.password}';
CREATE USER '{root}'@'{HOST}' IDENTIFIED BY '{administrator.password}';
GRANT ALL PRIVILEGES ON *.* TO '{root}'@'{HOST}' WITH GRANT OPTION;
CREATE USER '{user}'@'{HOST}' IDENTIFIED BY '{secret}';
CREATE USER '{user}'@'localhost' IDENTIFIED BY '{secret}';
GRANT ALL PRIVILEGES ON `t\\_%`.* TO '{user}'@'{HOST}', '{user}'@'localhost';
"""


def _tls(place: Place, certificates: Certificates, variant: str) -> list[str]:
    if variant == "none":
        return ["--skip-ssl"]
    certificate, key = certificates.servers[variant]
    own_key = place.own(Path(shutil.copy(key, place.folder / "key.pem")))
    return [
        f"--ssl-ca={certificates.ca}",
        f"--ssl-cert={certificate}",
        f"--ssl-key={own_key}",
        "--require-secure-transport=ON",
    ]


def _greets(port: int) -> bool:
    """Tell whether the server sends its greeting: a packet whose first byte of content is 10."""
    try:
        with socket.create_connection((HOST, port), timeout=1) as connection:
            return connection.recv(5)[4:] == b"\x0a"
    except OSError:
        return False
