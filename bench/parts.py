"""The parts of the benchmark, in the order of the page, and how one of them is measured."""

from __future__ import annotations

import importlib
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import Final

PARTS: Final = {
    "cells": ("One column of cells, beside other libraries", "bench.cells"),
    "bulk": ("Many records at once", "bench.bulk"),
    "single": ("One record at a time", "bench.single"),
    "exchange": ("Import and export of CSV", "bench.exchange"),
    "adopt": ("Adopting a plaintext table", "bench.adopting"),
    "index": ("Building an index", "bench.indexing"),
    "search": ("Search", "bench.searching"),
    "growth": ("Growth", "bench.growth"),
    "memory": ("Memory", "bench.memory"),
    "start": ("Start", "bench.start"),
    "profile": ("Where the time goes", "bench.profile"),
}
"""For each part its heading, and the module whose `section` measures it."""


def measure(name: str) -> str:
    """Return the section of one part, measured in a process of its own.

    What one part imports is no burden to the next: a process that is started from a large one
    counts as large.
    """
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=fresh) as pool:
        return pool.submit(_section, name).result()


def _section(name: str) -> str:
    title, module = PARTS[name]
    lines = list(importlib.import_module(module).section())
    return "\n".join([f"## {title}", "", *lines])
