"""Every value has a position, in order, and the arithmetic is exact."""

from __future__ import annotations

import datetime as dt
import decimal
import zoneinfo
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from strongroom.errors import InputError
from strongroom.schema.search.positions import Bound, Scale

UTC = dt.UTC
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
DAY = dt.date(2024, 2, 28)
NOON = dt.datetime(2024, 2, 28, 12)  # noqa: DTZ001  # a local time
ZONED = NOON.replace(tzinfo=UTC)

DECIMALS = st.one_of(
    st.decimals(-1000, 1000, places=3),
    st.builds(
        lambda sign, digits, exponent: Decimal((sign, tuple(map(int, str(digits))), exponent)),
        st.integers(0, 1),
        st.integers(0, 10**20),
        st.one_of(st.integers(-30, 10), st.integers(-6144, 6144)),
    ),
)
OFFSETS = st.timedeltas(dt.timedelta(hours=-23), dt.timedelta(hours=23)).map(
    lambda offset: dt.timezone(offset - offset % dt.timedelta(seconds=1))
)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.one_of(st.integers(-500, 500), st.integers(-(2**70), 2**70)),
    "decimal": DECIMALS,
    "date": st.dates(),
    "datetime": st.datetimes().map(lambda one: one.replace(fold=0)),
    "zoned": st.datetimes(timezones=OFFSETS),
}
STEPS: dict[str, st.SearchStrategy[Any]] = {
    "decimal": st.sampled_from([Decimal(one) for one in ("0.001", "0.25", "7", "1E+6", "3E-30")]),
    **dict.fromkeys(["integer", "date", "datetime", "zoned"], st.integers(1, 10**6)),
}
EVERY = pytest.mark.parametrize("kind", VALUES)


