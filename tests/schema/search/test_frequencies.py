"""What tokens give away: the figures by hand, and against a thief's own program on a skewed table.

The table is that of the threat model: 2,000 values by Zipf's law with exponent 1, 100,000 rows, an
attacker who knows the distribution exactly.
"""

import functools
import hashlib
import hmac
import itertools
import math
import random
from bisect import bisect
from collections import Counter

import pytest

from strongroom.errors import InputError
from strongroom.schema.search.frequencies import Measured, measure, recovered
from tests.schema.search.attack import crack, right

VALUES = 2_000
ROWS = 100_000
PUBLIC = {f"name{rank:04}": 1 / rank for rank in range(1, VALUES + 1)}
KEY = b"an index key, for the tests only"

# Percent of rows recovered, as both programs find them; a row for each number of partitions.
BITS = (256, 16, 10, 8, 6, 4, 3)
FIGURES = {
    1: (43.9, 44.0, 39.4, 33.3, 26.5, 20.1, 25.6),
    4: (38.3, 38.5, 28.8, 24.9, 18.2, 14.8, 12.2),
    16: (33.3, 33.1, 24.1, 18.3, 13.4, 12.2, 12.2),
}


@functools.cache
def values() -> list[str]:
    """Draw the rows' values. `random.random` gives the same in every Python, `choices` may not."""
    chance = random.Random(1)
    names, heights = list(PUBLIC), list(itertools.accumulate(PUBLIC.values()))
    return [names[bisect(heights, chance.random() * heights[-1])] for _ in range(ROWS)]


@functools.cache
def partition(row: int, partitions: int) -> int:
    return int.from_bytes(hashlib.blake2b(b"%d" % row, digest_size=8).digest()) % partitions


@functools.cache
def digest(value: str, partition: int, key: bytes = KEY) -> bytes:
    return hmac.digest(key, b"%d/%s" % (partition, value.encode()), "sha256")


def truncated(token: bytes, bits: int) -> bytes:
    kept = token[: (bits + 7) // 8]
    spare = -bits % 8
    return kept[:-1] + bytes([kept[-1] >> spare << spare])


def spread(partitions: int) -> list[tuple[str, int]]:
    return [(value, partition(row, partitions)) for row, value in enumerate(values())]


def truth(rows: Counter[tuple[str, int]], bits: int, key: bytes = KEY) -> dict[bytes, Counter[str]]:
    tokens: dict[bytes, Counter[str]] = {}
    for (value, part), times in rows.items():
        tokens.setdefault(truncated(digest(value, part, key), bits), Counter())[value] += times
    return tokens


@functools.cache
def figures(partitions: int) -> dict[int, float]:
    """Return the share recovered for each length, after both programs agreed on it exactly."""
    found = {}
    rows = spread(partitions)
    counted = Counter(rows)
    for bits in BITS:
        short = {row: truncated(digest(*row), bits) for row in counted}
        dump = [(short[row], row[0]) for row in rows]
        taken = crack((token for token, _ in dump), PUBLIC.items(), partitions)
        found[bits] = recovered(truth(counted, bits), PUBLIC, partitions)
        assert found[bits] == right(dump, taken) / ROWS
    return found


@pytest.mark.parametrize("partitions", [1, 4, 16])
def test_a_thiefs_program_recovers_exactly_what_is_said(partitions: int) -> None:
    rounded = tuple(round(100 * share, 1) for share in figures(partitions).values())
    assert rounded == FIGURES[partitions]


def test_fewer_bits_give_away_less_but_one_key_may_be_unlucky() -> None:
    counted = Counter(spread(1))
    means = []
    for bits in BITS[1:]:
        shares = [recovered(truth(counted, bits, b"%d" % key), PUBLIC) for key in range(20)]
        means.append(sum(shares) / len(shares))
    assert means == sorted(means, reverse=True)
    assert means[0] > 0.42
    assert means[-1] < 0.21
    assert figures(1)[3] > figures(1)[4]  # why the docstring warns of short tokens


def test_more_partitions_give_away_less() -> None:
    for bits in BITS[:-2]:  # with fewer bits there is no list left to match
        assert figures(1)[bits] > figures(4)[bits] > figures(16)[bits], bits


def test_where_tokens_say_nothing_the_most_frequent_value_is_still_right() -> None:
    # 16 tokens, and each of them guessed to be one of the 16 of the most frequent value.
    assert figures(16)[4] == figures(16)[3] == values().count("name0001") / ROWS


def test_ranks_are_matched_by_hand() -> None:
    tokens = {b"a": {"ann": 5}, b"b": {"bob": 2, "ann": 1}, b"c": {"eve": 1}}
    assert recovered(tokens, {"ann": 0.5, "bob": 0.3, "eve": 0.2}) == (5 + 2 + 1) / 9
    assert recovered(tokens, {"bob": 9, "ann": 8}) == 1 / 9  # b is taken for ann, c for nothing
    assert recovered(tokens, {"ann": 1.0}, partitions=2) == (5 + 1) / 9
    assert recovered(tokens, {"zoe": 1.0}) == 0.0
    assert recovered(tokens, {}) == 0.0
    assert recovered({}, {"ann": 1.0}) == 0.0
    assert recovered({b"a": {}}, {"ann": 1.0}) == 0.0


def test_ties_are_broken_by_token_and_by_value() -> None:
    tokens = {b"b": {"eve": 1}, b"a": {"bob": 1}}
    assert recovered(tokens, {"eve": 0.1, "bob": 0.1}) == 1.0
    tokens = {b"a": {"eve": 1}, b"b": {"bob": 1}}
    assert recovered(tokens, {"eve": 0.1, "bob": 0.1}) == 0.0


def test_the_order_of_what_is_given_does_not_matter() -> None:
    counted = Counter(spread(4))
    tokens = truth(counted, 8)
    shuffled = dict(random.Random(2).sample(sorted(tokens.items()), len(tokens)))
    backwards = dict(reversed(PUBLIC.items()))
    assert recovered(shuffled, backwards, 4) == figures(4)[8]


@pytest.mark.parametrize("partitions", [0, -1])
def test_an_index_has_a_partition(partitions: int) -> None:
    with pytest.raises(InputError, match=r"^an index has at least one partition$"):
        recovered({b"a": {"ann": 1}}, {"ann": 1.0}, partitions)


def test_measure_by_hand() -> None:
    measured = measure(iter([1, 2, 8, 1, 0, 2, 1, 1]), bits=3, recovered=0.25)
    assert measured == Measured(
        rows=16,
        tokens=7,
        largest=(0.5, 0.125, 0.125, 0.0625, 0.0625),
        coincidences=2.0,
        min_entropy=1.0,
        recovered=0.25,
    )


def test_measure_even_and_single_and_none() -> None:
    even = measure([3] * 1024, bits=10)
    assert (even.min_entropy, even.coincidences, even.recovered) == (10.0, 3.0, None)
    single = measure([7], bits=256)
    assert (single.largest, single.min_entropy) == ((1.0,), 0.0)
    assert math.copysign(1, single.min_entropy) == 1  # not -0.0, which would be printed
    empty = measure([], bits=8)
    assert (empty.rows, empty.tokens, empty.largest, empty.min_entropy) == (0, 0, (), 0.0)
    assert empty.coincidences == 0.0
