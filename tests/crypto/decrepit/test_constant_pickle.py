"""Pickles of one constant are read, and no other pickle does anything at all.

Each bomb is first let off by the real `pickle`, to show that it is one.
"""

from __future__ import annotations

import datetime as dt
import decimal
import os
import pickle
import pickletools
import struct
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.crypto.decrepit.constant_pickle import read_constant
from tests.crypto.decrepit.pickle_bombs import bombs

ZONE: Final = dt.timezone(dt.timedelta(hours=-5, minutes=-30))
PROTOCOLS: Final = (3, 4, 5)

zones = st.none() | st.timedeltas(
    dt.timedelta(hours=-23, minutes=-59), dt.timedelta(hours=23, minutes=59)
).map(lambda offset: dt.timezone(dt.timedelta(seconds=round(offset.total_seconds()))))
constants = st.one_of(
    st.text(),
    st.binary(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.dates(),
    st.datetimes().map(lambda moment: moment.replace(fold=0)),
    st.builds(lambda moment, zone: moment.replace(tzinfo=zone, fold=0), st.datetimes(), zones),
    st.decimals(allow_nan=False, allow_infinity=False),
)


@given(constants, st.sampled_from(PROTOCOLS))
def test_every_constant_is_read_as_it_was_pickled(value: Any, protocol: int) -> None:
    found = read_constant(pickle.dumps(value, protocol))
    assert (type(found), repr(found)) == (type(value), repr(value))


@pytest.mark.parametrize(
    "value",
    ["x" * 255, "x" * 256, "x" * 70_000, b"x" * 255, b"x" * 256, b"x" * 70_000, 2**2039 - 1],
    ids=range(7),
)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_long_constants(value: Any, protocol: int) -> None:
    assert read_constant(pickle.dumps(value, protocol)) == value


def test_the_eight_byte_lengths_are_read_too() -> None:
    assert read_constant(b"\x80\x04\x8d" + struct.pack("<Q", 3) + b"Ada.") == "Ada"
    assert read_constant(b"\x80\x04\x8e" + struct.pack("<Q", 3) + b"Ada.") == b"Ada"


class Text(str):
    __slots__ = ()


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        ["Ada"],
        {},
        {"a": 1},
        {1},
        frozenset(),
        (),
        ("Ada",),
        ("a", "b"),
        (1, 2, 3),
        bytearray(b"Ada"),
        1j,
        2**2040,
        dt.time(13, 5),
        dt.timedelta(1),
        dt.UTC,
        ZONE,
        dt.timezone(dt.timedelta(0), "named"),
        dt.datetime(2024, 2, 29, tzinfo=dt.timezone(dt.timedelta(0), "named")),
        decimal.Decimal("NaN"),
        decimal.Decimal("sNaN"),
        decimal.Decimal("-Infinity"),
        decimal.Decimal("1" * 2_049),
        uuid.UUID(int=5),
        Text("Ada"),
        dt.date,
        decimal.Decimal,
        os.system,
        Path("a"),
        "\ud800",
    ],
    ids=range(31),
)
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_is_no_constant_is_refused(value: Any, protocol: int) -> None:
    assert read_constant(pickle.dumps(value, protocol)) is None


@pytest.mark.parametrize("protocol", [4, 5])
def test_the_second_of_two_equal_hours_is_refused(protocol: int) -> None:
    """Protocol 3 drops the mark itself."""
    moment = dt.datetime(2024, 10, 27, 2, 30, tzinfo=dt.UTC)
    assert read_constant(pickle.dumps(moment, protocol)) == moment
    assert read_constant(pickle.dumps(moment.replace(fold=1), protocol)) is None


@pytest.mark.parametrize("value", ["Ada", 36, dt.date(2024, 2, 29)])
@pytest.mark.parametrize("protocol", [0, 1, 2])
def test_older_protocols_are_refused(value: Any, protocol: int) -> None:
    assert read_constant(pickle.dumps(value, protocol)) is None


@pytest.mark.parametrize("name", sorted(bombs(Path("canary"))))
def test_a_bomb_does_not_go_off(name: str, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    bomb = bombs(canary)[name]
    assert read_constant(bomb) is None
    assert not canary.exists()
    pickle.loads(bomb)  # noqa: S301  # the proof that it is a bomb
    assert canary.exists()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("datetime", "date.today"),
        ("datetime", "datetime.now"),
        ("datetime", "sys"),
        ("datetime.date", ""),
        ("os", "date"),
        ("builtins", "eval"),
        ("decimal", "Context"),
        ("decimal", "localcontext"),
        ("_datetime", "date"),
        ("Datetime", "date"),
    ],
)
def test_no_other_name_is_known(module: str, name: str) -> None:
    good = b"\x80\x03cdatetime\ndate\nC\x04\x07\xe8\x02\x1d\x85R."
    assert read_constant(good) == dt.date(2024, 2, 29)
    other = good.replace(b"datetime\ndate", f"{module}\n{name}".encode())
    assert other != good
    assert read_constant(other) is None


