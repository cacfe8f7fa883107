"""The cells that a Django package wrote at test time, each beside the value that went into it."""

from __future__ import annotations

import functools
import json
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from tests.crypto.decrepit.django_writer import VALUES

ROOT: Final = Path(__file__).resolve().parents[3]
SECRET_KEY: Final = "django-insecure-é-a-secret-key-of-more-than-thirty-two-bytes"


def written(package: str, **settings: Any) -> Mapping[str, tuple[tuple[Any, Any], ...]]:
    """Return field → (value, what the SQLite driver gives for its column), in order."""
    return _written(package, json.dumps({"SECRET_KEY": SECRET_KEY} | settings))


@functools.cache
def _written(package: str, settings: str) -> Mapping[str, tuple[tuple[Any, Any], ...]]:
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder, "cells.db"))
        subprocess.run(
            [sys.executable, "-m", "tests.crypto.decrepit.django_writer", package, file],
            cwd=ROOT,
            input=settings,
            text=True,
            check=True,
        )
        with closing(sqlite3.connect(file)) as connection:
            rows = iter(connection.execute("SELECT * FROM cells ORDER BY id").fetchall())
    columns = [None, *VALUES[package]]  # the first one is the id
    return MappingProxyType(
        {
            name: tuple((value, next(rows)[columns.index(name)]) for value in values)
            for name, (_, _, values) in VALUES[package].items()
        }
    )
