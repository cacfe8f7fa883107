"""How long tokens should be: both published rules, held to the figures their authors published."""

import math

import pytest

from strongroom.schema.search.planning import (
    FEWEST_ROWS,
    coincidences,
    distinct_bits,
    planned_bits,
    usable_bits,
)


@pytest.mark.parametrize(
    ("rows", "least", "most"),
    [
        # paragonie/ciphersweet, FieldIndexPlannerTest::testRecommend and testPlannerExtremes
        (1 << 8, 4, 7),
        (1 << 16, 8, 15),
        (1 << 31, 16, 30),
        ((1 << 31) - 1, 16, 30),
        (50_000, 8, 15),  # its documents
        # its planner, run
        (1_000, 5, 9),
        (10_000, 7, 13),
        (100_000, 9, 16),
        (1_000_000, 10, 19),
        (10_000_000, 12, 23),
        (16, 2, 3),
        (17, 3, 4),
    ],
)
def test_ciphersweets_ladder(rows: int, least: int, most: int) -> None:
    assert usable_bits(rows) == range(least, most + 1)


def test_usable_lengths_are_those_that_ciphersweets_search_finds() -> None:
    for rows in (*range(FEWEST_ROWS, 3000), *range(65_000, 66_000)):
        lengths = range(1, 40)
        least = next(bits for bits in lengths if rows <= 4**bits)  # C <= sqrt(rows)
        most = next(bits for bits in lengths if rows <= 2 * 2**bits)  # C <= 2
        usable = usable_bits(rows)
        assert usable == range(least, most + 1), rows
        assert coincidences(rows, usable[0]) >= 2
        assert 1 < coincidences(rows, usable[-1]) <= 2


@pytest.mark.parametrize("rows", [-1, 0, 1, 15])
def test_no_length_is_usable_for_fewer_than_sixteen_rows(rows: int) -> None:
    assert usable_bits(rows) is None


@pytest.mark.parametrize(
    ("distinct", "least", "most"),
    [
        # aws-database-encryption-sdk-dynamodb, the examples of standard beacons
        (10_000, 7, 12),
        (999_999_999_999, 20, 39),
        (10**12, 20, 39),
        (3, 1, 1),
    ],
)
def test_the_rule_of_aws(distinct: int, least: int, most: int) -> None:
    assert distinct_bits(distinct) == range(least, most + 1)


@pytest.mark.parametrize("distinct", [-5, 0, 1, 2])
def test_no_length_hides_which_of_two_values_it_is(distinct: int) -> None:
    assert distinct_bits(distinct) is None


def test_distinct_lengths_are_the_logarithms_rounded_to_the_nearest() -> None:
    for distinct in range(3, 5000):
        exact_half = distinct.bit_count() == 1 and distinct.bit_length() % 2 == 0
        least = math.floor(math.log2(distinct) / 2 + 0.5)
        most = round(math.log2(distinct / 2))
        bits = distinct_bits(distinct)
        assert bits is not None, distinct
        assert bits[-1] == most, distinct
        assert bits[0] == least or exact_half, distinct  # floats may miss a half


@pytest.mark.parametrize(
    ("rows", "bits"),
    [
        (0, 8),
        (15, 8),
        (16, 8),
        (512, 8),
        (513, 9),
        (1_000, 9),
        (50_000, 15),
        (1_000_000, 19),
    ],
)
def test_planned_length(rows: int, bits: int) -> None:
    assert planned_bits(rows) == bits


def test_a_planned_length_is_the_upper_end_and_never_under_eight() -> None:
    for rows in range(FEWEST_ROWS, 5000):
        usable = usable_bits(rows)
        assert usable is not None
        assert planned_bits(rows) == max(usable[-1], 8), rows


def test_coincidences() -> None:
    assert coincidences(50_000, 15) == 50_000 / 32_768
    assert coincidences(0, 8) == 0.0
    assert coincidences(1, 256) == 2.0**-256
