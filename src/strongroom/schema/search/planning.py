"""How many bits an index token should keep, from how many records and values there are.

Few bits: many records behind each token, which hides them and makes a search decrypt them all.
Many bits: hardly any false positive, and tokens as telling as the values themselves. Two rules say
where between them to stay; neither proves anything, both count values as equally frequent. What a
column gives away is measured, by `frequencies`.

`usable_bits` is the planner of CipherSweet, on C = rows / 2**bits, the coincidences: from the first
length with C ≤ √rows to the first with C ≤ 2. Its documents say 2 ≤ C < √rows, which would end
one bit earlier for all numbers of rows but the powers of two; here is what it computes.
`distinct_bits` is the rule of AWS for beacons, log2 √distinct to log2(distinct / 2), both rounded
to the nearest integer as AWS rounds its examples.

Lengths are computed with integers alone, so no rounding of a logarithm moves them.
"""

from __future__ import annotations

from typing import Final

FEWEST_ROWS: Final = 16
FEWEST_PLANNED_ROWS: Final = 512
_FEWEST_DISTINCT: Final = 3


def usable_bits(rows: int) -> range | None:
    """Return the lengths that leave between about two and √rows records behind a token.

    Returns:
        The lengths in bits, or None for fewer than 16 rows, for which the rule is not made.
    """
    if rows < FEWEST_ROWS:
        return None
    doublings = (rows - 1).bit_length()  # log2(rows), rounded up
    return range((doublings + 1) // 2, doublings)


def distinct_bits(distinct: int) -> range | None:
    """Return the lengths that leave between about two and √distinct values behind a token.

    Returns:
        The lengths in bits, or None for fewer than three values: no token can hide which of two
        values a record has.
    """
    if distinct < _FEWEST_DISTINCT:
        return None
    # x.bit_length() - 1 is log2(x) rounded down; halved after the argument was squared and
    # doubled, it is log2 rounded to the nearest.
    least = distinct.bit_length() // 2
    most = ((distinct * distinct // 2).bit_length() - 1) // 2
    return range(least, most + 1)


def planned_bits(rows: int) -> int:
    """Return the length for an index of which nobody said how long its tokens should be.

    It is the upper end of `usable_bits`: one or two records behind a token on average, and so the
    fewest records decrypted in vain. A smaller table is planned as one of 512 rows, with 8 bits:
    tables begin empty, and shorter tokens would make every search slow once it has grown. Until
    then such tokens hide next to nothing.
    """
    return (max(rows, FEWEST_PLANNED_ROWS) - 1).bit_length() - 1


def coincidences(rows: int, bits: int) -> float:
    """Return how many records stand behind a token on average, were all values different."""
    return rows / (1 << bits)
