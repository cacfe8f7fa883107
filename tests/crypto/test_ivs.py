"""Initialisation vectors: drawn inside the call, never twice, never the caller's."""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Final

import pytest

import strongroom.crypto
from strongroom.crypto.cell import CellKey
from strongroom.crypto.column import seal_column
from strongroom.crypto.secret import Secret
from strongroom.crypto.wrap import WrapKey
from tests.crypto.attempts import IDENTITY, STORE, cell_key, raw_bytes

IVS: Final = 10_000
CHILDREN: Final = 4
MODULES: Final = 11


def ivs_of_cells(key: CellKey, count: int) -> list[bytes]:
    half = [raw_bytes(key.seal(IDENTITY, b"the same"))[6:22] for _ in range(count // 2)]
    column = seal_column(key, [IDENTITY] * (count // 2), [b"the same"] * (count // 2)).texts
    return half + [raw_bytes(text)[6:22] for text in column]


def test_ten_thousand_ivs_are_distinct() -> None:
    assert len(set(ivs_of_cells(cell_key(), IVS))) == IVS


def test_wraps_of_one_key_have_distinct_ivs() -> None:
    wrapper, secret = WrapKey(Secret(bytes(32)), STORE), Secret(bytes(32))
    assert len({wrapper.wrap(secret, 1, 1)[:16] for _ in range(1_000)}) == 1_000


def child_ivs(key: CellKey) -> tuple[int, int]:
    """Fork; the child writes its IVs to the pipe that is returned, and ends at once."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:  # no test framework code may run in the child
        try:
            os.close(reading)
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(b"".join(ivs_of_cells(key, IVS)))
        finally:
            os._exit(0)
    os.close(writing)
    return child, reading


@pytest.mark.filterwarnings("ignore:This process.*multi-threaded:DeprecationWarning")
def test_forked_children_draw_distinct_ivs() -> None:
    key = cell_key()
    ivs_of_cells(key, 2)  # whatever could be kept over the fork has been made
    started = [child_ivs(key) for _ in range(CHILDREN)]
    ivs = list(ivs_of_cells(key, IVS))
    for child, reading in started:
        with os.fdopen(reading, "rb") as pipe:
            drawn = pipe.read()
        os.waitpid(child, 0)
        ivs += [drawn[place : place + 16] for place in range(0, len(drawn), 16)]
    assert len(ivs) == (CHILDREN + 1) * IVS
    assert len(set(ivs)) == len(ivs)


def modules() -> Iterator[ModuleType]:
    yield strongroom.crypto
    for found in pkgutil.walk_packages(strongroom.crypto.__path__, "strongroom.crypto."):
        yield importlib.import_module(found.name)


def functions() -> Iterator[tuple[str, inspect.Signature]]:
    """Every function and method that the cipher layer defines, private ones too."""
    for module in modules():
        for name, member in vars(module).items():
            if getattr(member, "__module__", None) != module.__name__:
                continue
            if inspect.isfunction(member):
                yield f"{module.__name__}.{name}", inspect.signature(member)
            elif inspect.isclass(member):
                for inner, method in inspect.getmembers(member, inspect.isroutine):
                    if getattr(method, "__module__", None) == module.__name__:
                        yield f"{module.__name__}.{name}.{inner}", inspect.signature(method)


def test_no_function_takes_an_iv() -> None:
    assert len(list(modules())) >= MODULES
    seen = dict(functions())
    assert "strongroom.crypto.aead.AeadKey.encrypt" in seen
    assert "strongroom.crypto.column.seal_column" in seen
    offending = [
        f"{name}({parameter})"
        for name, signature in seen.items()
        for parameter in signature.parameters
        if {"iv", "ivs", "nonce", "nonces", "rng", "random"} & set(parameter.lower().split("_"))
    ]
    assert offending == []