def exact(value: Bound) -> Fraction:
    """Return a value in the unit of its step, by other arithmetic than the scale's."""
    if isinstance(value, dt.datetime):
        zone = value.tzinfo
        epoch = dt.datetime(1, 1, 1, tzinfo=UTC if zone else None)
        offset = value.utcoffset() or dt.timedelta()
        between = value.replace(tzinfo=epoch.tzinfo) - epoch - offset
        return Fraction(between // dt.timedelta(microseconds=1), 10**6)
    return Fraction(value.toordinal() if isinstance(value, dt.date) else value)


def scale(kind: str, data: st.DataObject) -> Scale:
    """Give a scale whose ends are anywhere in the type."""
    least, most = sorted((data.draw(VALUES[kind]), data.draw(VALUES[kind])), key=exact)
    try:
        return Scale(least, most, data.draw(STEPS[kind]))
    except InputError:
        assume(condition=False)  # too many steps
        raise


@EVERY
@settings(max_examples=200)
@given(data=st.data())
def test_a_greater_value_has_no_lower_position(kind: str, data: st.DataObject) -> None:
    made = scale(kind, data)
    one, other = (data.draw(VALUES[kind]) for _ in range(2))
    low, high = sorted((one, other), key=exact)
    assert 0 <= made.position(low) <= made.position(high) < made.positions


@EVERY
@settings(max_examples=200)
@given(data=st.data())
def test_a_position_is_what_fractions_say(kind: str, data: st.DataObject) -> None:
    made = scale(kind, data)
    value = data.draw(VALUES[kind])
    least, most, point = exact(made.minimum), exact(made.maximum), exact(value)
    steps = (most - least) // Fraction(made.step) + 1
    assert made.positions == steps + 2
    if point < least:
        assert made.position(value) == 0
    elif point > most:
        assert made.position(value) == steps + 1
    else:
        assert made.position(value) == 1 + (point - least) // Fraction(made.step)


@EVERY
@given(data=st.data())
def test_the_ends_have_the_first_and_the_last_step(kind: str, data: st.DataObject) -> None:
    made = scale(kind, data)
    assert made.position(made.minimum) == 1
    assert made.position(made.maximum) == made.positions - 2


@pytest.mark.parametrize(
    ("made", "positions", "expected"),
    [
        (Scale(0, 9, 1), 12, {-1: 0, 0: 1, 9: 10, 10: 11, 2**4000: 11, -(2**4000): 0}),
        (Scale(5, 5, 1), 3, {4: 0, 5: 1, 6: 2}),
        (Scale(-5, 5, 4), 5, {-6: 0, -5: 1, -2: 1, -1: 2, 3: 3, 5: 3, 6: 4}),
        (
            Scale(Decimal("0.00"), Decimal("1.00"), Decimal("0.1")),
            13,
            {
                Decimal("-0.00"): 1,
                Decimal("-1E-6144"): 0,
                Decimal("1E-6144"): 1,
                Decimal("0.1"): 2,
                Decimal("0.0999999999999999999999999999999999999999999"): 1,
                Decimal("0.3"): 4,  # 0.3 // 0.1 is 2 in floats
                Decimal(1): 11,
                Decimal("1.0000000000000000000000000000000000000000001"): 12,
                Decimal("9E+6144"): 12,
                Decimal("-9E+6144"): 0,
            },
        ),
        (
            Scale(DAY, dt.date(2024, 3, 1), 1),
            5,
            {
                dt.date.min: 0,
                DAY: 1,
                dt.date(2024, 2, 29): 2,
                dt.date(2024, 3, 1): 3,
                dt.date.max: 4,
            },
        ),
        (
            Scale(NOON, NOON + dt.timedelta(minutes=2), 60),
            5,
            {
                NOON - dt.timedelta(microseconds=1): 0,
                NOON: 1,
                NOON + dt.timedelta(seconds=59, microseconds=999_999): 1,
                NOON + dt.timedelta(seconds=60): 2,
                NOON + dt.timedelta(seconds=120): 3,
                NOON + dt.timedelta(seconds=120, microseconds=1): 4,
            },
        ),
        (
            Scale(ZONED, ZONED + dt.timedelta(hours=1), 3600),
            4,
            {
                dt.datetime(2024, 2, 28, 13, tzinfo=BERLIN): 1,
                dt.datetime(2024, 2, 28, 12, 59, tzinfo=BERLIN): 0,
                dt.datetime(2024, 2, 28, 14, tzinfo=BERLIN): 2,
                dt.datetime(2024, 2, 28, 14, 0, 1, tzinfo=BERLIN): 3,
                dt.datetime(1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=14))): 0,
            },
        ),
    ],
    ids=["integer", "one", "negative", "decimal", "date", "datetime", "zoned"],
)
def test_the_positions_of(made: Scale, positions: int, expected: dict[Bound, int]) -> None:
    assert made.positions == positions
    assert {value: made.position(value) for value in expected} == expected


def test_a_repeated_hour_goes_by_its_instant() -> None:
    first = dt.datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN)
    again = first.replace(fold=1)
    made = Scale(first, again, 60)
    assert made.positions == 63
    assert made.position(first) == 1
    assert made.position(again) == 61


def test_a_zone_is_kept_as_its_offset() -> None:
    made = Scale(dt.datetime(2024, 7, 1, tzinfo=BERLIN), dt.datetime(2024, 12, 1, tzinfo=BERLIN), 1)
    assert isinstance(made.minimum, dt.datetime)
    assert made.minimum.tzinfo == dt.timezone(dt.timedelta(hours=2))


def test_a_context_of_few_digits_changes_nothing() -> None:
    with decimal.localcontext(prec=2, Emax=2, Emin=-2):
        made = Scale(Decimal("123.456"), Decimal("987654.321"), Decimal("0.001"))
        assert made.positions == 987_530_868
        assert made.position(Decimal("123.4579")) == 2


def test_two_scales_of_the_same_are_equal() -> None:
    made = Scale(0, 9, 1)
    assert made == Scale(0, 9, 1)
    assert hash(made) == hash(Scale(0, 9, 1))
    assert made != Scale(0, 9, 2)
    assert replace(made, maximum=19).positions == 22
    assert repr(made) == "Scale(minimum=0, maximum=9, step=1)"