@pytest.mark.parametrize(
    "call",
    [
        b"cdatetime\ndate\nK\x01\x85R",  # an integer
        b"cdatetime\ndate\nC\x03\x07\xe8\x02\x85R",  # 3 bytes
        b"cdatetime\ndate\nC\x05\x07\xe8\x02\x1d\x00\x85R",  # 5 bytes
        b"cdatetime\ndatetime\nC\x0b\x07\xe8\x02\x1d\x0d\x05\x00\x00\x00\x00\x00\x85R",
        b"cdatetime\ndate\nC\x04\x07\xe8\x0d\x1d\x85R",  # month 13
        b"cdatetime\ndate\nC\x04\x00\x00\x01\x01\x85R",  # year 0
        b"cdatetime\ndate\nM\xe8\x07K\x02K\x1d\x87R",  # its public signature
        b"cdatetime\ndate\n)R",
        b"cdatetime\ndatetime\nC\x04\x07\xe8\x02\x1d\x85R",
        b"cdatetime\ndatetime\nC\x0a\x07\xe8\x02\x1d\x0d\x05\x00\x0f\x42\x40\x85R",  # 1000000 us
        b"cdatetime\ndatetime\nC\x0a\x07\xe8\x02\x1d\x0d\x05\x00\x00\x00\x00K\x05\x86R",
        (
            b"cdatetime\ndatetime\nC\x0a\x07\xe8\x02\x1d\x0d\x05\x00\x00\x00\x00cdatetime\ntimezone\n"
            b"cdatetime\ntimedelta\nK\x01K\x00K\x00\x87R\x85R\x86R"
        ),  # a day ahead
        b"cdatetime\ntimedelta\nJ\xff\xff\xff\x7fJ\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x87R",
        b"cdecimal\nDecimal\nK\x05\x85R",
        b"cdecimal\nDecimal\nX\x01\x00\x00\x00x\x85R",
        b"K\x05K\x05\x85R",
        b"cdatetime\ndate\ncdatetime\ndate\nR",
        b"cdatetime\ndate\nR",
        b"R",
        b"\x85",
        b"\x93",
        b"K\x01\x93",
        b"h\x00",
        b"q\x00",
        b"\x94",
        b"",
        b"K\x01K\x02",
        b"K\x01.K\x02",
        b"K\x01\x80\x04",
        b"K\x01." + b" ",
        b"\x8a\xff" + b"\x01" * 3,
        b"\x8b\xff\xff\xff\x7f\x01",
        b"\x8d" + b"\xff" * 8,
        b"\x8e" + b"\xff" * 8,
        b"X\xff\xff\xff\xffAda",
        b"X\x01\x00\x00\x00\xff",
        b"I" + b"9" * 5_000 + b"\n",
        b"I36\n",
        b"F1.5\n",
        b"VAda\n",
        b"S'Ada'\n",
        b"\x82\x01",
        b"Pid\n",
        b"K\x01Q",
        b"\x97",
        b"(K\x01d",
    ],
    ids=range(46),
)
def test_a_pickle_that_no_writer_made_is_refused(call: bytes) -> None:
    assert read_constant(b"\x80\x03" + call + b".") is None


@pytest.mark.parametrize("head", [b"", b"\x80\x02", b"\x80\x06", b"\x80\xff", b"K\x01\x80\x03"])
def test_it_begins_with_a_protocol_that_is_known(head: bytes) -> None:
    assert read_constant(b"\x80\x03K\x05.") == 5
    assert read_constant(head + b"K\x05.") is None


def test_it_ends_with_its_stop_and_every_cut_is_refused() -> None:
    for value in ("Ada", dt.datetime(2024, 2, 29, tzinfo=ZONE), decimal.Decimal("1.5")):
        for protocol in PROTOCOLS:
            whole = pickle.dumps(value, protocol)
            assert read_constant(whole + b".") is None
            assert all(read_constant(whole[:cut]) is None for cut in range(len(whole)))


def test_steps_are_bounded() -> None:
    def padded(count: int) -> bytes:
        return b"\x80\x03K\x05" + b"q\x00" * count + b"."

    assert read_constant(padded(62)) == 5
    assert read_constant(padded(63)) is None
    # Tuples of tuples of themselves, which would be 2^30 values if they were walked.
    assert read_constant(b"\x80\x03K\x05" + b"q\x00h\x00\x86" * 20 + b".") is None
    # 16 MiB of steps, which would take long to follow.
    assert read_constant(b"\x80\x03" + b"K\x05" * (8 << 20) + b".") is None


@given(
    constants,
    st.sampled_from(PROTOCOLS),
    st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=3),
)
def test_whatever_is_read_of_a_changed_pickle_is_what_pickle_reads(
    value: Any, protocol: int, changes: list[tuple[int, int]]
) -> None:
    """The real one runs only over what was found to hold nothing but known steps."""
    changed = bytearray(pickle.dumps(value, protocol))
    for place, byte in changes:
        changed[place % len(changed)] = byte
    found = read_constant(bytes(changed))
    if found is None:
        return
    try:
        real = pickle.loads(bytes(changed))  # noqa: S301
    except Exception:  # noqa: BLE001  # stricter about frames than we are
        assert {step.name for step, _, _ in pickletools.genops(bytes(changed))} & {"FRAME"}
        return
    assert (type(found), repr(found)) == (type(real), repr(real))


@given(st.binary(max_size=80))
def test_no_bytes_make_it_fail(tail: bytes) -> None:
    check: Callable[[bytes], object] = read_constant
    check(tail)
    check(b"\x80\x04" + tail + b".")
