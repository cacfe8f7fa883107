"""Servers that misbehave, and remember every byte they were given.

Each speaks just enough MySQL or PostgreSQL to reach the moment of the attack.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

HOST = "127.0.0.1"

# Capabilities of MySQL: everything a server of today has, with and without SSL (1 << 11).
_SSL = 1 << 11
_CAPABILITIES = 0xC1FFF7FF & ~(1 << 24)
OK = b"\x00\x00\x00\x02\x00\x00\x00"


class Wire:
    """One accepted connection. What is received is kept in `received`, decrypted if need be."""

    def __init__(self, connection: socket.socket, received: bytearray) -> None:
        self.socket = connection
        self.received = received

    def read(self, size: int) -> bytes:
        """Read exactly `size` bytes, fewer at the end."""
        content = b""
        while len(content) < size:
            piece = self.socket.recv(size - len(content))
            if not piece:
                break
            self.received += piece
            content += piece
        return content

    def read_to_end(self) -> None:
        """Read whatever still comes."""
        while self.read(65536):
            pass

    def packet(self) -> bytes:
        """Read one MySQL packet; return its content."""
        header = self.read(4)
        return self.read(int.from_bytes(header[:3], "little")) if len(header) == 4 else b""

    def send_packet(self, number: int, content: bytes) -> None:
        """Send one MySQL packet."""
        self.socket.sendall(len(content).to_bytes(3, "little") + bytes([number]) + content)


Behaviour = Callable[[Wire], None]


class Rogue:
    """A running rogue.

    Attributes:
        port: on 127.0.0.1.
        received: every byte that clients sent.
        connections: how many came.
    """

    def __init__(self, behaviour: Behaviour) -> None:
        self.received = bytearray()
        self.connections = 0
        self._behaviour = behaviour
        self._listener = socket.create_server((HOST, 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, once the connections are over."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in [self._thread, *self._threads]:
            thread.join(10)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(3)
        wire = Wire(connection, self.received)
        try:
            with contextlib.suppress(OSError):
                self._behaviour(wire)
        finally:
            wire.socket.close()


@contextmanager
def rogue(behaviour: Behaviour) -> Iterator[Rogue]:
    """Run a rogue server."""
    running = Rogue(behaviour)
    try:
        yield running
    finally:
        running.close()


def greeting(*, tls: bool, plugin: bytes = b"mysql_native_password") -> bytes:
    """Build the first packet of a MySQL server."""
    capabilities = _CAPABILITIES | (_SSL if tls else 0)
    return b"".join(
        [
            b"\x0a8.0.36\x00",
            struct.pack("<I", 7),
            b"saltsalt\x00",
            struct.pack("<H", capabilities & 0xFFFF),
            b"\x2d\x02\x00",
            struct.pack("<H", capabilities >> 16),
            b"\x15" + bytes(10),
            b"saltsaltsalt\x00",
            plugin + b"\x00",
        ]
    )


def mysql_without_tls(wire: Wire) -> None:
    """Say that there is no TLS, then take what comes."""
    wire.send_packet(0, greeting(tls=False))
    wire.read_to_end()


def mysql_that_strips_tls(wire: Wire) -> None:
    """Promise TLS, then go on in the clear."""
    wire.send_packet(0, greeting(tls=True))
    wire.packet()
    wire.send_packet(2, OK)
    wire.read_to_end()


def mysql_with(context: ssl.SSLContext) -> Behaviour:
    """Start TLS as a MySQL server does, then take what comes through it."""

    def behave(wire: Wire) -> None:
        wire.send_packet(0, greeting(tls=True))
        wire.packet()
        wire.socket = context.wrap_socket(wire.socket, server_side=True)
        wire.read_to_end()

    return behave


def mysql_that_wants_clear_text(plugin: bytes, prompt: bytes) -> Behaviour:
    """Ask for the password as it is."""

    def behave(wire: Wire) -> None:
        wire.send_packet(0, greeting(tls=False))
        wire.packet()
        wire.send_packet(2, b"\xfe" + plugin + b"\x00" + prompt)
        wire.read_to_end()

    return behave


def mysql_that_wants_a_file(path: Path, after: int) -> Behaviour:
    """Let anyone in, and answer the statement after `after` others by asking for a file."""

    def behave(wire: Wire) -> None:
        wire.send_packet(0, greeting(tls=False))
        wire.packet()
        wire.send_packet(2, OK)
        for _ in range(after):
            wire.packet()
            wire.send_packet(1, OK)
        wire.packet()
        wire.send_packet(1, b"\xfb" + str(path).encode())
        wire.packet()

    return behave


def postgresql_without_tls(wire: Wire) -> None:
    """Say that there is no TLS, then take what comes."""
    wire.read(8)
    wire.socket.sendall(b"N")
    wire.read_to_end()


def postgresql_with(context: ssl.SSLContext) -> Behaviour:
    """Start TLS as a PostgreSQL server does, then take what comes through it."""

    def behave(wire: Wire) -> None:
        wire.read(8)
        wire.socket.sendall(b"S")
        wire.socket = context.wrap_socket(wire.socket, server_side=True)
        wire.read_to_end()

    return behave


def silent(wire: Wire) -> None:
    """Accept, and say nothing."""
    wire.read_to_end()
