"""Declarations of every type with any of its options, for the tests of their spellings."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any, Final

from hypothesis import strategies as st

from strongroom.errors import InputError
from strongroom.schema.field_type import FieldType
from strongroom.schema.types import FLAGS, TYPES, Decimal, Float
from tests.schema.strategies import VALUES

_SIZES: Final = st.integers(1, 768)


@st.composite
def declarations(draw: st.DrawFn) -> FieldType:
    """Draw a type and options that go together; some of those drawn are let go."""
    kind = draw(st.sampled_from(list(TYPES.values())))
    options: dict[str, Any] = {}
    for one in fields(kind):
        if draw(st.booleans()):
            options[one.name] = draw(_option(kind, one.name))
    if kind is Decimal and "precision" in options:
        options["scale"] = draw(st.integers(0, min(options["precision"], 30)))
    while True:
        try:
            return kind(**options)
        except InputError:
            options.pop(draw(st.sampled_from(sorted(options))))


def _option(kind: type[FieldType], name: str) -> st.SearchStrategy[Any]:
    if name in FLAGS:
        return st.just(value=True)
    if name not in ("minimum", "maximum"):
        return st.integers(1, 38) if name == "precision" else _SIZES
    return VALUES[kind.tag].filter(lambda value: kind is not Float or math.isfinite(value))


@st.composite
def tables(draw: st.DrawFn) -> dict[str, dict[str, FieldType]]:
    """Draw some tables."""
    names = st.from_regex(r"([a-q][a-z0-9_]{0,9}\.)?[a-q][a-z0-9_]{0,9}", fullmatch=True)
    field_names = st.from_regex(r"[a-q][a-z0-9_]{0,9}", fullmatch=True).filter(
        lambda name: name not in ("id", "keys")
    )
    inner = st.dictionaries(field_names, declarations(), min_size=1, max_size=5)
    return draw(st.dictionaries(names, inner, min_size=1, max_size=3))
