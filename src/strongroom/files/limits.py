"""How much of a file is held at a time. What goes beyond is refused, with its line."""

from __future__ import annotations

from typing import Final

MIB: Final = 1024 * 1024

CHUNK: Final = 256 * 1024
"""Bytes read at a time."""

MOST_COLUMNS: Final = 1000
"""A table has at most 200 fields; a file may have columns that are of no interest."""

MOST_RECORD: Final = 32 * MIB
"""Characters of one record as text: a field holds at most 16 MiB, and quoting doubles at worst."""
