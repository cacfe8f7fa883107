"""JSON made to break its reader: deep, long, doubtful. It gets the typed error, and soon."""

from __future__ import annotations

import time

import pytest

from strongroom.errors import DecryptionError, InputError
from strongroom.schema.json_text import read_json
from strongroom.schema.values import canonical_json, parse_json


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 1_000_000,
        b'{"":' * 1_000_000,
        b"[" * 1_000_000 + b"]" * 1_000_000,
        b'"[\\"' + b"[" * 1_000_000,
        b'["\\\\",' + b"[" * 1_000_000,
        b'"' + b"\\" * 1_000_001 + b"[" * 100,
        b"]" * 1_000 + b"[" * 1_000_000,
        # A search that began anew at each of these quotes would take hours.
        b"[]" * 65 + b'"' + b'\\"' * 1_000_000,
        b"[]" * 65 + b'"' + b'\\"' * 1_000_000 + b"\\",
        b"9" * 1_000_000,
        b"-" + b"9" * 1_000_000,
    ],
    ids=range(11),
)
def test_hostile_json_is_refused_quickly_and_with_the_typed_error(data: bytes) -> None:
    started = time.perf_counter()
    with pytest.raises(DecryptionError):
        parse_json(data)
    with pytest.raises(InputError, match=r"^people\.notes must be JSON$"):
        read_json(data.decode("ascii"), "people.notes")
    assert time.perf_counter() - started < 5


def test_a_deep_stack_is_no_wrong_value() -> None:
    # The caller's own recursion must not turn good data into "it was tampered with".
    data = b"[" * 64 + b"]" * 64

    def deep(levels: int) -> None:
        parse_json(data)
        deep(levels + 1)

    with pytest.raises(RecursionError):
        deep(0)


def test_read_json_takes_any_spelling_and_no_doubtful_one() -> None:
    text = ' { "b" : 1E2 , "a" : [ -0 , "\\u0041" ] } '
    assert canonical_json(read_json(text, "t.f")) == b'{"a":[0,"A"],"b":100.0}'
    for bad in ('{"a":1,"a":1}', "NaN", "1e400", "", "[", "'a'", '["\\ud800"]', "9" * 2000):
        with pytest.raises(InputError) as caught:
            read_json(bad, "t.f")
        assert str(caught.value).startswith("t.f must ")
        assert caught.value.__cause__ is None and caught.value.__context__ is None
