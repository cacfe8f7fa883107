"""Synthetic people: common names and rare ones, in many scripts; what is given and what is not."""

from __future__ import annotations

import datetime as dt
import random
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

Person = dict[str, Any]

GIVEN: Final = (
    "Maria", "Ada", "Anna", "José", "Peter", "Éva", "Zoë", "Jean-Luc", "Ana Lucía", "Søren",
    "Şule", "Grace", "Łukasz", "Marie-Ève", "Björn", "maria", "MARIA", "Ngô", "Æsa", "Dvora",
    "Iain", "Ioannes", "Þóra", "Kwame", "Aisha", "Mei", "Olu", "Pia", "Quirin", "Xenia",
)  # fmt: skip
SURNAMES: Final = (
    "Müller", "Smith", "García", "O'Neill", "Lovelace", "Hopper", "de la Cruz", "Nguyễn",
    "Straßer", "Strasser", "Øst", "Kowalski", "Mc Donald", "McDonald", "Ådland", "Fitz-Gerald",
    "Y\u0131ld\u0131z", "Öztürk", "Novák", "Ivanova", "Okafor", "D\u2019Arcy", "van den Berg",
    "Ó Briain", "Zhang", "Sørensen", "Adams", "Adamson", "MÜLLER", "Mueller", "Sánchez", "Garcia",
    "Li", "Qureshi", "Popescu", "Horváth", "Weiß", "Weiss", "St. John", "Wu",
)  # fmt: skip
ODD: Final = (
    "",
    " ",
    "X",
    "x",
    "\u00e9",
    "e\u0301",
    "\u674e",
    "\U0001f451",
    "Al",
    "A\0B",
    "  Ada  Lovelace ",
    "Ada Lovelace ",
    "Ada\u00a0Lovelace",
    "Ada\u3000Lovelace",
    "ada\tlovelace\r\n",
    "\ufeffAda Lovelace",
    "STRASSE",
    "Stra\u00dfe",
    "STRA\u1e9eE",
    "I\u011fd\u0131r I\u015f\u0131k",  # Turkish, dotless
    "\u0130pek IL\u0130CA",
    "ipek ilica",
    "\u5c71\u7530\u592a\u90ce",  # Japanese
    "\u5c71\u7530 \u592a\u90ce",
    "\u738b\u5c0f\u660e",
    "\u304b\u3099\u304f",  # a kana and its voicing, apart and together
    "\u304c\u304f",
    "\uff21\uff24\uff21 \uff2c\uff4f\uff56\uff45",  # of full width
    "\uae40\ubbfc\uc218",  # Hangul, whole and in its letters
    unicodedata.normalize("NFD", "\uae40\ubbfc\uc218"),
    "\u0645\u062d\u0645\u062f \u0639\u0628\u062f \u0627\u0644\u0644\u0647",  # Arabic
    "\u0645\u064f\u062d\u064e\u0645\u0651\u064e\u062f \u0639\u0628\u062f \u0627\u0644\u0644\u0647",
    "\ufdfa",  # one character that NFKC makes eighteen of
    "\u05e9\u05c1\u05dc\u05d5\u05dd",  # Hebrew with a point
    "\u0e19\u0e49\u0e33\u0e1d\u0e19",  # Thai
    "\u0915\u094d\u0937\u093f\u0924\u093f\u091c",  # Devanagari
    "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3",  # Greek, with a sigma at its end
    "\u03bf\u03b4\u03c5\u03c3\u03c3\u03b5\u03c5\u03c2",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 Rossi",  # a family, joined
    "\U0001f469\U0001f469\U0001f467 Rossi",
    "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f Bruce",
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324A\u0327\u0301LGO",
    "q\u0307\u0323 q\u0323\u0307",  # the same two marks in two orders
    "\ufb01ona \ufb03",
    "\u01c4amija \u01c5amija \u01c6amija",
    "\u0149 \u01f0",
    "Jo\u00adhann",  # a soft hyphen
    "\U00010d50\U00010d51\U00010d52 \U00010d70\U00010d71\U00010d72",  # Garay, of Unicode 16
    "\U00010d70\U00010d71\U00010d72 \U00010d50\U00010d51\U00010d52",
    "\u1c89\u1c8a \ua7cb\ua7da",  # letters of Unicode 16, with cases
    "\U0001e4d0\U0001e4d1\U0001e4d2\U0001e4ec",  # Nag Mundari, of Unicode 15
    "\U00031350\U00031351\U000323af",  # ideographs of Unicode 15
    "\U0003fffe \U0010ffff",  # not characters
    "100% o_f \\ 'quotes' \"; --",
    "3.5 Jr. 007",
    "\u0663.\u0665 \u00b2\u2460",
    "...",
    "aaaaaaaaaa",
    "abcabcabcabcabcab",
)  # fmt: skip
CITIES: Final = (
    "Bonn", "bonn", "Bonn ", " Bonn", "", "Z\u00fcrich", "Zu\u0308rich", "Zurich", "\u6771\u4eac",
    "\U0001f3d9", "Bo\u0001nn", "\uffee", "Izmir", "\u0130zmir", "Oslo", "K\u00f8benhavn",
)  # fmt: skip
ODD_MONEY: Final = (
    "-0", "0", "0.0", "0E+3", "-0.01", "-1", "1E-20", "-1E-20", "99.999999999999999999999", "100",
    "100.0", "1.0E+2", "249999.99", "250000", "250000.00", "250000.000001", "250100", "1E+30",
    "-1E+30", "9" * 40, "1E+6000", "1E-6000",
)  # fmt: skip
ODD_DAYS: Final = (
    dt.date.min, dt.date(1919, 12, 31), dt.date(1920, 1, 1), dt.date(2010, 12, 31),
    dt.date(2011, 1, 1), dt.date(2024, 2, 29), dt.date.max,
)  # fmt: skip
_MARRIED: Final = (" ", "-", "  ", " y ")
_OFFSETS: Final = (0, 0, 60, 120, -300, 345, -1_439, 1_439)
_START: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_LONG: Final = 200


