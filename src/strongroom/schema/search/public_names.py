"""How frequent names are in public: what anybody can look up who has stolen an index of names.

Two lists come along, the heads of the name files that the United States Census Bureau published of
the census of 1990: `dist.female.first` and `dist.male.first` (300 names each) and `dist.all.last`
(500), from www2.census.gov/topics/genealogy/1990surnames. They are works of the government of the
United States and so in the public domain (17 U.S.C. § 105). The figures are its own, percentages
of all persons of the sample, or of those of one sex; the files beside this one keep them, in the
form that `from_text` reads.

They fit a table of people in the United States of that time. For others a list of one's own, by
`from_text`, shows more of what an attacker would know.
"""

from __future__ import annotations

import math
import re
from importlib.resources import files
from typing import Final

from strongroom.errors import InputError

_FEMALE: Final = "census_1990_female.tsv"
_MALE: Final = "census_1990_male.tsv"
_SURNAMES: Final = "census_1990_surnames.tsv"
_PERCENT: Final = 100
_NUMBER: Final = re.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def given_names() -> dict[str, float]:
    """Return the probabilities of given names, casefolded, of women and men together.

    The percentages of the two files are of one sex each, so a name's probability is the mean of
    both: there are taken to be as many women as men. A name that is rare for one sex is not on
    that sex's list and is counted for the other alone, a little too low. The rest to 1 is other
    names.
    """
    both: dict[str, float] = {}
    for sex in (_FEMALE, _MALE):
        for name, percent in _of_census(sex).items():
            both[name] = both.get(name, 0.0) + percent / (2 * _PERCENT)
    return both


def surnames() -> dict[str, float]:
    """Return the probabilities of surnames, casefolded. The rest to 1 is other names."""
    return {name: percent / _PERCENT for name, percent in _of_census(_SURNAMES).items()}


def from_text(text: str) -> dict[str, float]:
    """Read a list of values and how frequent each is.

    One value and one number to a line, with a tab between, or a comma where there is no tab; the
    last one counts, so a value may hold others. A number is a count, a percentage or a probability,
    but the same throughout. Blank lines, and lines that begin with ``#``, are left out. A value is
    taken as it is written, without the blanks around it: spelling it as an index does is left to
    the caller.

    Returns:
        Each value's share of the whole list: 0 to 1, together 1.

    Raises:
        InputError: which line is wrong, and how; never what is in it.
    """
    numbers = _numbers(text)
    total = sum(numbers.values())
    if not numbers or math.isinf(total):
        raise InputError("the list of values has no total" if numbers else "the list has no value")
    return {value: number / total for value, number in numbers.items()}


def _of_census(name: str) -> dict[str, float]:
    text = (files("strongroom.schema.search") / name).read_text(encoding="utf-8")
    return {value.casefold(): number for value, number in _numbers(text).items()}


def _numbers(text: str) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        value, frequency = _pair(line, f"line {number}")
        if value in numbers:
            raise InputError(f"line {number} has a value that an earlier line has")
        numbers[value] = frequency
    return numbers


def _pair(line: str, where: str) -> tuple[str, float]:
    value, separator, number = line.rpartition("\t" if "\t" in line else ",")
    value, number = value.strip(), number.strip()
    if not separator:
        raise InputError(f"{where} has no tab and no comma between a value and a number")
    if not value:
        raise InputError(f"{where} has no value")
    frequency = float(number) if _NUMBER.fullmatch(number) else 0.0
    if not 0 < frequency < math.inf:
        raise InputError(f"{where} does not end in a number above zero")
    return value, frequency