def test_the_largest_domain_has_as_many_positions_as_fit_in_64_bits() -> None:
    assert Scale(1, 2**64 - 2, 1).positions == 2**64
    with pytest.raises(InputError, match=r"more than 2\^64 - 2 steps"):
        Scale(0, 2**64 - 2, 1)
    with pytest.raises(InputError, match=r"more than 2\^64 - 2 steps"):
        Scale(Decimal("-9E+6144"), Decimal("9E+6144"), Decimal("1E-6144"))
    wide = Scale(Decimal("-9E+6144"), Decimal("9E+6144"), Decimal("1E+6144"))
    assert wide.position(Decimal("1E-6144")) == 10
    first = dt.datetime(1, 1, 1, tzinfo=UTC)
    last = dt.datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert Scale(first, last, 1).positions == 315_537_897_602


@pytest.mark.parametrize(
    ("least", "most", "step", "message"),
    [
        (1, 0, 1, "the minimum is above the maximum"),
        (Decimal("0.1"), Decimal(0), Decimal(1), "the minimum is above the maximum"),
        (dt.date(2024, 3, 1), DAY, 1, "the minimum is above the maximum"),
        (0, 9, 0, "the step must be above zero"),
        (0, 9, -1, "the step must be above zero"),
        (Decimal(0), Decimal(9), Decimal("-0.00"), "the step must be above zero"),
        (Decimal(0), Decimal(9), Decimal(-1), "the step must be above zero"),
        (0, 9, Decimal(1), "the step must be an integer"),
        (0, 9, True, "the step must be an integer"),
        (0, 9, 1.0, "the step must be an integer"),
        (DAY, DAY, dt.timedelta(days=1), "the step must be an integer"),
        (Decimal(0), Decimal(9), 1, "the step must be a decimal"),
        (Decimal(0), Decimal(9), Decimal("NaN"), "the step must be a finite decimal"),
        (Decimal(0), Decimal(9), Decimal("Infinity"), "the step must be a finite decimal"),
        (Decimal("NaN"), Decimal(9), Decimal(1), "the minimum must be a finite decimal"),
        (Decimal(0), Decimal("-Infinity"), Decimal(1), "the maximum must be a finite decimal"),
        (False, True, 1, "a range goes over integers, decimals, dates or datetimes"),
        (0.0, 1.0, 1, "a range goes over integers, decimals, dates or datetimes"),
        ("a", "b", 1, "a range goes over integers, decimals, dates or datetimes"),
        (None, 9, 1, "a range goes over integers, decimals, dates or datetimes"),
        (0, True, 1, "the maximum must be an integer"),
        (0, None, 1, "the maximum must be an integer"),
        (DAY, NOON, 1, "the maximum must be a date"),
        (NOON, DAY, 1, "the maximum must be a date and time without a zone"),
        (NOON, ZONED, 1, "the maximum must be a date and time without a zone"),
        (ZONED, NOON, 1, "the maximum must be a date and time with a zone"),
    ],
)
def test_a_scale_that_is_none_is_refused(least: Any, most: Any, step: Any, message: str) -> None:
    with pytest.raises(InputError) as caught:
        Scale(least, most, step)
    assert str(caught.value) == message
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("made", "value", "message"),
    [
        (Scale(0, 9, 1), True, "the value must be an integer"),
        (Scale(0, 9, 1), Decimal(1), "the value must be an integer"),
        (Scale(DAY, DAY, 1), NOON, "the value must be a date"),
        (Scale(NOON, NOON, 1), DAY, "the value must be a date and time without a zone"),
        (Scale(NOON, NOON, 1), ZONED, "the value must be a date and time without a zone"),
        (Scale(ZONED, ZONED, 1), NOON, "the value must be a date and time with a zone"),
        (Scale(Decimal(0), Decimal(1), Decimal(1)), 1, "the value must be a decimal"),
        (
            Scale(Decimal(0), Decimal(1), Decimal(1)),
            Decimal("NaN"),
            "the value must be a finite decimal",
        ),
    ],
)
def test_a_value_of_another_type_is_refused(made: Scale, value: object, message: str) -> None:
    with pytest.raises(InputError) as caught:
        made.position(value)
    assert str(caught.value) == message
    assert caught.value.__context__ is None