def people(count: int, seed: int) -> list[Person]:
    """Return so many people, without keys. The same seed gives the same people."""
    rng = random.Random(f"people {seed}")
    return [_person(rng, number) for number in range(count)]


def _person(rng: random.Random, number: int) -> Person:
    person = {
        field: None if rng.random() < _NONE.get(field, 0) else value(rng, field)
        for field in _VALUES
    }
    return {**person, "email": _email(rng, number)}


def value(rng: random.Random, field: str) -> Any:
    """Return a value as somebody might have it in a field."""
    return _VALUES[field](rng)


def _name(rng: random.Random) -> str:
    """Return a name: most are common, some are odd, a few are very long."""
    chance = rng.random()
    if chance < 0.06:
        return rng.choice(ODD)
    if chance < 0.065:
        return _long(rng)
    whole = f"{_skewed(rng, GIVEN)} {_skewed(rng, SURNAMES)}"
    if chance < 0.2:
        whole += f"{rng.choice(_MARRIED)}{_skewed(rng, SURNAMES)}"
    return unicodedata.normalize("NFD", whole) if chance < 0.3 else whole


def _skewed(rng: random.Random, choices: tuple[str, ...]) -> str:
    """Choose one; those at the beginning are the common ones."""
    return choices[int(len(choices) * rng.random() ** 2.2)]


def _long(rng: random.Random) -> str:
    letters = rng.choice(("abc ", "aeiou -", "\u5c71\u7530\u592a\u90ce", "e\u0301n\u0303 ", "x"))
    return "".join(rng.choices(letters, k=_LONG))


def _email(rng: random.Random, number: int = 0) -> str:
    given = rng.choice(("ada", "Grace", "j\u00f6rg", "O.Neill", "MARIA", "x+tag"))
    host = rng.choice(("example.org", "Example.COM", "b\u00fccher.example", "mail.example."))
    return f"{given}.{number}@{host}"


def _phone(rng: random.Random) -> str:
    digits = f"{rng.randrange(10**7):07}"
    form = rng.choice(
        ("+49 30 {}", "0049 (0)30/{}", "+4930{}", "030 {}", "{} ext. 12", "+1-202-{}")
    )
    return form.format(f"{digits[:3]}-{digits[3:]}" if rng.random() < 0.5 else digits)


def _day(rng: random.Random) -> dt.date:
    """Return a day of birth; some are outside of what an index expects."""
    if rng.random() < 0.03:
        return rng.choice(ODD_DAYS)
    return dt.date(1915, 1, 1) + dt.timedelta(days=rng.randrange(36_500))


def _money(rng: random.Random) -> Decimal:
    """Return a salary, likewise; none is rounded."""
    if rng.random() < 0.1:
        return Decimal(rng.choice(ODD_MONEY))
    cents = int(rng.lognormvariate(10.5, 0.6) * 100)
    return Decimal(cents).scaleb(-2) if rng.random() < 0.7 else Decimal(cents // 100_000 * 1_000)


def _moment(rng: random.Random) -> dt.datetime:
    """Return a moment in some time zone, from 1990 to 2040."""
    offset = dt.timezone(dt.timedelta(minutes=rng.choice(_OFFSETS)))
    seconds = rng.randrange(-10 * 365 * 86_400, 40 * 365 * 86_400)
    micros = rng.choice((0, 0, rng.randrange(1_000_000)))
    return (_START + dt.timedelta(seconds=seconds, microseconds=micros)).astimezone(offset)


_VALUES: Final[dict[str, Callable[[random.Random], Any]]] = {
    "name": _name,
    "email": _email,
    "phone": _phone,
    "born": _day,
    "salary": _money,
    "seen": _moment,
    "smoker": lambda rng: rng.random() < 0.2,
    "ward": lambda rng: rng.choice((1, 1, 1, 2, 2, 3, 4, 5, 17)),
    "age": lambda rng: rng.randrange(100),
    "city": lambda rng: rng.choice(CITIES),
    "floor": lambda rng: rng.randrange(-2, 9),
}
_NONE: Final = {"phone": 0.25, "born": 0.1, "salary": 0.2, "seen": 0.2, "city": 0.15, "floor": 0.3}
