"""The floor: bench/floor.c, compiled here and called for a whole column at a time.

Only the call itself is timed: the buffers that it reads and writes are made before.
"""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Final, NamedTuple

_SOURCE: Final = Path(__file__).with_suffix(".c")
_MOST_ADDED: Final = 4 + (6 + 16 + 16 + 32 + 2) * 4 // 3
"""Prefix, and in base64 header, IV, the most padding and tag."""


class Joined(NamedTuple):
    """Values end to end, and where each of them ends."""

    data: Any
    ends: Any

    @classmethod
    def of(cls, values: Sequence[bytes]) -> Joined:
        """Join values that are there."""
        ends = (ctypes.c_size_t * len(values))(*accumulate(map(len, values)))
        return cls(ctypes.create_string_buffer(b"".join(values)), ends)

    @classmethod
    def room(cls, count: int, size: int) -> Joined:
        """Make room for values of so many bytes together."""
        made = cls(ctypes.create_string_buffer(size + 64), (ctypes.c_size_t * count)())
        ctypes.memset(made.data, 1, size)  # touched before: pages are no part of the work
        return made

    def values(self) -> list[bytes]:
        """Return the values one by one."""
        data = memoryview(self.data)
        starts = [0, *self.ends[:-1]]
        return [bytes(data[a:b]) for a, b in zip(starts, self.ends, strict=True)]


class Floor:
    """The compiled loop with one key."""

    def __init__(self, key: bytes, header: bytes, identities: Sequence[bytes]) -> None:
        """Compile it and load it.

        Raises:
            OSError: there is no compiler, or it found no headers of OpenSSL.
        """
        self._key, self._header = key, header
        self._identities = Joined.of(identities)
        with tempfile.TemporaryDirectory(prefix="strongroom-bench-") as folder:
            library = Path(folder, "floor.so")
            _compile(library)
            self._library = ctypes.CDLL(str(library))
        for name in ("floor_seal", "floor_open"):
            getattr(self._library, name).restype = ctypes.c_size_t
        self._library.floor_openssl.restype = ctypes.c_char_p
        self.openssl = self._library.floor_openssl().decode("ascii")

    def prepare(self, plaintexts: Sequence[bytes]) -> tuple[Joined, Joined]:
        """Return the plaintexts joined, and room for their cells."""
        size = sum(len(one) * 4 // 3 + _MOST_ADDED for one in plaintexts)
        return Joined.of(plaintexts), Joined.room(len(plaintexts), size)

    def seal(self, plain: Joined, cells: Joined) -> None:
        """Seal a column."""
        self._call(self._library.floor_seal, plain, cells)

    def open(self, cells: Joined, plain: Joined) -> None:
        """Open a column."""
        self._call(self._library.floor_open, cells, plain)

    def _call(self, function: Any, source: Joined, target: Joined) -> None:  # noqa: ANN401
        count = len(source.ends)
        given = (*source, *self._identities, *target)
        done = function(self._key, self._header, ctypes.c_size_t(count), *given)
        if done != count:
            raise RuntimeError(f"the C loop stopped at cell {done}")


def _compile(library: Path) -> None:
    # The SHA-512 of OpenSSL that can be copied as a struct is the fast one; 3.0 would rather not.
    flags = ("-O2", "-shared", "-fPIC", "-Wall", "-Wextra", "-Wno-deprecated-declarations")
    command = ["cc", *flags, "-o", str(library), str(_SOURCE), "-lcrypto"]
    made = subprocess.run(command, check=False, capture_output=True, text=True)
    if made.returncode:
        said = next((line for line in made.stderr.splitlines() if "error" in line), "cc failed")
        raise OSError(said.rpartition("error: ")[2])
